package jobfile_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/jobfile"
)

// example is a job file with most of the keys that there are.
const example = `version: 1
name: appointment-reminders            # [a-z0-9-]: the job's identity in the ledger
description: Remind tomorrow's patients

connection:                            # each key may also stand inside an operation, and wins there
  token: $<WHATSAPP_TOKEN>             # default: that variable
  phoneNumberId: "123456789012345"     # default: the variable WHATSAPP_PHONE_NUMBER_ID
  wabaId: "102290129340398"            # default: the variable WHATSAPP_WABA_ID
  baseUrl: https://graph.facebook.com/v23.0
  connectTimeout: 30000                # milliseconds, or a duration such as 30s
  readTimeout: 60000
  throughput: 80                       # messages a second that this number may send

inputs:                                # typed: string, integer, number, boolean; --input day=2026-03-25
  day: { type: string, description: The day to remind for, required: true }

vars:                                  # named values and expressions, evaluated once, in order
  clinic: Clínica Norte

defaults:
  retry: { attempts: 5, delay: 1s, maxDelay: 60s }   # attempts counts every try
onUncertain: hold                      # hold | resend | strict

schedule: { cron: "0 9 * * 1-5", timezone: Europe/Madrid, sends: new }   # for waybill serve

steps:
  - id: patients
    forEach:
      csv: appointments.csv            # or jsonl: FILE, or items: a list or an expression
      key: ${{ item.id }}              # what makes an item the same item; default: a hash of it
      concurrency: 32
      stopAfter: 5%                    # end the group once this share (or number) of items failed
    steps:
      - id: remind
        sendTemplate:
          to: ${{ item.phone }}
          templateName: appointment_reminder
          languageCode: es
          bodyParameters: ["${{ item.name }}", "${{ item.date }}", "${{ item.time }}", "${{ item.doctor }}"]
      - id: seen
        getStatus: { messageId: "${{ steps.remind.messageId }}", waitFor: delivered, waitTimeout: 10m }
        continueOnError: true
      - id: fallback
        if: ${{ !steps.seen.success }}
        sendText: { to: "${{ item.phone }}", body: "…" }
  - id: spend
    listConversations: { startDate: "2026-03-01", endDate: "2026-03-31" }

outputs:
  reminded: ${{ steps.patients.succeeded }}
`

// folder makes a folder with the example's CSV file, and gives the path of a job in it.
func folder(tb testing.TB) string {
	tb.Helper()
	dir := tb.TempDir()
	csv := "id,phone,name,date,time,doctor\n1,+34612345678,Juan,25/03/2026,10:00,Dr. López\n"
	if err := os.WriteFile(filepath.Join(dir, "appointments.csv"), []byte(csv), 0o600); err != nil {
		tb.Fatal(err)
	}
	return filepath.Join(dir, "job.yaml")
}

