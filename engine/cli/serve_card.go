package cli

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"waybill/engine/report"
	"waybill/engine/schedule"
	"waybill/whatsapp/sandbox"
)

// serveCard is what serve prints when it stands: where everything is. Of the sandbox's secrets none is one.
type serveCard struct {
	Dashboard string              `json:"dashboard"`
	Webhooks  string              `json:"webhooks"`
	Ready     string              `json:"ready"`
	Metrics   string              `json:"metrics"`
	Ledger    string              `json:"ledger"`
	Schedules []serveSchedule     `json:"schedules"`
	Sandbox   *report.SandboxCard `json:"sandbox,omitempty"`

	jobs  []string // their files
	where string   // --state, if the commands beside serve need it
}

type serveSchedule struct {
	Job  string `json:"job"`
	Cron string `json:"cron"`
	Zone string `json:"zone"`
	Next string `json:"next"` // in the schedule's zone; empty: never again
}

// announce prints the card, and warns of what is not set.
func (s *station) announce(e *ears) error {
	card, err := s.card(e)
	if err != nil {
		return err
	}
	if s.options.format == "json" {
		err = report.WriteJSON(s.app.out, card)
	} else {
		_, err = io.WriteString(s.app.out, card.text(s.app.paintOut()))
	}
	if err != nil {
		return fmt.Errorf("say where everything is: %w", err)
	}
	s.warnings()
	return nil
}

func (s *station) card(e *ears) (*serveCard, error) {
	c := &serveCard{
		Dashboard: e.url() + "/", Webhooks: e.url() + webhookPath, Ready: e.url() + "/readyz", Metrics: e.url() + "/metrics",
		Ledger: s.state, Schedules: []serveSchedule{},
	}
	listing, err := schedule.Listing(s.files.Jobs(), s.app.env.Now(), 1)
	if err != nil {
		return nil, err
	}
	for _, u := range listing {
		line := serveSchedule{Job: u.Job, Cron: u.Cron, Zone: u.Zone}
		if len(u.Times) > 0 {
			line.Next = u.Times[0].Local.Format(scheduleLayout)
		}
		c.Schedules = append(c.Schedules, line)
	}
	for _, job := range s.files.Jobs() {
		c.jobs = append(c.jobs, job.Source.Name)
	}
	if s.options.state != "" || len(c.jobs) == 0 {
		c.where = " --state " + quote(s.state)
	}
	if e.emulator != nil {
		url := "http://" + e.emulator.Addr().String()
		c.Sandbox = &report.SandboxCard{
			URL: url, BaseURL: url + "/" + sandbox.DefaultVersion, Token: sandbox.DefaultToken,
			PhoneNumberID: sandbox.DefaultPhoneNumberID, WABAID: sandbox.DefaultWABAID,
			AppSecret: sandbox.DefaultAppSecret, VerifyToken: sandbox.DefaultVerifyToken,
		}
	}
	return c, nil
}

func (c *serveCard) text(paint report.Paint) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n", paint.Bold("waybill serve"))
	row := func(name, value string) { fmt.Fprintf(&b, "  %-10s %s\n", name, report.Clean(value)) }
	row("dashboard", c.Dashboard)
	row("webhooks", c.Webhooks)
	row("probes", c.Ready+"  "+c.Metrics)
	row("ledger", c.Ledger)
	for i, s := range c.Schedules {
		name := ""
		if i == 0 {
			name = "schedules"
		}
		next := "never again"
		if s.Next != "" {
			next = "next " + s.Next
		}
		row(name, s.Job+"  "+next)
	}
	if c.Sandbox != nil {
		c.sandboxText(&b, paint)
	}
	b.WriteString("\nCtrl-C ends it.\n")
	return b.String()
}

// sandboxText says what to type in the second terminal.
func (c *serveCard) sandboxText(b *strings.Builder, paint report.Paint) {
	job := "JOB"
	if len(c.jobs) > 0 {
		job = quote(c.jobs[0])
	}
	fmt.Fprintf(b, "\nIn the sandbox nobody is messaged. In a second terminal:\n\n")
	fmt.Fprintf(b, "  %s\n", paint.Cyan("waybill run "+job+" --sandbox"+c.where))
	fmt.Fprintf(b, "      sends from the same ledger: watch the dashboard fill\n")
	fmt.Fprintf(b, "  %s\n", paint.Cyan(`curl -s `+c.Sandbox.URL+`/__sandbox/inbound -d '{"from":"+34612345678","name":"Ana","text":"Can I come at 11?"}'`))
	fmt.Fprintf(b, "      somebody writes: see the inbox\n\n")
	fmt.Fprintf(b, "For other clients the emulator is %s, its token %s, its number id %s.\n", c.Sandbox.BaseURL, c.Sandbox.Token, c.Sandbox.PhoneNumberID)
}

// warnings say what is missing, and what to set.
func (s *station) warnings() {
	warn := func(text string) {
		s.log.LogAttrs(context.Background(), slog.LevelWarn, text) //nolint:sloglint // constants, all of them below
	}
	if len(s.receiver.handler.Secrets) == 0 {
		warn("every webhook is refused: set " + varAppSecret + " to the app secret (Meta's app dashboard, App settings, Basic)")
	}
	if s.receiver.handler.VerifyToken == "" {
		warn("the webhook's address cannot be registered: set " + varVerifyToken + " to a word of your own, and give the same to Meta")
	}
	if s.options.dashboardToken == "" && (s.options.behindProxy || s.options.tlsCert != "") {
		warn("the dashboard and /metrics answer to this machine alone: set " + varDashboardToken + " to open them")
	}
	if len(s.files.Jobs()) > 0 && !s.anyScheduled() {
		warn("none of the jobs has a schedule: nothing is run by itself")
	}
}

func (s *station) anyScheduled() bool {
	for _, job := range s.files.Jobs() {
		if job.Schedule != nil {
			return true
		}
	}
	return false
}
