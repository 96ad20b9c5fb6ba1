package serve

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"waybill/engine/report"
	"waybill/engine/schedule"
	"waybill/steps"
)

// StartupInfo says where everything is, as it is printed when a server stands. Nothing in it is secret: what it says of the
// sandbox means nothing to anybody else.
type StartupInfo struct {
	Dashboard string              `json:"dashboard"`
	Webhooks  string              `json:"webhooks"`
	Ready     string              `json:"ready"`
	Metrics   string              `json:"metrics"`
	Ledger    string              `json:"ledger"`
	Schedules []ScheduleInfo      `json:"schedules"`
	Sandbox   *report.SandboxCard `json:"sandbox,omitempty"` // nil outside the sandbox

	Try string `json:"-"` // the command that sends in the sandbox
}

// ScheduleInfo is one job's schedule.
type ScheduleInfo struct {
	Job  string `json:"job"`
	Cron string `json:"cron"`
	Zone string `json:"zone"`
	Next string `json:"next"` // in the schedule's zone; empty: never again
}

// Info returns where everything is; Sandbox and Try are the caller's to fill in.
func (s *Server) Info() (*StartupInfo, error) {
	url := s.options.Listeners.URL()
	info := &StartupInfo{
		Dashboard: url + "/", Webhooks: url + steps.WebhookPath, Ready: url + "/readyz", Metrics: url + "/metrics",
		Ledger: s.options.State, Schedules: []ScheduleInfo{},
	}
	listing, err := schedule.Listing(s.jobs.List(), s.options.Now(), 1)
	if err != nil {
		return nil, err
	}
	for _, u := range listing {
		line := ScheduleInfo{Job: u.Job, Cron: u.Cron, Zone: u.Zone}
		if len(u.Times) > 0 {
			line.Next = u.Times[0].Local.Format(schedule.Layout)
		}
		info.Schedules = append(info.Schedules, line)
	}
	return info, nil
}

// WriteText prints it for people.
func (i *StartupInfo) WriteText(w io.Writer, paint report.Paint) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n", paint.Bold("waybill serve"))
	row := func(name, value string) { fmt.Fprintf(&b, "  %-10s %s\n", name, report.Clean(value)) }
	row("dashboard", i.Dashboard)
	row("webhooks", i.Webhooks)
	row("probes", i.Ready+"  "+i.Metrics)
	row("ledger", i.Ledger)
	for n, s := range i.Schedules {
		name := ""
		if n == 0 {
			name = "schedules"
		}
		next := "never again"
		if s.Next != "" {
			next = "next " + s.Next
		}
		row(name, s.Job+"  "+next)
	}
	if i.Sandbox != nil {
		i.sandboxText(&b, paint)
	}
	b.WriteString("\nCtrl-C ends it.\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// sandboxText says what to type in the second terminal.
func (i *StartupInfo) sandboxText(b *strings.Builder, paint report.Paint) {
	inbound := `curl -s ` + i.Sandbox.URL + `/__sandbox/inbound -d '{"from":"+34612345678","name":"Ana","text":"Can I come at 11?"}'`
	fmt.Fprintf(b, "\nIn the sandbox nobody is messaged. In a second terminal:\n\n")
	fmt.Fprintf(b, "  %s\n", paint.Cyan(i.Try))
	fmt.Fprintf(b, "      sends from the same ledger: watch the dashboard fill\n")
	fmt.Fprintf(b, "  %s\n", paint.Cyan(inbound))
	fmt.Fprintf(b, "      somebody writes: see the inbox\n\n")
	fmt.Fprintf(b, "For other clients the emulator is %s, its token %s, its number id %s.\n",
		i.Sandbox.BaseURL, i.Sandbox.Token, i.Sandbox.PhoneNumberID)
}

// WarnUnset logs what is not set and limits what the server does, and what to set.
func (s *Server) WarnUnset() {
	warn := func(text string) {
		s.log.LogAttrs(context.Background(), slog.LevelWarn, text) //nolint:sloglint // constants, all of them below
	}
	o := s.options
	if len(o.Secrets.App) == 0 {
		warn("every webhook is refused: set " + steps.AppSecretVariable + " to the app secret (Meta's app dashboard, App settings, Basic)")
	}
	if o.Secrets.Verify == "" {
		warn("the webhook's address cannot be registered: set " + steps.VerifyTokenVariable +
			" to a word of your own, and give the same to Meta")
	}
	if o.DashboardToken == "" && o.OpenToAll {
		warn("the dashboard and /metrics answer to this machine alone: set " + DashboardTokenVariable + " to open them")
	}
	if len(s.jobs.List()) > 0 && len(s.jobs.scheduled()) == 0 {
		warn("none of the jobs has a schedule: nothing is run by itself")
	}
}
