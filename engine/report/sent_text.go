package report

import (
	"encoding/json"
	"fmt"
	"strings"

	"waybill/engine"
)

// DetailText is what a request said.
type DetailText struct {
	Reads   string          `json:"reads,omitempty"`   // as the person reads it
	Body    json.RawMessage `json:"body,omitempty"`    // the request's body as it was sent, but for its callback, with *** for secrets
	NotKept engine.NotKept  `json:"notKept,omitempty"` // why it is not there: off, taken out, forgotten or earlier
}

// AddTexts adds what its requests said. reads returns how a body reads; empty: nobody knows.
func (s *DeliveryDetail) AddTexts(texts []engine.SentText, reads func(body string) string) error {
	for _, t := range texts {
		if t.Attempt < 1 || t.Attempt > len(s.Attempts) {
			continue // of a request that was made since its attempts were read
		}
		text := &DetailText{NotKept: t.Why}
		if t.Why == "" {
			text.Reads, text.Body = reads(t.Body), json.RawMessage(t.Body)
		}
		if text.Body != nil && !json.Valid(text.Body) { // a secret was cut out of more than a text
			var err error
			if text.Body, err = json.Marshal(t.Body); err != nil {
				return fmt.Errorf("show what attempt %d said: %w", t.Attempt, err)
			}
		}
		s.Attempts[t.Attempt-1].Text = text
	}
	return nil
}

// write prints a text below its request; words: the body, too.
func (t *DetailText) write(b *strings.Builder, words bool, paint Paint) {
	if t.NotKept != "" {
		fmt.Fprintf(b, "    %s\n", paint.Dim(t.NotKept.Said()))
		return
	}
	for line := range strings.Lines(t.Reads) {
		fmt.Fprintf(b, "    │ %s\n", paint.clean(strings.TrimRight(line, "\n")))
	}
	if words || t.Reads == "" {
		fmt.Fprintf(b, "    %s\n", paint.clean(string(t.Body)))
	}
}

func (t *DetailText) equal(other *DetailText) bool {
	return other != nil && t.NotKept == other.NotKept && string(t.Body) == string(other.Body)
}
