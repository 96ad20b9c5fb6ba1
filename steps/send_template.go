package steps

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/eval"
	"waybill/whatsapp"
)

// sendTemplate sends a message that WhatsApp approved before: the only kind that may begin a conversation.
type sendTemplate struct{ sending }

// Name is the key in the file.
func (*sendTemplate) Name() string { return "sendTemplate" }

// Check looks at what is literal in the parameters.
func (o *sendTemplate) Check(s *engine.Step) diag.List { return literal(s, o.draft) }

// CheckFile looks at a file that the job names literally.
func (*sendTemplate) CheckFile(s *engine.Step, param string, file fs.File) diag.List {
	return checkFile(s, param, s.Params.Field("headerMedia").Field("type"), file)
}

// Message makes the template message that will be sent. A header's file is looked at, not uploaded.
func (o *sendTemplate) Message(c *engine.Call) (engine.Message, error) {
	d, problems := o.draft(c.Args)
	if d.file != nil {
		if err := d.file.look(c.Open); err != nil {
			problems = append(problems, &problem{Path: "headerMedia.file", Err: err})
		}
	}
	return o.message(d, problems)
}

func (*sendTemplate) draft(a engine.Args) (*draft, []*problem) {
	b := &templateBuilder{builder: builder{args: a}, draft: &draft{}}
	b.draft.parts = b.parts
	b.draft.To, b.draft.ReplyTo = b.recipient(), b.text("replyTo")
	b.draft.Template = &whatsapp.TemplateMessage{
		Name: b.needed("templateName"), Language: whatsapp.Language{Code: b.needed("languageCode")},
	}
	b.header()
	b.component(whatsapp.Component{Type: whatsapp.BodyComponent}, "bodyParameters")
	b.buttons()
	return b.draft, b.problems
}

// templateBuilder makes a template's components out of parameters.
type templateBuilder struct {
	builder
	draft *draft
	from  []func(i int) string // of each component: where its parameters come from; -1: the component as a whole
}

// add puts a component into the message, and remembers where its parameters came from.
func (b *templateBuilder) add(c whatsapp.Component, from func(i int) string) {
	t := b.draft.Template
	t.Components = append(t.Components, c)
	b.from = append(b.from, from)
}

// parts says where the parts of the request come from.
func (b *templateBuilder) parts(path string) string {
	switch path {
	case "to":
		return "to"
	case "context":
		return "replyTo"
	case "template.name":
		return "templateName"
	case "template.language.code":
		return "languageCode"
	}
	component, parameter := 0, -1
	if n, _ := fmt.Sscanf(path, "template.components[%d].parameters[%d]", &component, &parameter); n == 0 || component >= len(b.from) {
		return ""
	}
	from := b.from[component](parameter)
	switch outer, part := path[:strings.LastIndexByte(path, '.')], path[strings.LastIndexByte(path, '.')+1:]; {
	case from == "headerMedia" && part == "link":
		return from + ".link"
	case !strings.HasSuffix(outer, "]") || b.draft.Template.Components[component].Type != whatsapp.ButtonComponent:
	case part == "index":
		return strings.TrimSuffix(from, ".value") + ".index"
	case part == "sub_type":
		return strings.TrimSuffix(from, ".value") + ".type"
	}
	return from
}

// component adds a component with the values of one parameter: a list by position, or a map by name.
func (b *templateBuilder) component(c whatsapp.Component, name string) {
	var from func(i int) string
	switch values := b.args[name].(type) {
	case nil:
		return
	case []any:
		from = func(i int) string { return element(name, i) }
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
		b.add(c, from)
	}
}

// element names the i-th element of a list; below 0 the list.
func element(name string, i int) string {
	if i < 0 {
		return name
	}
	return fmt.Sprintf("%s[%d]", name, i)
}

// value makes one parameter: text, or an object that says its type.
func (b *templateBuilder) value(v any, from func(i int) string, i int) whatsapp.Parameter {
	object, ok := v.(map[string]any)
	if !ok {
		s, err := eval.Text(v)
		if err != nil {
			b.fail(from(i), err)
		}
		return whatsapp.Parameter{Type: whatsapp.TextParameter, Text: s}
	}
	p, err := templateParameter(object)
	if err != nil {
		b.fail(from(i), err)
	}
	return p
}

