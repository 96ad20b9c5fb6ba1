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
	Label    string // says in words what is drawn
}

type segment struct {
	X, Width float64
	Class    string // a class of the style sheet
}

// stackedBar lays segments side by side. Even the smallest part can be seen.
func stackedBar(total int, parts ...part) bar {
	const least = 6
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

// progressBar draws a run's counts, failures and doubt first.
func progressBar(c engine.Counts, running bool) bar {
	total := max(c.Total, c.Succeeded+c.Failed+c.InDoubt+c.Skipped)
	well := "read"
	if running {
		well = "sent" // how much is to come is not known: a full bar must not look like the end
	}
	b := stackedBar(total,
		part{c.Failed, "bad", "failed"}, part{c.InDoubt, "doubt", "in doubt"},
		part{c.Skipped, "plain", "skipped"}, part{c.Succeeded, well, "succeeded"})
	if b.Label == "" {
		b.Label = "nothing yet"
	}
	return b
}