func TestLoadTheExampleOfTheDesign(t *testing.T) {
	path := folder(t)
	jobs := mustLoad(t, fakeLoader(), "job.yaml", path, example)
	if len(jobs) != 1 {
		t.Fatalf("got %d jobs", len(jobs))
	}
	job := jobs[0]
	if job.Name != "appointment-reminders" || job.Description != "Remind tomorrow's patients" || job.Dir != filepath.Dir(path) {
		t.Errorf("got %q, %q, %q", job.Name, job.Description, job.Dir)
	}
	if got, want := job.Retry, (engine.RetrySpec{Attempts: 5, Delay: time.Second, MaxDelay: time.Minute}); got != want {
		t.Errorf("retry: got %+v, want %+v", got, want)
	}
	if job.OnUncertain != engine.Hold || job.Schedule.Cron != "0 9 * * 1-5" ||
		job.Schedule.Zone.String() != "Europe/Madrid" || job.Schedule.Missed != "run" {
		t.Errorf("got %v, %+v", job.OnUncertain, job.Schedule)
	}
	if len(job.Inputs) != 1 || job.Inputs[0].Name != "day" || !job.Inputs[0].Required || job.Inputs[0].Type.String() != "string" {
		t.Errorf("inputs: %+v", job.Inputs)
	}
	if value, ok := job.Vars[0].Value.Constant(); job.Vars[0].Name != "clinic" || !ok || value != "Clínica Norte" {
		t.Errorf("vars: %v", value)
	}
	if value, ok := job.Connection.ConnectTimeout.Constant(); !ok || value != int64(30000) {
		t.Errorf("connectTimeout: %#v", value)
	}
	group := job.Steps[0]
	if group.ID != "patients" || group.Operation != nil || len(group.Steps) != 3 {
		t.Fatalf("got %+v", group)
	}
	e := group.ForEach
	if e.Source.Key() != "csv" || e.As != "item" || e.Concurrency != 32 || e.StopAfter.Share != 0.05 || e.Key == nil ||
		strings.Join(e.Columns, " ") != "id phone name date time doctor" {
		t.Errorf("forEach: %+v", e)
	}
	remind := group.Steps[0]
	if remind.Path != "patients/remind" || remind.Operation.Name() != "sendTemplate" ||
		len(remind.Params.Field("bodyParameters").Items()) != 4 {
		t.Errorf("got %+v", remind)
	}
	if !group.Steps[1].ContinueOnError || group.Steps[2].If == nil {
		t.Error("continueOnError or if is lost")
	}
	if len(job.Outputs) != 1 || job.Outputs[0].Value.Type().String() != "integer" {
		t.Errorf("outputs: %+v", job.Outputs)
	}
	if got := job.Steps[1].NameRange; got.Start != (diag.Pos{Line: 47, Column: 5}) {
		t.Errorf("the operation stands at %v", got)
	}
}

// one is a job of one step.
func one(step string) string {
	return "version: 1\nname: a\nsteps:\n" + indent(step, "  ") + "\n"
}

func TestSeveralJobsInAFile(t *testing.T) {
	text := one("- sendText: { to: '1234567', body: x }") + "---\n" +
		strings.Replace(one("- getMessages: {}"), "name: a", "name: b", 1) + "---\n"
	jobs := mustLoad(t, fakeLoader(), "job.yaml", "job.yaml", text)
	if len(jobs) != 2 || jobs[0].Name != "a" || jobs[1].Name != "b" || jobs[1].Range.Start.Line != 6 {
		t.Errorf("got %d jobs, the second at %v", len(jobs), jobs[len(jobs)-1].Range.Start)
	}
}

func TestAliasesAreFollowed(t *testing.T) {
	text := "version: 1\nname: a\ndefaults: { retry: &r { attempts: 3, delay: 500 } }\n" +
		"steps: [ { sendText: { to: &me '1234567', body: x }, retry: *r }, { sendText: { to: *me, body: z } } ]\n"
	job := mustLoad(t, fakeLoader(), "job.yaml", "job.yaml", text)[0]
	if got := job.Steps[0].Retry; got.Attempts != 3 || got.Delay != 500*time.Millisecond {
		t.Errorf("got %+v", got)
	}
	if got := constant(job.Steps[1], "to"); got != "1234567" {
		t.Errorf("got %v", got)
	}
}

func TestALoaderWithoutOperationsDoesNotPanic(t *testing.T) {
	src := &diag.Source{Name: "job.yaml", Text: []byte(example)}
	jobs, found := (&jobfile.Loader{}).Load(src, "job.yaml")
	sound(t, src, jobs, found)
	if !found.HasErrors() {
		t.Error("a program without operations takes a job")
	}
}

func BenchmarkLoad(b *testing.B) {
	path := folder(b)
	var text strings.Builder
	text.WriteString(strings.Replace(example, "\noutputs:\n  reminded: ${{ steps.patients.succeeded }}\n", "\n", 1))
	for i := range 25 {
		fmt.Fprintf(&text, "  - id: extra%d\n    if: ${{ steps.patients.succeeded > %d }}\n"+
			"    sendText: { to: \"+34612345678\", body: \"${{ vars.clinic }}: ${{ steps.patients.succeeded }}\" }\n", i, i)
	}
	l := fakeLoader()
	if _, found := l.Load(&diag.Source{Name: "job.yaml", Text: []byte(text.String())}, path); len(found) > 0 {
		b.Fatal(rendered(found))
	}
	for b.Loop() {
		l.Load(&diag.Source{Name: "job.yaml", Text: []byte(text.String())}, path)
	}
}
