package report_test

import (
	"fmt"
	"strings"
	"testing"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/report"
)

// summaryOf prints the end of an apply that sent nothing itself and found ten messages that others had sent.
func summaryOf(t *testing.T, status engine.RunStatus, outcomes map[delivery.Outcome]int) string {
	t.Helper()
	run := someRun(status)
	run.Counts = engine.CountsOf(outcomes)
	var out strings.Builder
	err := report.WriteSummary(&out, report.Summary{
		Run: report.NewRun(&engine.Summary{Run: run}), Apply: true, Sends: true,
	}, func(int) (string, string) { return "", "" }, report.Paint{})
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// Whoever reads that everything was sent goes home.
func TestSummarySaysNothingToDoOnlyWhenItIsSo(t *testing.T) {
	const done = "nothing to do: everything was sent before"
	for _, c := range []struct {
		name     string
		status   engine.RunStatus
		outcomes map[delivery.Outcome]int
		want     string
	}{
		{"succeeded", engine.RunSucceeded, map[delivery.Outcome]int{delivery.OutcomeAccepted: 10}, done},
		{"interrupted", engine.RunInterrupted, map[delivery.Outcome]int{delivery.OutcomeAccepted: 10}, "nothing sent now, 10 before"},
		{"stopped", engine.RunStopped, map[delivery.Outcome]int{delivery.OutcomeAccepted: 10}, "nothing sent now, 10 before"},
		{"failed", engine.RunFailed, map[delivery.Outcome]int{delivery.OutcomeAccepted: 10}, "nothing sent now, 10 before"},
		{
			"not sent yet", engine.RunSucceeded,
			map[delivery.Outcome]int{delivery.OutcomeAccepted: 10, delivery.OutcomeNotSent: 2},
			"nothing sent now, 10 before",
		},
		{
			"under way", engine.RunSucceeded,
			map[delivery.Outcome]int{delivery.OutcomeAccepted: 10, delivery.OutcomeUnderWay: 2},
			"nothing sent now, 10 before",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := summaryOf(t, c.status, c.outcomes)
			if !strings.Contains(got, c.want) || c.want != done && strings.Contains(got, done) {
				t.Errorf("want %q in\n%s", c.want, got)
			}
		})
	}
}

// A run of before ledgers kept reasons left out more than they explain: what is not explained has a line, too.
func TestSummarySaysWhyMessagesWereLeftOut(t *testing.T) {
	run := someRun(engine.RunSucceeded)
	run.Counts = engine.CountsOf(map[delivery.Outcome]int{delivery.OutcomeAccepted: 451, delivery.OutcomeSkipped: 149})
	for atMost, unknown := range map[int]string{69: " 80 left out: the ledger does not know why", 149: ""} {
		var out strings.Builder
		err := report.WriteSummary(&out, report.Summary{
			Run: report.NewRun(&engine.Summary{Run: run, Skipped: map[string]int{"at-most": atMost}}), Apply: true, Sends: true,
		}, func(int) (string, string) { return "", "" }, report.Paint{})
		if err != nil {
			t.Fatal(err)
		}
		text := out.String()
		if !strings.Contains(text, fmt.Sprintf(" %d left out: had as many", atMost)) || !strings.Contains(text, unknown) || unknown == "" && strings.Contains(text, "does not know") {
			t.Errorf("%d left out by atMost:\n%s", atMost, text)
		}
	}
}

// Each message is in one line, and what is none is not printed.
func TestSummarySaysWhatBecameOfEachMessage(t *testing.T) {
	outcomes := map[delivery.Outcome]int{}
	for _, o := range delivery.Outcomes() {
		outcomes[o] = 1 << o
	}
	got := summaryOf(t, engine.RunFailed, outcomes)
	for _, want := range []string{
		"failed — 8,188 deliveries, 60 succeeded, 1,216 failed, 512 in doubt, 256 not sent, 4,096 waiting, 2,048 skipped, 2 open\n",
		"       32 read\n", "       16 delivered\n", "        4 accepted by WhatsApp, not yet delivered\n", "        8 accepted by WhatsApp, and held back by it\n",
		"       64 accepted by WhatsApp, then not delivered\n", "      128 not accepted by WhatsApp\n",
		"    1,024 invalid: their rows cannot be sent\n", "      512 in doubt: ", "      256 not sent yet: the next apply sends them\n",
		"    4,096 waiting for a later time\n", "        2 under way, or left so by a process that was killed\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	if got := summaryOf(t, engine.RunSucceeded, map[delivery.Outcome]int{delivery.OutcomeRead: 1}); strings.Count(got, "\n") != 4 {
		t.Errorf("more than one message's line in\n%s", got)
	}
}
