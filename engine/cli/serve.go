package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"waybill/engine/audience"
	"waybill/engine/diag"
	"waybill/engine/eval"
	"waybill/engine/secret"
	"waybill/engine/serve"
	"waybill/steps"
	"waybill/steps/template"
)

type serveOptions struct {
	jobFlags

	listen, sandboxListen   string
	tlsCert, tlsKey         string
	behindProxy             bool
	dashboardToken, logForm string
	timezone                string
	zone                    *time.Location // of timezone; nil: none was given
	sandboxListenGiven      bool

	stopWords   []string
	noStopWords bool
	words       audience.Words // of both
}

func (a *app) serveCommand() *cobra.Command {
	o := &serveOptions{}
	c := &cobra.Command{
		Use:   "serve [JOB…]",
		Short: "Receive webhooks, run jobs on their schedules, and show a dashboard",
		Long: `Runs until it is interrupted, on the ledger that run and apply use beside it. At one address it has

  /webhooks   where WhatsApp reports what became of messages, and replies
  /           the dashboard: runs, deliveries, inbox, schedules
  /healthz /readyz /metrics

JOB is a job file or a folder of them. Those with a schedule run at their times; files are read again when they change.
Without TLS it listens on this machine alone, unless --behind-proxy says that something in front of it does the TLS.

The webhook's secrets come from WHATSAPP_APP_SECRET (several, with commas, while one is replaced) and
WHATSAPP_VERIFY_TOKEN; the dashboard's token, needed beyond this machine, from WAYBILL_DASHBOARD_TOKEN.

Who writes STOP, and nothing else, gets no more messages but one-time codes until they write START; --stop-word adds words of your
languages. They are looked for in the inbox, too: who wrote one before serve knew it has left all the same.`,
		Example: `  waybill serve --sandbox jobs
  waybill serve reminders.yaml
  waybill serve jobs --listen :443 --tls-cert fullchain.pem --tls-key privkey.pem`,
		ValidArgsFunction: jobFiles,
	}
	o.bindState(c)
	o.bindExisting(c)
	flags := c.Flags()
	flags.StringVar(&o.listen, "listen", "127.0.0.1:8080", "`ADDR` to serve on; port 0 takes a free one")
	flags.StringVar(&o.tlsCert, "tls-cert", "", "`FILE` of the certificate and those that sign it, PEM; read again when it changes")
	flags.StringVar(&o.tlsKey, "tls-key", "", "`FILE` of the certificate's key, PEM")
	flags.BoolVar(&o.behindProxy, "behind-proxy", false, "listen beyond this machine without TLS: a proxy in front of it does that")
	flags.StringVar(&o.dashboardToken, "dashboard-token", "",
		"`TOKEN` that the dashboard and /metrics ask for (better in "+serve.DashboardTokenVariable+")")
	flags.StringVar(&o.timezone, "timezone", "", "`ZONE` of the times on the dashboard (default that of the schedules, else UTC)")
	flags.StringVar(&o.logForm, "log-format", "text", "text, json")
	flags.StringVar(&o.sandboxListen, "sandbox-listen", "127.0.0.1:9090", "`ADDR` of the emulator with --sandbox")
	flags.StringArrayVar(&o.stopWords, "stop-word", nil,
		"`WORD` that people write to be left alone, besides STOP; may be repeated. START lifts it")
	flags.BoolVar(&o.noStopWords, "no-stop-words", false, "take no word for an opt-out, not even STOP")
	flags.StringArrayVar(&o.inputs, "input", nil, "`NAME=VALUE` for the scheduled jobs that have such an input; may be repeated")
	flags.StringVar(&o.inputFile, "input-file", "", "`FILE` of inputs: NAME=VALUE a line as in a .env file, YAML or JSON")
	o.bindAllow(c)
	bindFormat(c, &o.format, "text", "json")
	c.RunE = func(c *cobra.Command, args []string) error {
		o.sandboxListenGiven = c.Flags().Changed("sandbox-listen")
		return a.serve(c.Context(), args, o)
	}
	return c
}

// serve opens everything, and works until ctx ends or a part fails.
func (a *app) serve(ctx context.Context, paths []string, o *serveOptions) (err error) {
	if err := o.check(a); err != nil {
		return err
	}
	files, err := a.optionalJobFiles(paths)
	if err != nil {
		return err
	}
	state, err := sharedState(&o.jobFlags, files)
	if err != nil {
		return err
	}
	if err := a.mayBegin(state, &o.jobFlags, false); err != nil {
		return err
	}
	log := a.serveLog(o.logForm)
	s := a.newSetup(&o.jobFlags, lifelikeSpeed, log)
	jobs, err := a.readServedJobs(s, files, log)
	if err != nil {
		return err
	}
	if err := s.seedTemplates(jobs.List()); err != nil {
		return err
	}
	listeners, err := a.listen(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, listeners.Close()) }()
	l, err := s.open(ctx, state, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	options := a.serverOptions(s, o, state, log)
	options.Jobs, options.Listeners = jobs, listeners
	options.Ledger, options.Alarms, options.CSV = l, alarms(l), deliveriesCSV(l)
	server, err := serve.New(options)
	if err != nil {
		return err
	}
	if s.emulator != nil {
		s.emulator.webhooks = server.Webhooks()
	}
	if err := a.announce(server, o, options); err != nil {
		return err
	}
	return server.Run(ctx)
}

