package report

import (
	"encoding/json"
	"fmt"
	"io"
	"sync"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/wording"
)

// Events writes a run as it happens, one JSON object a line (-o ndjson). The first line is
// {"event":"format","version":1}. It may be used by many goroutines.
type Events struct {
	mu  sync.Mutex
	enc *json.Encoder
	err error // the first; nothing is written after it
}

// Event is one line. Which keys are there depends on Event: format, runStarted, stepStarted, attempt, delivery,
// stepFinished, itemFinished, warning or runFinished; warning or error of a file of which nothing is done.
type Event struct {
	Event     string         `json:"event"`
	Version   int            `json:"version,omitempty"`
	At        *string        `json:"at,omitempty"`
	Run       string         `json:"run,omitempty"`
	Job       string         `json:"job,omitempty"`
	Scope     string         `json:"scope,omitempty"`
	Status    string         `json:"status,omitempty"`
	Counts    *engine.Counts `json:"counts,omitempty"`
	Step      string         `json:"step,omitempty"`
	Item      string         `json:"item,omitempty"`
	Row       int            `json:"row,omitempty"`
	Ending    string         `json:"ending,omitempty"` // succeeded, failed, skipped or inDoubt
	Outputs   map[string]any `json:"outputs,omitempty"`
	Attempt   int            `json:"attempt,omitempty"`
	Result    string         `json:"result,omitempty"`
	WaitMS    int64          `json:"waitMs,omitempty"`
	Recipient string         `json:"recipient,omitempty"`
	State     string         `json:"state,omitempty"`
	MessageID string         `json:"messageId,omitempty"`
	HTTP      int            `json:"http,omitempty"`
	Code      int            `json:"code,omitempty"`
	Message   string         `json:"message,omitempty"`
	TraceID   string         `json:"traceId,omitempty"`
	Reason    string         `json:"reason,omitempty"` // why a message was not admitted or waits: a code of `waybill explain`
	Count     int            `json:"count,omitempty"`  // of waiting: how many messages
	Finding   *Finding       `json:"finding,omitempty"`
}

// NewEvents writes the first line. After an error of w nothing more is written: w itself has to keep it.
func NewEvents(w io.Writer) *Events {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	e := &Events{enc: enc}
	e.write(Event{Event: "format", Version: FormatVersion})
	return e
}

// Observe writes an event.
func (e *Events) Observe(ev engine.Event) { e.write(newEvent(ev)) }

// Refuse writes what is wrong with a file of which nothing is done: one line for each finding.
func (e *Events) Refuse(findings []Finding) {
	for i := range findings {
		e.write(Event{Event: findings[i].Severity, Finding: &findings[i]})
	}
}

func (e *Events) write(line Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.err == nil {
		e.err = e.enc.Encode(line)
	}
}

func newEvent(ev engine.Event) Event {
	line := Event{At: instant(ev.At), Item: ev.Item, Row: ev.Row, Ending: ev.Ending.String(), Reason: ev.Reason}
	if ev.Values != nil {
		line.Outputs = ev.Values()
	}
	if ev.Step != nil {
		line.Step = ev.Step.Path
	}
	if ev.Run != nil {
		line.Run, line.Job, line.Scope, line.Status = ev.Run.ID, ev.Run.Job, ev.Run.Scope, string(ev.Run.Status)
	}
	if ev.Err != nil {
		line.Code = ev.Err.Code
		if ev.Err.Err != nil {
			line.Message = ev.Err.Err.Error()
		}
	}
	switch ev.Kind {
	case engine.RunStarted:
		line.Event = "runStarted"
	case engine.StepStarted:
		line.Event = "stepStarted"
	case engine.Attempted:
		line.Event = "attempt"
		line.WaitMS = ev.Wait.Milliseconds()
		line.attempt(ev.Attempt)
	case engine.Settled:
		line.Event = "delivery"
		line.delivery(ev.Delivery)
	case engine.Undelivered:
		line.Event = "undelivered"
		line.delivery(ev.Delivery)
	case engine.Waiting:
		line.Event = "waiting"
		line.WaitMS, line.Count, line.Message = ev.Wait.Milliseconds(), ev.Count, ev.Message
	case engine.StepFinished:
		line.Event = "stepFinished"
	case engine.ItemFinished:
		line.Event = "itemFinished"
	case engine.Warned:
		line.Event = "warning"
		if ev.Finding != nil {
			f := finding(*ev.Finding)
			line.Finding = &f
		}
	case engine.RunFinished:
		line.Event = "runFinished"
		if ev.Run != nil {
			line.Counts = &ev.Run.Counts
		}
	}
	return line
}

func (line *Event) attempt(a *delivery.Attempt) {
	if a == nil {
		return
	}
	line.Attempt, line.Result = a.Number, a.Result.Name()
	line.answer(a.Answer)
}

func (line *Event) delivery(d *delivery.Delivery) {
	if d == nil {
		return
	}
	line.Recipient, line.State, line.MessageID, line.Attempt = d.Recipient, d.State.Name(), d.MessageID, d.Attempts
	line.answer(d.Answer)
}

func (line *Event) answer(a delivery.Answer) {
	line.HTTP, line.Code, line.Message, line.TraceID = a.Status, a.Code, a.Message, a.TraceID
}

// Narrate is an event in one line for people (-v); empty for those that say nothing new.
func Narrate(ev engine.Event) string {
	line := newEvent(ev)
	who := ""
	if ev.Step != nil {
		who = stepAndItem(line.Step, line.Item, "", line.Row) + ": "
	}
	switch ev.Kind {
	case engine.RunStarted:
		return Clean("run " + line.Run + " of " + line.Job + " begins")
	case engine.Attempted:
		wait := wording.Compact(ev.Wait)
		return Clean(fmt.Sprintf("%sattempt %d %s; the next in %s: %s", who, line.Attempt, line.Result, wait, line.Message))
	case engine.Settled:
		return Clean(fmt.Sprintf("%s%s to %s %s", who, line.State, line.Recipient, line.MessageID))
	case engine.StepFinished:
		if line.Message != "" {
			return Clean(who + line.Ending + ": " + line.Message)
		}
	case engine.Undelivered:
		return Clean(fmt.Sprintf("%saccepted, and not delivered to %s: %s", who, line.Recipient, line.Message))
	case engine.StepStarted, engine.ItemFinished, engine.Warned, engine.Waiting, engine.RunFinished:
	}
	return ""
}
