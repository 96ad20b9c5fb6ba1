package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/report"
	"waybill/engine/runner"
	"waybill/steps/template"
	"waybill/whatsapp"
)

type showTemplateOptions struct {
	name, language, row string
}

func (a *app) templatesShow() *cobra.Command {
	f := &jobFlags{}
	o := showTemplateOptions{}
	c := &cobra.Command{
		Use:   "show NAME [JOB…]",
		Short: "Show a template as the lock has it, or as a row fills it",
		Long: `Shows a template of templates.lock.yaml beside the jobs, by default the jobs of this folder: its state, and how it reads. With --row
it is filled with the row of that key, by each step of the jobs that sends it. It asks WhatsApp nothing.`,
		Example: `  waybill templates show appointment_reminder
  waybill templates show appointment_reminder --language es --row 4711`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError("missing NAME of a template", "waybill templates show NAME")
			}
			return nil
		},
	}
	c.Flags().StringVar(&o.language, "language", "", "in this `LANGUAGE` alone, such as es or en_US")
	c.Flags().StringVar(&o.row, "row", "", "filled with the row of this `KEY`")
	f.bindAllow(c)
	f.bindInputs(c)
	bindFormat(c, &f.format, "text", "json")
	c.RunE = func(c *cobra.Command, args []string) error {
		o.name = args[0]
		return a.showTemplate(c.Context(), args[1:], f, o)
	}
	return c
}

// shownTemplate is a template as -o json has it.
type shownTemplate struct {
	Account  string       `json:"account"`
	Name     string       `json:"name"`
	Language string       `json:"language"`
	Status   string       `json:"status"`
	Category string       `json:"category"`
	Read     string       `json:"read"` // when pull read it
	Text     string       `json:"text"`
	Rows     []filledText `json:"rows"` // of --row

	template whatsapp.Template
}

// filledText is a template as a step fills it with a row.
type filledText struct {
	Job   string `json:"job"`
	Step  string `json:"step"`
	Text  string `json:"text"`
	Error string `json:"error,omitempty"` // why it cannot be sent
}

func (a *app) showTemplate(ctx context.Context, paths []string, f *jobFlags, o showTemplateOptions) error {
	jobs, s, err := a.jobsToShow(paths, f, o)
	if err != nil {
		return err
	}
	shown, err := lockedTemplates(jobs, o)
	if err != nil {
		return err
	}
	if o.row != "" {
		if err := s.fill(ctx, jobs, shown, o); err != nil {
			return err
		}
	}
	if f.format == "json" {
		return report.WriteJSON(a.out, shown)
	}
	_, err = io.WriteString(a.out, a.shownText(shown))
	return a.printed(err)
}

// jobsToShow reads the jobs. Nothing is sent, so that neither token nor number are needed.
func (a *app) jobsToShow(paths []string, f *jobFlags, o showTemplateOptions) ([]*engine.Job, *setup, error) {
	files, err := a.jobFilesHere(paths)
	if err != nil {
		return nil, nil, err
	}
	if o.row != "" && len(files) == 0 {
		return nil, nil, usageError("--row is of a job, and there is none in this folder", "waybill templates show NAME JOB --row KEY")
	}
	flags := *f
	flags.sandbox = true // its connection takes the place of the job's, and nothing is sent to it
	s := a.newSetupWith(&flags, embeddedSpeed, a.log(a.err), nil)
	var jobs []*engine.Job
	var failures []error
	for _, file := range files {
		found, err := a.loadFile(file, s.loader)
		jobs, failures = append(jobs, found...), append(failures, err)
	}
	return jobs, s, joinFindings(failures)
}

// lockedTemplates are those of a name in the locks beside the jobs.
func lockedTemplates(jobs []*engine.Job, o showTemplateOptions) ([]shownTemplate, error) {
	accounts, err := lockedAccounts(jobs)
	if err != nil {
		return nil, err
	}
	shown, names := []shownTemplate{}, []string{}
	for _, account := range accounts {
		names = append(names, account.Names()...)
		for _, language := range account.Languages(o.name) {
			if o.language != "" && o.language != language {
				continue
			}
			t, _, err := account.Find(o.name, language)
			if err != nil {
				return nil, err
			}
			shown = append(shown, shownTemplate{
				Account: account.ID, Name: t.Name, Language: t.Language, Status: t.Status, Category: t.Category,
				Read: account.Read.Format(time.RFC3339), Text: t.Read(whatsapp.Message{}), Rows: []filledText{}, template: t,
			})
		}
	}
	if len(shown) > 0 {
		return shown, nil
	}
	what := o.name
	if o.language != "" {
		what += " in " + o.language
	}
	hint := ""
	if near := diag.Suggest(o.name, names); near != "" {
		hint = fmt.Sprintf("did you mean %s?", near)
	}
	return nil, usageError("the lock has no template "+what, hint)
}

