package cli

import (
	"path/filepath"
	"strconv"
	"strings"

	"waybill/engine"
	"waybill/engine/runner"
)

// hints are the commands that go on from what one command did, for the ledger that it used.
type hints struct {
	app   *app
	flags *jobFlags
	state string // path of the ledger
}

// next are the commands that go on from the end of a run.
func (h hints) next(r engine.Run) []string {
	var next []string
	switch r.Status {
	case engine.RunStopped, engine.RunInterrupted, engine.RunRunning:
		if r.Cancelled != nil && r.Counts.NotSent+r.Counts.Waiting == 0 {
			break // what was left of it was dropped
		}
		next = append(next, h.resume(r.ID)+mended(r))
	case engine.RunInDoubt:
		next = append(next, "waybill resolve "+r.ID+h.where())
	case engine.RunFailed, engine.RunSucceeded:
	}
	return next
}

// mended says what comes before a resume that would meet the same again: messages were refused, and the run stopped for it.
func mended(r engine.Run) string {
	if r.Status != engine.RunStopped || r.Counts.Refused == 0 {
		return ""
	}
	return "   # once the cause is mended; in the job file: add --job-changed"
}

// resume is the command that goes on with a run.
func (h hints) resume(id string) string { return "waybill resume " + id + h.where() + h.agreed() }

// agreed is the --yes that was needed because there is no terminal to ask on, and is needed again.
func (h hints) agreed() string {
	asks := h.app.env.Terminal.In && h.app.env.Terminal.Err
	if asks || h.flags.sandbox || !h.flags.yes {
		return ""
	}
	return " --yes"
}

// nextOf is next, and how to see which messages failed.
func (h hints) nextOf(r engine.Run) []string {
	next := h.next(r)
	if r.Counts.Refused+r.Counts.Invalid+r.Counts.Undelivered > 0 {
		next = append(next, "waybill deliveries "+r.ID+" --failed"+h.where())
	}
	return next
}

// where is what a command without a job file needs to find this ledger again.
func (h hints) where() string {
	text := ""
	if h.app.stateOfVariable {
		return "" // it names the ledger of the next command as well
	}
	if found, err := findState(&jobFlags{sandbox: h.flags.sandbox}); err != nil || found != filepath.Clean(h.state) {
		text = " --state " + quote(h.state)
	}
	if h.flags.sandbox {
		text += " --sandbox"
	}
	return text
}

// alone is the command that does one job of the file, as it was asked for all of them.
func (s *session) alone(req runner.Request) string { return s.command(req, *s.flags, true) }

// retry is the command that tries again what an apply was refused; empty where it was none, or that of a saved plan.
func (s *session) retry(req runner.Request, r engine.Run) string {
	f := *s.flags
	if req.Mode != engine.ModeApply || req.Expect != nil || f.again.chosen().Asked() || r.Status != engine.RunFailed || r.Counts.Refused == 0 {
		return ""
	}
	f.retryFailed = true
	return s.command(req, f, len(s.jobs) > 1) + "   # once the cause is mended"
}

// command is the command line that does a job of the file with these flags.
func (s *session) command(req runner.Request, f jobFlags, named bool) string {
	words := []string{"waybill", string(req.Mode), quote(s.file)}
	if named {
		words = append(words, "--job", req.Job.Name)
	}
	if name, named := strings.CutPrefix(req.Scope, engine.ScopeNamed("")); named {
		words = append(words, "--scope", quote(name))
	}
	for _, input := range f.inputs {
		words = append(words, "--input", quote(input))
	}
	for _, dir := range f.allow {
		words = append(words, "--allow-path", quote(dir))
	}
	for _, option := range []struct{ name, value string }{{"--input-file", f.inputFile}, {"--state", f.state}, {"--only", f.only}} {
		if option.value != "" {
			words = append(words, option.name, quote(option.value))
		}
	}
	for _, key := range f.again.items {
		words = append(words, "--item", quote(key))
	}
	if f.limit > 0 {
		words = append(words, "--limit", strconv.Itoa(f.limit))
	}
	for _, option := range []struct {
		name string
		on   bool
	}{
		{"--sandbox", f.sandbox},
		{"--retry-failed", f.retryFailed},
		{"--changed", f.again.changed},
		{"--to-new-recipient", f.again.newRecipient},
		{"--again", f.again.again},
		{"--yes", f.yes},
	} {
		if option.on {
			words = append(words, option.name)
		}
	}
	return strings.Join(words, " ")
}

// quote makes one word of a path for a shell.
func quote(path string) string {
	if !strings.ContainsAny(path, " \t'\"\\$`&|;<>()*?[]#~!{}") {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}
