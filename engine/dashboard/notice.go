package dashboard

import (
	"bytes"
	"encoding/json"
	"strings"

	"waybill/engine"
)

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
	add := func(name, field string, from map[string]json.RawMessage) {
		if text := plainValue(from[field]); text != "" && text != "NONE" {
			facts = append(facts, NoticeFact{name, text})
		}
	}
	inside := func(field string) (part map[string]json.RawMessage) {
		if json.Unmarshal(value[field], &part) != nil {
			return nil
		}
		return part
	}
	add("event", "event", value)
	add("template", "message_template_name", value)
	add("language", "message_template_language", value)
	add("number", "display_phone_number", value)
	add("reason", "reason", value)
	add("reason", "reason", inside("rejection_info"))
	add("title", "title", inside("other_info"))
	add("description", "description", inside("other_info"))
	add("reason", "reason", inside("disconnection_info"))
	add("initiated_by", "initiated_by", inside("disconnection_info"))
	add("violation", "violation_type", inside("violation_info"))
	for _, name := range [...]string{"pricing_category", "tier", "region", "effective_month"} {
		add(name, name, inside("volume_tier_info"))
	}
	add("event", "type", value) // of a handover
	for _, name := range [...]string{"control_passed", "control_taken"} {
		add("owner_before", "previous_owner_app_role", inside(name))
		add("owner_before", "previous_owner_role", inside(name))
		add("owner", "new_owner_role", inside(name))
	}
	add("disabled", "disable_date", inside("disable_info"))
	add("quality", "new_quality_score", value)
	add("quality_before", "previous_quality_score", value)
	add("category", "new_category", value)
	add("category_before", "previous_category", value)
	add("correct_category", "correct_category", value)
	add("limit", "max_daily_conversations_per_business", value)
	add("limit", "current_limit", value)
	each := func(name, list, field string) {
		var items []map[string]json.RawMessage
		if json.Unmarshal(value[list], &items) != nil {
			return
		}
		for _, item := range items[:min(len(items), mostOfList)] {
			add(name, field, item)
		}
	}
	each("restriction", "restriction_info", "restriction_type")
	each("preference", "user_preferences", "value") // the person stands in the JSON: facts are logged too
	each("action", "user_actions", "action_type")
	return facts
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

// noticeLine is a notice in the list.
type noticeLine struct {
	engine.Notice

	Facts []NoticeFact
}
