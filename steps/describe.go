package steps

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"waybill/engine"
	"waybill/engine/eval"
	"waybill/engine/phone"
)

// Describe is the text.
func (*sendText) Describe(_ string, a engine.Args) string {
	return readable(a["body"])
}

// Describe names the medium, and its caption below.
func (*sendMedia) Describe(_ string, a engine.Args) string {
	l := lines{}
	for _, name := range []string{"mediaUrl", "mediaId", "file"} {
		if v := readable(a[name]); v != "" {
			l.add(readable(a["mediaType"]), v)
			break
		}
	}
	l.add("filename", readable(a["filename"]))
	if caption := readable(a["caption"]); caption != "" {
		l = append(l, caption)
	}
	return strings.Join(l, "\n")
}

// Describe fills the template, as the lock beside the job has it; without one it names the template, and its parameters in order.
func (s *sendTemplate) Describe(dir string, a engine.Args) string {
	if a["components"] == nil { // else they are what the API takes, and nobody reads them here
		unread := func(string, string) (phone.Number, error) { return phone.Number{}, nil }
		if d, _ := templateDraft(a, unread); d.Template != nil {
			if text := rereadTemplate(s.world.Templates, dir, d.Message); text != "" {
				return text
			}
		}
	}
	l := lines{fmt.Sprintf("template %s (%s)", trimmed(a["templateName"]), trimmed(a["languageCode"]))}
	l.addPart("", a)
	cards, _ := a["cards"].([]any)
	for i, v := range cards {
		if card, ok := v.(map[string]any); ok {
			l.addPart(fmt.Sprintf("card %d ", i+1), card)
		}
	}
	if a["components"] != nil {
		l.add("components", readable(a["components"]))
	}
	return strings.Join(l, "\n")
}

// addPart adds the parameters of a template, or of a card of it.
func (l *lines) addPart(prefix string, a engine.Args) {
	if media, ok := a["headerMedia"].(map[string]any); ok {
		for _, name := range []string{"link", "id", "file"} {
			if v := readable(media[name]); v != "" {
				l.add(prefix+"header "+readable(media["type"]), v)
			}
		}
	}
	if place, ok := a["headerLocation"].(map[string]any); ok {
		at := fmt.Sprintf("%s %s (%s, %s)", readable(place["name"]), readable(place["address"]), readable(place["latitude"]), readable(place["longitude"]))
		l.add(prefix+"header location", strings.TrimSpace(at))
	}
	l.addAll(prefix+"header", a["headerParameters"])
	l.addAll(prefix+"body", a["bodyParameters"])
	if offer, ok := a["limitedTimeOffer"].(map[string]any); ok {
		l.add(prefix+"offer ends", readable(offer["expiresAt"]))
	}
	buttons, _ := a["buttonParameters"].([]any)
	for i, v := range buttons {
		button, ok := v.(map[string]any)
		if !ok {
			l.add(fmt.Sprintf("%sbutton %d", prefix, i), readable(v))
			continue
		}
		name := fmt.Sprintf("%sbutton %s %s", prefix, readable(button["index"]), readable(button["type"]))
		for _, value := range []string{"value", "token", "data", "productId"} {
			l.add(name, readable(button[value]))
		}
	}
}

// lines are those of a message as it reads.
type lines []string

func (l *lines) add(name, value string) {
	if value != "" {
		*l = append(*l, name+": "+value)
	}
}

// addAll adds parameters by their place, from 1, or by their names.
func (l *lines) addAll(name string, parameters any) {
	switch values := parameters.(type) {
	case []any:
		for i, v := range values {
			l.add(fmt.Sprintf("%s %d", name, i+1), trimmed(v))
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(values)) {
			l.add(name+" "+key, trimmed(values[key]))
		}
	}
}

// trimmed is readable without the white space at its ends, which is not sent.
func trimmed(v any) string { return strings.TrimSpace(readable(v)) }

// readable is a value as text: what a date, an amount or a medium stands for in the words of the file.
func readable(v any) string {
	if v == nil {
		return ""
	}
	if text, err := eval.Text(v); err == nil {
		return text
	}
	if object, ok := v.(map[string]any); ok {
		for _, kind := range slices.Sorted(maps.Keys(object)) {
			inner, _ := object[kind].(map[string]any)
			if fallback := readable(inner["fallback_value"]); fallback != "" {
				return fallback
			}
		}
	}
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(text)
}
