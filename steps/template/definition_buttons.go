package template

import (
	"fmt"
	"strings"
	"unicode"

	"waybill/engine/source"
	"waybill/whatsapp"
)

// buttonKeys are the keys of a button by its type, as Meta's examples have them, in the words of this house.
func buttonKeys() map[string][]string {
	return map[string][]string{
		"quickReply":  {"text"},
		"url":         {"text", "url", "example"},
		"phoneNumber": {"text", "phoneNumber"},
		"copyCode":    {"example"},
		"otp":         {"otpType", "text", "autofillText", "packageName", "signatureHash", "zeroTapTermsAccepted", "supportedApps"},
		"flow":        {"text", "flowId", "flowName", "flowJson", "flowAction", "navigateScreen"},
		"catalog":     {"text"}, "mpm": {"text"}, "spm": {"text"}, "voiceCall": {"text", "ttlMinutes"}, "requestContactInfo": {},
	}
}

// buttons makes the BUTTONS component.
func (r *definitionReader) buttons(f *source.Field) map[string]any {
	if f.Kind != source.List || len(f.Items) == 0 {
		r.Fault("type-mismatch", f.NameRange, "buttons is a list", "", `buttons: [{ type: quickReply, text: "…" }]`)
		return nil
	}
	if len(f.Items) > whatsapp.MaxButtons {
		r.Fault("bad-template", f.NameRange, fmt.Sprintf("a template has %d buttons at most, this one has %d", whatsapp.MaxButtons, len(f.Items)), "", "")
	}
	list := []any{}
	kinds := []string{}
	for _, item := range f.Items {
		if item.Kind != source.Map {
			r.Fault("type-mismatch", item.Head(), "a button is a map with a type", "", `{ type: quickReply, text: "…" }`)
			continue
		}
		kinds = append(kinds, item.At("type").AsText())
		list = append(list, r.button(item))
	}
	r.together(f, kinds)
	return map[string]any{"type": "BUTTONS", "buttons": list}
}

// together refuses quick replies that other buttons part.
func (r *definitionReader) together(f *source.Field, kinds []string) {
	groups, last := 0, ""
	for _, kind := range kinds {
		if kind == "quickReply" && last != kind {
			groups++
		}
		last = kind
	}
	if groups > 1 {
		r.Fault("bad-template", f.NameRange, "other buttons stand between the quick replies", "", "put the quick replies together")
	}
}

func (r *definitionReader) button(n *source.Node) map[string]any {
	known := buttonKeys()
	kind := n.At("type").AsText()
	keys, ok := known[kind]
	if !ok {
		names := []string{"quickReply", "url", "phoneNumber", "copyCode", "otp", "flow", "catalog", "mpm", "spm", "voiceCall", "requestContactInfo"}
		at := n.Head()
		if t := n.At("type"); t != nil {
			at = t.Range
		}
		r.Fault("unknown-value", at, fmt.Sprintf("%q is no type of a button", kind), "", "it is one of "+strings.Join(names, ", "))
		return nil
	}
	r.keys(source.Field{Name: "a " + kind + " button", Node: n}, append([]string{"type"}, keys...)...)
	b := map[string]any{"type": apiWord(kind)}
	for _, f := range n.Fields {
		switch f.Name {
		case "type":
			continue
		case "otpType":
			b["otp_type"] = apiWord(f.Text)
		case "flowAction":
			b["flow_action"] = strings.ToLower(apiWord(f.Text))
		default:
			b[strings.ToLower(apiWord(f.Name))] = f.Value()
		}
	}
	r.checkButton(n, kind, b)
	return b
}

func (r *definitionReader) checkButton(n *source.Node, kind string, b map[string]any) {
	if text := n.At("text"); text != nil {
		r.length(text, text.Text, "the button's text", maxButtonText)
	} else if kind == "quickReply" || kind == "url" || kind == "phoneNumber" {
		r.Fault("missing-key", n.Head(), "the button has no text", "", "")
	}
	switch kind {
	case "url":
		address := n.At("url")
		if address == nil {
			r.Fault("missing-key", n.Head(), "the button has no url", "", "")
			return
		}
		r.length(address, address.Text, "the button's address", whatsapp.MaxTemplateURL)
		names := placeholdersOf(address.Text)
		at := placeholderAt.FindStringIndex(address.Text)
		switch example := n.At("example"); {
		case len(names) == 0:
		case len(names) > 1 || at[1] != len(address.Text):
			r.Fault("bad-template", address.Range, "an address has one placeholder, at its end", "", "")
		case example == nil:
			r.Fault("bad-template", n.Head(), "the address has a placeholder and no example", "", "example: what stands in its place")
		case example.Kind != source.List:
			b["example"] = []any{example.Text}
		}
	case "phoneNumber":
		if number := n.At("phoneNumber"); number == nil {
			r.Fault("missing-key", n.Head(), "the button has no phoneNumber", "", "")
		} else {
			r.length(number, number.Text, "the number", maxPhoneNumber)
			b["phone_number"] = number.Text
		}
	case "copyCode":
		if example := n.At("example"); example == nil {
			r.Fault("missing-key", n.Head(), "the button has no example of a code", "", "")
		} else {
			r.length(example, example.Text, "the code", whatsapp.MaxCouponCode)
			b["example"] = example.Text
		}
	}
}

// apiWord writes a word of this house as the API does: quickReply is QUICK_REPLY.
func apiWord(word string) string {
	var b strings.Builder
	for _, c := range word {
		if unicode.IsUpper(c) && b.Len() > 0 && strings.ToUpper(word) != word {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToUpper(c))
	}
	return b.String()
}
