package dashboard

import (
	"fmt"
	"strings"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
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
	Tone     string // a class of the style sheet
}

// stack lays segments side by side. Whatever is not nothing can be seen.
func stack(total int, parts ...part) bar {
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
		b.Segments = append(b.Segments, segment{X: x, Width: w, Tone: p.tone})
		said = append(said, wording.Number(p.n)+" "+p.word)
		x += w
	}
	b.Label = strings.Join(said, ", ")
	return b
}

type part struct {
	n          int
	tone, word string
}

// progress draws a run's counts. What is least is drawn first, for it is what must not be missed.
func progress(c engine.Counts, running bool) bar {
	total := max(c.Total, c.Succeeded+c.Failed+c.InDoubt+c.Skipped)
	well := "read"
	if running {
		well = "sent" // how much is to come is not known: a full bar must not look like the end
	}
	b := stack(total,
		part{c.Failed, "bad", "failed"}, part{c.InDoubt, "doubt", "in doubt"},
		part{c.Skipped, "plain", "skipped"}, part{c.Succeeded, well, "succeeded"})
	if b.Label == "" {
		b.Label = "nothing yet"
	}
	return b
}

// stage is one line of the funnel.
type stage struct {
	Name  string
	N     int
	Share string // of those that were accepted; of all, where Aside
	Bar   bar
	Tone  string
	URL   string // the deliveries that stand there; empty where there are none
	Hint  string
	Aside bool // not a step of the way, but what left it
}

// funnel draws how far deliveries got, and below it what left the way.
func funnel(t tally, link func(states ...delivery.State) string) []stage {
	total, accepted := t.total(), t.accepted()
	stages := []stage{
		{Name: "Accepted", N: accepted, Tone: "accepted", Hint: "WhatsApp took the message", URL: link(delivery.Accepted, delivery.Sent, delivery.Delivered, delivery.Read, delivery.Failed)},
		{Name: "Sent", N: t.sent(), Tone: "sent", Hint: "on its way to the phone", URL: link(delivery.Sent, delivery.Delivered, delivery.Read)},
		{Name: "Delivered", N: t.delivered(), Tone: "delivered", Hint: "on the phone", URL: link(delivery.Delivered, delivery.Read)},
		{Name: "Read", N: t[delivery.Read], Tone: "read", Hint: "seen, where the person lets that be known", URL: link(delivery.Read)},
		{Name: "Failed later", N: t[delivery.Failed], Tone: "bad", Aside: true, Hint: "accepted, then not delivered", URL: link(delivery.Failed)},
		{Name: "Refused", N: t[delivery.Rejected], Tone: "bad", Aside: true, Hint: "WhatsApp answered that it will not be sent", URL: link(delivery.Rejected)},
		{Name: "In doubt", N: t[delivery.InDoubt], Tone: "doubt", Aside: true, Hint: "may have been sent; the answer was lost", URL: link(delivery.InDoubt)},
		{Name: "Waiting", N: t.waiting(), Tone: "plain", Aside: true, Hint: "planned, or on its way to WhatsApp", URL: link(delivery.Planned, delivery.Intended)},
	}
	shown := stages[:0]
	for _, s := range stages {
		if s.Aside && s.N == 0 {
			continue
		}
		s.Share = percent(s.N, accepted)
		if s.Aside {
			s.Share = percent(s.N, total)
		}
		if s.N == 0 {
			s.URL = ""
		}
		s.Bar = stack(total, part{s.N, s.Tone, strings.ToLower(s.Name)})
		shown = append(shown, s)
	}
	return shown
}

// columns is the chart of a run's requests over time.
type columns struct {
	Bars  []column
	Label string // says in words what is drawn
	Top   int    // requests that the whole height stands for
	Half  string // half of it
	Width time.Duration
	From  time.Time
	Until time.Time
	Peak  string // "78 a second"
	Day   bool   // it spans more than a day: labels say which
}

type column struct {
	From             time.Time
	Sent, Bad, Doubt int
	X, W             float64
	Stack            []block
}

type block struct {
	Y, H float64
	Tone string
}

const (
	mostColumns = 60
	chartWidth  = 1200.0
	chartHeight = 100.0
)

// chart draws buckets of time that follow each other.
func chart(buckets []bucket, width time.Duration) *columns {
	if len(buckets) == 0 {
		return nil
	}
	most, all := 0, 0
	for _, b := range buckets {
		most, all = max(most, b.sum()), all+b.sum()
	}
	c := &columns{Top: niceTop(most), Width: width, From: buckets[0].From, Until: buckets[len(buckets)-1].From.Add(width)}
	c.Half = strings.TrimSuffix(fmt.Sprintf("%.1f", float64(c.Top)/2), ".0")
	c.Day = c.Until.Sub(c.From) > 20*time.Hour
	c.Peak = rate(most, width)
	c.Label = fmt.Sprintf("%s over %s, at most %s", wording.Plural(all, "request"), wording.Spaced(c.Until.Sub(c.From)), c.Peak)
	step := chartWidth / float64(max(len(buckets), 12))
	for i, b := range buckets {
		col := column{From: b.From, Sent: b.outcomeCounts[requestAccepted], Bad: b.outcomeCounts[requestRefused], Doubt: b.outcomeCounts[requestOpen], X: float64(i)*step + step*0.08, W: step * 0.84}
		y := chartHeight
		for _, p := range []part{{col.Sent, "sent", ""}, {col.Doubt, "doubt", ""}, {col.Bad, "bad", ""}} {
			if p.n == 0 {
				continue
			}
			h := max(0.8, chartHeight*float64(p.n)/float64(c.Top))
			y -= h
			col.Stack = append(col.Stack, block{Y: max(0, y), H: h, Tone: p.tone})
		}
		c.Bars = append(c.Bars, col)
	}
	return c
}

// rate is how many in a time, in the unit that makes a readable number.
func rate(n int, in time.Duration) string {
	perSecond := float64(n) / in.Seconds()
	switch {
	case perSecond >= 10:
		return wording.Number(int(perSecond+0.5)) + " a second"
	case perSecond >= 1:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", perSecond), ".0") + " a second"
	case perSecond*60 >= 1:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", perSecond*60), ".0") + " a minute"
	}
	return strings.TrimSuffix(fmt.Sprintf("%.1f", perSecond*3600), ".0") + " an hour"
}

// niceTop rounds up to a digit and zeros, so that its half can be read.
func niceTop(n int) int {
	for scale := 1; ; scale *= 10 {
		for _, step := range []int{1, 2, 3, 4, 5, 6, 8} {
			if n <= step*scale {
				return step * scale
			}
		}
	}
}
