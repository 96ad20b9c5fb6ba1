package whatsapp_test

import (
	"testing"

	"pgregory.net/rapid"

	"waybill/whatsapp"
)

// TestBody_IsWhatEncodingJSONWrites compares the two writers of bodies, for texts that need care and for all parts of a message.
func TestBody_IsWhatEncodingJSONWrites(t *testing.T) {
	plain := 0
	rapid.Check(t, func(t *rapid.T) {
		m := drawMessage(t)
		got, err := m.Body()
		want, wantErr := m.EncodedBody()
		if string(got) != string(want) || (err == nil) != (wantErr == nil) {
			t.Fatalf("got  %s, %v\nwant %s, %v", got, err, want, wantErr)
		}
		if m.IsPlain() {
			plain++
		}
	})
	if plain == 0 {
		t.Error("no message was written without encoding/json")
	}
}

func drawMessage(t *rapid.T) whatsapp.Message {
	text := rapid.OneOf(rapid.Just(""), rapid.String(), rapid.SampledFrom([]string{
		"Dr. López \"Pepe\"\n", `a\b`, "\u2028", "\xff", "\x7f", "\t", "<b>&", "\ufffd", "a\x00", "Ñandú 😀",
	}))
	m := whatsapp.Message{
		To:      whatsapp.Recipient(rapid.SampledFrom([]string{"+34600000001", "US.13491208655302741918", "", "x\"y"}).Draw(t, "to")),
		ReplyTo: text.Draw(t, "replyTo"), CallbackData: text.Draw(t, "callback"), IdentityHash: text.Draw(t, "hash"),
	}
	if rapid.Bool().Draw(t, "isText") {
		m.Text = &whatsapp.Text{Body: text.Draw(t, "body")}
		if rapid.Bool().Draw(t, "asks") {
			preview := rapid.Bool().Draw(t, "preview")
			m.Text.PreviewURL = &preview
		}
	}
	if rapid.Bool().Draw(t, "isTemplate") {
		m.Template = &whatsapp.TemplateMessage{Name: text.Draw(t, "name"), Language: whatsapp.Language{Code: "es"}}
		for range rapid.IntRange(0, 3).Draw(t, "components") {
			m.Template.Components = append(m.Template.Components, drawComponent(t, text))
		}
		if rapid.IntRange(0, 9).Draw(t, "given") == 0 {
			m.Template.Given = []byte(`[{"type":"body"}]`)
		}
	}
	if rapid.IntRange(0, 9).Draw(t, "isMedia") == 0 {
		m.Media = &whatsapp.Media{Type: whatsapp.Image, ID: "1"}
	}
	return m
}

func drawComponent(t *rapid.T, text *rapid.Generator[string]) whatsapp.Component {
	c := whatsapp.Component{Type: "body", SubType: text.Draw(t, "subType"), Index: text.Draw(t, "index")}
	for range rapid.IntRange(0, 3).Draw(t, "parameters") {
		p := whatsapp.Parameter{Type: "text", Name: text.Draw(t, "parameter"), Text: text.Draw(t, "text")}
		switch rapid.IntRange(0, 9).Draw(t, "kind") {
		case 0:
			p.Payload = "x"
		case 1:
			p.Image = &whatsapp.File{ID: "1"}
		}
		c.Parameters = append(c.Parameters, p)
	}
	if rapid.IntRange(0, 9).Draw(t, "carousel") == 0 {
		c.Cards = []whatsapp.Card{{Index: 1}}
	}
	return c
}
