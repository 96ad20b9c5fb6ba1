package whatsapp_test

import (
	"strings"
	"testing"

	"waybill/whatsapp"
)

// verdicts of MediaFile.Check.
const (
	fine = iota
	odd
	refused
)

func TestMediaFile(t *testing.T) {
	const webp, moving = "RIFF\x00\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x10\x00\x00\x00", "RIFF\x00\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x12\x00\x00\x00"
	for _, test := range []struct {
		kind whatsapp.MediaType
		name string
		head string
		size int64
		want int
		mime string
	}{
		{whatsapp.Image, "a.jpg", "\xff\xd8\xff", 5 << 20, fine, "image/jpeg"},
		{whatsapp.Image, "a.jpg", "\xff\xd8\xff", 5<<20 + 1, refused, "image/jpeg"},
		{whatsapp.Image, "a.gif", "GIF89a", 1, refused, ""},
		{whatsapp.Image, "a.mp4", "\x00\x00\x00\x18ftypisom", 1, refused, "video/mp4"},
		{whatsapp.Image, "a.png", "", 0, refused, "image/png"},
		{whatsapp.Image, "a.png", "\xff\xd8\xff", 1, odd, "image/jpeg"},
		{whatsapp.Image, "a.png", "II*\x00", 1, refused, "image/png"},
		{whatsapp.Image, "a.jpg", "\x00\x00\x00\x18ftypheic", 1, refused, "image/jpeg"},
		{whatsapp.Video, "a.mp4", "\x00\x00\x00\x18ftypisom", 16 << 20, fine, "video/mp4"},
		{whatsapp.Video, "a.mp4", "\x00\x00\x00\x08moov", 1, fine, "video/mp4"},
		{whatsapp.Video, "a.mp4", "\x00\x00\x00\x18ftypqt  ", 1, refused, "video/mp4"},
		{whatsapp.Video, "a.mov", "\x00\x00\x00\x18ftypqt  ", 1, refused, ""},
		{whatsapp.Video, "a.mp4", "hello", 1, odd, "video/mp4"},
		{whatsapp.Audio, "a.OGG", "OggS\x00\x02 OpusHead\x01\x01", 1, fine, "audio/ogg"},
		{whatsapp.Audio, "a.ogg", "OggS", 1, odd, "audio/ogg"},
		{whatsapp.Audio, "a.wav", "RIFF\x00\x00\x00\x00WAVE", 1, refused, ""},
		{whatsapp.Audio, "a.mp3", "RIFF\x00\x00\x00\x00WAVE", 1, refused, "audio/mpeg"},
		{whatsapp.Audio, "a.aac", "\xff\xf1", 1, fine, "audio/aac"},
		{whatsapp.Audio, "a.amr", "#!AMR\n", 1, fine, "audio/amr"},
		{whatsapp.Document, "a.pdf", "%PDF-1.7", 100 << 20, fine, "application/pdf"},
		{whatsapp.Document, "a.xlsx", "PK\x03\x04", 1, fine, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
		{whatsapp.Document, "a.xlsx", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 1, odd, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
		{whatsapp.Document, "a.zip", "PK\x03\x04", 1, odd, "application/octet-stream"},
		{whatsapp.Document, "a", "\x00\x01", 1, odd, "application/octet-stream"},
		{whatsapp.Document, "a.zip", "PK\x03\x04", 100<<20 + 1, refused, "application/octet-stream"},
		{whatsapp.Sticker, "a.webp", webp, 100 << 10, fine, "image/webp"},
		{whatsapp.Sticker, "a.webp", webp, 100<<10 + 1, refused, "image/webp"},
		{whatsapp.Sticker, "a.webp", moving, 500 << 10, fine, "image/webp"},
		{whatsapp.Sticker, "a.webp", moving, 500<<10 + 1, refused, "image/webp"},
		{"hologram", "a.webp", webp, 1, refused, "image/webp"},
	} {
		f := whatsapp.MediaFile{Name: test.name, Size: test.size, Head: []byte(test.head)}
		got := fine
		for _, p := range f.Check(test.kind) {
			got = max(got, map[bool]int{true: odd, false: refused}[p.Warning])
			if p.Path != "" || p.Summary == "" || strings.HasSuffix(p.Summary, ".") {
				t.Errorf("%s %s: %+v", test.kind, test.name, p)
			}
		}
		if got != test.want {
			t.Errorf("%s %s %q %d: got %d, want %d: %v", test.kind, test.name, test.head, test.size, got, test.want, f.Check(test.kind))
		}
		if mime := f.MIMEType(test.kind); mime != test.mime {
			t.Errorf("%s %s %q: uploaded as %q, want %q", test.kind, test.name, test.head, mime, test.mime)
		}
	}
}

func TestMIMETypeOf(t *testing.T) {
	for name, want := range map[string]string{
		"a.JPG": "image/jpeg", "b.docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
		"c": "", "d.exe": "", "e.pdf": "application/pdf", "f.m4a": "audio/mp4",
	} {
		if got := whatsapp.MIMETypeOf(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}
