package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/wording"
)

// RunLine is one run of a ledger, as `runs -o json` lists it.
type RunLine struct {
	Run        string        `json:"run"`
	Job        string        `json:"job"`
	Mode       string        `json:"mode"`
	Scope      string        `json:"scope"`
	Status     string        `json:"status"`
	File       string        `json:"file"`
	StartedAt  *string       `json:"startedAt"`
	FinishedAt *string       `json:"finishedAt"`
	Counts     engine.Counts `json:"counts"`
	Reason     string        `json:"reason,omitempty"`
	Resumes    int           `json:"resumes,omitempty"`
}

// NewRunLine makes the form for programs.
func NewRunLine(r engine.Run) RunLine {
	return RunLine{
		Run: r.ID, Job: r.Job, Mode: string(r.Mode), Scope: r.Scope, Status: string(r.Status), File: r.File,
		StartedAt: instant(r.StartedAt), FinishedAt: instant(r.FinishedAt),
		Counts: r.Counts, Reason: r.Reason, Resumes: r.Resumes,
	}
}

// WriteRuns prints runs as a table. Their ids begin with the time, so that it fits a terminal without one more column.
func WriteRuns(w io.Writer, runs []RunLine, paint Paint) error {
	t := table{
		head:  []string{"RUN (UTC)", "JOB", "SCOPE", "TOTAL", "DONE", "FAILED", "IN DOUBT", "STATUS"},
		right: map[int]bool{3: true, 4: true, 5: true, 6: true},
	}
	for _, r := range runs {
		scope := r.Scope
		if scope == r.Run {
			scope = "this run"
		}
		t.add(r.Run, r.Job, scope, wording.Number(r.Counts.Total), wording.Number(r.Counts.Succeeded),
			wording.Number(r.Counts.Failed), wording.Number(r.Counts.InDoubt), r.Status)
	}
	var b strings.Builder
	t.write(&b, paint)
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteRunsCSV prints runs as CSV with a header.
func WriteRunsCSV(w io.Writer, runs []RunLine) error {
	out := csv.NewWriter(w)
	_ = out.Write([]string{
		"run", "job", "mode", "scope", "status", "startedAt", "finishedAt",
		"total", "succeeded", "failed", "skipped", "inDoubt", "reason",
	})
	for _, r := range runs {
		c := r.Counts
		_ = out.Write([]string{
			csvCell(r.Run), csvCell(r.Job), r.Mode, csvCell(r.Scope), r.Status, emptyIfNil(r.StartedAt), emptyIfNil(r.FinishedAt),
			strconv.Itoa(c.Total), strconv.Itoa(c.Succeeded), strconv.Itoa(c.Failed),
			strconv.Itoa(c.Skipped), strconv.Itoa(c.InDoubt), csvCell(r.Reason),
		})
	}
	out.Flush()
	return out.Error()
}

// RunDetail is `show RUN -o json`: the run, and its deliveries counted by state.
type RunDetail struct {
	RunLine

	Deliveries map[string]int `json:"deliveries"` // by state: "accepted", "in doubt", …; states without any are absent
	Errors     []Error        `json:"errors"`
}

// NewRunDetail makes it.
func NewRunDetail(r engine.Run, tally map[delivery.State]int, errors []Error) RunDetail {
	d := RunDetail{RunLine: NewRunLine(r), Deliveries: map[string]int{}, Errors: errors}
	if d.Errors == nil {
		d.Errors = []Error{}
	}
	for state, n := range tally {
		if n > 0 {
			d.Deliveries[state.String()] = n
		}
	}
	return d
}

// WriteRunHead prints what a run is, above its summary.
func WriteRunHead(w io.Writer, r RunLine, paint Paint) error {
	var b strings.Builder
	lines := [][2]string{
		{"run", r.Run},
		{"job", r.Job + " (" + r.Mode + ")"},
		{"scope", r.Scope},
		{"file", r.File},
		{"started", shortTime(r.StartedAt) + " UTC"},
		{"finished", shortTime(r.FinishedAt) + " UTC"},
	}
	if r.FinishedAt == nil {
		lines[5][1] = "-"
	}
	if r.Resumes > 0 {
		lines = append(lines, [2]string{"resumed", wording.Plural(r.Resumes, "time")})
	}
	for _, line := range lines {
		fmt.Fprintf(&b, "%s %s\n", paint.Dim(pad(line[0], 9)), paint.clean(line[1]))
	}
	b.WriteByte('\n')
	_, err := io.WriteString(w, b.String())
	return err
}
