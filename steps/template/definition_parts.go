package template

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"waybill/engine/source"
	"waybill/whatsapp"
)

// The limits of a definition's texts, in characters. Source: Meta, templates/components.
const (
	maxFooter      = 60
	maxButtonText  = 25
	maxPhoneNumber = 20
)

// parts makes components of header, body, footer, buttons and cards: of a template, or of one card of it.
func (r *definitionReader) parts(n *source.Node, mostBody int, whole bool) []any {
	list := []any{}
	add := func(c map[string]any) {
		if c != nil {
			list = append(list, c)
		}
	}
	if f := n.Field("header"); f != nil {
		add(r.header(f))
	}
	if f := n.Field("limitedTimeOffer"); f != nil {
		add(r.offer(f))
	}
	if f := n.Field("body"); f != nil {
		add(r.body(f, mostBody))
	} else if whole {
		r.Fault("missing-key", n.Head(), "the template has no body", "", `body: { text: "…" }`)
	}
	if f := n.Field("footer"); f != nil {
		add(r.footer(f))
	}
	if f := n.Field("buttons"); f != nil {
		add(r.buttons(f))
	}
	if f := n.Field("cards"); f != nil {
		add(r.cards(f))
	}
	return list
}

// header is {text, example}, or one of image, video, document with the handle of an example, or {location: true}.
func (r *definitionReader) header(f *source.Field) map[string]any {
	if f.Kind == source.Text {
		return r.text("HEADER", f.Node, nil, whatsapp.MaxTemplateHeader)
	}
	if !r.isMap(f) {
		return nil
	}
	r.keys(*f, "text", "example", "image", "video", "document", "location")
	if text := f.At("text"); text != nil {
		c := r.text("HEADER", text, f.At("example"), whatsapp.MaxTemplateHeader)
		if names := placeholdersOf(text.Text); len(names) > 1 {
			r.Fault("bad-template", text.Range, "a header has one placeholder at most", "", "")
		}
		return c
	}
	for _, kind := range []string{"image", "video", "document"} {
		if medium := f.Field(kind); medium != nil {
			if medium.Kind != source.Text || medium.Text == "" {
				r.Fault("bad-template", medium.NameRange, fmt.Sprintf("the %s header has no example", kind),
					"WhatsApp reviews a medium by an example, and names it by the handle that its upload API answers.", kind+`: "4::aW…"`)
			}
			return map[string]any{"type": "HEADER", "format": strings.ToUpper(kind), "example": map[string]any{"header_handle": []any{medium.Text}}}
		}
	}
	if f.At("location") != nil {
		return map[string]any{"type": "HEADER", "format": "LOCATION"}
	}
	r.Fault("missing-key", f.NameRange, "the header says nothing", "", "it is one of text, image, video, document and location")
	return nil
}

func (r *definitionReader) offer(f *source.Field) map[string]any {
	if !r.isMap(f) {
		return nil
	}
	r.keys(*f, "text", "expires")
	return map[string]any{"type": "LIMITED_TIME_OFFER", "limited_time_offer": map[string]any{
		"text": f.At("text").AsText(), "has_expiration": f.At("expires").AsBool(),
	}}
}

// body is a text, {text, example}, or of an authentication template {addSecurityRecommendation}.
func (r *definitionReader) body(f *source.Field, most int) map[string]any {
	if f.Kind == source.Text {
		return r.sentence(r.text("BODY", f.Node, nil, most), f.Node)
	}
	if !r.isMap(f) {
		return nil
	}
	r.keys(*f, "text", "example", "addSecurityRecommendation")
	if flag := f.At("addSecurityRecommendation"); flag != nil && f.At("text") == nil {
		return map[string]any{"type": "BODY", "add_security_recommendation": flag.AsBool()}
	}
	text := f.At("text")
	if text == nil || text.Kind != source.Text {
		r.Fault("missing-key", f.NameRange, "the body has no text", "", "")
		return nil
	}
	return r.sentence(r.text("BODY", text, f.At("example"), most), text)
}

// sentence refuses placeholders where WhatsApp takes none in a body.
func (r *definitionReader) sentence(c map[string]any, n *source.Node) map[string]any {
	text := strings.TrimSpace(n.Text)
	if at := placeholderAt.FindAllStringIndex(text, -1); len(at) > 0 && (at[0][0] == 0 || at[len(at)-1][1] == len(text)) {
		r.Fault("bad-template", n.Range, "a placeholder stands at the start or the end of the body (2388299)", "", "put words before and after it")
	}
	if strings.Contains(text, "}}{{") {
		r.Fault("bad-template", n.Range, "two placeholders stand side by side", "", "put words between them")
	}
	return c
}

func (r *definitionReader) footer(f *source.Field) map[string]any {
	if f.Kind == source.Map {
		r.keys(*f, "text", "codeExpirationMinutes")
		if minutes := f.At("codeExpirationMinutes"); minutes != nil {
			return map[string]any{"type": "FOOTER", "code_expiration_minutes": json.Number(minutes.Text)}
		}
	}
	n := f.Node
	if f.Kind == source.Map {
		n = f.At("text")
	}
	if n == nil || n.Kind != source.Text {
		r.Fault("type-mismatch", f.NameRange, "a footer is text", "", "")
		return nil
	}
	if len(placeholdersOf(n.Text)) > 0 {
		r.Fault("bad-template", n.Range, "a footer has no placeholders", "", "")
	}
	r.length(n, n.Text, "the footer", maxFooter)
	return map[string]any{"type": "FOOTER", "text": n.Text}
}

