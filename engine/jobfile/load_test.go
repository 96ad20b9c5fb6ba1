package jobfile_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/diag"
)

// example is the job of the design, §2.
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
onUncertain: hold                      # hold | resend | strict (§5)

schedule: { cron: "0 9 * * 1-5", timezone: Europe/Madrid }   # for waybill serve

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
	if job.OnUncertain != engine.Hold || job.Schedule.Cron != "0 9 * * 1-5" || job.Schedule.Zone.String() != "Europe/Madrid" || job.Schedule.Missed != "run" {
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
	if e.Kind != engine.FromCSV || e.As != "item" || e.Concurrency != 32 || e.StopAfter.Share != 0.05 || e.Key == nil || strings.Join(e.Columns, " ") != "id phone name date time doctor" {
		t.Errorf("forEach: %+v", e)
	}
	remind := group.Steps[0]
	if remind.Path != "patients/remind" || remind.Operation.Name() != "sendTemplate" || len(remind.Params.Field("bodyParameters").Items()) != 4 {
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
