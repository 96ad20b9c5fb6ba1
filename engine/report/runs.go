package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/wording"
)

// RunLine is one run of a ledger, as `runs -o json` lists it.
type RunLine struct {
	Run        string          `json:"run"`
	Job        string          `json:"job"`
	Mode       string          `json:"mode"`
	Scope      string          `json:"scope"`
	Status     string          `json:"status"`
	File       string          `json:"file"`
	StartedAt  *string         `json:"startedAt"`
	FinishedAt *string         `json:"finishedAt"`
	Counts     engine.Counts   `json:"counts"`
	Reason     string          `json:"reason,omitempty"`
	Resumes    int             `json:"resumes,omitempty"`
	By         *engine.Actor   `json:"by,omitempty"`      // who started it, as far as is known
	Engine     string          `json:"engine,omitempty"`  // what gave its parts to processes; absent: they divided them among themselves
	Repairs    []engine.Repair `json:"repairs,omitempty"` // how its job changed while it was under way
	Again      *engine.Again   `json:"again,omitempty"`   // what it was to send once more
	WaitsUntil *string         `json:"waitsUntil,omitempty"`
	Cancelled  *CancelLine     `json:"cancelled,omitempty"` // who dropped what waited

	Processes []engine.ProcessShare `json:"processes,omitempty"` // of a run that several share; show tells them alone
}

// CancelLine is a person's word that what a run kept waiting is dropped.
type CancelLine struct {
	At *string      `json:"at"`
	By engine.Actor `json:"by"`

	said string
}

// NewRunLine makes the form for programs.
func NewRunLine(r engine.Run) RunLine {
	line := RunLine{
		Run: r.ID, Job: r.Job, Mode: string(r.Mode), Scope: r.Scope, Status: string(r.Status), File: r.File,
		StartedAt: instant(r.StartedAt), FinishedAt: instant(r.FinishedAt),
		Counts: r.Counts, Reason: r.Reason, Resumes: r.Resumes, Repairs: r.Repairs, Engine: r.Asked.Engine,
	}
	if r.By != (engine.Actor{}) {
		line.By = &r.By
	}
	if r.Asked.Again.Asked() {
		line.Again = &r.Asked.Again
	}
	if !r.WaitsUntil.IsZero() {
		line.WaitsUntil = instant(r.WaitsUntil)
	}
	if o := r.Cancelled; o != nil {
		line.Cancelled = &CancelLine{At: instant(o.At), By: o.By, said: o.Said()}
	}
	return line
}

// state is the status with what a person wants to know beside it.
func (r RunLine) state() string {
	status := delivery.Words(r.Status)
	switch {
	case r.Cancelled != nil:
		return status + ", " + r.Cancelled.said
	case r.WaitsUntil != nil:
		return status + ", waits until " + shortTime(r.WaitsUntil)
	}
	return status
}

// WriteRuns prints runs as a table. Their ids begin with the time, so that it fits a terminal without one more column.
func WriteRuns(w io.Writer, runs []RunLine, paint Paint) error {
	t := table{
		head:  []string{"RUN (UTC)", "JOB", "SCOPE", "TOTAL", "ACCEPTED", "DELIVERED", "READ", "FAILED", "IN DOUBT", "NOT SENT", "STATUS"},
		right: map[int]bool{3: true, 4: true, 5: true, 6: true, 7: true, 8: true, 9: true},
	}
	for _, r := range runs {
		scope := r.Scope
		if scope == r.Run {
			scope = "this run"
		}
		c := r.Counts
		accepted, delivered, read := wording.Number(c.Accepted), wording.Number(c.Delivered), wording.Number(c.Read)
		if c.OfSteps() {
			accepted, delivered, read = "-", "-", "-"
		}
		t.add(r.Run, r.Job, scope, wording.Number(c.Total), accepted, delivered, read, wording.Number(c.Failed), wording.Number(c.InDoubt), wording.Number(c.NotSent), r.state())
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
		"waiting", "notSent", "refused", "invalid", "undelivered", "accepted", "delivered", "read", "held", "underWay",
	})
	for _, r := range runs {
		c := r.Counts
		_ = out.Write([]string{
			csvCell(r.Run), csvCell(r.Job), r.Mode, csvCell(r.Scope), r.Status, emptyIfNil(r.StartedAt), emptyIfNil(r.FinishedAt),
			strconv.Itoa(c.Total), strconv.Itoa(c.Succeeded), strconv.Itoa(c.Failed),
			strconv.Itoa(c.Skipped), strconv.Itoa(c.InDoubt), csvCell(r.Reason),
			strconv.Itoa(c.Waiting), strconv.Itoa(c.NotSent), strconv.Itoa(c.Refused), strconv.Itoa(c.Invalid), strconv.Itoa(c.Undelivered),
			strconv.Itoa(c.Accepted), strconv.Itoa(c.Delivered), strconv.Itoa(c.Read), strconv.Itoa(c.Held), strconv.Itoa(c.UnderWay),
		})
	}
	out.Flush()
	return out.Error()
}

// RunDetail is `show RUN -o json`: the run, and what failed in it.
type RunDetail struct {
	RunLine

	Errors  []Error        `json:"errors"`
	Skipped map[string]int `json:"skipped"`           // why its messages were left out, codes of `waybill explain`, and how many; as plan has it
	Charged *Charged       `json:"charged,omitempty"` // absent: no status told
	// Warnings say what should be known of the ledger; absent: nothing.
	Warnings []string `json:"warnings,omitempty"`
}

// NewRunDetail makes it. skipped is of engine.Reader.LeftOut.
func NewRunDetail(r engine.Run, errors []Error, skipped map[string]int) RunDetail {
	return RunDetail{RunLine: NewRunLine(r), Errors: append([]Error{}, errors...), Skipped: skipped}
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
	if r.By != nil {
		lines = append(lines, [2]string{"by", r.By.String()})
	}
	if r.Engine != "" {
		lines = append(lines, [2]string{"engine", r.Engine})
	}
	if r.WaitsUntil != nil {
		lines = append(lines, [2]string{"waits", "until " + shortTime(r.WaitsUntil) + " UTC"})
	}
	if r.Cancelled != nil {
		lines = append(lines, [2]string{"cancelled", shortTime(r.Cancelled.At) + " UTC by " + r.Cancelled.By.String()})
	}
	for _, repair := range r.Repairs {
		lines = append(lines, [2]string{"repaired", fmt.Sprintf("%s UTC by %s: %s", repair.At.UTC().Format(time.DateTime), repair.By.String(), strings.Join(repair.Parts, ", "))})
	}
	if r.Again != nil {
		lines = append(lines, [2]string{"again", onceMore(*r.Again)})
	}
	for _, p := range r.Processes {
		lines = append(lines, [2]string{"process", shareLine(p)})
	}
	for _, line := range lines {
		fmt.Fprintf(&b, "%s %s\n", paint.Dim(pad(line[0], 9)), paint.clean(line[1]))
	}
	b.WriteByte('\n')
	_, err := io.WriteString(w, b.String())
	return err
}

// onceMore says what was chosen to be sent once more.
func onceMore(a engine.Again) string {
	var parts []string
	if len(a.Items) > 0 {
		parts = append(parts, "--item "+strings.Join(a.Items, " --item ")+" --again")
	}
	if a.Changed {
		parts = append(parts, "--changed --again")
	}
	if a.NewRecipient {
		parts = append(parts, "--to-new-recipient")
	}
	return strings.Join(parts, " ")
}
