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

// AccessToken is an access token. However it is printed, logged or encoded it reads [redacted]; only the
// Authorization header gets the text. Token makes one. The zero value is no token, and New refuses it.
type AccessToken struct {
	// A pointer, because fmt prints the unexported fields of a struct around it without asking Format.
	text *string
}

// Token makes an AccessToken of its text.
func Token(text string) AccessToken { return AccessToken{text: &text} }

func (t AccessToken) reveal() string {
	if t.text == nil {
		return ""
	}
	return *t.text
}

// String returns [redacted].
func (AccessToken) String() string { return redacted }

// GoString returns [redacted], for %#v.
func (AccessToken) GoString() string { return redacted }

// Format writes [redacted] for every verb, those for strings and bytes included.
func (AccessToken) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, redacted) }

// MarshalText returns [redacted], for encoders of text and of map keys.
func (AccessToken) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// MarshalJSON returns "[redacted]" as a JSON string.
func (AccessToken) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// LogValue returns [redacted], for log/slog.
func (AccessToken) LogValue() slog.Value { return slog.StringValue(redacted) }

// check refuses what cannot stand in a header, without showing it.
func (t AccessToken) check() error {
	if t.reveal() == "" {
		return errors.New("there is no access token")
	}
	for _, r := range t.reveal() {
		if r <= ' ' || r >= 0x7f {
			return errors.New("the access token holds a blank, a line break or another character that no token has")
		}
	}
	return nil
}

// redact takes the token out of a text that came from outside: Graph repeats a malformed token in its message.
func (t AccessToken) redact(text string) string {
	token := t.reveal()
	if token == "" {
		return text
	}
	text = strings.ReplaceAll(text, token, redacted)
	if escaped := url.QueryEscape(token); escaped != token {
		text = strings.ReplaceAll(text, escaped, redacted)
	}
	return text
}
