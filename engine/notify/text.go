package notify

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"waybill/engine"
	"waybill/engine/wording"
)

// Title returns one line that says what happened: `Job "welcome" failed`.
func (e Event) Title() string {
	job := fmt.Sprintf("Job %q ", e.Job)
	switch e.Kind() {
	case Missed:
		return job + "missed an occurrence of its schedule"
	case Silent:
		return job + "had messages accepted, and no webhook came for " + wording.Plural(int(SilentAfter.Minutes()), "minute")
	case Test:
		return "A test of Waybill: notifications arrive here"
	case InDoubt:
		return job + "ended with messages in doubt"
	default:
	}
	if e.Status == string(engine.RunStopped) || e.Status == string(engine.RunInterrupted) {
		return job + "was " + e.Status
	}
	return job + e.Status // succeeded, failed
}

// Text returns what people read: Title, and as far as there are any the reason, counts, WhatsApp's codes, and which run it was.
func (e Event) Text() string {
	lines := []string{e.Title(), withoutNumbers(e.Reason), countsLine(e.Counts), codesLine(e.Codes), e.runLine()}
	return strings.Join(slices.DeleteFunc(lines, func(line string) bool { return line == "" }), "\n")
}

func countsLine(c engine.Counts) string {
	if c.Total == 0 {
		return ""
	}
	var parts []string
	for _, part := range []struct {
		n    int
		word string
	}{
		{c.Succeeded, "succeeded"},
		{c.Failed, "failed"},
		{c.Skipped, "skipped"},
		{c.Waiting, "waiting"},
		{c.InDoubt, "in doubt"},
		{c.NotSent, "not sent"},
	} {
		if part.n > 0 {
			parts = append(parts, wording.Number(part.n)+" "+part.word)
		}
	}
	return wording.Number(c.Total) + " in all: " + strings.Join(parts, ", ")
}

// codesLine names the codes, the most frequent first.
func codesLine(codes map[int]int) string {
	if len(codes) == 0 {
		return ""
	}
	order := slices.SortedFunc(maps.Keys(codes), func(a, b int) int { return cmp.Or(codes[b]-codes[a], a-b) })
	parts := make([]string, len(order))
	for i, code := range order {
		parts[i] = fmt.Sprintf("%d (%s)", code, wording.Number(codes[code]))
	}
	return "WhatsApp's codes: " + strings.Join(parts, ", ")
}

func (e Event) runLine() string {
	if e.Run == "" {
		return ""
	}
	line := "Run " + e.Run + ", scope " + withoutNumbers(e.Scope)
	if !e.StartedAt.IsZero() && !e.FinishedAt.IsZero() {
		line += ", " + wording.Spaced(e.FinishedAt.Sub(e.StartedAt))
	}
	return line
}

// oneLine returns a text fit for a header.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
}
