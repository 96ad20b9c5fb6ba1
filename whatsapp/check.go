package whatsapp

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits that can be checked before sending, in characters (code points) unless said otherwise. Meta names no unit;
// code points are the widest reading. Source: Meta, messages/text-messages, messages/image-messages,
// templates/components.
const (
	MaxText           = 4096 // body of a text
	MaxCaption        = 1024
	MaxCallbackData   = 512
	MaxTemplateName   = 512
	MaxTemplateBody   = 1024 // filled
	MaxTemplateHeader = 60   // filled
	MaxTemplateURL    = 2000 // address of a button, filled
	MaxPayload        = 256  // of a quick reply
	MaxCouponCode     = 20   // since 3 December 2025
	MaxCardBody       = 160
	MinCards          = 2
	MaxCards          = 10
	MaxButtons        = 10
)

// Problem is one finding about a message, made without a request.
type Problem struct {
	Path    string // where in the body, such as "template.components[0].parameters[1].text"
	Summary string // one line, lower case, no full stop
	Hint    string // what to do; may be empty
	Warning bool   // it may be accepted all the same
}

// Check finds what WhatsApp would refuse, as far as the message alone shows it. Nil means nothing was found. A
// template is checked against its definition by Template.Check.
func (m Message) Check() []Problem {
	var f findings
	if !m.To.Valid() {
		f.add("to", fmt.Sprintf("%q is neither a phone number with a plus nor a user id", shorten(string(m.To))),
			"write it as +34612345678")
	}
	f.length("biz_opaque_callback_data", m.CallbackData, MaxCallbackData, "")
	if m.ReplyTo != "" && m.Template != nil {
		f.warn("context.message_id", "a template never shows the message that it replies to", "leave replyTo out")
	}
	if err := m.checkContent(); err != nil {
		f.add("type", err.Error(), "")
	}
	switch {
	case m.Text != nil:
		f.text(*m.Text)
	case m.Media != nil:
		f.media(*m.Media)
	case m.Template != nil:
		f.template(*m.Template)
	}
	return f.list
}

// findings gathers problems.
type findings struct{ list []Problem }

func (f *findings) add(path, summary, hint string) {
	f.list = append(f.list, Problem{Path: path, Summary: summary, Hint: hint})
}

func (f *findings) warn(path, summary, hint string) {
	f.list = append(f.list, Problem{Path: path, Summary: summary, Hint: hint, Warning: true})
}

func (f *findings) length(path, text string, most int, what string) {
	if what == "" {
		what = "it"
	}
	if n := utf8.RuneCountInString(text); n > most {
		f.add(path, fmt.Sprintf("%s has %d characters, %d are allowed", what, n, most), takeOut(n-most))
	}
}

func takeOut(n int) string {
	if n == 1 {
		return "take out 1 character"
	}
	return fmt.Sprintf("take out %d characters", n)
}

func (f *findings) text(t Text) {
	switch {
	case strings.TrimSpace(t.Body) == "":
		f.add("text.body", "the text is empty", "")
	case !utf8.ValidString(t.Body):
		f.add("text.body", "the text is not valid UTF-8", "save the file as UTF-8")
	default:
		f.length("text.body", t.Body, MaxText, "the text")
	}
}

func (f *findings) media(m Media) {
	path := string(m.Type)
	f.file(path, File{ID: m.ID, Link: m.Link, Filename: m.Filename})
	if m.Caption != "" {
		switch m.Type {
		case Image, Video, Document:
			f.length(path+".caption", m.Caption, MaxCaption, "the caption")
		case Audio, Sticker:
			f.add(path+".caption", fmt.Sprintf("%s takes no caption", m.Type), "send the words as a text")
		}
	}
	if known := slices.Contains(MediaTypes(), m.Type); !known {
		return
	}
	if m.Filename != "" && m.Type != Document {
		f.add(path+".filename", fmt.Sprintf("%s takes no file name", m.Type), "only a document has one")
	}
	if m.Type == Document {
		f.filename(path, m.Filename)
	}
	if m.Voice && m.Type != Audio {
		f.add(path+".voice", fmt.Sprintf("%s cannot be a voice note", m.Type), "only audio can")
	}
}

// HintFilename is the hint of the Problem of a document without a name.
const HintFilename = "add filename: invoice.pdf"

// filename warns of a document that has no name of its own.
func (f *findings) filename(path, given string) {
	if given == "" {
		f.warn(path+".filename", "a document without filename is shown as Untitled", HintFilename)
	}
}

// file checks the one of id and link that stands there.
func (f *findings) file(path string, m File) {
	switch {
	case m.ID == "" && m.Link == "":
		f.add(path, "it has neither an id nor a link", "give an uploaded id or a public https address")
		return
	case m.ID != "" && m.Link != "":
		f.add(path, "it has both an id and a link", "give one of them")
		return
	case m.ID != "":
		return
	}
	address, err := url.Parse(m.Link)
	switch {
	case err != nil || (address.Scheme != "http" && address.Scheme != "https") || address.Hostname() == "":
		f.add(path+".link", "the link is not an http or https address", "Meta fetches it, so it must be public; or upload the file")
	case loopback(address.Hostname()):
		f.add(path+".link", "the link leads to this machine, where Meta cannot fetch it", "upload the file and send its id")
	case strings.HasSuffix(address.Hostname(), "scontent.whatsapp.net"):
		f.warn(path+".link", "this address opens in a browser, but Meta's own fetch of it is refused, after the message was "+
			"accepted", "upload the file and send its id")
	}
}

// IsLanguage reports whether a text looks like a language's code: es, fil, en_US. It is asked of every message, hence no regexp.
func IsLanguage(code string) bool {
	name, region, regional := strings.Cut(code, "_")
	if len(name) < 2 || len(name) > 3 || regional && (len(region) < 2 || len(region) > 4) {
		return false
	}
	lower := func(c byte) bool { return c >= 'a' && c <= 'z' }
	return onlyBytes(name, lower) && onlyBytes(region, func(c byte) bool { return lower(c) || c >= 'A' && c <= 'Z' })
}

func shorten(text string) string {
	if runes := []rune(text); len(runes) > 80 {
		return string(runes[:80]) + "…"
	}
	return text
}
