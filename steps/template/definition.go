package template

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"waybill/engine/diag"
	"waybill/engine/source"
	"waybill/whatsapp"
)

// Definition is a template as a file beside the jobs defines it.
type Definition struct {
	Name, Language  string
	Category        string // UTILITY, MARKETING or AUTHENTICATION
	ParameterFormat string // NAMED; empty: by position
	Seconds         int    // message_send_ttl_seconds; 0: as WhatsApp has it
	Components      []any  // in the API's form
	Range           diag.Range
}

// Request is what POST /{waba-id}/message_templates takes.
func (d Definition) Request() (json.RawMessage, error) {
	body := map[string]any{"name": d.Name, "language": d.Language, "category": d.Category, "components": d.Components}
	if d.ParameterFormat != "" {
		body["parameter_format"] = d.ParameterFormat
	}
	if d.Seconds != 0 {
		body["message_send_ttl_seconds"] = d.Seconds
	}
	return json.Marshal(body)
}

// Edit is what POST /{template-id} takes to make a template what is defined. The category is in it where it is another one.
func (d Definition) Edit(now whatsapp.Template) (json.RawMessage, error) {
	body := map[string]any{"components": d.Components}
	if !strings.EqualFold(d.Category, now.Category) {
		body["category"] = d.Category
	}
	return json.Marshal(body)
}

// Template is the definition as a client has it.
func (d Definition) Template() (whatsapp.Template, error) {
	raw, err := json.Marshal(d.Components)
	if err != nil {
		return whatsapp.Template{}, err
	}
	parts, err := whatsapp.ParseComponents(raw)
	return whatsapp.Template{
		Name: d.Name, Language: d.Language, Category: d.Category, ParameterFormat: d.ParameterFormat, Components: parts,
	}, err
}

// Changes are what is different in a template from its definition. WhatsApp writes the texts of authentication templates itself, so
// that only their category is compared.
func (d Definition) Changes(now whatsapp.Template) ([]FieldChange, error) {
	want, err := d.Template()
	if err != nil {
		return nil, err
	}
	have := now
	for _, t := range []*whatsapp.Template{&want, &have} {
		*t = whatsapp.Template{Category: strings.ToUpper(t.Category), Components: alike(t.Components)}
		if t.Category == "AUTHENTICATION" {
			t.Components = nil
		}
	}
	return DiffTemplate(have, want), nil
}

// alike are components without what WhatsApp writes in another way than it is asked.
func alike(list []whatsapp.TemplateComponent) []whatsapp.TemplateComponent {
	list = slices.Clone(list)
	for i := range list {
		c := &list[i]
		c.Format, c.Buttons = strings.ToUpper(c.Format), slices.Clone(c.Buttons)
		for k := range c.Buttons {
			b := &c.Buttons[k]
			b.Type, b.PhoneNumber = strings.ToUpper(b.Type), strings.TrimPrefix(b.PhoneNumber, "+")
		}
		c.Cards = slices.Clone(c.Cards)
		for k := range c.Cards {
			c.Cards[k] = alike(c.Cards[k])
		}
	}
	return list
}

// ReadDefinitions reads a file of definitions: one of each YAML document. All that is wrong with it is found at once.
func ReadDefinitions(src *diag.Source) ([]Definition, diag.List) {
	documents, found := source.Read(src)
	var list []Definition
	for _, root := range documents {
		if root == nil || root.Broken {
			continue
		}
		r := &definitionReader{Findings: found, root: root}
		r.read()
		list = append(list, r.def)
	}
	if len(list) == 0 && !found.List.HasErrors() {
		found.Fault("empty-file", src.Range(0, 0), "the file says nothing", "A template needs a name, a language, a category and a body.", "")
	}
	return list, found.List.Sort()
}

// definitionReader reads one definition.
type definitionReader struct {
	*source.Findings
	root *source.Node
	def  Definition

	named, numbered bool // parameters of either kind were met
}

