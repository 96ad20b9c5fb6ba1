package steps

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/eval"
	"waybill/whatsapp"
)

// sendTemplate sends a template that WhatsApp approved: the only kind of message that may begin a conversation.
type sendTemplate struct{ sending }

// Name is the key in the file.
func (*sendTemplate) Name() string { return "sendTemplate" }

// CheckFile checks a file that the job names literally.
func (*sendTemplate) CheckFile(s *engine.Step, param string, file fs.File) diag.List {
	return checkFile(s, param, s.Params.Field("headerMedia").Field("type"), file)
}

func templateDraft(a engine.Args, read readNumber) (*draft, []*problem) {
	b := builder{args: a, read: read}
	d := &draft{}
	b.recipient(d)
	d.ReplyTo = b.text("replyTo")
	t := &whatsapp.TemplateMessage{
		Name: strings.TrimSpace(b.required("templateName")), Language: whatsapp.Language{Code: strings.TrimSpace(b.required("languageCode"))},
	}
	d.Template = t
	switch d.via = b.text("via"); d.via {
	case "", viaMessages, viaAuto:
	case viaMarketing:
		d.marketing = true
	default:
		b.fail("via", fmt.Errorf("via: %q is neither messages, marketing nor auto", d.via))
	}
	var made *templateBuilder
	if a["components"] != nil {
		b.given(t)
		made = &templateBuilder{}
	} else {
		made = &templateBuilder{builder: b, draft: d, part: templatePart{whole: func(m *whatsapp.TemplateMessage) *[]whatsapp.Component { return &m.Components }}}
		made.all()
		t.Components, b.problems = made.list, made.problems
	}
	d.origins = func(path string) string { return templateOrigin(path, made.origins) }
	return d, b.problems
}

// templateBuilder makes components of the parameters of a step, or of one card of its carousel.
type templateBuilder struct {
	builder
	draft   *draft
	part    templatePart
	list    []whatsapp.Component
	origins []componentOrigin // of list, element by element
}

// templatePart is where components belong.
type templatePart struct {
	path  string // of the card that they are made of, such as "cards[1]"; empty: the step itself
	whole func(*whatsapp.TemplateMessage) *[]whatsapp.Component
}

// all makes the components of a whole template.
func (b *templateBuilder) all() {
	b.header()
	b.component(whatsapp.Component{Type: whatsapp.BodyComponent}, "bodyParameters")
	b.limitedTimeOffer()
	b.buttons()
	b.cards()
}

// add puts a component into the message.
func (b *templateBuilder) add(c whatsapp.Component, o componentOrigin) {
	b.list = append(b.list, c)
	b.origins = append(b.origins, o)
}

// at is the path of a parameter of this part from the step.
func (b *templateBuilder) at(name string) string { return joinPath(b.part.path, name) }

// failIn notes the problems of a parameter that is a map.
func (b *templateBuilder) failIn(name string, problems []*problem) {
	for _, p := range problems {
		inner := *p
		inner.Path = joinPath(name, p.Path)
		b.problems = append(b.problems, &inner)
	}
}

// component adds a component with the values of one parameter: a list by position, or a map by name.
func (b *templateBuilder) component(c whatsapp.Component, name string) {
	var from func(i int) string
	switch values := b.args[name].(type) {
	case nil:
		return
	case []any:
		from = func(i int) string { return indexPath(name, i) }
		c.Parameters = make([]whatsapp.Parameter, 0, len(values))
		for i, v := range values {
			c.Parameters = append(c.Parameters, b.value(v, from, i))
		}
	case map[string]any:
		keys := slices.Sorted(maps.Keys(values))
		from = func(i int) string {
			if i < 0 || i >= len(keys) {
				return name
			}
			return name + "." + keys[i]
		}
		for i, key := range keys {
			p := b.value(values[key], from, i)
			p.Name = key
			c.Parameters = append(c.Parameters, p)
		}
	default:
		b.fail(name, errors.New("a list by position or a map by name is wanted"))
		return
	}
	if len(c.Parameters) > 0 {
		b.add(c, componentOrigin{parameter: func(i int) string { return b.at(from(i)) }})
	}
}

// indexPath names the i-th element of a list; below 0 the list.
func indexPath(name string, i int) string {
	if i < 0 {
		return name
	}
	return fmt.Sprintf("%s[%d]", name, i)
}

// value makes one parameter: text, or an object with a type.
func (b *templateBuilder) value(v any, from func(i int) string, i int) whatsapp.Parameter {
	object, ok := v.(map[string]any)
	if !ok {
		s, err := eval.Text(v)
		if err != nil {
			b.fail(from(i), err)
		}
		return whatsapp.Parameter{Type: whatsapp.TextParameter, Text: seen(s)}
	}
	p, problems := templateParameter(object)
	b.failIn(from(i), problems)
	p.Text = seen(p.Text)
	return p
}

// seen is a parameter's text without what nobody sees: the white space at its ends, and all of it where nothing of it shows.
func seen(text string) string {
	if eval.Blank(text) {
		return ""
	}
	return strings.TrimSpace(text)
}

// joinPath joins two steps of a path, of which either may be empty.
func joinPath(outer, inner string) string {
	switch {
	case outer == "":
		return inner
	case inner == "":
		return outer
	}
	return outer + "." + inner
}
