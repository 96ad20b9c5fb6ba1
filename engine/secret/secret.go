package secret

import (
	"fmt"
	"log/slog"
)

// Secret is text that is never printed: every way of formatting it shows [redacted]. The zero value is the
// empty secret.
type Secret struct{ text string }

// New hides text.
func New(text string) Secret { return Secret{text: text} }

// Reveal returns the text: for the request's header, and for nothing that is shown.
func (s Secret) Reveal() string { return s.text }

// IsZero says whether there is no text.
func (s Secret) IsZero() bool { return s.text == "" }

func (s Secret) String() string { return Redacted }

// Format redacts under every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(Redacted)) }

// MarshalText redacts in JSON, YAML and flags.
func (s Secret) MarshalText() ([]byte, error) { return []byte(Redacted), nil }

// LogValue redacts in logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(Redacted) }
