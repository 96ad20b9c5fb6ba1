package wording

import (
	"regexp"
	"strings"
)

// around is what this program puts around the words of an answer.
var around = regexp.MustCompile(`^WhatsApp error \d+(/\d+)?(, |: )?| \(trace [^()]*\)\.?$`)

// TheirWords is what WhatsApp said in a message that the ledger keeps: without the title and the advice of its code, which stand
// beside it under names of their own, and without what this program puts around it. It is empty where WhatsApp said no more than
// the title.
func TheirWords(message, title, advice string) string {
	if advice != "" {
		message = strings.TrimRight(strings.TrimSuffix(message, advice), " .")
	}
	message = around.ReplaceAllString(message, "")
	if title != "" {
		if _, after, found := strings.Cut(message, title); found {
			message = after
		}
	}
	return strings.Trim(message, " :.")
}
