package notify

import (
	"encoding/json"
	"maps"
	"time"

	"waybill/engine"
)

// Event is what is told. The caller has redacted secrets in it; what could be a recipient's number is taken out of Scope and Reason
// when it is told or kept.
type Event struct {
	Run        string        `json:"run"` // empty of a missed occurrence and of a test
	Job        string        `json:"job"`
	Scope      string        `json:"scope"`
	Status     string        `json:"status"` // an engine.RunStatus, or Missed, Silent or Test
	Reason     string        `json:"reason"`
	StartedAt  time.Time     `json:"startedAt"`  // zero: null in JSON
	FinishedAt time.Time     `json:"finishedAt"` // zero: null in JSON
	Counts     engine.Counts `json:"counts"`
	Codes      map[int]int   `json:"codes"` // WhatsApp's codes, and how many messages ended with each; nil: {} in JSON
}

// Ended returns what there is to tell of a run that ended.
func Ended(r engine.Run, codes map[int]int) Event {
	return Event{
		Run: r.ID, Job: r.Job, Scope: r.Scope, Status: string(r.Status), Reason: r.Reason,
		StartedAt: r.StartedAt, FinishedAt: r.FinishedAt, Counts: r.Counts, Codes: maps.Clone(codes),
	}
}

// Codes counts WhatsApp's codes in the errors of a run.
func Codes(failures []engine.StepError) map[int]int {
	codes := map[int]int{}
	for _, f := range failures {
		if f.Code != 0 {
			codes[f.Code]++
		}
	}
	return codes
}

// KeptCodes counts WhatsApp's codes in the failures that the ledger keeps of a run: the first of them.
func KeptCodes(failures []engine.RunError) map[int]int {
	codes := map[int]int{}
	for _, f := range failures {
		if f.Code != 0 {
			codes[f.Code]++
		}
	}
	return codes
}

// MarshalJSON returns what an https address is sent, and what an Outbox may keep: json.Unmarshal reads it back. Times are UTC, to
// the millisecond.
func (e Event) MarshalJSON() ([]byte, error) {
	codes := e.Codes
	if codes == nil {
		codes = map[int]int{}
	}
	return json.Marshal(struct {
		Run        string        `json:"run"`
		Job        string        `json:"job"`
		Scope      string        `json:"scope"`
		Status     string        `json:"status"`
		Reason     string        `json:"reason"`
		StartedAt  *string       `json:"startedAt"`
		FinishedAt *string       `json:"finishedAt"`
		Counts     engine.Counts `json:"counts"`
		Codes      map[int]int   `json:"codes"`
	}{
		e.Run, e.Job, withoutNumbers(e.Scope), e.Status, withoutNumbers(e.Reason), instant(e.StartedAt), instant(e.FinishedAt), e.Counts, codes,
	})
}

// instant is a time in JSON; null when there is none.
func instant(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := t.UTC().Format("2006-01-02T15:04:05.000Z")
	return &s
}
