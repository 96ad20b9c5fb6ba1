package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"waybill/engine/diag"
	"waybill/engine/report"
	"waybill/steps/template"
	"waybill/whatsapp"
)

type pushOptions struct {
	account  string
	yes, dry bool
}

func (a *app) templatesPush() *cobra.Command {
	f := &jobFlags{}
	o := pushOptions{}
	c := &cobra.Command{
		Use:   "push [JOB…]",
		Short: "Make and edit templates from the files in templates/",
		Long: `Reads the definitions in the folder templates/ beside the jobs, finds everything that is wrong with them, compares them with the
account's templates, and shows what would be made and what edited. Then it asks, and does it. WhatsApp reviews each; push says how that
stands and which category it gave. What is not defined is left alone. An approved template can be edited once in 24 hours.`,
		Example: `  waybill templates push --dry-run
  waybill templates push --yes && waybill templates pull`,
		ValidArgsFunction: jobFiles,
	}
	c.Flags().StringVar(&o.account, "waba", "", "to the account with this `ID`, where the jobs use several")
	c.Flags().BoolVar(&o.yes, "yes", false, "change templates without asking")
	c.Flags().BoolVar(&o.dry, "dry-run", false, "show what would be changed, and change nothing; exit status 2 when there is something")
	f.bindAllow(c)
	bindFormat(c, &f.format, "text", "json")
	c.RunE = func(c *cobra.Command, args []string) error { return a.pushTemplates(c.Context(), args, f, o) }
	return c
}

// pushed is what push does about one definition, as -o json has it.
type pushed struct {
	Account  string                 `json:"account"`
	Name     string                 `json:"name"`
	Language string                 `json:"language"`
	Action   string                 `json:"action"`   // create, edit, none, or blocked: it cannot be edited now
	Changes  []template.FieldChange `json:"changes"`  // of edit and blocked
	Status   string                 `json:"status"`   // what it is; empty: it is not there
	Category string                 `json:"category"` // that WhatsApp gave it
	Reason   string                 `json:"reason,omitempty"`
	Error    string                 `json:"error,omitempty"`

	definition template.Definition
	now        whatsapp.Template
}

func (a *app) pushTemplates(ctx context.Context, paths []string, f *jobFlags, o pushOptions) error {
	targets, err := a.pushTargets(ctx, paths, f, o)
	if err != nil {
		return err
	}
	defined := make([][]template.Definition, len(targets))
	var findings diag.List
	for i, t := range targets {
		list, found, err := a.definitions(filepath.Join(t.dir, definitionsFolder))
		if err != nil {
			return err
		}
		defined[i], findings = list, append(findings, found...)
	}
	if err := findings.Err(); err != nil {
		return err
	}
	var all []*pushed
	clients := map[string]*whatsapp.Client{}
	for i, t := range targets {
		if len(defined[i]) == 0 {
			return usageError("there are no definitions in "+shownPath(filepath.Join(t.dir, definitionsFolder)), "write one: name, language, category and body, in a .yaml file")
		}
		list, err := a.compareDefinitions(ctx, t, defined[i])
		if err != nil {
			return err
		}
		if clients[t.connection.WABAID], err = a.templateClient(t); err != nil {
			return err
		}
		all = append(all, list...)
	}
	return a.performPush(ctx, all, clients, f.format, o)
}

// pushTargets are the accounts to push to: one for each folder.
func (a *app) pushTargets(ctx context.Context, paths []string, f *jobFlags, o pushOptions) ([]templateTarget, error) {
	targets, err := a.templateTargets(ctx, paths, f)
	if err != nil {
		return nil, err
	}
	var chosen []templateTarget
	for _, t := range targets {
		if o.account != "" && t.connection.WABAID != o.account {
			continue
		}
		if i := slices.IndexFunc(chosen, func(c templateTarget) bool { return c.dir == t.dir }); i >= 0 {
			return nil, usageError(fmt.Sprintf("the jobs use several accounts: %s and %s", chosen[i].connection.WABAID, t.connection.WABAID), "choose one with --waba ID")
		}
		chosen = append(chosen, t)
	}
	if len(chosen) == 0 {
		return nil, usageError("no job uses account "+o.account, "")
	}
	return chosen, nil
}

