package steps_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// What files begin with, and their sizes; see the vendor's page business-phone-numbers/media for the limits.
const (
	jpeg  = "\xff\xd8\xff\xe0\x00\x10JFIF"
	png   = "\x89PNG\r\n\x1a\n"
	pdf   = "%PDF-1.4\n"
	mp4   = "\x00\x00\x00\x18ftypmp42"
	still = "RIFF\x00\x00\x00\x00WEBPVP8 \x00\x00\x00\x00"
	moves = "RIFF\x00\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x02\x00\x00\x00"
	opus  = "OggS\x00\x02aaaaaaaaaaaaaaaaaaaa\x01\x13OpusHead\x01\x01"
)

func TestLiteralFilesAreLookedAt(t *testing.T) {
	long := func(head string, size int) string { return head + strings.Repeat("\x00", size-len(head)) }
	for _, c := range []struct{ name, text, kind, want string }{
		{"a.jpg", jpeg, "image", ""},
		{"a.JPEG", long(jpeg, 5<<20), "image", ""},
		{"a.jpg", long(jpeg, 5<<20+5), "image", "error: the image has 5242885 bytes, 5242880 are allowed"},
		{"a.png", "", "image", "error: the image is empty"},
		{"a.pdf", pdf, "image", "error: application/pdf is not a MIME type of image but of document; it may be image/jpeg, image/png"},
		{"a.exe", "MZ\x90", "image", "error: a.exe is no image: its name would end in .jpg, .jpeg or .png"},
		{"a.exe", "MZ\x90", "document", "warning: nobody says whether WhatsApp takes a document of this type; it is sent as application/octet-stream"},
		{"a.zip", "PK\x03\x04", "document", "warning: nobody says whether WhatsApp takes a document of this type; it is sent as application/octet-stream"},
		{"a.jpg", pdf, "image", "error: its name says image/jpeg, and its first bytes application/pdf"},
		{"a.jpg", "<!DOCTYPE html>", "image", "error: its name says image/jpeg, and its first bytes text/html"},
		{"a.jpg", "hello", "image", "error: its name says image/jpeg, and it does not begin like one"},
		{"a.jpg", png, "image", "warning: its name says image/jpeg, and its first bytes image/png; it is sent as that"},
		{"photo", jpeg, "image", ""},
		{"a.pdf", "\n\n" + pdf, "document", ""},
		{"a.pdf", "hello", "document", "warning: its name says application/pdf, and it does not begin like one"},
		{"a.pdf", "<html>", "document", "warning: its name says application/pdf, and its first bytes text/html"},
		{"a.docx", "PK\x03\x04", "document", ""},
		{"a.doc", "{\\rtf1", "document", ""},
		{"a.txt", "hello", "document", ""},
		{"a.jpg", jpeg, "document", "warning: image/jpeg is not among the document types that Meta lists; it may be refused"},
		{"a.mp4", mp4, "video", ""},
		{"a.3gp", mp4, "video", ""},
		{"a.m4a", mp4, "audio", ""},
		{"a.mp4", long(mp4, 16<<20+1), "video", "error: the video has 16777217 bytes, 16777216 are allowed"},
		{"a.mp3", "ID3\x04", "audio", ""},
		{"a.mp3", "\xff\xfb\x90", "audio", ""},
		{"a.ogg", opus, "audio", ""},
		{"a.ogg", strings.Replace(opus, "OpusHead", "\x01vorbis\x00", 1), "audio", "error: the sound is Vorbis, and WhatsApp takes OPUS alone in audio/ogg"},
		{"a.ogg", strings.Replace(opus, "OpusHead\x01\x01", "OpusHead\x01\x02", 1), "audio", "warning: audio/ogg must be mono, and this has 2 channels"},
		{"a.webp", long(still, 100<<10), "sticker", ""},
		{"a.webp", long(still, 101<<10), "sticker", "error: the still sticker has 103424 bytes, 102400 are allowed"},
		{"a.webp", long(moves, 500<<10), "sticker", ""},
		{"a.webp", long(moves, 501<<10), "sticker", "error: the animated sticker has 513024 bytes, 512000 are allowed"},
	} {
		t.Run(c.name+" "+c.kind, func(t *testing.T) {
			h := newHarness(t)
			h.file(c.name, c.text)
			for _, step := range []string{
				fmt.Sprintf("  - sendMedia: { to: \"+34612345678\", mediaType: %s, file: %s }", c.kind, c.name),
				fmt.Sprintf("  - sendTemplate: { to: \"+34612345678\", templateName: t, languageCode: es, headerMedia: { type: %s, file: %s } }", c.kind, c.name),
			} {
				if strings.Contains(step, "headerMedia") && (c.kind == "audio" || c.kind == "sticker") {
					continue
				}
				_, found := h.load(step)
				got := ""
				for _, d := range found {
					_, summary, _ := strings.Cut(d.Summary, "file: ")
					got += d.Severity.String() + ": " + summary
					if want := strings.Index(step, "file: ") + len("file: ") + 1; d.Range.Start.Column != want {
						t.Errorf("column %d, want %d", d.Range.Start.Column, want)
					}
				}
				if got != c.want {
					t.Errorf("%s: got %q, want %q", step[4:14], got, c.want)
				}
			}
		})
	}
}

func TestFilesOfItemsAreLookedAt(t *testing.T) {
	h := newHarness(t)
	h.file("good.jpg", png)
	h.file("bad.jpg", pdf)
	h.file("a.zip", "PK\x03\x04")
	h.wire.answer = func(_ int, r asked) (int, string) {
		if strings.HasSuffix(r.Path, "/media") {
			return 200, `{"id":"4711"}`
		}
		return 200, `{"messages":[{"id":"wamid.B"}]}`
	}
	_, s := h.run(`
  - id: all
    forEach: { items: [{ f: good.jpg, k: image }, { f: bad.jpg, k: image }, { f: a.zip, k: document }], key: "${{ item.f }}" }
    sendMedia: { to: "+34600000001", file: "${{ item.f }}", mediaType: "${{ item.k }}" }`)
	if s.Run.Counts.Succeeded != 2 || len(s.Errors) != 1 {
		t.Fatalf("counts %+v, errors %v", s.Run.Counts, s.Errors)
	}
	want := "file: its name says image/jpeg, and its first bytes application/pdf"
	if got := s.Errors[0].Err.Error(); !strings.Contains(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	var types []string
	for _, r := range h.wire.asked {
		for _, mime := range []string{"image/png", "image/jpeg", "application/octet-stream"} {
			if strings.Contains(r.Body, "Content-Type: "+mime) {
				types = append(types, mime)
			}
		}
	}
	slices.Sort(types) // items go at once
	if got := strings.Join(types, " "); got != "application/octet-stream image/png" {
		t.Errorf("uploaded as %q", got)
	}
}
