package whatsapp

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

const (
	kilobyte = 1 << 10
	// megabyte is 2^20: the limit for video that WhatsApp's error text names is 16777216 bytes.
	megabyte = 1 << 20
)

// MaxStillSticker is the largest sticker that does not move, in bytes. Source: Meta, business-phone-numbers/media.
const MaxStillSticker = 100 * kilobyte

// MaxMediaSize returns the largest file of a media type in bytes, and false for an unknown type. A sticker may
// have 500 KB when it moves, else MaxStillSticker. Source: Meta, business-phone-numbers/media.
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
			"text/plain", "application/pdf",
			"application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint",
			office + "wordprocessingml.document", office + "spreadsheetml.sheet", office + "presentationml.presentation",
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
	extension := strings.ToLower(path.Ext(filename))
	for _, known := range knownExtensions() {
		if extension == known.extension {
			return known.mime
		}
	}
	return ""
}

// extension is an ending of file names and what it stands for.
type extension struct{ extension, mime string }

func knownExtensions() []extension {
	const office = "application/vnd.openxmlformats-officedocument."
	return []extension{
		{".aac", "audio/aac"},
		{".amr", "audio/amr"},
		{".mp3", "audio/mpeg"},
		{".m4a", "audio/mp4"},
		{".ogg", "audio/ogg"},
		{".oga", "audio/ogg"},
		{".opus", "audio/ogg"},
		{".jpg", "image/jpeg"},
		{".jpeg", "image/jpeg"},
		{".png", "image/png"},
		{".webp", "image/webp"},
		{".mp4", "video/mp4"},
		{".3gp", "video/3gpp"},
		{".3gpp", "video/3gpp"},
		{".txt", "text/plain"},
		{".pdf", "application/pdf"},
		{".doc", "application/msword"},
		{".docx", office + "wordprocessingml.document"},
		{".xls", "application/vnd.ms-excel"},
		{".xlsx", office + "spreadsheetml.sheet"},
		{".ppt", "application/vnd.ms-powerpoint"},
		{".pptx", office + "presentationml.presentation"},
	}
}

// wrongType says that a media type does not take a MIME type, and which it takes.
func wrongType(t MediaType, mimeType string) string {
	of := ""
	if other := mediaTypeOf(mimeType); other != "" {
		of = " but of " + string(other)
	}
	return fmt.Sprintf("%s is not a MIME type of %s%s; it may be %s", mimeType, t, of, strings.Join(MIMETypes(t), ", "))
}

func listed(t MediaType, mimeType string) bool {
	return slices.Contains(MIMETypes(t), mimeType)
}

func mediaTypeOf(mimeType string) MediaType {
	for _, t := range MediaTypes() {
		if listed(t, mimeType) {
			return t
		}
	}
	return ""
}
