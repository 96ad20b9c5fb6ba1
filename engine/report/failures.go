package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/wording"
)

const (
	mostGroups   = 12 // kinds of failures that are shown one by one
	mostExamples = 3  // items named of each
)

// Failures gathers failures by what they have in common: WhatsApp's code, or the words of those without one. The
// zero value is empty; it may be used by many goroutines.
type Failures struct {
	Files Files // where items come from; nil: not known

	mu     sync.Mutex
	groups map[string]*failureGroup
	others int                   // of further kinds
	early  map[messagePlace]bool // messages of which WhatsApp told that they failed before it answered, until their steps end
}

// messagePlace is a message of a run.
type messagePlace struct{ step, item string }

type failureGroup struct {
	code     int
	message  string
	count    int
	examples []Error
}

// Observe adds the failures among a run's events. What was accepted and failed since is not among them, whichever of the two was told first.
func (f *Failures) Observe(ev engine.Event) {
	switch ev.Kind {
	case engine.Settled:
		if ev.Delivery != nil && ev.Delivery.State == delivery.Failed {
			f.mu.Lock()
			defer f.mu.Unlock()
			if f.early == nil {
				f.early = map[messagePlace]bool{}
			}
			f.early[messagePlace{ev.Step.Path, ev.Item}] = true
		}
	case engine.StepFinished:
		if ev.Ending == engine.EndedFailed && ev.Err != nil && !f.failedEarly(ev) {
			f.Add(NewError(ev.Err))
		}
	default:
	}
}

// failedEarly says whether a step ended so for a message that failed before its answer came.
func (f *Failures) failedEarly(ev engine.Event) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	place := messagePlace{ev.Step.Path, ev.Item}
	early := f.early[place]
	delete(f.early, place)
	return early
}

// Add adds one.
func (f *Failures) Add(e Error) {
	e.File = cmp.Or(f.Files[e.Step], e.File)
	e = e.withoutPlace()
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.groups == nil {
		f.groups = map[string]*failureGroup{}
	}
	name := fmt.Sprint(e.Code)
	if e.Code == 0 {
		name = e.Message
	}
	g := f.groups[name]
	if g == nil {
		if len(f.groups) == mostGroups {
			f.others++
			return
		}
		g = &failureGroup{code: e.Code, message: e.Message}
		f.groups[name] = g
	}
	g.count++
	if len(g.examples) < mostExamples {
		g.examples = append(g.examples, e)
	}
}

// write prints the groups, the greatest first.
func (f *Failures) write(b *strings.Builder, meaning Meaning, paint Paint) {
	f.mu.Lock()
	defer f.mu.Unlock()
	groups := make([]*failureGroup, 0, len(f.groups))
	for _, g := range f.groups {
		groups = append(groups, g)
	}
	slices.SortFunc(groups, func(a, b *failureGroup) int {
		return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.code, b.code), cmp.Compare(a.message, b.message))
	})
	for _, g := range groups {
		g.write(b, meaning, paint)
	}
	if f.others > 0 {
		fmt.Fprintf(b, "  %s of other kinds\n", wording.Plural(f.others, "failure"))
	}
}

func (g *failureGroup) write(b *strings.Builder, meaning Meaning, paint Paint) {
	title, action := "", ""
	if g.code != 0 && meaning != nil {
		title, action = meaning(g.code)
	}
	head := cmp.Or(title, g.message)
	if g.code != 0 {
		head = fmt.Sprintf("%d %s", g.code, head)
	}
	fmt.Fprintf(b, "  %s %s\n", paint.Red(wording.Number(g.count)+" ×"), paint.Bold(paint.clean(head)))
	if title != "" {
		writeIndented(b, "      ", Clean(wording.TheirWords(paint.hide(g.message), title, action)))
	}
	if action != "" {
		writeIndented(b, "      ", paint.clean(action))
	}
	for _, e := range g.examples {
		fmt.Fprintf(b, "      %s\n", paint.Dim(paint.clean(e.stepAndItem())))
	}
	if rest := g.count - len(g.examples); rest > 0 {
		fmt.Fprintf(b, "      %s\n", paint.Dim(fmt.Sprintf("… and %s more", wording.Number(rest))))
	}
}