// isName says whether a text is a template's name. A pattern with the length in it would take a third of a megabyte.
func isName(text string) bool {
	return text != "" && len(text) <= 512 && strings.Trim(text, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

func (r *definitionReader) read() {
	r.def.Range = r.root.Head()
	if r.root.Kind != source.Map {
		r.Fault("bad-template", r.root.Head(), "the document is "+r.root.Kind.String()+", and no template", "A template is a map with name, language, category and body.", "")
		return
	}
	r.keys(source.Field{Name: "a template", Node: r.root}, "name", "language", "category", "parameterFormat", "messageSendTtlSeconds",
		"header", "body", "footer", "buttons", "cards", "limitedTimeOffer", "components")
	r.def.Name = r.needed("name", isName, "a name has a to z, 0 to 9 and _, at most 512 of them")
	r.def.Language = r.needed("language", whatsapp.IsLanguage, "write its exact code, such as es or en_US")
	r.def.Category = r.word("category", true, "utility", "marketing", "authentication")
	format := r.word("parameterFormat", false, "positional", "named")
	r.def.Seconds = r.root.At("messageSendTtlSeconds").AsInt()
	r.def.Components = r.components()
	switch {
	case r.named && r.numbered:
		r.Fault("bad-template", r.root.Head(), "some placeholders are numbers and some are names", "", "name all of them, or none")
	case format == "POSITIONAL" && r.named:
		r.Fault("bad-template", r.root.At("parameterFormat").Range, "parameterFormat is positional, and the placeholders have names", "", "")
	case format == "NAMED" && r.numbered:
		r.Fault("bad-template", r.root.At("parameterFormat").Range, "parameterFormat is named, and the placeholders are numbers", "", "")
	}
	if r.named || format == "NAMED" {
		r.def.ParameterFormat = "NAMED"
	}
}

// components are those of the file: in the API's form, or made of its parts.
func (r *definitionReader) components() []any {
	raw := r.root.Field("components")
	if raw == nil {
		return r.parts(r.root, whatsapp.MaxTemplateBody, true)
	}
	for _, name := range []string{"header", "body", "footer", "buttons", "cards", "limitedTimeOffer"} {
		if f := r.root.Field(name); f != nil {
			r.Fault("bad-template", f.NameRange, name+" stands beside components", "components are the whole template, in the API's form.", "leave one of the two out")
		}
	}
	list, ok := raw.Value().([]any)
	if !ok || len(list) == 0 {
		r.Fault("type-mismatch", raw.Range, "components is a list", "", "")
		return nil
	}
	text, err := json.Marshal(list)
	if err == nil {
		_, err = whatsapp.ParseComponents(text)
	}
	if err != nil {
		r.Fault("bad-template", raw.Head(), err.Error(), "", "")
	}
	return list
}

// keys refuses names that mean nothing in a map.
func (r *definitionReader) keys(f source.Field, known ...string) {
	for _, entry := range f.Fields {
		if slices.Contains(known, entry.Name) {
			continue
		}
		hint := "it has " + strings.Join(known, ", ")
		if near := diag.Suggest(entry.Name, known); near != "" {
			hint = fmt.Sprintf("did you mean %s?", near)
		}
		r.Fault("unknown-key", entry.NameRange, fmt.Sprintf("%s has no key %q", f.Name, entry.Name), "", hint)
	}
}

// needed is a text that has to be there, in one form.
func (r *definitionReader) needed(name string, is func(string) bool, hint string) string {
	f := r.root.Field(name)
	switch {
	case f == nil:
		r.Fault("missing-key", r.root.Head(), fmt.Sprintf("the template has no %s", name), "", hint)
		return ""
	case f.Broken:
		return ""
	case f.Kind != source.Text:
		r.Fault("quote-it", f.Range, fmt.Sprintf("%s is text, and this is %s", name, f.Kind), "", "put quotes around it: "+source.Quote(f.Text))
		return ""
	case !is(f.Text):
		r.Fault("bad-template", f.Range, fmt.Sprintf("%q is no %s of a template", f.Text, name), "", hint)
	}
	return f.Text
}

// word is one of some words, and returned as the API writes it.
func (r *definitionReader) word(name string, needed bool, known ...string) string {
	f := r.root.Field(name)
	if f == nil {
		if needed {
			r.Fault("missing-key", r.root.Head(), fmt.Sprintf("the template has no %s", name), "", "it is one of "+strings.Join(known, ", "))
		}
		return ""
	}
	if word := strings.ToLower(f.Text); slices.Contains(known, word) {
		return strings.ToUpper(word)
	}
	hint := "it is one of " + strings.Join(known, ", ")
	if near := diag.Suggest(f.Text, known); near != "" {
		hint = fmt.Sprintf("did you mean %s?", near)
	}
	r.Fault("unknown-value", f.Range, fmt.Sprintf("%q is no %s", f.Text, name), "", hint)
	return ""
}
