package doctor

// Check is one finding.
type Check struct {
	Name    string `json:"name"`   // token, number, templates, …
	Status  Status `json:"status"` // ok, warning, failed, skipped
	About   string `json:"about"`  // the number, or the step, with its job; may be empty
	Summary string `json:"summary"`
	Hint    string `json:"hint,omitempty"` // what to do
	File    string `json:"file,omitempty"`
	Line    int    `json:"line,omitempty"`
}

// Status says how a check came out.
type Status string

// The statuses of a Check.
const (
	OK      Status = "ok"
	Warning Status = "warning" // it works, and may not for long, or not wholly
	Failed  Status = "failed"
	Skipped Status = "skipped" // it could not be made
)

// Report is everything that was found, in the order in which it was checked. Checks is never nil.
type Report struct {
	Checks   []Check `json:"checks"`
	Failed   int     `json:"failed"`
	Warnings int     `json:"warnings"`
	Skipped  int     `json:"skipped"`
}

func (r *Report) add(found Check) {
	r.Checks = append(r.Checks, found)
	switch found.Status {
	case Failed:
		r.Failed++
	case Warning:
		r.Warnings++
	case Skipped:
		r.Skipped++
	case OK:
	}
}