// definitions reads those of a folder. The error is about the disk.
func (a *app) definitions(folder string) ([]template.Definition, diag.List, error) {
	var list []template.Definition
	var found diag.List
	first := map[string]diag.Range{}
	for _, name := range yamlFilesOf(folder) {
		path := filepath.Join(folder, name)
		if !isTemplateFile(path) {
			continue
		}
		source, err := a.readSource(shownPath(path))
		if err != nil {
			return nil, nil, err
		}
		defined, findings := template.ReadDefinitions(source)
		found = append(found, findings...)
		for _, d := range defined {
			key := d.Name + " in " + d.Language
			if at, twice := first[key]; twice && d.Name != "" {
				found = append(found, diag.Diagnostic{
					Severity: diag.Error, Code: "bad-template", Range: d.Range, Summary: "a second definition of " + key, Detail: "The first is at " + at.String() + ".",
				})
			}
			first[key] = d.Range
			list = append(list, d)
		}
	}
	return list, found, nil
}

// compareDefinitions says what is to be done about each definition.
func (a *app) compareDefinitions(ctx context.Context, t templateTarget, defined []template.Definition) ([]*pushed, error) {
	account, err := a.account(ctx, t)
	if err != nil {
		return nil, err
	}
	var list []*pushed
	for _, d := range defined {
		p := &pushed{Account: account.ID, Name: d.Name, Language: d.Language, Action: "create", Changes: []template.FieldChange{}, definition: d}
		now, there, err := account.Find(d.Name, d.Language)
		if err != nil {
			return nil, err
		}
		if there {
			p.now, p.Status, p.Category, p.Action = now, now.Status, now.Category, "none"
			if p.Changes, err = d.Changes(now); err != nil {
				return nil, err
			}
		}
		if len(p.Changes) > 0 {
			p.Action = "edit"
			if why := uneditable(now, d); why != "" {
				p.Action, p.Error = "blocked", why
			}
		}
		list = append(list, p)
	}
	return list, nil
}

// uneditable says why a template cannot be edited as it is defined.
func uneditable(now whatsapp.Template, d template.Definition) string {
	named := d.ParameterFormat == "NAMED"
	switch strings.ToUpper(now.Status) {
	case whatsapp.TemplateApproved, "REJECTED", "PAUSED":
	default:
		return "it is " + now.Status + ", and only APPROVED, REJECTED and PAUSED ones can be edited"
	}
	switch {
	case now.Generated():
		return "WhatsApp generated it, and it cannot be edited"
	case now.Status == whatsapp.TemplateApproved && !strings.EqualFold(now.Category, d.Category):
		return fmt.Sprintf("it is approved as %s, and the category of an approved template cannot be edited", now.Category)
	case now.Named() != named && len(placeholdersIn(now)) > 0:
		return "its parameters go by the other way, by name or by position: that takes a template of another name"
	}
	return ""
}

func placeholdersIn(t whatsapp.Template) []string {
	var names []string
	for _, c := range t.Components {
		names = append(names, c.Placeholders()...)
	}
	return names
}

func (a *app) performPush(ctx context.Context, all []*pushed, clients map[string]*whatsapp.Client, format string, o pushOptions) error {
	created, edited, blocked := 0, 0, 0
	for _, p := range all {
		switch p.Action {
		case "create":
			created++
		case "edit":
			edited++
		case "blocked":
			blocked++
		}
	}
	if format == "text" {
		if _, err := io.WriteString(a.out, a.pushText(all)); err != nil {
			return a.printed(err)
		}
	}
	if created+edited > 0 && !o.dry {
		if !o.yes {
			if err := a.askToChange(ctx, fmt.Sprintf("%d templates will be made and %d edited.", created, edited)); err != nil {
				return err
			}
		}
		for _, p := range all {
			a.push(ctx, clients[p.Account], p)
		}
		if format == "text" {
			if _, err := io.WriteString(a.out, a.reviewText(all)); err != nil {
				return a.printed(err)
			}
		}
	}
	if format == "json" {
		if err := report.WriteJSON(a.out, all); err != nil {
			return err
		}
	}
	switch {
	case slices.ContainsFunc(all, func(p *pushed) bool { return p.Error != "" }):
		return exit(ExitFailed)
	case o.dry && created+edited > 0:
		return exit(ExitChanges)
	}
	return nil
}

