package secret

import (
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
	"time"
)

// maxFull is the length, in bytes, up to which a text gets all its forms; what is longer gets those that programs
// make of it at once.
const maxFull = 4 << 10

// forms lists the ways in which a secret may stand in text. All have at least MinLength bytes.
func forms(secret string) []string {
	all := encodings(secret)
	for _, line := range distinct(strings.Split(secret, "\n")) {
		all = append(all, encodings(strings.TrimSpace(line))...)
	}
	if number := dialled(secret); number != "" {
		all = append(all, number)
	}
	return distinct(all)
}

// derivedForms lists the forms of a text that an expression made of a secret.
func derivedForms(text string) []string { return distinct(encodings(text)) }

func distinct(all []string) []string {
	slices.Sort(all)
	all = slices.Compact(all)
	return slices.DeleteFunc(all, func(form string) bool { return len(form) < MinLength })
}

// encodings lists the forms of one stretch of text, without looking at its lines.
func encodings(text string) []string {
	if len(text) < MinLength {
		return nil
	}
	all := []string{text}
	if len(text) > maxFull {
		return append(append(all, inQuotes(text)...), base64.StdEncoding.EncodeToString([]byte(text)))
	}
	for _, as := range distinct([]string{text, strings.ReplaceAll(text, "\n", "\r\n"), oneLine(text, '\uFFFD'), oneLine(text, ' ')}) {
		all = append(all, printed(as)...)
	}
	query := url.QueryEscape(text)
	for _, escaped := range []string{query, url.PathEscape(text), strings.ReplaceAll(query, "+", "%20")} {
		all = append(all, escaped, lowerEscapes(escaped))
	}
	lower := hex.EncodeToString([]byte(text)) // %x of a text, and %X
	return append(append(all, base64Forms(text)...), lower, strings.ToUpper(lower))
}

// lowerEscapes writes %3A as %3a.
func lowerEscapes(escaped string) string {
	out := []byte(escaped)
	for i := 0; i+2 < len(out); i++ {
		if out[i] == '%' {
			copy(out[i+1:], strings.ToLower(escaped[i+1:i+3]))
		}
	}
	return string(out)
}

// dialled returns the digits of a phone number that is written with more than them, without the 00 for abroad; empty
// for any other text. Recipients are written so, whatever the variable holds.
func dialled(text string) string {
	const fewest, most = 7, 15
	text = strings.TrimSpace(text)
	if _, err := time.Parse(time.DateOnly, text); err == nil {
		return ""
	}
	digits := strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return r
		}
		return -1
	}, text)
	digits = strings.TrimPrefix(digits, "00")
	if strings.Trim(text, "+0123456789 ()-./\u00a0\u2010\u2011\u2012\u2013\u2014") != "" || len(digits) < fewest || len(digits) > most {
		return ""
	}
	return digits
}

// base64Forms are what base64 makes of text alone, with and without padding, and of text in the middle of
// something else, such as a header's name:password: at each of the three places that it can have in a group, less
// the characters that depend on its neighbours.
func base64Forms(text string) []string {
	var all []string
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
		alone := encoding.EncodeToString([]byte(text))
		all = append(all, alone, strings.TrimRight(alone, "="))
		for shift := range 3 {
			shifted := encoding.WithPadding(base64.NoPadding).EncodeToString(append(make([]byte, shift), text...))
			from, to := (shift*8+5)/6, (shift+len(text))*8/6
			all = append(all, shifted[from:to])
		}
	}
	return all
}
