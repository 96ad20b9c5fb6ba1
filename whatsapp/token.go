package whatsapp

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"strings"
)

const redacted = "[redacted]"

// Token is an access token. However it is printed, logged or encoded it reads [redacted]; only the
// Authorization header gets the text. The zero value is no token, and New refuses it.
type Token string

// String returns [redacted].
func (Token) String() string { return redacted }

// GoString returns [redacted], for %#v.
func (Token) GoString() string { return redacted }

// Format writes [redacted] for every verb, those for strings and bytes included.
func (Token) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, redacted) }

// MarshalText returns [redacted], for encoders of text and of map keys.
func (Token) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// MarshalJSON returns "[redacted]" as a JSON string.
func (Token) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// LogValue returns [redacted], for log/slog.
func (Token) LogValue() slog.Value { return slog.StringValue(redacted) }

// check refuses what cannot stand in a header, without showing it.
func (t Token) check() error {
	if t == "" {
		return errors.New("there is no access token")
	}
	for _, r := range string(t) {
		if r <= ' ' || r >= 0x7f {
			return errors.New("the access token holds a blank, a line break or another character that no token has")
		}
	}
	return nil
}

// hide takes the token out of a text that came from outside: Graph repeats a malformed token in its message.
func (t Token) hide(text string) string {
	if t == "" {
		return text
	}
	text = strings.ReplaceAll(text, string(t), redacted)
	if escaped := url.QueryEscape(string(t)); escaped != string(t) {
		text = strings.ReplaceAll(text, escaped, redacted)
	}
	return text
}
