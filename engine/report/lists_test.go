package report_test

import (
	"bytes"
	"strings"
	"testing"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/report"
)

// TestRowsThatBecameNoRequestAreListed: with row, cell and reason, in all forms; those that are told together with their number.
func TestRowsThatBecameNoRequestAreListed(t *testing.T) {
	run := someRun(engine.RunFailed)
	lines := []report.Delivery{
		report.NewUnsent(run, engine.Unsent{
			Step: "people/hello", Item: "3", Row: 4, File: "people.csv", Cell: "phone", Outcome: delivery.OutcomeInvalid, Reason: "invalid-row",
			Message: `to: "N/A" is not a phone number`,
		}),
		report.NewUnsent(run, engine.Unsent{Step: "people/hello", Outcome: delivery.OutcomeNotSent, Reason: "run-stopped", Count: 1200}),
		{Step: "people/hello", Item: "5", Row: 6, State: "rejected", Now: "delivered", Code: 131026, Message: "undeliverable"},
	}
	list := func(yield func(report.Delivery, error) bool) {
		for _, d := range lines {
			if !yield(d, nil) {
				return
			}
		}
	}
	var table, sheet bytes.Buffer
	if n, err := report.WriteDeliveries(&table, list, true, report.Paint{}); n != 3 || err != nil {
		t.Errorf("%d shown, %v", n, err)
	}
	want := `STEP          ITEM  ROW  RECIPIENT  STATE     NOW        TRIES    CODE  MESSAGE ID OR ANSWER
people/hello  3       4             invalid                             phone: to: "N/A" is not a phone number
people/hello                        not sent                            1,200 rows: run-stopped
people/hello  5       6             rejected  delivered         131026  undeliverable
`
	if got := table.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	lines[0].Columns = map[string]string{"name": "=Eva", "phone": "N/A"}
	lines[2].RowGone = true
	if err := report.WriteDeliveriesCSV(&sheet, list, []string{"name", "phone"}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		",statusAt,file,cell,reason,count,now,number,phoneNumberId,rowGone,name,phone\n",
		",people.csv,phone,invalid-row,,,,,false,'=Eva,N/A\n", ",,,run-stopped,1200,,,,false,,\n", ",,,,,delivered,,,true,,\n",
	} {
		if !strings.Contains(sheet.String(), want) {
			t.Errorf("%q is not in\n%s", want, sheet.String())
		}
	}
}

// TestRunsShowTheFunnel: what was accepted, what arrived and what was read; of a job that sends nothing there is none.
func TestRunsShowTheFunnel(t *testing.T) {
	sent, asked := someRun(engine.RunFailed), someRun(engine.RunSucceeded)
	sent.Counts = engine.CountsOf(map[delivery.Outcome]int{
		delivery.OutcomeAccepted: 1000, delivery.OutcomeDelivered: 200, delivery.OutcomeRead: 30, delivery.OutcomeUndelivered: 4, delivery.OutcomeInvalid: 5,
	})
	asked.Counts = engine.Counts{Total: 1, Succeeded: 1}
	var out bytes.Buffer
	if err := report.WriteRuns(&out, []report.RunLine{report.NewRunLine(sent), report.NewRunLine(asked)}, report.Paint{}); err != nil {
		t.Fatal(err)
	}
	want := `RUN (UTC)               JOB        SCOPE  TOTAL  ACCEPTED  DELIVERED  READ  FAILED  IN DOUBT  NOT SENT  STATUS
20260325-090000-abc123  reminders  ever   1,239     1,234        230    30       9         0         0  failed
20260325-090000-abc123  reminders  ever       1         -          -     -       0         0         0  succeeded
`
	if got := out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestShowSaysWhoStartedARun: the person, the machine, the CI job and the commit, as far as they are known.
func TestShowSaysWhoStartedARun(t *testing.T) {
	run := someRun(engine.RunSucceeded)
	for by, want := range map[engine.Actor]string{
		{}:                           "",
		{User: "ana", Host: "desk"}:  "by        ana@desk\n",
		{CI: "https://ci/7"}:         "by        https://ci/7\n",
		{User: "ci", Commit: "abc1"}: "by        ci, commit abc1\n",
	} {
		run.By = by
		var out bytes.Buffer
		if err := report.WriteRunHead(&out, report.NewRunLine(run), report.Paint{}); err != nil {
			t.Fatal(err)
		}
		if got := out.String(); !strings.Contains(got, want) || want == "" && strings.Contains(got, "by ") {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
}
