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

// sendTemplate sends a template that WhatsApp approved: the only kind of message that may begin a conversation.
type sendTemplate struct{ sending }

// Name is the key in the file.
func (*sendTemplate) Name() string { return "sendTemplate" }

// CheckFile checks a file that the job names literally.
func (*sendTemplate) CheckFile(s *engine.Step, param string, file fs.File) diag.List {
	return checkFile(s, param, s.Params.Field("headerMedia").Field("type"), file)
}

func templateDraft(a engine.Args, read readNumber) (*draft, []*problem) {
	b := &templateBuilder{builder: builder{args: a, read: read}, draft: &draft{}}
	b.draft.origins = b.originOf
	b.recipient(b.draft)
	b.draft.ReplyTo = b.text("replyTo")
	b.draft.Template = &whatsapp.TemplateMessage{
		Name: strings.TrimSpace(b.required("templateName")), Language: whatsapp.Language{Code: strings.TrimSpace(b.required("languageCode"))},
	}
	b.header()
	b.component(whatsapp.Component{Type: whatsapp.BodyComponent}, "bodyParameters")
	b.buttons()
	return b.draft, b.problems
}

// templateBuilder makes a template's components of a step's parameters.
type templateBuilder struct {
	builder
	draft *draft
	from  []func(i int) string // for each component: the step parameter of its i-th parameter; -1: of the component
}

// add puts a component into the message; from is where its parameters come from.
func (b *templateBuilder) add(c whatsapp.Component, from func(i int) string) {
	t := b.draft.Template
	t.Components = append(t.Components, c)
	b.from = append(b.from, from)
}

// originOf is the pathMapping of a template message.
func (b *templateBuilder) originOf(path string) string {
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
		b.add(c, from)
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
		// White space at its ends is none of a parameter: a cell often has it, and nobody sees it.
		return whatsapp.Parameter{Type: whatsapp.TextParameter, Text: strings.TrimSpace(s)}
	}
	p, err := templateParameter(object)
	if err != nil {
		b.fail(from(i), err)
	}
	p.Text = strings.TrimSpace(p.Text)
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
	kind := inner.required("type")
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
		p.Type, p.Document = whatsapp.DocumentParameter, file // so that the rest is checked
	}
	b.headerSource(&inner, kind, file)
	for _, problem := range inner.problems {
		b.fail(joinPath("headerMedia", problem.Path), problem.Err)
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
		upload := &attachment{whatsapp.MediaType(kind), "headerMedia.file", inner.text("file"), putHeader}
		file.ID = upload.pendingID()
		if file.Filename == "" && kind == whatsapp.DocumentParameter {
			file.Filename = upload.name()
		}
		b.draft.file = upload
	default:
		inner.fail("", errors.New("nothing says where the file is: give link, id or file"))
	}
}

// putHeader sets the media id of a header in a copy of the message's template.
func putHeader(m *whatsapp.Message, id string) {
	t := *m.Template
	t.Components = slices.Clone(t.Components)
	p := t.Components[0].Parameters[0]
	for _, media := range []**whatsapp.File{&p.Image, &p.Video, &p.Document} {
		if *media != nil {
			file := **media
			file.ID = id
			*media = &file
		}
	}
	t.Components[0].Parameters = []whatsapp.Parameter{p}
	m.Template = &t
}

// buttons adds the buttons that have a value.
func (b *templateBuilder) buttons() {
	list, _ := b.args["buttonParameters"].([]any)
	for i, v := range list {
		from := indexPath("buttonParameters", i)
		object, ok := v.(map[string]any)
		if !ok {
			b.fail(from, errors.New("{index, type, value} is wanted"))
			continue
		}
		inner := builder{args: object}
		c := whatsapp.Component{Type: whatsapp.ButtonComponent, Index: inner.required("index")}
		p := button(&inner, &c)
		for _, problem := range inner.problems {
			b.fail(joinPath(from, problem.Path), problem.Err)
		}
		c.Parameters = []whatsapp.Parameter{p}
		b.add(c, func(int) string { return from + ".value" })
	}
}

func button(b *builder, c *whatsapp.Component) whatsapp.Parameter {
	value := b.required("value")
	if _, err := strconv.Atoi(c.Index); err != nil && c.Index != "" {
		b.fail("index", fmt.Errorf("%q is no place: count from 0", c.Index))
	}
	switch kind := b.required("type"); kind {
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

// joinPath joins two steps of a path, of which the second may be empty.
func joinPath(outer, inner string) string {
	if inner == "" {
		return outer
	}
	return outer + "." + inner
}
