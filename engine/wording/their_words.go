package wording

import (
	"strings"

	"waybill/engine/pattern"
)

// What this program puts around the words of an answer.
//
//nolint:gochecknoglobals // constant
var (
	before = pattern.Lazy(`^WhatsApp error \d+(/\d+)?(, |: )?`)
	trace  = pattern.Lazy(` \(trace [^()]*\)$`)
)

// TheirWords is what WhatsApp said in a message that the ledger keeps: without the title and the advice of its code, which stand
// beside it under names of their own. The trace stays: WhatsApp's support asks for it. The words are empty where WhatsApp said no
// more than the title.
func TheirWords(message, title, advice string) string {
	if advice != "" {
		message = strings.TrimRight(strings.TrimSuffix(message, advice), " .")
	}
	message = before().ReplaceAllString(message, "")
	if title != "" {
		if _, after, found := strings.Cut(message, title); found {
			message = after
		}
	}
	return strings.Trim(message, " :.")
}

// WithoutTrace leaves the trace out, for where it has a place of its own.
func WithoutTrace(words string) string {
	return strings.Trim(trace().ReplaceAllString(words, ""), " :.")
}
