package report

import (
	"fmt"
	"strings"

	"waybill/engine"
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
}

// Error is one failure of a step. Row is the line or index of the item in its source, absent for none; File is that
// source where the job names it.
type Error struct {
	Step    string `json:"step"`
	Item    string `json:"item"`
	File    string `json:"file,omitempty"`
	Row     int    `json:"row,omitempty"`
	Code    int    `json:"code"`
	Message string `json:"message"`
}

// withoutPlace takes from a message that begins with its place ("people.csv:8: …") that place, for text that shows it
// beside the message. A file that only the message named is kept in File.
func (e Error) withoutPlace() Error {
	file, rest, found := strings.Cut(e.Message, fmt.Sprintf(":%d: ", e.Row))
	if e.Row == 0 || !found || strings.Contains(file, ": ") {
		return e
	}
	if e.File == "" {
		e.File = file
	}
	if e.File == file {
		e.Message = rest
	}
	return e
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
	for i := range s.Errors {
		doc.Errors = append(doc.Errors, NewError(&s.Errors[i]))
	}
	return doc
}

func newRun(r engine.Run) Run {
	return Run{
		Run: r.ID, Job: r.Job, Scope: r.Scope, Status: string(r.Status),
		StartedAt: instant(r.StartedAt), FinishedAt: instant(r.FinishedAt), Counts: r.Counts,
		Steps: map[string]map[string]any{}, Outputs: map[string]any{}, Errors: []Error{},
	}
}

// Files says which file the items of a step come from: by the step's path. Steps whose items come from no file, or from
// one that is named only when the job runs, are not in it.
type Files map[string]string

// FilesOf finds them in a job.
func FilesOf(job *engine.Job) Files {
	files := Files{}
	var walk func(steps []*engine.Step, file string)
	walk = func(steps []*engine.Step, file string) {
		for _, s := range steps {
			from := file
			if s.ForEach != nil {
				from = literalFile(s.ForEach)
			}
			if from != "" {
				files[s.Path] = from
			}
			walk(s.Steps, from)
		}
	}
	walk(job.Steps, "")
	return files
}

func literalFile(f *engine.ForEach) string {
	if f.Path == nil {
		return ""
	}
	name, _ := f.Path.Constant()
	text, _ := name.(string)
	return text
}

// In fills in the files of errors.
func (f Files) In(errors []Error) {
	for i := range errors {
		errors[i].File = f[errors[i].Step]
	}
}

// NewError is a step's failure as programs read it.
func NewError(e *engine.StepError) Error {
	doc := Error{Item: e.Item, Row: e.Row, Code: e.Code}
	if e.Step != nil {
		doc.Step = e.Step.Path
	}
	if e.Err != nil {
		doc.Message = e.Err.Error()
	}
	return doc
}

// Meaning says what a code of WhatsApp's means and what to do about it; empty for a code that is not known.
type Meaning func(code int) (title, action string)
