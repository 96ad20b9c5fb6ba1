package report

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"waybill/engine"
	"waybill/engine/wording"
)

const (
	longWait  = 5 * time.Second  // a longer wait is reported: without a line the program would seem to hang
	waitPause = 30 * time.Second // waits of one kind are reported once in this time: many items wait alike
)

// Waits reports long waits between the tries of a request. The zero value is ready; it may be used by many goroutines.
type Waits struct {
	mu    sync.Mutex
	kinds map[waitKind]*similarWaits
}

// waitKind is what waits have in common that are reported as one.
type waitKind struct {
	step         string
	status, code int
}

type similarWaits struct {
	reportedAt time.Time
	unreported int // since then
}

// Line is what there is to say of an event; empty for most.
func (w *Waits) Line(ev engine.Event) string {
	if ev.Kind != engine.Attempted || ev.Wait <= longWait || ev.Attempt == nil || ev.Step == nil {
		return ""
	}
	answer := ev.Attempt.Answer
	w.mu.Lock()
	defer w.mu.Unlock()
	kind := waitKind{step: ev.Step.Path, status: answer.Status, code: answer.Code}
	alike := w.kinds[kind]
	if alike != nil && ev.At.Sub(alike.reportedAt) < waitPause {
		alike.unreported++
		return ""
	}
	line := fmt.Sprintf("%s: %s; next try in %s",
		stepAndItem(ev.Step.Path, ev.Item, "", ev.Row), strings.TrimSuffix(answer.Message, "."), wording.Compact(ev.Wait))
	switch {
	case alike == nil:
	case alike.unreported == 1:
		line += " (1 more waits likewise)"
	case alike.unreported > 1:
		line += fmt.Sprintf(" (%s more wait likewise)", wording.Number(alike.unreported))
	}
	if w.kinds == nil {
		w.kinds = map[waitKind]*similarWaits{}
	}
	w.kinds[kind] = &similarWaits{reportedAt: ev.At}
	return Clean(line)
}

// shownWait is a wait that a live line shows.
type shownWait struct {
	until time.Time
	code  int
}

// wait keeps the one that ends first of those under way.
func (p *Progress) wait(ev engine.Event) {
	if ev.Wait <= longWait || ev.Attempt == nil {
		return
	}
	next := &shownWait{until: ev.At.Add(ev.Wait), code: ev.Attempt.Answer.Code}
	if now := p.waiting.Load(); now == nil || now.until.Before(ev.At) || next.until.Before(now.until) {
		p.waiting.Store(next)
	}
}

// waits is the part of a line that shows it; empty while nothing waits.
func (p *Progress) waits() string {
	w := p.waiting.Load()
	if w == nil {
		return ""
	}
	left := w.until.Sub(p.o.Now())
	switch {
	case left <= 0:
		return ""
	case w.code == 0:
		return "next try in " + wording.Compact(left.Round(time.Second))
	}
	return fmt.Sprintf("next try in %s (%d)", wording.Compact(left.Round(time.Second)), w.code)
}
