package report

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/wording"
)

// Progress shows how a run goes: on a terminal one live line, elsewhere a line now and then. It is the writer of
// standard error while a run is under way, so that what others write there does not break the live line.
type Progress struct {
	o ProgressOptions

	sent, failed, inDoubt, retries, items atomic.Int64
	step                                  atomic.Pointer[string] // the step outside every forEach that runs now
	waiting                               atomic.Pointer[shownWait]

	mu      sync.Mutex   // of the writer and what follows
	drawn   bool         // the live line is on the screen
	last    int64        // what the last line said, so that no line says it again
	samples []rateSample // of the last lines: the rate is that of now, not of the whole run
}

// rateSample is how many messages were sent at a moment.
type rateSample struct {
	at   time.Time
	sent int64
}

// mostSamples is how far back the rate looks: 5 s on a terminal.
const mostSamples = 50

// ProgressOptions is what a Progress needs. Writer and Now are required.
type ProgressOptions struct {
	Writer  io.Writer
	Now     func() time.Time
	Paint   Paint
	Live    bool       // there is a terminal
	Columns func() int // of the terminal, asked for every line; nil: 80
	Title   string     // the job's name
	Total   int        // messages that will be sent at most; 0: not known
	Quiet   bool       // shows nothing, and still writes what others write
}

const (
	liveEvery  = 100 * time.Millisecond
	plainEvery = 5 * time.Second
)

// NewProgress begins at zero.
func NewProgress(o ProgressOptions) *Progress {
	return &Progress{o: o, samples: []rateSample{{at: o.Now()}}}
}

// Observe counts an event. It may be called by many goroutines.
func (p *Progress) Observe(ev engine.Event) {
	switch ev.Kind {
	case engine.StepStarted:
		p.step.Store(&ev.Step.Path)
	case engine.Attempted:
		p.retries.Add(1)
		p.wait(ev)
	case engine.Settled:
		switch {
		case ev.Delivery == nil:
		case ev.Delivery.State == delivery.InDoubt:
			p.inDoubt.Add(1)
		case ev.Delivery.State.Reached():
			p.sent.Add(1)
		}
	case engine.StepFinished:
		if ev.Ending == engine.EndedFailed {
			p.failed.Add(1)
		}
	case engine.Undelivered:
		p.failed.Add(1)
	case engine.ItemFinished:
		p.items.Add(1)
	case engine.RunStarted, engine.Warned, engine.Waiting, engine.RunFinished:
	}
}

// Sent is how many messages were accepted so far.
func (p *Progress) Sent() int { return int(p.sent.Load()) }

// InDoubt is how many messages were sent so far of which no answer came.
func (p *Progress) InDoubt() int { return int(p.inDoubt.Load()) }

// Run draws until ctx ends, and takes the live line off the screen then.
func (p *Progress) Run(ctx context.Context) {
	if p.o.Quiet {
		<-ctx.Done()
		return
	}
	every := plainEvery
	if p.o.Live {
		every = liveEvery
	}
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			p.draw()
		case <-ctx.Done():
			p.mu.Lock()
			p.clear()
			p.mu.Unlock()
			return
		}
	}
}

// Write puts text above the live line.
func (p *Progress) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	return p.o.Writer.Write(text)
}

func (p *Progress) clear() {
	if p.drawn {
		_, _ = io.WriteString(p.o.Writer, "\r\x1b[K")
		p.drawn = false
	}
}

func (p *Progress) draw() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.o.Live {
		if now := p.sent.Load() + p.failed.Load() + p.inDoubt.Load() + p.retries.Load(); now != p.last {
			p.last = now
			fmt.Fprintf(p.o.Writer, "%s: %s\n", p.o.Title, joined(p.parts(), ", "))
		}
		return
	}
	wide := 80
	if p.o.Columns != nil {
		wide = p.o.Columns()
	}
	const least, some = 8, 4 // of the title: the counts are what is watched
	line := joined(fitting(p.parts(), wide-1-least-2), "  ")
	if room := wide - 1 - displayWidth(line) - 2; room >= some {
		line = p.o.Paint.cut(p.o.Title, room) + "  " + line
	}
	line = p.o.Paint.cut(line, max(wide-1, 20))
	var b bytes.Buffer
	b.WriteString("\r\x1b[K" + p.o.Paint.Dim(line))
	_, _ = p.o.Writer.Write(b.Bytes())
	p.drawn = true
}

// progressPart is one of the things that a line tells. Where not all fit, those with the highest spare go first; with 0 none goes.
type progressPart struct {
	text  string
	spare int
}

// What a narrow line spares first: where the run is, what did not happen, how often was tried again, how fast it is.
const (
	spareRate = iota + 1
	spareRetries
	spareNone
	spareStep
)

// fitting leaves out what has no room.
func fitting(parts []progressPart, room int) []progressPart {
	for displayWidth(joined(parts, "  ")) > room {
		most := 0
		for i, part := range parts {
			if part.spare > parts[most].spare {
				most = i
			}
		}
		if parts[most].spare == 0 {
			break
		}
		parts = slices.Delete(parts, most, most+1)
	}
	return parts
}

func joined(parts []progressPart, between string) string {
	texts := make([]string, len(parts))
	for i, part := range parts {
		texts[i] = part.text
	}
	return strings.Join(texts, between)
}

// counted is a part that can be spared while it counts nothing.
func counted(n int64, what string) progressPart {
	part := progressPart{text: wording.Number(int(n)) + " " + what}
	if n == 0 {
		part.spare = spareNone
	}
	return part
}

// parts are the counts of a line: sent, failed, in doubt, rate, time left.
func (p *Progress) parts() []progressPart {
	sent, failed, inDoubt := p.sent.Load(), p.failed.Load(), p.inDoubt.Load()
	first := wording.Number(int(sent)) + " sent"
	if p.o.Total > 0 {
		first = wording.Number(int(sent)) + " of " + wording.Number(p.o.Total) + " sent"
	}
	parts := []progressPart{{text: first}, counted(failed, "failed"), counted(inDoubt, "in doubt")}
	if retries := p.retries.Load(); retries > 0 {
		parts = append(parts, progressPart{wording.Plural(int(retries), "retry"), spareRetries})
	}
	if rate := p.rate(sent); rate > 0 {
		parts = append(parts, progressPart{fmt.Sprintf("%.1f/s", rate), spareRate})
		if left := p.o.Total - int(sent+failed+inDoubt); p.o.Total > 0 && left > 0 {
			parts = append(parts, progressPart{text: wording.Compact(time.Duration(float64(left)/rate*float64(time.Second))) + " left"})
		}
	}
	if waits := p.waits(); waits != "" {
		parts = append(parts, progressPart{text: waits})
	}
	if step := p.step.Load(); step != nil {
		parts = append(parts, progressPart{"at " + Clean(*step), spareStep})
	}
	return parts
}

// rate is how many messages a second were sent lately.
func (p *Progress) rate(sent int64) float64 {
	first, now := p.samples[0], p.o.Now()
	if p.samples = append(p.samples, rateSample{at: now, sent: sent}); len(p.samples) > mostSamples {
		p.samples = p.samples[1:]
	}
	return float64(sent-first.sent) / max(now.Sub(first.at).Seconds(), 0.001)
}
