package cli

import (
	"sync/atomic"

	"github.com/spf13/pflag"

	"waybill/engine"
	"waybill/engine/report"
	"waybill/engine/secret"
	"waybill/whatsapp"
)

type flag = pflag.Flag

// app is one command line under way.
type app struct {
	env                     Env
	redactor                *secret.Redactor
	out, err                *output // all that is printed goes through these two
	masked                  *maskedSources
	underway                atomic.Pointer[string] // the command that goes on with the run under way; nil: there is none
	settling                atomic.Bool            // the run under way has sent what it could
	format                  string                 // -o of the command; empty: it has none, or did not come so far
	events                  *report.Events         // of -o ndjson, once it was begun
	order                   []string               // names of the commands, as help lists them
	noColor, quiet, verbose bool
	version                 bool            // --version without a command
	showRecipients          bool            // nothing is masked
	spools                  []*engine.Spool // to be freed when the command ends
	stateOfVariable         bool            // the ledger is named by the environment
	witness                 string          // FILE of --witness
	insecureLedger          bool            // the way to its database may be open to others
}

func newApp(env Env) *app {
	redactor := secret.NewRedactor()
	return &app{
		env: env, redactor: redactor, masked: &maskedSources{redactor: redactor},
		out: &output{w: redactor.Writer(env.Stdout)},
		err: &output{w: redactor.Writer(env.Stderr), ignoreWriteErrors: true},
	}
}

// variable returns an environment variable, empty when it is not set.
func (a *app) variable(name string) string {
	value, _ := a.env.LookupEnv(name)
	return value
}

// colours says whether a stream gets them: a terminal that is not dumb, and neither flag nor variable that refuses them.
func (a *app) colours(terminal bool) report.Paint {
	return report.Paint{
		On:   terminal && !a.noColor && a.variable("NO_COLOR") == "" && a.variable("TERM") != "dumb",
		Hide: a.redactor.Redact,
	}
}

// paint is for standard error, paintOut for standard output.
func (a *app) paint() report.Paint {
	p := a.colours(a.env.Terminal.Err)
	p.Mask = a.logged()
	return p
}

func (a *app) paintOut() report.Paint { return a.colours(a.env.Terminal.Out) }

// paintLog is for what of standard output is read in a log: what plan and validate find in the rows.
func (a *app) paintLog() report.Paint {
	p := a.paintOut()
	p.Mask = a.logged()
	return p
}

// logged says whether what is printed for people ends in the log of a CI job, which many can see: it is masked then.
func (a *app) logged() bool { return a.variable("CI") != "" && !a.showRecipients }

// live says whether a line may be drawn over and over.
func (a *app) live() bool {
	return a.env.Terminal.Err && a.variable("TERM") != "dumb" && a.variable("CI") == ""
}

// meaning explains WhatsApp's codes to report.
func meaning(code int) (title, action string) {
	c, known := whatsapp.Explain(code)
	if !known {
		return "", ""
	}
	return c.Title, c.Action
}
