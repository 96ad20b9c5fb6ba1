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
// "…/template_category_update", "…/phone_number_quality_update" and "…/account_update".
func NoticeFacts(n engine.Notice) []NoticeFact {
	var value map[string]json.RawMessage
	if json.Unmarshal(n.Raw, &value) != nil {
		return nil
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
	add("disabled", "disable_date", inside("disable_info"))
	add("quality", "new_quality_score", value)
	add("quality_before", "previous_quality_score", value)
	add("category", "new_category", value)
	add("category_before", "previous_category", value)
	add("limit", "max_daily_conversations_per_business", value)
	add("limit", "current_limit", value)
	var restrictions []map[string]json.RawMessage
	if json.Unmarshal(value["restriction_info"], &restrictions) == nil {
		for _, r := range restrictions[:min(len(restrictions), mostRestrictions)] {
			add("restriction", "restriction_type", r)
		}
	}
	return facts
}

const (
	mostRestrictions = 8
	mostFact         = 200 // bytes of one value
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
