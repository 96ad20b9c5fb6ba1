package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"waybill/engine/report"
	"waybill/engine/wording"
	"waybill/steps/template"
)

func (a *app) templatesCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "templates pull | diff | show | push",
		Short: "Know the templates that the jobs use, before anything is sent",
		Long: `A template is a contract: WhatsApp holds the text, and a message brings the parameters. pull writes what the account's templates
are into templates.lock.yaml beside the jobs; commit it. validate, plan and run then check every message against it without asking
anybody: name, language, status, the parameters and their names, the header's medium, the buttons, the length of the filled text.

  waybill templates pull [JOB…]      read the account's templates into the lock
  waybill templates diff [JOB…]      say what changed at WhatsApp since
  waybill templates show NAME        a template, or with --row as a row fills it
  waybill templates push [JOB…]      make and edit templates from the files in templates/`,
		Args: oneCommandOf("waybill templates pull reads them"),
		RunE: func(*cobra.Command, []string) error { return nil },
	}
	c.AddCommand(a.templatesPull(), a.templatesDiff(), a.templatesShow(), a.templatesPush())
	return c
}

func (a *app) templatesPull() *cobra.Command {
	f := &jobFlags{}
	c := &cobra.Command{
		Use:   "pull [JOB…]",
		Short: "Write what the account's templates are into templates.lock.yaml",
		Long: `Reads the templates of the accounts that the jobs send from, by default the jobs of this folder, and writes them into
templates.lock.yaml beside them. It says what changed since the last time. Without a job the account is that of WHATSAPP_WABA_ID. The
token needs the permission whatsapp_business_management.`,
		Example: `  waybill templates pull
  waybill templates pull reminders.yaml && git diff templates.lock.yaml`,
		ValidArgsFunction: jobFiles,
	}
	f.bindAllow(c)
	bindFormat(c, &f.format, "text", "json")
	c.RunE = func(c *cobra.Command, args []string) error { return a.pullTemplates(c.Context(), args, f) }
	return c
}

func (a *app) templatesDiff() *cobra.Command {
	f := &jobFlags{}
	c := &cobra.Command{
		Use:   "diff [JOB…]",
		Short: "Say what changed at WhatsApp since the last pull; exit status 2 when something did",
		Long: `Compares templates.lock.yaml with what the account's templates are now, and writes nothing. Exit status 0: the same; 2: they
differ, or there is no lock yet.`,
		Example:           `  waybill templates diff || waybill templates pull`,
		ValidArgsFunction: jobFiles,
	}
	f.bindAllow(c)
	bindFormat(c, &f.format, "text", "json")
	c.RunE = func(c *cobra.Command, args []string) error { return a.diffTemplates(c.Context(), args, f) }
	return c
}

// templateDrift is what became of the templates of an account, as -o json has it.
type templateDrift struct {
	Account   string            `json:"account"`
	Lock      string            `json:"lock"`
	Templates int               `json:"templates"`
	Changes   []template.Change `json:"changes"`
}

func (a *app) pullTemplates(ctx context.Context, paths []string, f *jobFlags) error {
	targets, err := a.templateTargets(ctx, paths, f)
	if err != nil {
		return err
	}
	var drifts []templateDrift
	for _, t := range targets {
		fresh, err := a.account(ctx, t)
		if err != nil {
			return err
		}
		lock, err := template.Open(t.lockPath(), shownPath(t.lockPath()))
		if err != nil {
			fmt.Fprintf(a.err, "%s the lock is written anew, for the old one cannot be read: %v\n", a.paint().Yellow("warning:"), err)
			lock = nil
		}
		drift, err := driftOf(t, lock, fresh)
		if err != nil {
			return err
		}
		text, err := lock.With(fresh)
		if err != nil {
			return err
		}
		if err := writeForAll(t.lockPath(), text); err != nil {
			return err
		}
		drifts = append(drifts, drift)
	}
	return a.printDrifts(drifts, f.format, "as before")
}

func (a *app) diffTemplates(ctx context.Context, paths []string, f *jobFlags) error {
	targets, err := a.templateTargets(ctx, paths, f)
	if err != nil {
		return err
	}
	var drifts []templateDrift
	differs := false
	for _, t := range targets {
		lock, err := template.Open(t.lockPath(), shownPath(t.lockPath()))
		if err != nil {
			return err
		}
		fresh, err := a.account(ctx, t)
		if err != nil {
			return err
		}
		drift, err := driftOf(t, lock, fresh)
		if err != nil {
			return err
		}
		differs = differs || len(drift.Changes) > 0 || lock.Account(fresh.ID) == nil
		drifts = append(drifts, drift)
	}
	if err := a.printDrifts(drifts, f.format, "the same"); err != nil {
		return err
	}
	if differs {
		return exit(ExitChanges)
	}
	return nil
}

func driftOf(t templateTarget, lock *template.Lock, fresh *template.Account) (templateDrift, error) {
	changes, err := template.Diff(lock.Account(fresh.ID), fresh)
	return templateDrift{Account: fresh.ID, Lock: shownPath(t.lockPath()), Templates: fresh.Len(), Changes: changes}, err
}

// writeForAll writes a file that others read too.
func writeForAll(path string, text []byte) error {
	err := replaceFile(path, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
	if err == nil {
		err = os.Chmod(path, 0o644) //nolint:gosec // it goes into the repository
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", template.LockName, err)
	}
	return nil
}

func (a *app) printDrifts(drifts []templateDrift, format, same string) error {
	if format == "json" {
		return report.WriteJSON(a.out, drifts)
	}
	paint := a.paintOut()
	var b strings.Builder
	for _, d := range drifts {
		fmt.Fprintf(&b, "%s: account %s, %d templates", report.Clean(d.Lock), report.Clean(d.Account), d.Templates)
		if len(d.Changes) == 0 {
			b.WriteString(", " + same + "\n")
			continue
		}
		fmt.Fprintf(&b, ", %s\n", wording.Plural(len(d.Changes), "change"))
		for _, c := range d.Changes {
			writeChange(&b, c, paint)
		}
	}
	_, err := io.WriteString(a.out, b.String())
	return a.printed(err)
}

func writeChange(b *strings.Builder, c template.Change, paint report.Paint) {
	mark := map[template.Kind]string{template.Added: paint.Green("+"), template.Gone: paint.Red("-"), template.Changed: paint.Yellow("~")}[c.Kind]
	fmt.Fprintf(b, "  %s %s (%s)\n", mark, report.Clean(c.Name), report.Clean(c.Language))
	for _, f := range c.Fields {
		writeFieldChange(b, f, paint)
	}
}

// writeFieldChange shows a part of a template before and after, in one line where both are short.
func writeFieldChange(b *strings.Builder, f template.FieldChange, paint report.Paint) {
	const short = 40
	if len(f.Old) <= short && len(f.New) <= short && !strings.Contains(f.Old+f.New, "\n") && f.Old != "" && f.New != "" {
		fmt.Fprintf(b, "      %s: %s → %s\n", f.Field, paint.Red(report.Clean(f.Old)), paint.Green(report.Clean(f.New)))
		return
	}
	fmt.Fprintf(b, "      %s:\n", f.Field)
	for line := range strings.Lines(f.Old) {
		b.WriteString("        " + paint.Red("- "+report.Clean(strings.TrimRight(line, "\n"))) + "\n")
	}
	for line := range strings.Lines(f.New) {
		b.WriteString("        " + paint.Green("+ "+report.Clean(strings.TrimRight(line, "\n"))) + "\n")
	}
}
