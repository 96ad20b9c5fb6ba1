package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/wording"
)

// Summary is what text shows at the end of a run: its document and what the ledger knows besides.
type Summary struct {
	Run      Run
	Order    []*engine.Step         // the job's steps, for the order of Run.Steps; nil: the outputs are not shown
	Tally    map[delivery.State]int // the run's deliveries by state; nil: nothing was to be sent
	ByHand   int                    // of the accepted ones, those that a person took as sent
	Failures *Failures
	Sent     int      // accepted by this very run
	Apply    bool     // the scope is older than the run: others may have sent before
	Reason   string   // why it stopped early
	Next     []string // commands that go on from here, in the order of use
	Took     time.Duration
	Sandbox  bool
}

// WriteSummary prints it.
func WriteSummary(w io.Writer, s Summary, meaning Meaning, paint Paint) error {
	var b strings.Builder
	writeSteps(&b, s, paint)
	fmt.Fprintf(&b, "%s %s\n", paint.Bold(paint.clean(s.Run.Job)+":"), verdict(s, paint))
	if s.Reason != "" && s.Run.Status != string(engine.RunInterrupted) {
		reason := paint.clean(s.Reason)
		if s.Run.Status == string(engine.RunStopped) {
			reason = "stopped early: " + reason
		}
		writeIndented(&b, "  ", reason)
	}
	fmt.Fprintf(&b, "  %s\n", paint.Dim(headline(s, paint)))
	if before := s.Run.Counts.Succeeded - s.Sent; s.Apply && before > 0 {
		fmt.Fprintf(&b, "  %s\n", nowAndBefore(s, before))
	}
	if s.scopeIsWider() {
		fmt.Fprintf(&b, "  all runs of scope %s together:\n", paint.clean(s.Run.Scope))
	}
	writeReach(&b, s.Tally, s.ByHand, paint)
	if s.Failures != nil {
		s.Failures.write(&b, meaning, paint)
	}
	writeOutputs(&b, s.Run.Outputs, paint)
	for i, next := range s.Next {
		lead := "next: "
		if i > 0 {
			lead = "      "
		}
		fmt.Fprintf(&b, "%s%s\n", lead, paint.Cyan(next))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// nowAndBefore separates what this run sent from what earlier runs had sent.
func nowAndBefore(s Summary, before int) string {
	c := s.Run.Counts
	switch {
	case s.Sent > 0:
		return fmt.Sprintf("%s sent now, %s before", wording.Number(s.Sent), wording.Number(before))
	case s.Run.Status == string(engine.RunSucceeded) && c.Failed+c.InDoubt+s.open() == 0:
		return "nothing to do: everything was sent before"
	}
	return "nothing sent now, " + wording.Number(before) + " before"
}

// scopeIsWider says whether the tally, which is of the scope, has other deliveries than the run that was counted above it.
func (s Summary) scopeIsWider() bool {
	all := 0
	for _, n := range s.Tally {
		all += n
	}
	return all > 0 && all != s.Run.Counts.Total && s.Run.Scope != s.Run.Run
}

// open is how many deliveries of the scope were begun and not sent.
func (s Summary) open() int { return s.Tally[delivery.Planned] + s.Tally[delivery.Intended] }

func headline(s Summary, paint Paint) string {
	parts := []string{"run " + s.Run.Run}
	if s.Run.Scope != s.Run.Run {
		parts = append(parts, "scope "+paint.clean(s.Run.Scope))
	}
	if s.Took > 0 {
		parts = append(parts, wording.Compact(s.Took))
	}
	if s.Sandbox {
		parts = append(parts, "in the sandbox: nobody was messaged")
	}
	return strings.Join(parts, " · ")
}

// verdict is the run in one line: its status and its counts, those that are none left out.
func verdict(s Summary, paint Paint) string {
	c := s.Run.Counts
	word := s.Run.Status
	switch engine.RunStatus(s.Run.Status) {
	case engine.RunSucceeded:
		word = paint.Green("succeeded")
	case engine.RunFailed:
		word = paint.Red("failed")
	case engine.RunInDoubt:
		word = paint.Yellow("in doubt")
	case engine.RunStopped:
		word = paint.Red("stopped early")
	case engine.RunInterrupted:
		word = paint.Yellow("interrupted")
	case engine.RunRunning:
		word = "running, or its process was killed"
	}
	noun := "step"
	if s.Tally != nil {
		noun = "delivery"
	}
	if s.Tally != nil && c.Total == 0 && s.Run.Status == string(engine.RunSucceeded) {
		return word + " — nothing to send"
	}
	parts := []string{wording.Plural(c.Total, noun)}
	if s.Run.Status == string(engine.RunInterrupted) {
		parts[0] += " ended"
	}
	for _, part := range []struct {
		n    int
		word string
	}{{c.Succeeded, "succeeded"}, {c.Failed, "failed"}, {c.InDoubt, "in doubt"}, {c.Skipped, "skipped"}} {
		if part.n > 0 {
			parts = append(parts, wording.Number(part.n)+" "+part.word)
		}
	}
	if open := s.open(); open > 0 {
		parts = append(parts, wording.Number(open)+" open")
	}
	return word + " — " + strings.Join(parts, ", ")
}

// writeReach keeps apart what WhatsApp took and what arrived, and what a person says that it took.
func writeReach(b *strings.Builder, tally map[delivery.State]int, byHand int, paint Paint) {
	lines := []struct {
		n    int
		text string
	}{
		{tally[delivery.Read], "read"},
		{tally[delivery.Delivered], "delivered"},
		{tally[delivery.Accepted] + tally[delivery.Sent] - byHand, "accepted by WhatsApp, not yet delivered"},
		{byHand, "taken as sent by hand: no webhook has confirmed it"},
		{tally[delivery.Failed], "accepted by WhatsApp, then not delivered"},
		{tally[delivery.Rejected], "not accepted by WhatsApp"},
		{tally[delivery.InDoubt], "in doubt: the request may have reached WhatsApp and its answer is lost; held, not sent again"},
		{tally[delivery.Planned], "not sent yet"},
		{tally[delivery.Intended], "under way, or left so by a process that was killed"},
	}
	for _, line := range lines {
		if line.n > 0 {
			fmt.Fprintf(b, "  %s %s\n", paint.Bold(fmt.Sprintf("%7s", wording.Number(line.n))), line.text)
		}
	}
}
