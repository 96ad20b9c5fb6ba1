package dashboard

import (
	"fmt"
	"strings"
	"time"

	"waybill/engine/wording"
)

// timeChart is the chart of a run's requests over time.
type timeChart struct {
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
	Y, H  float64
	Class string
}

const (
	mostColumns = 60
	chartWidth  = 1200.0
	chartHeight = 100.0
)

// newTimeChart draws buckets of time that follow each other.
func newTimeChart(buckets []bucket, width time.Duration) *timeChart {
	if len(buckets) == 0 {
		return nil
	}
	most, all := 0, 0
	for _, b := range buckets {
		most, all = max(most, b.sum()), all+b.sum()
	}
	c := &timeChart{Top: niceTop(most), Width: width, From: buckets[0].From, Until: buckets[len(buckets)-1].From.Add(width)}
	c.Half = strings.TrimSuffix(fmt.Sprintf("%.1f", float64(c.Top)/2), ".0")
	c.Day = c.Until.Sub(c.From) > 20*time.Hour
	c.Peak = rate(most, width)
	c.Label = fmt.Sprintf("%s over %s, at most %s", wording.Plural(all, "request"), wording.Spaced(c.Until.Sub(c.From)), c.Peak)
	step := chartWidth / float64(max(len(buckets), 12))
	for i, b := range buckets {
		col := column{
			From: b.From, X: float64(i)*step + step*0.08, W: step * 0.84,
			Sent: b.outcomeCounts[requestAccepted], Bad: b.outcomeCounts[requestRefused], Doubt: b.outcomeCounts[requestOpen],
		}
		y := chartHeight
		for _, p := range []part{{col.Sent, "sent", ""}, {col.Doubt, "doubt", ""}, {col.Bad, "bad", ""}} {
			if p.n == 0 {
				continue
			}
			h := max(0.8, chartHeight*float64(p.n)/float64(c.Top))
			y -= h
			col.Stack = append(col.Stack, block{Y: max(0, y), H: h, Class: p.class})
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
