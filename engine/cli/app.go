package cli

import (
	"errors"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/spf13/pflag"

	"waybill/engine/diag"
	"waybill/engine/report"
	"waybill/engine/secret"
	"waybill/whatsapp"
)

type flag = pflag.Flag

// app is one command line under way.
type app struct {
	env                     Env
	redactor                *secret.Redactor
	out, err                *output                       // all that is printed goes through these two
	masked                  map[*diag.Source]*diag.Source // sources with their literal tokens blotted out
	underway                atomic.Pointer[string]        // the command that goes on with the run under way; nil: there is none
	format                  string                        // -o of the command; empty: it has none, or did not come so far
	events                  *report.Events                // of -o ndjson, once it was begun
	order                   []string                      // names of the commands, as help lists them
	noColor, quiet, verbose bool
	version                 bool // --version without a command
}

func newApp(env Env) *app {
	redactor := secret.NewRedactor()
	return &app{
		env: env, redactor: redactor, masked: map[*diag.Source]*diag.Source{},
		out: &output{w: redactor.Writer(env.Stdout)},
		err: &output{w: redactor.Writer(env.Stderr), deaf: true},
	}
}

// output takes secrets out of what is written. What ends in a line break, or begins with the carriage return of the
// live line, is handed on at once; the rest waits for more, for a secret may go on there.
type output struct {
	mu    sync.Mutex
	w     *secret.Writer
	ended bool  // nothing is printed any more
	fault error // the first of its writes
	deaf  bool  // of standard error: there is nobody to tell of a write that failed, and nothing is to fail by it
}

func (o *output) Write(text []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ended {
		return len(text), nil
	}
	n, err := o.w.Write(text)
	if err == nil && len(text) > 0 && (text[len(text)-1] == '\n' || text[0] == '\r') {
		err = o.w.Flush()
	}
	o.note(err)
	if err != nil && o.deaf {
		return len(text), nil
	}
	return n, err
}

// note keeps the first error. The caller holds mu.
func (o *output) note(err error) {
	if o.fault == nil {
		o.fault = err
	}
}

// failure is the first error of a write; nil: all was taken.
func (o *output) failure() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.fault
}

// Flush hands on what waits.
func (o *output) Flush() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	err := o.w.Flush()
	o.note(err)
	return err
}

// Close hands on what waits; nothing is written afterwards.
func (o *output) Close() error { return o.Flush() }

// end prints the last words of a process that ends at once.
func (o *output) end(text string) {
	_, _ = o.Write([]byte(text)) // there is nobody left to tell
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ended = true
}

// printed is what became of a write of results. That nobody reads them any more, as after head, is nobody's fault.
func (a *app) printed(err error) error {
	if errors.Is(err, syscall.EPIPE) && errors.Is(a.out.failure(), syscall.EPIPE) {
		return nil
	}
	return err
}

// variable gives an environment variable, empty when it is not set.
func (a *app) variable(name string) string {
	value, _ := a.env.LookupEnv(name)
	return value
}

// colours says whether a stream gets them: a terminal that is not dumb, and nobody who refuses them.
func (a *app) colours(terminal bool) report.Paint {
	return report.Paint{
		On:   terminal && !a.noColor && a.variable("NO_COLOR") == "" && a.variable("TERM") != "dumb",
		Hide: a.redactor.Redact,
	}
}

// paint is for standard error, paintOut for standard output.
func (a *app) paint() report.Paint    { return a.colours(a.env.Terminal.Err) }
func (a *app) paintOut() report.Paint { return a.colours(a.env.Terminal.Out) }

// live says whether a line may be drawn over and over.
func (a *app) live() bool {
	return a.env.Terminal.Err && a.variable("TERM") != "dumb" && a.variable("CI") == ""
}

// findings prints them on standard error. Warnings are left out under -q.
func (a *app) findings(list diag.List) {
	if a.quiet {
		var errors diag.List
		for _, d := range list {
			if d.Severity != diag.Warning {
				errors = append(errors, d)
			}
		}
		list = errors
	}
	// A stream that takes no more text has nobody to tell it to.
	_ = report.WriteFindings(a.err, report.Findings(a.hide(list).Sort()), a.paint())
}

// refuse prints why nothing was done: on standard error for people, and in -o json and ndjson on standard output too, in
// the form that validate has.
func (a *app) refuse(list diag.List) {
	a.findings(list)
	list = a.hide(list).Sort()
	switch a.format {
	case "json":
		// As of findings: a stream that takes no more text has nobody to tell it to.
		_ = report.WriteJSON(a.out, report.NewCheck(len(sources(list)), 0, list))
	case "ndjson":
		if a.events == nil {
			a.events = report.NewEvents(a.out)
		}
		a.events.Refuse(report.Findings(list))
	}
}

// sources are the files that findings are about.
func sources(list diag.List) map[string]bool {
	names := map[string]bool{}
	for _, d := range list {
		if d.Range.Source != nil {
			names[d.Range.Source.Name] = true
		}
	}
	return names
}

// log is the logger of whoever works in the background: warnings, or everything under -v.
func (a *app) log(w io.Writer) *slog.Logger {
	level := slog.LevelWarn
	if a.verbose {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level}))
}

// meaning explains WhatsApp's codes to report.
func meaning(code int) (title, action string) {
	c, known := whatsapp.Explain(code)
	if !known {
		return "", ""
	}
	return c.Title, c.Action
}
