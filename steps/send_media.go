package steps

import (
	"context"
	"errors"
	"io/fs"
	"maps"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/eval"
	"waybill/whatsapp"
)

// sendMedia sends an image, a document, audio, a video or a sticker: by address, by media id, or a local file.
type sendMedia struct{ sending }

// Name is the key in the file.
func (*sendMedia) Name() string { return "sendMedia" }

// Outputs are those of every message, and the id of the file.
func (o *sendMedia) Outputs() map[string]eval.Type {
	out := maps.Clone(o.sending.Outputs())
	out["mediaId"] = eval.String()
	return out
}

// CheckFile checks a file that the job names literally.
func (*sendMedia) CheckFile(s *engine.Step, param string, file fs.File) diag.List {
	return checkFile(s, param, s.Params.Field("mediaType"), file)
}

// Do sends the message, and returns the id of its file.
func (o *sendMedia) Do(ctx context.Context, c *engine.Call) (engine.Outcome, error) {
	out, err := o.sending.Do(ctx, c)
	if d, ok := c.Message.Request.(*draft); ok && err == nil && d.Media.ID != "" {
		out.Values = map[string]any{"mediaId": d.Media.ID}
	}
	return out, err
}

func mediaDraft(a engine.Args, read readNumber) (*draft, []*problem) {
	b := builder{args: a, read: read}
	kind := whatsapp.MediaType(b.required("mediaType"))
	m := &whatsapp.Media{Type: kind, Caption: b.text("caption"), Filename: b.text("filename")}
	source := b.oneOf("mediaUrl", "mediaId", "file")
	name := source
	if a["filename"] != nil {
		name = "filename"
	}
	d := &draft{origins: mediaOrigin(string(kind), source, name)}
	b.recipient(d)
	d.ReplyTo, d.Media = b.text("replyTo"), m
	switch source {
	case "mediaUrl":
		m.Link = b.text("mediaUrl")
	case "mediaId":
		m.ID = b.text("mediaId")
	case "file":
		file := &attachment{kind, "file", b.text("file"), func(m *whatsapp.Message, id string) {
			media := *m.Media
			media.ID = id
			m.Media = &media
		}}
		d.files, m.ID = []*attachment{file}, file.pendingID()
		if m.Filename == "" && kind == whatsapp.Document {
			m.Filename = file.name()
		}
	default:
		b.fail("", errors.New("nothing says where the file is: give mediaUrl, mediaId or file"))
	}
	return d, b.problems
}

// mediaOrigin is the pathMapping of a medium, whose source and whose name stand in these parameters.
func mediaOrigin(kind, source, name string) pathMapping {
	return func(path string) string {
		switch path {
		case "to":
			return "to"
		case "context":
			return "replyTo"
		case "type":
			return "mediaType"
		case kind + ".caption":
			return "caption"
		case kind + ".filename":
			return name
		case kind:
			return source
		}
		return ""
	}
}
