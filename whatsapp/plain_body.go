package whatsapp

import (
	"strconv"
	"unicode/utf8"
)

// plainBody writes the body of what nearly all messages are, a text or a template whose parameters are texts, as encoding/json writes
// it and without its reflection. ok is false of any other message.
func (m Message) plainBody() (body []byte, ok bool) {
	w := plainWriter{make([]byte, 0, 512), m.Media == nil && (m.Text == nil) != (m.Template == nil)}
	w.raw(`{"messaging_product":"whatsapp","recipient_type":"individual"`)
	if m.To.IsUserID() {
		w.optional(`,"recipient":`, string(m.To))
	} else {
		w.optional(`,"to":`, string(m.To))
	}
	if m.ReplyTo != "" {
		w.member(`,"context":{"message_id":`, m.ReplyTo)
		w.raw(`}`)
	}
	w.member(`,"type":`, m.Type())
	switch {
	case !w.plain:
		return nil, false
	case m.Text != nil:
		w.text(m.Text)
	default:
		w.template(m.Template)
	}
	w.optional(`,"biz_opaque_callback_data":`, m.CallbackData)
	w.optional(`,"recipient_identity_key_hash":`, m.IdentityHash)
	w.raw(`}`)
	return w.out, w.plain
}

// plainWriter appends JSON. Once something is not plain, the rest does not matter.
type plainWriter struct {
	out   []byte
	plain bool
}

func (w *plainWriter) raw(text string) { w.out = append(w.out, text...) }

// member writes what stands before a text, and the text.
func (w *plainWriter) member(before, text string) {
	w.out = append(w.out, before...)
	w.quoted(text)
}

// optional is member for what is left out where it is empty.
func (w *plainWriter) optional(before, text string) {
	if text != "" {
		w.member(before, text)
	}
}

func (w *plainWriter) text(t *Text) {
	w.raw(`,"text":{`)
	if t.PreviewURL != nil {
		w.raw(`"preview_url":`)
		w.out = append(strconv.AppendBool(w.out, *t.PreviewURL), ',')
	}
	w.member(`"body":`, t.Body)
	w.raw(`}`)
}

func (w *plainWriter) template(t *TemplateMessage) {
	w.plain = w.plain && t.Given == nil
	w.member(`,"template":{"name":`, t.Name)
	w.member(`,"language":{"code":`, t.Language.Code)
	w.raw(`}`)
	for i := range t.Components {
		w.raw(opening(i, `,"components":[`))
		w.component(&t.Components[i])
	}
	if len(t.Components) > 0 {
		w.raw(`]`)
	}
	w.raw(`}`)
}

func (w *plainWriter) component(c *Component) {
	w.plain = w.plain && len(c.Cards) == 0
	w.member(`{"type":`, c.Type)
	w.optional(`,"sub_type":`, c.SubType)
	w.optional(`,"index":`, c.Index)
	for i := range c.Parameters {
		p := &c.Parameters[i]
		w.plain = w.plain && *p == Parameter{Type: p.Type, Name: p.Name, Text: p.Text}
		w.raw(opening(i, `,"parameters":[`))
		w.member(`{"type":`, p.Type)
		w.optional(`,"parameter_name":`, p.Name)
		w.optional(`,"text":`, p.Text)
		w.raw(`}`)
	}
	if len(c.Parameters) > 0 {
		w.raw(`]`)
	}
	w.raw(`}`)
}

// opening is what stands before the i-th element of a list.
func opening(i int, first string) string {
	if i == 0 {
		return first
	}
	return ","
}

// quoted writes a text. What encoding/json would write as \u…, or does not take, is not plain.
func (w *plainWriter) quoted(text string) {
	w.out = append(w.out, '"')
	copied := 0
	for i := 0; i < len(text); {
		c := text[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(text[i:])
			if r == utf8.RuneError || r == '\u2028' || r == '\u2029' {
				w.plain = false
			}
			i += size
			continue
		}
		w.out = append(append(w.out, text[copied:i]...), '\\')
		switch c {
		case '"', '\\':
			w.out = append(w.out, c)
		case '\n':
			w.out = append(w.out, 'n')
		default:
			w.plain = false
		}
		i++
		copied = i
	}
	w.out = append(append(w.out, text[copied:]...), '"')
}
