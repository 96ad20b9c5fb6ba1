package dashboard

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"

	"waybill/engine"
)

// noticesPage is what WhatsApp told of templates, numbers and accounts.
type noticesPage struct {
	Notices []noticeLine
	Longer  string
}

// noticeLine is a notice in the list.
type noticeLine struct {
	engine.Notice

	Facts []NoticeFact
}

func (d *dashboard) notices(r *http.Request, f *frame) (any, error) {
	f.Title = "Notices"
	size := listSize(r)
	p := &noticesPage{}
	for n, err := range d.Ledger.Notices(r.Context(), size+1) {
		if err != nil {
			return nil, err
		}
		if len(p.Notices) == size {
			p.Longer = longerList(r, size)
			break
		}
		p.Notices = append(p.Notices, noticeLine{n, NoticeFacts(n)})
	}
	return p, nil
}

// NoticeFact is one field of a notice, such as "event" PAUSED. Value is WhatsApp's text as it came.
type NoticeFact struct {
	Name, Value string
}

// Label is the name for people: "quality before".
func (f NoticeFact) Label() string { return strings.ReplaceAll(f.Name, "_", " ") }

// NoticeFacts returns what a person wants to know of a notice before its JSON: what happened, to which template or
// number, and why. Empty: it is of a kind that is not known here. The fields are those of Meta's pages
// "webhooks/reference/message_template_status_update", "…/message_template_quality_update",
// "…/template_category_update", "…/phone_number_quality_update", "…/account_update" and "…/user_preferences", and of its
// guide to conversation routing.
func NoticeFacts(n engine.Notice) []NoticeFact {
	var value map[string]json.RawMessage
	if json.Unmarshal(n.Raw, &value) != nil {
		return nil
	}
	if n.Field == engine.NoticeIdentity {
		return identityFacts(value)
	}
	var facts []NoticeFact
	for _, known := range factsOfNotices() {
		for _, from := range known.places(value) {
			if text := plainValue(from[known.field]); text != "" && text != "NONE" {
				facts = append(facts, NoticeFact{known.name, text})
			}
		}
	}
	return facts
}

// knownFact is one thing that a notice may say, and where it stands.
type knownFact struct {
	name   string
	inside string // the map or the list of maps that it stands in; empty: on top
	field  string
}

func factsOfNotices() []knownFact {
	return []knownFact{
		{"event", "", "event"},
		{"template", "", "message_template_name"},
		{"language", "", "message_template_language"},
		{"number", "", "display_phone_number"},
		{"reason", "", "reason"},
		{"reason", "rejection_info", "reason"},
		{"title", "other_info", "title"},
		{"description", "other_info", "description"},
		{"reason", "disconnection_info", "reason"},
		{"initiated_by", "disconnection_info", "initiated_by"},
		{"violation", "violation_info", "violation_type"},
		{"pricing_category", "volume_tier_info", "pricing_category"},
		{"tier", "volume_tier_info", "tier"},
		{"region", "volume_tier_info", "region"},
		{"effective_month", "volume_tier_info", "effective_month"},
		{"event", "", "type"}, // of a handover
		{"owner_before", "control_passed", "previous_owner_app_role"},
		{"owner_before", "control_passed", "previous_owner_role"},
		{"owner", "control_passed", "new_owner_role"},
		{"owner_before", "control_taken", "previous_owner_app_role"},
		{"owner_before", "control_taken", "previous_owner_role"},
		{"owner", "control_taken", "new_owner_role"},
		{"disabled", "disable_info", "disable_date"},
		{"quality", "", "new_quality_score"},
		{"quality_before", "", "previous_quality_score"},
		{"category", "", "new_category"},
		{"category_before", "", "previous_category"},
		{"correct_category", "", "correct_category"},
		{"limit", "", "max_daily_conversations_per_business"},
		{"limit", "", "current_limit"},
		{"restriction", "restriction_info", "restriction_type"},
		{"preference", "user_preferences", "value"}, // the person stands in the JSON: facts are logged too
		{"action", "user_actions", "action_type"},
	}
}

// places returns the maps in which a fact may stand.
func (k knownFact) places(value map[string]json.RawMessage) []map[string]json.RawMessage {
	if k.inside == "" {
		return []map[string]json.RawMessage{value}
	}
	var one map[string]json.RawMessage
	if json.Unmarshal(value[k.inside], &one) == nil {
		return []map[string]json.RawMessage{one}
	}
	var several []map[string]json.RawMessage
	if json.Unmarshal(value[k.inside], &several) != nil {
		return nil
	}
	return several[:min(len(several), mostOfList)]
}

// identityFacts says in words that two ids are one person's no more.
func identityFacts(value map[string]json.RawMessage) []NoticeFact {
	number, was := plainValue(value["number"]), plainValue(value["was"])
	nowNumber, now := plainValue(value["now_number"]), plainValue(value["now"])
	switch {
	case strings.HasPrefix(was, "+"):
		return []NoticeFact{
			{"number", number}, {"it_says", "WhatsApp knows this number under another one now"}, {"before", was}, {"now", nowNumber},
		}
	case now == was:
		return []NoticeFact{
			{"user_id", now}, {"it_says", "the person has another number now; the one before may be somebody else's"}, {"before", number}, {"now", nowNumber},
		}
	}
	return []NoticeFact{
		{"number", number}, {"it_says", "the number has another user id now: it may be another person's"}, {"before", was}, {"now", now},
	}
}

const (
	mostOfList = 8
	mostFact   = 200 // bytes of one value
)

// plainValue returns a text or a number of JSON; empty for anything else.
func plainValue(raw json.RawMessage) string {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 {
		return ""
	}
	text := ""
	switch c := raw[0]; {
	case c == '"':
		if json.Unmarshal(raw, &text) != nil {
			return ""
		}
	case c == '-' || c >= '0' && c <= '9':
		text = string(raw)
	}
	if len(text) > mostFact {
		text = strings.ToValidUTF8(text[:mostFact], "") + "…"
	}
	return text
}
