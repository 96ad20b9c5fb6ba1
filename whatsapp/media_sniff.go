package whatsapp

import (
	"bytes"
	"strings"
)

// sniff returns a file's MIME type by its first bytes; "" when they prove none. It knows types that WhatsApp does not take
// too, to say what a mislabelled image really is.
func sniff(head []byte) string {
	for _, known := range [][2]string{
		{"\xff\xd8\xff", "image/jpeg"},
		{"\x89PNG\r\n\x1a\n", "image/png"},
		{"GIF8", "image/gif"},
		{"II*\x00", "image/tiff"},
		{"MM\x00*", "image/tiff"},
		{"%PDF-", "application/pdf"},
		{"PK\x03\x04", "application/zip"},
		{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"},
		{`{\rtf`, "application/rtf"},
		{"OggS", "audio/ogg"},
		{"#!AMR", "audio/amr"},
		{"ID3", "audio/mpeg"},
		{"fLaC", "audio/flac"},
		{"\x1a\x45\xdf\xa3", "video/webm"},
		{"\x7fELF", "application/x-executable"},
		{"\x1f\x8b", "application/gzip"},
	} {
		if bytes.HasPrefix(head, []byte(known[0])) {
			return known[1]
		}
	}
	if len(head) >= 12 && string(head[:4]) == "RIFF" {
		return riff(string(head[8:12]))
	}
	if len(head) >= 12 && string(head[4:8]) == "ftyp" {
		return brand(string(head[8:12]))
	}
	start := strings.ToLower(string(bytes.TrimLeft(head[:min(len(head), 256)], "\ufeff \t\r\n")))
	if strings.HasPrefix(start, "<!doctype html") || strings.HasPrefix(start, "<html") {
		return "text/html"
	}
	return ""
}

func riff(form string) string {
	switch form {
	case "WEBP":
		return "image/webp"
	case "WAVE":
		return "audio/wav"
	case "AVI ":
		return "video/x-msvideo"
	}
	return ""
}

// brand returns the MIME type of a file in ISO's media format by its major brand.
func brand(name string) string {
	switch {
	case name == "qt  ":
		return "video/quicktime"
	case strings.HasPrefix(name, "3g"):
		return "video/3gpp"
	case strings.HasPrefix(name, "M4A"), strings.HasPrefix(name, "M4B"):
		return "audio/mp4"
	case strings.HasPrefix(name, "hei"), strings.HasPrefix(name, "hev"), name == "mif1", name == "msf1":
		return "image/heic"
	case strings.HasPrefix(name, "avi"):
		return "image/avif"
	}
	return "video/mp4"
}

// plausibleStart reports whether a file of a type may begin like this, where sniff knows nothing. Types without a
// signature may begin with anything.
func plausibleStart(mimeType string, head []byte) bool {
	switch mimeType {
	case "image/jpeg", "image/png", "image/webp", "audio/ogg", "audio/amr":
		return sniff(head) == mimeType
	case "application/pdf":
		return bytes.Contains(head, []byte("%PDF-")) // readers allow for something before it
	case "text/plain":
		return !bytes.Contains(head, []byte{0, 0, 0, 0})
	case "video/mp4", "video/3gpp", "audio/mp4":
		return sniff(head) != "" || len(head) >= 8 && isBox(string(head[4:8]))
	case "audio/aac", "audio/mpeg":
		return sniff(head) != "" || len(head) >= 2 && head[0] == 0xff && head[1]&0xe0 == 0xe0 ||
			bytes.HasPrefix(head, []byte("ADIF")) || bytes.HasPrefix(head, []byte{0, 0})
	}
	return sniff(head) != ""
}

// isBox reports whether a name is one of the boxes that a file of ISO's media format may begin with instead of ftyp.
func isBox(name string) bool {
	switch name {
	case "moov", "mdat", "free", "skip", "wide", "styp":
		return true
	}
	return false
}

// animated reports whether a WebP is animated: a flag of its extended header. Source: the container's specification.
func animated(head []byte) bool {
	const flags, animation = 20, 0x02
	return len(head) > flags && string(head[12:16]) == "VP8X" && head[flags]&animation != 0
}