func (r *definitionReader) cards(f *source.Field) map[string]any {
	if n := len(f.Items); f.Kind != source.List || n < whatsapp.MinCards || n > whatsapp.MaxCards {
		r.Fault("bad-template", f.NameRange, fmt.Sprintf("a carousel is a list of %d to %d cards", whatsapp.MinCards, whatsapp.MaxCards), "", "")
	}
	cards := []any{}
	for _, item := range f.Items {
		r.keys(source.Field{Name: "a card", Node: item}, "header", "body", "buttons")
		cards = append(cards, map[string]any{"components": r.parts(item, whatsapp.MaxCardBody, false)})
	}
	return map[string]any{"type": "CAROUSEL", "cards": cards}
}

func (r *definitionReader) isMap(f *source.Field) bool {
	if f.Kind != source.Map && !f.Broken {
		r.Fault("type-mismatch", f.Range, fmt.Sprintf("%s is a map, and this is %s", f.Name, f.Kind), "", "")
	}
	return f.Kind == source.Map
}

func (r *definitionReader) length(n *source.Node, text, what string, most int) {
	if count := len([]rune(text)); count > most {
		r.Fault("bad-template", n.Range, fmt.Sprintf("%s has %d characters, %d are allowed", what, count, most), "", "")
	}
}

// text makes a header or a body of a text with an example for each of its placeholders.
func (r *definitionReader) text(kind string, n, example *source.Node, most int) map[string]any {
	what := "the " + strings.ToLower(kind)
	r.length(n, n.Text, what, most)
	c := map[string]any{"type": kind, "text": n.Text}
	if kind == "HEADER" {
		c["format"] = "TEXT"
	}
	names := placeholdersOf(n.Text)
	named := r.checkNames(n, what, names)
	values, ok := r.examples(n, example, what, names, named)
	switch key := strings.ToLower(kind) + "_text"; {
	case len(names) == 0 || !ok:
	case named:
		params := []any{}
		for i, name := range names {
			params = append(params, map[string]any{"param_name": name, "example": values[i]})
		}
		c["example"] = map[string]any{key + "_named_params": params}
	case kind == "HEADER":
		c["example"] = map[string]any{key: values}
	default:
		c["example"] = map[string]any{key: []any{values}}
	}
	return c
}

// checkNames says whether placeholders have names, and refuses a gap in numbers and impossible names.
func (r *definitionReader) checkNames(n *source.Node, what string, names []string) (named bool) {
	for _, name := range names {
		if _, err := strconv.Atoi(name); err == nil {
			r.numbered = true
			continue
		}
		named, r.named = true, true
		if strings.IndexFunc(name, unicode.IsUpper) >= 0 {
			r.Fault("bad-template", n.Range, fmt.Sprintf("the placeholder {{%s}} is not in small letters", name), "", "write {{"+strings.ToLower(name)+"}}")
		}
	}
	for i := range names {
		if !named && !slices.Contains(names, strconv.Itoa(i+1)) {
			r.Fault("bad-template", n.Range, fmt.Sprintf("%s has %d placeholders and no {{%d}}", what, len(names), i+1), "Numbers go from 1 without a gap.", "")
			break
		}
	}
	return named
}

// examples are a value for each placeholder: a text for one, a list by position, or a map by name.
func (r *definitionReader) examples(n, example *source.Node, what string, names []string, named bool) (values []any, ok bool) {
	switch {
	case len(names) == 0:
		if example != nil {
			r.Fault("bad-template", example.Range, what+" has no placeholders, and an example", "", "leave the example out")
		}
		return nil, false
	case example == nil:
		r.Fault("bad-template", n.Range, fmt.Sprintf("%s has %s and no example", what, plural(len(names))), "WhatsApp reviews a template by its examples.", "example: ["+strings.Join(names, ", ")+"]")
		return nil, false
	}
	var given []*source.Node
	switch example.Kind {
	case source.Map:
		for _, name := range names {
			if value := example.At(name); value != nil {
				given = append(given, value)
			}
		}
		r.keys(source.Field{Name: "the example", Node: example}, names...)
	case source.List:
		given = example.Items
	default:
		given = []*source.Node{example}
	}
	if len(given) != len(names) || named && example.Kind == source.List && len(names) > 1 {
		hint := ""
		if named {
			hint = "give a map with " + strings.Join(names, ", ")
		}
		r.Fault("bad-template", example.Range, fmt.Sprintf("%s has %s, and the example gives %d", what, plural(len(names)), len(given)), "", hint)
		return nil, false
	}
	for _, value := range given {
		values = append(values, value.Text)
	}
	return values, true
}

func plural(n int) string {
	if n == 1 {
		return "1 placeholder"
	}
	return fmt.Sprintf("%d placeholders", n)
}

var placeholderAt = regexp.MustCompile(`\{\{\s*[A-Za-z0-9_]+\s*\}\}`)

func placeholdersOf(text string) []string {
	return whatsapp.TemplateComponent{Text: text}.Placeholders()
}
