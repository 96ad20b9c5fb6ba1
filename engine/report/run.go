package report

import (
	"waybill/engine"
	"waybill/engine/wording"
)

// Run is the document of one run: what `run`, `apply` and `resume` print with -o json, one for each job.
type Run struct {
	Run        string                    `json:"run"`
	Job        string                    `json:"job"`
	Scope      string                    `json:"scope"`
	Status     string                    `json:"status"`
	StartedAt  *string                   `json:"startedAt"`
	FinishedAt *string                   `json:"finishedAt"` // null while it runs, or when its process was killed
	Counts     engine.Counts             `json:"counts"`
	Steps      map[string]map[string]any `json:"steps"` // outputs of the job's own steps, by id
	Outputs    map[string]any            `json:"outputs"`
	Errors     []Error                   `json:"errors"`
	Skipped    map[string]int            `json:"skipped"`           // why messages were left out, codes of `waybill explain`, and how many
	Charged    *Charged                  `json:"charged,omitempty"` // absent: no status told

	TestTo string `json:"testTo,omitempty"` // of a test: the number that got every message, but for its last three digits

	Changed int          `json:"changed,omitempty"`     // messages that were sent before and whose rows make others now
	Rows    []ChangedRow `json:"changedRows,omitempty"` // of changed, the first of them
}

// NewRun makes the document of a run that this process performed.
func NewRun(s *engine.Summary) Run {
	doc := newRun(s.Run)
	if s.Steps != nil {
		doc.Steps = s.Steps
	}
	if s.Outputs != nil {
		doc.Outputs = s.Outputs
	}
	if s.Skipped != nil {
		doc.Skipped = s.Skipped
	}
	for i := range s.Errors {
		doc.Errors = append(doc.Errors, NewError(&s.Errors[i]))
	}
	doc.Charged = NewCharged(s.Charged, s.Cost)
	doc.Changed, doc.Rows = s.Changed, changedRows(s.Rows)
	return doc
}

func newRun(r engine.Run) Run {
	test := ""
	if r.Asked.TestTo != "" {
		test = wording.MaskNumbers(r.Asked.TestTo)
	}
	return Run{
		TestTo: test, Run: r.ID, Job: r.Job, Scope: r.Scope, Status: string(r.Status),
		StartedAt: instant(r.StartedAt), FinishedAt: instant(r.FinishedAt), Counts: r.Counts,
		Steps: map[string]map[string]any{}, Outputs: map[string]any{}, Errors: []Error{}, Skipped: map[string]int{},
	}
}
