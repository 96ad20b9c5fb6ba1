package dashboard

import (
	"strings"

	"waybill/engine"
	"waybill/engine/wording"
)

// barWidth is the width of a bar's own coordinates: browsers stretch it to the place they have.
const barWidth = 1000

// bar is one horizontal bar of segments, drawn as SVG by the template "bar".
type bar struct {
	Segments []segment
	Label    string  // says in words what is drawn
	Open     bool    // how much is to come is not known
	Rest     float64 // where that begins
}

type segment struct {
	X, Width float64
	Class    string // a class of the style sheet
}

// stackedBar lays segments side by side. Even the smallest part can be seen.
func stackedBar(total int, parts ...part) bar {
	const least = 16
	var b bar
	var said []string
	x := 0.0
	for _, p := range parts {
		if p.n <= 0 || total <= 0 {
			continue
		}
		w := max(least, barWidth*float64(p.n)/float64(total))
		w = max(0, min(w, barWidth-x))
		b.Segments = append(b.Segments, segment{X: x, Width: w, Class: p.class})
		said = append(said, wording.Number(p.n)+" "+p.word)
		x += w
	}
	b.Label = strings.Join(said, ", ")
	return b
}

type part struct {
	n           int
	class, word string
}

// knownShare is the part of the bar, one in so many, that the known part of a run takes when it is not known how much is to come.
const knownShare = 2

// progressBar draws a run's counts, failures and doubt first. What was not sent leaves the bar empty. The known part of a run
// that is not over, or was broken off before its rows were counted, takes half of the bar: a full one would look like the end.
func progressBar(run engine.Run) bar {
	c := run.Counts
	parts := []part{
		{c.Failed, "bad", "failed"},
		{c.InDoubt, "doubt", "in doubt"},
		{c.Held, "doubt", "held"},
		{c.Read, "read", "read"},
		{c.Delivered - c.Read, "delivered", "delivered"},
		{c.Succeeded - c.Delivered - c.Held, "accepted", "accepted"},
		{c.UnderWay, "sent", "under way"},
		{c.Skipped, "plain", "skipped"},
		{c.Waiting, "plain", "waiting"},
		{c.NotSent, "none", "not sent"},
	}
	if c.OfSteps() {
		parts = []part{
			{c.Failed, "bad", "failed"},
			{c.InDoubt, "doubt", "in doubt"},
			{c.Succeeded, "read", "succeeded"},
			{c.Skipped, "plain", "skipped"},
			{c.NotSent, "none", "not sent"},
		}
	}
	broken := run.Status == engine.RunStopped || run.Status == engine.RunInterrupted
	open := run.Status == engine.RunRunning || broken && c.NotSent == 0
	total := c.Total + c.UnderWay
	if open {
		total *= knownShare
	}
	b := stackedBar(total, parts...)
	switch {
	case b.Label == "":
		b.Label = "nothing yet"
	case open:
		b.Label += " so far; how many are to come is not known"
	}
	if b.Open = open && len(b.Segments) > 0; b.Open {
		last := b.Segments[len(b.Segments)-1]
		b.Rest = last.X + last.Width
	}
	return b
}
