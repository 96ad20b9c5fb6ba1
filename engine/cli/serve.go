package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"waybill/engine"
	"waybill/engine/dashboard"
	"waybill/engine/diag"
	"waybill/engine/schedule"
)

// The variables that serve reads beside those of the jobs.
const (
	varAppSecret      = "WHATSAPP_APP_SECRET"     //nolint:gosec // a name
	varVerifyToken    = "WHATSAPP_VERIFY_TOKEN"   //nolint:gosec // a name
	varDashboardToken = "WAYBILL_DASHBOARD_TOKEN" //nolint:gosec // a name
)

type serveOptions struct {
	jobFlags

	listen, sandboxListen   string
	tlsCert, tlsKey         string
	behindProxy             bool
	dashboardToken, logForm string
	timezone                string
	sandboxListenGiven      bool
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
WHATSAPP_VERIFY_TOKEN; the dashboard's token, needed beyond this machine, from WAYBILL_DASHBOARD_TOKEN.`,
		Example: `  waybill serve --sandbox jobs
  waybill serve reminders.yaml
  waybill serve jobs --listen :443 --tls-cert fullchain.pem --tls-key privkey.pem`,
		ValidArgsFunction: jobFiles,
	}
	o.bindState(c)
	flags := c.Flags()
	flags.StringVar(&o.listen, "listen", "127.0.0.1:8080", "`ADDR` to serve on; port 0 takes a free one")
	flags.StringVar(&o.tlsCert, "tls-cert", "", "`FILE` of the certificate and those that sign it, PEM; read again when it changes")
	flags.StringVar(&o.tlsKey, "tls-key", "", "`FILE` of the certificate's key, PEM")
	flags.BoolVar(&o.behindProxy, "behind-proxy", false, "listen beyond this machine without TLS: a proxy in front of it does that")
	flags.StringVar(&o.dashboardToken, "dashboard-token", "", "`TOKEN` that the dashboard and /metrics ask for (better in "+varDashboardToken+")")
	flags.StringVar(&o.timezone, "timezone", "", "`ZONE` of the times on the dashboard (default that of the schedules, else UTC)")
	flags.StringVar(&o.logForm, "log-format", "text", "text, json")
	flags.StringVar(&o.sandboxListen, "sandbox-listen", "127.0.0.1:9090", "`ADDR` of the emulator with --sandbox")
	flags.StringArrayVar(&o.inputs, "input", nil, "`NAME=VALUE` for the scheduled jobs that have such an input; may be repeated")
	flags.StringVar(&o.inputFile, "input-file", "", "`FILE` of inputs: a JSON object, or a NAME=VALUE a line")
	flags.StringArrayVar(&o.allow, "allow-path", nil, "`DIR` outside the jobs' folder that they may read; may be repeated")
	bindFormat(c, &o.format, "text", "json")
	c.RunE = func(c *cobra.Command, args []string) error {
		o.sandboxListenGiven = c.Flags().Changed("sandbox-listen")
		return a.serveUntil(c.Context(), args, o)
	}
	return c
}

// serveUntil opens everything, and works until ctx ends or a part fails.
func (a *app) serveUntil(ctx context.Context, paths []string, o *serveOptions) (err error) {
	if err := o.check(a); err != nil {
		return err
	}
	s, err := a.newStation(paths, o)
	if err != nil {
		return err
	}
	ears, err := s.listen(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ears.close()) }()
	if err := s.openLedger(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.ledger.Close()) }()
	if err := s.announce(ears); err != nil {
		return err
	}
	return s.run(ctx, ears)
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
	if _, err := zoneNamed(o.timezone); err != nil {
		return err
	}
	o.dashboardToken = cmp.Or(o.dashboardToken, a.variable(varDashboardToken))
	a.redactor.Add(o.dashboardToken)
	return nil
}

// zoneNamed finds a time zone; nil for no name.
func zoneNamed(name string) (*time.Location, error) {
	if name == "" {
		return nil, nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, usageError(fmt.Sprintf("--timezone: there is no time zone %q", name), "names are a region and a city, such as Europe/Madrid")
	}
	return zone, nil
}

// zone is that of the times on the dashboard: the one that was asked for, else the one that all schedules share.
func (s *station) zone() *time.Location {
	if zone, err := zoneNamed(s.options.timezone); err == nil && zone != nil {
		return zone
	}
	var shared *time.Location
	for _, job := range s.files.Jobs() {
		switch {
		case job.Schedule == nil:
		case shared == nil:
			shared = job.Schedule.Zone
		case shared.String() != job.Schedule.Zone.String():
			return time.UTC
		}
	}
	return cmp.Or(shared, time.UTC)
}

// serveState is the ledger of several job files: they must mean the same one, or those who run them beside serve would
// write into others.
func serveState(f *jobFlags, files []string) (string, error) {
	if f.state != "" || len(files) == 0 {
		return statePath(f, "here")
	}
	first := ""
	for _, file := range files {
		dir, err := filepath.Abs(filepath.Dir(file))
		if err != nil {
			return "", fmt.Errorf("find the folder of %s: %w", file, err)
		}
		if first == "" {
			first = dir
		}
		if dir != first {
			return "", usageError("the job files lie in several folders, and each folder has a ledger of its own",
				"say which ledger they share: --state FILE, here and for run and apply")
		}
	}
	return statePath(f, files[0])
}

// secrets are those of the webhook: the app secrets, and the token of the handshake.
func (s *station) secrets() (app []string, verify string) {
	for secret := range strings.SplitSeq(s.app.variable(varAppSecret), ",") {
		if secret = strings.TrimSpace(secret); secret != "" {
			app = append(app, secret)
			s.app.redactor.Add(secret)
		}
	}
	verify = s.app.variable(varVerifyToken)
	s.app.redactor.Add(verify)
	return app, verify
}

// doorOptions says what of the ledger is shown in a browser, and to whom.
func (s *station) doorOptions() dashboard.Options {
	return dashboard.Options{
		Ledger: s.ledger, Now: s.app.env.Now, Zone: s.zone(), Meaning: meaning, Schedules: s.schedules,
		Token: s.options.dashboardToken, Version: version().Version, Log: s.log,
	}
}

// openJobs reads the job files; all of them must be right.
func (s *station) openJobs(paths []string) error {
	given, err := s.options.givenInputs()
	if err != nil {
		return err
	}
	s.given = given
	if s.files, err = schedule.Open(paths, s.load); err != nil {
		if several, ok := err.(interface{ Unwrap() []error }); ok {
			return joinFindings(several.Unwrap())
		}
		return err
	}
	return s.knownInputs()
}

// knownInputs refuses an input that no job has.
func (s *station) knownInputs() error {
	var known []string
	for _, job := range s.files.Jobs() {
		for _, in := range job.Inputs {
			known = append(known, in.Name)
		}
	}
	for name := range s.given {
		if !slices.Contains(known, name) {
			hint := "inputs are those of the jobs that are served"
			if near := diag.Suggest(name, known); near != "" {
				hint = fmt.Sprintf("did you mean --input %s=…?", near)
			}
			return usageError(fmt.Sprintf("no job has an input %q", name), hint)
		}
	}
	return nil
}

// inputsOf gives a job those of the given inputs that it has.
func (s *station) inputsOf(job *engine.Job) (map[string]any, error) {
	own := map[string]string{}
	for _, in := range job.Inputs {
		if text, ok := s.given[in.Name]; ok {
			own[in.Name] = text
		}
	}
	inputs, findings := job.ParseInputs(own)
	return inputs, findings.Err()
}
