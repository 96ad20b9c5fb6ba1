package steps

import (
	"waybill/engine"
	"waybill/whatsapp"
)

// sendText sends a free-form text, which reaches only people who wrote within the last 24 hours.
type sendText struct{ sending }

// Name is the key in the file.
func (*sendText) Name() string { return "sendText" }

func textDraft(a engine.Args, read readNumber) (*draft, []*problem) {
	b := builder{args: a, read: read}
	d := &draft{origins: textOrigin}
	b.recipient(d)
	d.ReplyTo = b.text("replyTo")
	d.Text = &whatsapp.Text{Body: b.required("body"), PreviewURL: b.boolean("previewUrl")}
	return d, b.problems
}

func textOrigin(path string) string {
	switch path {
	case "to":
		return "to"
	case "context":
		return "replyTo"
	case "text":
		return "body"
	}
	return ""
}
