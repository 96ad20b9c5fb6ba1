package eval

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// forms lists the ways in which a secret may stand in text. All have at least 6 bytes.
func forms(secret string) []string {
	all := plainForms(secret)
	for line := range strings.SplitSeq(secret, "\n") {
		all = append(all, plainForms(strings.TrimSpace(line))...)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	return slices.DeleteFunc(all, func(form string) bool { return len(form) < minSecret })
}

// plainForms lists the forms of one stretch of text, without looking at its lines.
func plainForms(text string) []string {
	if len(text) < minSecret {
		return nil
	}
	all := []string{text, strings.ReplaceAll(text, "\n", "\r\n")}
	for _, escaped := range []string{url.QueryEscape(text), url.PathEscape(text), strings.ReplaceAll(url.QueryEscape(text), "+", "%20")} {
		all = append(all, escaped, lowerEscapes(escaped))
	}
	all = append(all, jsonForms(text)...)
	all = append(all, base64Forms(text)...)
	lower := hex.EncodeToString([]byte(text))
	return append(all, lower, strings.ToUpper(lower))
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

// jsonForms are the escapes of JSON writers: with and without those that make it safe in HTML, with every
// character beyond ASCII as \u, with slashes as \/; and Go's %q.
func jsonForms(text string) []string {
	quoted := func(escapeHTML bool) string {
		var out strings.Builder
		encoder := json.NewEncoder(&out)
		encoder.SetEscapeHTML(escapeHTML)
		if err := encoder.Encode(text); err != nil {
			return text
		}
		return strings.Trim(strings.TrimSuffix(out.String(), "\n"), `"`)
	}
	all := []string{unquoted(strconv.Quote(text)), unquoted(strconv.QuoteToASCII(text))}
	for _, form := range []string{quoted(false), quoted(true)} {
		for _, hexDigits := range []string{"%04x", "%04X"} {
			all = append(all, form, asciiOnly(form, `\u`+hexDigits))
		}
	}
	for _, form := range slices.Clone(all) {
		all = append(all, strings.ReplaceAll(form, "/", `\/`))
	}
	return all
}

func unquoted(quoted string) string { return quoted[1 : len(quoted)-1] }

// asciiOnly writes each character beyond ASCII in UTF-16 units of the given format.
func asciiOnly(text, format string) string {
	var out strings.Builder
	for _, r := range text {
		if r < 0x80 {
			out.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&out, format, unit)
		}
	}
	return out.String()
}

// base64Forms are what base64 makes of text alone, with and without padding, and of text in the middle of
// something else: at each of the three places that it can have in a group, less the characters that depend on
// its neighbours.
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