// header adds the header: its variable, or its medium.
func (b *templateBuilder) header() {
	media, ok := b.args["headerMedia"].(map[string]any)
	if !ok {
		b.component(whatsapp.Component{Type: whatsapp.HeaderComponent}, "headerParameters")
		return
	}
	if b.args["headerParameters"] != nil {
		b.fail("headerParameters", errors.New("they stand beside headerMedia: a header holds text or a medium"))
	}
	inner := builder{args: media}
	kind := inner.needed("type")
	file := &whatsapp.File{Filename: inner.text("filename")}
	p := whatsapp.Parameter{Type: kind}
	switch kind {
	case whatsapp.ImageParameter:
		p.Image = file
	case whatsapp.VideoParameter:
		p.Video = file
	case whatsapp.DocumentParameter:
		p.Document = file
	default:
		if kind != "" {
			inner.fail("type", fmt.Errorf("%q is neither image, video nor document", kind))
		}
		p.Type, p.Document = whatsapp.DocumentParameter, file // so that the rest is looked at
	}
	b.headerSource(&inner, kind, file)
	for _, problem := range inner.problems {
		b.fail(below("headerMedia", problem.Path), problem.Err)
	}
	b.add(whatsapp.Component{Type: whatsapp.HeaderComponent, Parameters: []whatsapp.Parameter{p}},
		func(int) string { return "headerMedia" })
}

func (b *templateBuilder) headerSource(inner *builder, kind string, file *whatsapp.File) {
	switch inner.oneOf("link", "id", "file") {
	case "link":
		file.Link = inner.text("link")
	case "id":
		file.ID = inner.text("id")
	case "file":
		upload := newAttachment(whatsapp.MediaType(kind), inner.text("file"), putHeader)
		file.ID = upload.placeholder()
		if file.Filename == "" && kind == whatsapp.DocumentParameter {
			file.Filename = upload.name()
		}
		b.draft.file = upload
	default:
		inner.fail("", errors.New("nothing says where the file is: give link, id or file"))
	}
}

// putHeader gives a message the id of its header's file, and leaves the message that it was made from as it is.
func putHeader(m *whatsapp.Message, id string) {
	t := *m.Template
	t.Components = slices.Clone(t.Components)
	p := t.Components[0].Parameters[0]
	for _, slot := range []**whatsapp.File{&p.Image, &p.Video, &p.Document} {
		if *slot != nil {
			file := **slot
			file.ID = id
			*slot = &file
		}
	}
	t.Components[0].Parameters = []whatsapp.Parameter{p}
	m.Template = &t
}

// buttons adds the buttons that have a value.
func (b *templateBuilder) buttons() {
	list, _ := b.args["buttonParameters"].([]any)
	for i, v := range list {
		from := element("buttonParameters", i)
		object, ok := v.(map[string]any)
		if !ok {
			b.fail(from, errors.New("{index, type, value} is wanted"))
			continue
		}
		inner := builder{args: object}
		c := whatsapp.Component{Type: whatsapp.ButtonComponent, Index: inner.needed("index")}
		p := button(&inner, &c)
		for _, problem := range inner.problems {
			b.fail(below(from, problem.Path), problem.Err)
		}
		c.Parameters = []whatsapp.Parameter{p}
		b.add(c, func(int) string { return from + ".value" })
	}
}

func button(b *builder, c *whatsapp.Component) whatsapp.Parameter {
	value := b.needed("value")
	if _, err := strconv.Atoi(c.Index); err != nil && c.Index != "" {
		b.fail("index", fmt.Errorf("%q is no place: count from 0", c.Index))
	}
	switch kind := b.needed("type"); kind {
	case "url":
		c.SubType = whatsapp.URLButton
		return whatsapp.Parameter{Type: whatsapp.TextParameter, Text: value}
	case "quickReply":
		c.SubType = whatsapp.QuickReplyButton
		return whatsapp.Parameter{Type: whatsapp.PayloadParameter, Payload: value}
	case "copyCode":
		c.SubType = whatsapp.CopyCodeButton
		return whatsapp.Parameter{Type: whatsapp.CouponCodeParameter, CouponCode: value}
	case "":
	default:
		b.fail("type", fmt.Errorf("%q is neither url, quickReply nor copyCode", kind))
	}
	return whatsapp.Parameter{}
}

// below joins two steps of a path, of which the second may be empty.
func below(outer, inner string) string {
	if inner == "" {
		return outer
	}
	return outer + "." + inner
}
