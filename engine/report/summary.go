package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"waybill/engine"
	"waybill/engine/wording"
)

// Summary is what text shows at the end of a run: its document and what the ledger knows besides.
type Summary struct {
	Run      Run
	Order    []*engine.Step // the job's steps, for the order of Run.Steps; nil: the outputs are not shown
	Sends    bool           // the counts are of messages; else of steps
	Unheard  bool           // no receiver of webhooks is alive: what becomes of the accepted ones stays unknown
	ByHand   int            // of the accepted ones, those that a person took as sent
	Failures *Failures
	Shared   bool     // other processes may have sent some of them
	Sent     int      // accepted by this very run
	Engine   string   // whose workers did the rows; empty: this process did
	Apply    bool     // the scope is older than the run: others may have sent before
	Reason   string   // why it stopped early
	Next     []string // commands that go on from here, in the order of use
	Took     time.Duration
	Sandbox  bool
	GoesOn   bool // other processes work at the run still
	Left     bool // the rows of this process are done, others are left, and nobody works at them
	AtWork   bool // a process works at it, of a run that is looked at from outside
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
	if s.GoesOn {
		writeIndented(&b, "  ", "the rows of this process are done; others work at the run, and its counts are as of now: waybill show "+s.Run.Run)
	}
	if s.Left {
		writeIndented(&b, "  ", "the rows of this process are done; others of the run are left, for the processes of the other shards, or: waybill resume "+s.Run.Run)
	}
	if s.Run.TestTo != "" {
		writeIndented(&b, "  ", "a test: every message of it went to "+paint.clean(s.Run.TestTo)+"; its rows count as not sent")
	}
	if before := s.Run.Counts.Accepted - s.Sent; s.Apply && s.Engine == "" && before > 0 {
		fmt.Fprintf(&b, "  %s\n", nowAndBefore(s, before))
	}
	if s.Sends {
		writeReach(&b, s, paint)
		if c := s.Run.Counts; s.Unheard && c.Succeeded > c.Delivered {
			writeIndented(&b, "  ", "no receiver listens, so it is not known whether these arrive: start waybill serve")
		}
	}
	if s.Run.Charged != nil {
		writeIndented(&b, "  ", paint.clean(s.Run.Charged.String()))
	}
	writeChanged(&b, s.Run, paint)
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
	case s.Shared && s.Sent > 0:
		return fmt.Sprintf("%s sent by this process, %s by others or before", wording.Number(s.Sent), wording.Number(before))
	case s.Sent > 0:
		return fmt.Sprintf("%s sent now, %s before", wording.Number(s.Sent), wording.Number(before))
	case s.Run.Status == string(engine.RunSucceeded) && c.Failed+c.InDoubt+c.NotSent+c.Waiting+c.UnderWay == 0:
		if c.Skipped > 0 {
			return "nothing to do: what is not left out was sent before"
		}
		return "nothing to do: everything was sent before"
	}
	return "nothing sent now, " + wording.Number(before) + " before"
}

// whatSends says how n messages go out that a run did not send. What was stopped may be left to a person, and what run began is not apply's.
func whatSends(r Run, n int) string {
	them := wording.Agree(n, "it", "them")
	stopped := r.Status == string(engine.RunStopped) || r.Status == string(engine.RunInterrupted)
	if stopped || r.Scope == r.Run {
		return "resume sends " + them
	}
	return "the next apply sends " + them
}

func headline(s Summary, paint Paint) string {
	parts := []string{"run " + s.Run.Run}
	if s.Run.Scope != s.Run.Run {
		parts = append(parts, "scope "+paint.clean(s.Run.Scope))
	}
	if s.Took > 0 {
		parts = append(parts, wording.Compact(s.Took))
	}
	if s.Engine != "" {
		parts = append(parts, "driven by "+s.Engine)
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
		if s.AtWork {
			word = "running"
		}
	}
	noun := "step"
	if s.Sends {
		noun = "delivery"
	}
	if s.Sends && c.Total+c.UnderWay == 0 && s.Run.Status == string(engine.RunSucceeded) {
		return word + " — nothing to send"
	}
	parts := []string{wording.Plural(c.Total, noun)}
	if s.Run.Status == string(engine.RunInterrupted) {
		parts[0] = wording.Plural(c.Total-c.NotSent-c.Waiting, noun) + " ended"
	}
	type part struct {
		n    int
		word string
	}
	for _, part := range []part{
		{c.Succeeded, "succeeded"},
		{c.Failed, "failed"},
		{c.InDoubt, "in doubt"},
		{c.NotSent, "not sent"},
		{c.Waiting, "waiting"},
		{c.Skipped, "skipped"},
		{c.UnderWay, "open"},
	} {
		if part.n > 0 {
			parts = append(parts, wording.Number(part.n)+" "+part.word)
		}
	}
	return word + " — " + strings.Join(parts, ", ")
}

type reachLine struct {
	n    int
	text string
}

// writeReach keeps apart what WhatsApp took and what arrived, what a person says that it took, and why the rest was not sent.
func writeReach(b *strings.Builder, s Summary, paint Paint) {
	c := s.Run.Counts
	lines := []reachLine{
		{c.Read, "read"},
		{c.Delivered - c.Read, "delivered"},
		{c.Succeeded - c.Delivered - c.Held - s.ByHand, "accepted by WhatsApp, not yet delivered"},
		{c.Held, "accepted by WhatsApp, and held back by it"},
		{s.ByHand, "taken as sent by hand: no webhook has confirmed it"},
		{c.Undelivered, "accepted by WhatsApp, then not delivered"},
		{c.Refused, "not accepted by WhatsApp"},
		{c.Invalid, "invalid: " + wording.Agree(c.Invalid, "its row", "their rows") + " cannot be sent"},
		{c.InDoubt, "in doubt: the request may have reached WhatsApp and its answer is lost; held, not sent again"},
		{c.NotSent, "not sent yet: " + whatSends(s.Run, c.NotSent)},
		{c.Waiting, "waiting for a later time"},
		{c.UnderWay, "under way, or left so by a process that was killed"},
	}
	if s.AtWork {
		lines[len(lines)-1].text = "under way"
	}
	for _, reason := range slices.Sorted(maps.Keys(s.Run.Skipped)) {
		lines = append(lines, reachLine{s.Run.Skipped[reason], "left out: " + wording.Reason(reason)})
		c.Skipped -= s.Run.Skipped[reason]
	}
	lines = append(lines, reachLine{c.Skipped, "left out: the ledger does not know why"})
	for _, line := range lines {
		if line.n > 0 {
			fmt.Fprintf(b, "  %s %s\n", paint.Bold(fmt.Sprintf("%7s", wording.Number(line.n))), line.text)
		}
	}
}
