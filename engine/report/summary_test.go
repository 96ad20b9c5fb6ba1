package report_test

import (
	"strings"
	"testing"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/report"
)

// summaryOf prints the end of an apply that sent nothing itself and found ten messages that others had sent.
func summaryOf(t *testing.T, status engine.RunStatus, total int, tally map[delivery.State]int) string {
	t.Helper()
	run := someRun(status)
	run.Counts = engine.Counts{Total: total, Succeeded: 10}
	var out strings.Builder
	err := report.WriteSummary(&out, report.Summary{
		Run: report.NewRun(&engine.Summary{Run: run}), Apply: true, Tally: tally,
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
		name   string
		status engine.RunStatus
		tally  map[delivery.State]int
		want   string
	}{
		{"succeeded", engine.RunSucceeded, map[delivery.State]int{delivery.Accepted: 10}, done},
		{"interrupted", engine.RunInterrupted, map[delivery.State]int{delivery.Accepted: 10}, "nothing sent now, 10 before"},
		{"stopped", engine.RunStopped, map[delivery.State]int{delivery.Accepted: 10}, "nothing sent now, 10 before"},
		{"failed", engine.RunFailed, map[delivery.State]int{delivery.Accepted: 10}, "nothing sent now, 10 before"},
		{
			"not sent yet", engine.RunSucceeded,
			map[delivery.State]int{delivery.Accepted: 10, delivery.Planned: 2},
			"nothing sent now, 10 before",
		},
		{
			"under way", engine.RunSucceeded,
			map[delivery.State]int{delivery.Accepted: 10, delivery.Intended: 2},
			"nothing sent now, 10 before",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := summaryOf(t, c.status, 10, c.tally)
			if !strings.Contains(got, c.want) || c.want != done && strings.Contains(got, done) {
				t.Errorf("want %q in\n%s", c.want, got)
			}
		})
	}
}

// The counts are the run's, the states below them the scope's; where these differ it is said.
func TestSummaryTellsTheScopeFromTheRun(t *testing.T) {
	const together = "  all runs of scope ever together:\n       20 accepted by WhatsApp"
	if got := summaryOf(t, engine.RunSucceeded, 10, map[delivery.State]int{delivery.Accepted: 20}); !strings.Contains(got, together) {
		t.Errorf("want %q in\n%s", together, got)
	}
	if got := summaryOf(t, engine.RunSucceeded, 10, map[delivery.State]int{delivery.Accepted: 10}); strings.Contains(got, "together") {
		t.Errorf("they are the same:\n%s", got)
	}
}