// push makes or edits one template, and asks what became of it.
func (a *app) push(ctx context.Context, client *whatsapp.Client, p *pushed) {
	var err error
	switch p.Action {
	case "create":
		var body []byte
		if body, err = p.definition.Request(); err == nil {
			var review whatsapp.TemplateReview
			review, err = client.CreateTemplate(ctx, p.Account, body)
			p.Status, p.Category = review.Status, review.Category
		}
	case "edit":
		var body []byte
		if body, err = p.definition.Edit(p.now); err == nil {
			err = client.EditTemplate(ctx, p.now.ID, body)
		}
	default:
		return
	}
	if err == nil {
		var list []whatsapp.Template
		if list, err = client.Templates(ctx, p.Account, whatsapp.TemplateFilter{Name: p.Name}); err == nil {
			for _, t := range list {
				if t.Language == p.Language {
					p.Status, p.Category, p.Reason = t.Status, t.Category, strings.TrimPrefix(t.RejectedReason, "NONE")
				}
			}
		}
		err = wrapReview(err)
	}
	if err != nil {
		p.Error = a.redactor.Redact(err.Error())
	}
}

// wrapReview says that a template was changed though nobody knows its state.
func wrapReview(err error) error {
	if err == nil {
		return nil
	}
	return errors.Join(errors.New("it was changed, and its review could not be asked for"), err)
}

// pushText shows what would be done.
func (a *app) pushText(all []*pushed) string {
	paint := a.paintOut()
	var b strings.Builder
	for _, p := range all {
		name := report.Clean(p.Name + " (" + p.Language + ")")
		switch p.Action {
		case "create":
			fmt.Fprintf(&b, "%s %s, new, %s\n", paint.Green("+"), name, p.definition.Category)
			if t, err := p.definition.Template(); err == nil {
				for line := range strings.Lines(t.Read(whatsapp.Message{})) {
					b.WriteString("      " + report.Clean(strings.TrimRight(line, "\n")) + "\n")
				}
			}
		case "none":
			fmt.Fprintf(&b, "= %s, as defined, %s\n", name, report.Clean(p.Status))
		default:
			mark := paint.Yellow("~")
			if p.Action == "blocked" {
				mark = paint.Red("✗")
			}
			fmt.Fprintf(&b, "%s %s, %s\n", mark, name, report.Clean(p.Status))
			for _, f := range p.Changes {
				writeFieldChange(&b, f, paint)
			}
			if p.Error != "" {
				fmt.Fprintf(&b, "      %s\n", report.Clean(p.Error))
			}
		}
	}
	return b.String()
}

// reviewText says what became of what was done.
func (a *app) reviewText(all []*pushed) string {
	paint := a.paintOut()
	var b strings.Builder
	for _, p := range all {
		if p.Action != "create" && p.Action != "edit" {
			continue
		}
		name, done := report.Clean(p.Name+" ("+p.Language+")"), map[string]string{"create": "made", "edit": "edited"}[p.Action]
		if p.Error != "" {
			fmt.Fprintf(&b, "%s %s: %s\n", paint.Red("✗"), name, report.Clean(strings.ReplaceAll(p.Error, "\n", ": ")))
			continue
		}
		fmt.Fprintf(&b, "%s %s %s: %s, category %s", paint.Green("✓"), name, done, report.Clean(p.Status), report.Clean(p.Category))
		if p.Reason != "" {
			b.WriteString(", " + report.Clean(p.Reason))
		}
		b.WriteByte('\n')
		if p.Category != "" && !strings.EqualFold(p.Category, p.definition.Category) {
			fmt.Fprintf(&b, "  %s %s was asked for; it costs what %s costs\n", paint.Yellow("!"), p.definition.Category, report.Clean(p.Category))
		}
	}
	if !a.quiet {
		b.WriteString("when the review is over: waybill templates pull\n")
	}
	return b.String()
}