// lockedAccounts are the accounts in the locks beside the jobs; without jobs, in that of this folder. That there is no lock is an error.
func lockedAccounts(jobs []*engine.Job) ([]*template.Account, error) {
	dirs := []string{}
	for _, job := range jobs {
		if !slices.Contains(dirs, job.Dir) {
			dirs = append(dirs, job.Dir)
		}
	}
	if len(dirs) == 0 {
		dirs = append(dirs, ".")
	}
	var accounts []*template.Account
	found := false
	for _, dir := range dirs {
		path := filepath.Join(dir, template.LockName)
		lock, err := template.Open(path, shownPath(path))
		if err != nil {
			return nil, err
		}
		if lock != nil {
			found, accounts = true, append(accounts, lock.Accounts...)
		}
	}
	if !found {
		return nil, usageError("there is no "+template.LockName+" here", "waybill templates pull")
	}
	return accounts, nil
}

// fill makes the messages of one row, as a new run would.
func (s *setup) fill(ctx context.Context, jobs []*engine.Job, shown []shownTemplate, o showTemplateOptions) error {
	given, err := s.flags.givenInputs()
	if err != nil {
		return err
	}
	met := false
	for _, job := range jobs {
		if len(templateSteps(job)) == 0 {
			continue
		}
		inputs, list := job.ParseInputs(given)
		if err := list.Err(); err != nil {
			return err
		}
		allow, err := absolute(s.flags.allow)
		if err != nil {
			return err
		}
		plan, err := s.engine(nil).Plan(ctx, runner.Request{
			Job: job, Mode: engine.ModeRun, Inputs: inputs, Open: engine.Files(job, allow), AllowPaths: allow, AllowURLs: s.flags.allowURLs,
			Connection: s.connection(), Sample: o.row,
		})
		if err != nil {
			return err
		}
		for _, sample := range plan.Samples {
			met = true
			if err := addFilled(shown, job.Name, sample); err != nil {
				return err
			}
		}
		for _, bad := range plan.Invalids {
			met = true
			for i := range shown {
				shown[i].Rows = append(shown[i].Rows, filledText{Job: job.Name, Step: bad.Step.Path, Error: bad.Err.Error()})
			}
		}
	}
	if !met {
		return usageError(fmt.Sprintf("no row has the key %q, or none of it is sent", o.row), "waybill plan shows keys")
	}
	return nil
}

func addFilled(shown []shownTemplate, job string, sample engine.Sample) error {
	var m whatsapp.Message
	if err := json.Unmarshal(sample.Body, &m); err != nil {
		return fmt.Errorf("read the message of %s: %w", sample.Step.Path, err)
	}
	if m.Template == nil {
		return nil
	}
	for i := range shown {
		t := shown[i].template
		if m.Template.Name != t.Name || m.Template.Language.Code != t.Language {
			continue
		}
		filled := filledText{Job: job, Step: sample.Step.Path, Text: t.Read(m)}
		var wrong []error
		for _, p := range t.Check(m) {
			if !p.Warning {
				wrong = append(wrong, errors.New(p.Summary))
			}
		}
		if len(wrong) > 0 {
			filled.Error = strings.ReplaceAll(errors.Join(wrong...).Error(), "\n", "; ")
		}
		shown[i].Rows = append(shown[i].Rows, filled)
	}
	return nil
}

func (a *app) shownText(shown []shownTemplate) string {
	paint := a.paintOut()
	var b strings.Builder
	block := func(text string) {
		for line := range strings.Lines(text) {
			b.WriteString("    " + report.Clean(strings.TrimRight(line, "\n")) + "\n")
		}
	}
	for i, t := range shown {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%s\n", paint.Bold(report.Clean(fmt.Sprintf("%s (%s)", t.Name, t.Language))))
		fmt.Fprintf(&b, "  %s, %s, account %s, as of %s\n", report.Clean(t.Status), report.Clean(t.Category), report.Clean(t.Account), t.Read)
		if state, summary, hint := template.StateOf(t.template); state != template.Sendable {
			fmt.Fprintf(&b, "  %s %s; %s\n", paint.Red("✗"), summary, hint)
		}
		b.WriteByte('\n')
		block(t.Text)
		for _, r := range t.Rows {
			fmt.Fprintf(&b, "\n  %s\n\n", paint.Bold(report.Clean("as "+r.Job+", step "+r.Step+" fills it")))
			block(r.Text)
			if r.Error != "" {
				fmt.Fprintf(&b, "  %s %s\n", paint.Red("✗"), report.Clean(r.Error))
			}
		}
	}
	return b.String()
}