// serverOptions are those of the server, but for what is opened: its jobs, ledger and listeners.
func (a *app) serverOptions(s *setup, o *serveOptions, state string, log *slog.Logger) serve.Options {
	of := hints{app: a, flags: &o.jobFlags, state: state}
	options := serve.Options{
		State: nameOfState(state), Words: o.words, Secrets: a.webhookSecrets(), By: a.actor(""),
		DashboardToken: o.dashboardToken, OpenToAll: o.behindProxy || o.tlsCert != "", Zone: o.zone,
		AllowPaths: o.allow, AllowURLs: o.allowURLs, Next: of.next, Where: of.where(), Tell: a.tell, TellPending: a.tellPending,
		Meaning: meaning, Reads: a.reads(&template.Locks{Now: a.env.Now, Name: shownPath}),
		Redact: a.redactor.Redact, Hide: a.redactor.Add, Now: a.env.Now, Log: log, Version: version().Version,
	}
	if s.emulator != nil {
		options.Secrets = sandboxSecrets()
		options.Emulator = &serve.Emulator{Handler: s.emulator.server, Run: s.emulator.server.Run, Connection: s.connection()}
	}
	return options
}

// check finds what contradicts itself, and takes in what stands in the environment.
func (o *serveOptions) check(a *app) error {
	if err := oneOf("--log-format", o.logForm, []string{"text", "json"}); err != nil {
		return err
	}
	if (o.tlsCert == "") != (o.tlsKey == "") {
		return usageError("--tls-cert and --tls-key belong together", "give both files, or neither")
	}
	if o.sandboxListenGiven && !o.sandbox {
		return usageError("--sandbox-listen is of use with --sandbox alone", "")
	}
	var err error
	if o.words, err = stopWords(o.stopWords, o.noStopWords); err != nil {
		return err
	}
	if o.zone, err = zoneNamed(o.timezone); err != nil {
		return err
	}
	o.dashboardToken = cmp.Or(o.dashboardToken, a.secretOf(serve.DashboardTokenVariable))
	a.redactor.Add(o.dashboardToken)
	return nil
}

// stopWords are the words that a receiver takes for an opt-out.
func stopWords(more []string, none bool) (audience.Words, error) {
	if none {
		if len(more) > 0 {
			return audience.Words{}, usageError("--stop-word and --no-stop-words exclude each other", "")
		}
		return audience.Words{}, nil
	}
	words := audience.NewWords(more...)
	for _, word := range more {
		_, stop, start := words.Said(word)
		switch {
		case start:
			return words, usageError(fmt.Sprintf("--stop-word %q: START is what lifts an opt-out", word), "")
		case !stop:
			return words, usageError(fmt.Sprintf("--stop-word %q is no word that a whole message can be", word),
				"it needs a letter or a digit, and has at most 100 bytes")
		}
	}
	return words, nil
}

// zoneNamed finds a time zone; nil for no name.
func zoneNamed(name string) (*time.Location, error) {
	if name == "" {
		return nil, nil
	}
	zone, err := eval.Zone(name)
	if err != nil {
		return nil, usageError(fmt.Sprintf("--timezone: there is no time zone %q", name),
			"names are a region and a city, such as Europe/Madrid")
	}
	return zone, nil
}

// secretOf is a secret of the environment without white space at its ends, which is told. Neither is printed.
func (a *app) secretOf(name string) string {
	value := a.variable(name)
	trimmed := secret.Trim(value)
	a.redactor.Add(value)
	a.redactor.Add(trimmed)
	if value != trimmed {
		a.findings(diag.List{{Severity: diag.Warning, Code: "white-space", Summary: name + " has white space at its ends, which is taken off"}})
	}
	return trimmed
}

// webhookSecrets are those of the environment.
func (a *app) webhookSecrets() serve.Secrets {
	secrets := serve.Secrets{Verify: a.secretOf(steps.VerifyTokenVariable)}
	for one := range strings.SplitSeq(a.secretOf(steps.AppSecretVariable), ",") {
		if one = secret.Trim(one); one != "" {
			secrets.App = append(secrets.App, one)
			a.redactor.Add(one)
		}
	}
	return secrets
}
