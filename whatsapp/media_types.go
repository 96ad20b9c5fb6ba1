package whatsapp

import (
	"fmt"
	"mime"
	"path"
	"slices"
	"strings"
)

const (
	kilobyte = 1 << 10
	// megabyte is 2^20: the limit for video that WhatsApp's error text names is 16777216 bytes.
	megabyte = 1 << 20
)

// MaxMediaSize returns the largest file of a media type in bytes, and false for an unknown type. A sticker may
// have 100 KB, or 500 KB when animated, which its size does not tell. Source: Meta, business-phone-numbers/media.
func MaxMediaSize(t MediaType) (int64, bool) {
	switch t {
	case Audio, Video:
		return 16 * megabyte, true
	case Document:
		return 100 * megabyte, true
	case Image:
		return 5 * megabyte, true
	case Sticker:
		return 500 * kilobyte, true
	default:
		return 0, false
	}
}

// MIMETypes returns the MIME types that a media type may have, nil for an unknown type.
func MIMETypes(t MediaType) []string {
	switch t {
	case Audio:
		return []string{"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"}
	case Document:
		const office = "application/vnd.openxmlformats-officedocument."
		return []string{
			"text/plain", "application/pdf", "application/msword", office + "wordprocessingml.document",
			"application/vnd.ms-excel", office + "spreadsheetml.sheet", "application/vnd.ms-powerpoint", office + "presentationml.presentation",
		}
	case Image:
		return []string{"image/jpeg", "image/png"}
	case Sticker:
		return []string{"image/webp"}
	case Video:
		return []string{"video/mp4", "video/3gpp"}
	default:
		return nil
	}
}

// MIMETypeOf returns the MIME type of a file by its extension, "" for one that WhatsApp does not list. It does not
// ask the system, whose tables differ.
func MIMETypeOf(filename string) string {
	switch strings.ToLower(path.Ext(filename)) {
	case ".aac":
		return "audio/aac"
	case ".amr":
		return "audio/amr"
	case ".mp3":
		return "audio/mpeg"
	case ".m4a":
		return "audio/mp4"
	case ".ogg", ".oga", ".opus":
		return "audio/ogg"
	case ".jpg", ".jpeg":
		return "image/jpeg"
	case ".png":
		return "image/png"
	case ".webp":
		return "image/webp"
	case ".mp4":
		return "video/mp4"
	case ".3gp", ".3gpp":
		return "video/3gpp"
	default:
		return documentType(strings.ToLower(path.Ext(filename)))
	}
}

func documentType(extension string) string {
	list := MIMETypes(Document)
	for i, known := range []string{".txt", ".pdf", ".doc", ".docx", ".xls", ".xlsx", ".ppt", ".pptx"} {
		if extension == known {
			return list[i]
		}
	}
	return ""
}

// CheckMedia refuses a file that WhatsApp would refuse: one too large or empty, or of a MIME type that the media
// type does not have. size is in bytes, negative when unknown; an empty MIME type is not checked. A document of
// another MIME type passes, for nobody says what becomes of it: see UnusualMedia.
func CheckMedia(t MediaType, mimeType string, size int64) error {
	most, ok := MaxMediaSize(t)
	switch {
	case !ok:
		return fmt.Errorf("unknown media type %q; there are image, document, audio, video and sticker", string(t))
	case size == 0:
		return fmt.Errorf("the %s is empty", t)
	case size > most:
		return fmt.Errorf("the %s has %d bytes, %d are allowed", t, size, most)
	case mimeType == "" || t == Document || listed(t, mimeType):
		return nil
	}
	if other := mediaTypeOf(mimeType); other != "" {
		return fmt.Errorf("%s is not a MIME type of %s but of %s; it may be %s", plainType(mimeType), t, other, strings.Join(MIMETypes(t), ", "))
	}
	return fmt.Errorf("%s is not a MIME type of %s; it may be %s", plainType(mimeType), t, strings.Join(MIMETypes(t), ", "))
}

// UnusualMedia says in one line what is odd about a file that CheckMedia lets pass; "" when nothing is.
func UnusualMedia(t MediaType, mimeType string, size int64) string {
	switch {
	case t == Document && mimeType != "" && !listed(t, mimeType):
		return fmt.Sprintf("%s is not among the document types that Meta lists; it may be refused", plainType(mimeType))
	case t == Sticker && size > 100*kilobyte:
		return "a sticker above 100 KB must be animated"
	case t == Audio && plainType(mimeType) == "audio/ogg":
		return "audio/ogg must be OPUS and mono"
	default:
		return ""
	}
}

func plainType(mimeType string) string {
	plain, _, err := mime.ParseMediaType(mimeType)
	if err != nil {
		return strings.ToLower(strings.TrimSpace(mimeType))
	}
	return plain
}

func listed(t MediaType, mimeType string) bool {
	return slices.Contains(MIMETypes(t), plainType(mimeType))
}

func mediaTypeOf(mimeType string) MediaType {
	for _, t := range MediaTypes() {
		if listed(t, mimeType) {
			return t
		}
	}
	return ""
}
