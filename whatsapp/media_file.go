package whatsapp

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"
)

// MediaHead is how many bytes of a file's beginning MediaFile wants to see: as many as readers of PDF look through.
const MediaHead = 1024

// MediaFile is what is known of a file before it is uploaded.
type MediaFile struct {
	Name string // its extension says what it is
	Size int64  // in bytes
	Head []byte // its first MediaHead bytes, or all of them
}

// octetStream is the MIME type of a file of unknown type.
const octetStream = "application/octet-stream"

// MIMEType returns the type to upload the file as: what its first bytes show where they contradict its name and the
// media type takes it, else what its name says. A document of no known type is application/octet-stream; of the other
// media types such a file has none, and the result is "".
func (f MediaFile) MIMEType(t MediaType) string {
	named, seen := MIMETypeOf(f.Name), sniff(f.Head)
	switch {
	case named != "" && (seen == "" || compatible(named, seen) || !listed(t, seen)):
		return named
	case listed(t, seen):
		return seen
	case t == Document:
		return octetStream
	}
	return ""
}

// Check finds what WhatsApp would refuse about the file: its size, its type, and first bytes that are not those of its
// type. The paths are empty. Source of the limits: Meta, business-phone-numbers/media.
func (f MediaFile) Check(t MediaType) []Problem {
	var found findings
	most, known := MaxMediaSize(t)
	switch {
	case !known:
		found.add("", fmt.Sprintf("unknown media type %q", shorten(string(t))), "there are image, document, audio, video and sticker")
		return found.list
	case f.Size == 0:
		found.add("", fmt.Sprintf("the %s is empty", t), "")
		return found.list
	}
	what := string(t)
	if t == Sticker && sniff(f.Head) == "image/webp" {
		what = "animated sticker"
		if !animated(f.Head) {
			what, most = "still sticker", MaxStillSticker
		}
	}
	if f.Size > most {
		found.add("", fmt.Sprintf("the %s has %d bytes, %d are allowed", what, f.Size, most), "make it smaller")
	}
	found.kind(f, t)
	return found.list
}

// kind compares what the name says, what the first bytes show, and what the media type takes.
func (f *findings) kind(file MediaFile, t MediaType) {
	named, seen := MIMETypeOf(file.Name), sniff(file.Head)
	switch {
	case named == "" && listed(t, seen):
	case named == "" && t == Document:
		f.warn("", "nobody says whether WhatsApp takes a document of this type; it is sent as "+octetStream, "send it as a PDF")
		return
	case named == "":
		f.add("", fmt.Sprintf("%s is no %s: its name would end in %s", shorten(path.Base(file.Name)), t, extensions(t)), "")
		return
	case seen != "" && !compatible(named, seen):
		f.contradiction(named, seen, t)
		return
	case !listed(t, named) && t == Document:
		f.warn("", fmt.Sprintf("%s is not among the document types that Meta lists; it may be refused", named), "")
	case !listed(t, named):
		f.add("", wrongType(t, named), "")
		return
	case !plausibleStart(named, file.Head):
		f.unexpectedStart(named, t)
	}
	if sound := file.MIMEType(t); sound == "audio/ogg" && t == Audio {
		f.ogg(file.Head)
	}
}

func (f *findings) contradiction(named, seen string, t MediaType) {
	summary := fmt.Sprintf("its name says %s, and its first bytes %s", named, seen)
	switch {
	case listed(t, seen):
		f.warn("", summary+"; it is sent as that", "rename it")
	case t == Document:
		f.warn("", summary, "open it to see what it is")
	default:
		f.add("", summary, fmt.Sprintf("%s is %s", t, strings.Join(MIMETypes(t), " or ")))
	}
}

// unexpectedStart reports a file whose first bytes are those of no known type, its own included. That rules out an image;
// for other types it proves less.
func (f *findings) unexpectedStart(named string, t MediaType) {
	summary := fmt.Sprintf("its name says %s, and it does not begin like one", named)
	if t == Image || t == Sticker {
		f.add("", summary, "open it to see what it is")
		return
	}
	f.warn("", summary, "open it to see what it is")
}

// ogg looks into the first page: WhatsApp takes OPUS alone, and mono.
func (f *findings) ogg(head []byte) {
	if bytes.Contains(head, []byte("\x01vorbis")) {
		f.add("", "the sound is Vorbis, and WhatsApp takes OPUS alone in audio/ogg", "ffmpeg -i in.ogg -c:a libopus -ac 1 out.ogg")
		return
	}
	mark := []byte("OpusHead")
	at := bytes.Index(head, mark)
	channels := at + len(mark) + 1
	switch {
	case at < 0 || channels >= len(head):
		f.warn("", "audio/ogg must be OPUS and mono", "ffmpeg -i in.ogg -c:a libopus -ac 1 out.ogg")
	case head[channels] != 1:
		f.warn("", fmt.Sprintf("audio/ogg must be mono, and this has %d channels", head[channels]),
			"ffmpeg -i in.ogg -c:a libopus -ac 1 out.ogg")
	}
}

// extensions lists those of a media type: ".jpg, .jpeg or .png".
func extensions(t MediaType) string {
	var list []string
	for _, known := range knownExtensions() {
		if listed(t, known.mime) {
			list = append(list, known.extension)
		}
	}
	last := len(list) - 1
	if last < 1 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:last], ", ") + " or " + list[last]
}

// compatible reports whether the type by the first bytes can be a file of the type by its name: a container format has
// many.
func compatible(named, seen string) bool {
	const office = "application/vnd.openxmlformats-officedocument."
	family := func(members ...string) bool { return slices.Contains(members, named) }
	switch seen {
	case named:
		return true
	case "application/zip":
		return strings.HasPrefix(named, office)
	case "application/x-ole-storage", "application/rtf":
		return family("application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint", "text/plain")
	case "video/mp4", "video/3gpp", "audio/mp4":
		return family("video/mp4", "video/3gpp", "audio/mp4")
	case "audio/mpeg":
		return named == "audio/aac" // an ID3 tag stands before both
	case "text/html":
		return family("text/plain", "application/msword", "application/vnd.ms-excel") // as Office once saved
	}
	return false
}
