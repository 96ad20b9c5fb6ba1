package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"waybill/engine"
	"waybill/engine/report"
	"waybill/engine/wording"
)

// backer is a ledger that can be backed up by a command of ours.
type backer interface {
	Backup(ctx context.Context, path string) error
}

func (a *app) backupCommand() *cobra.Command {
	f := &jobFlags{}
	c := &cobra.Command{
		Use:   "backup FILE",
		Short: "Write a copy of a ledger to a file",
		Long: `Writes a copy of a ledger that is a file: as it is at one moment, also while something is sent from it, and looked through before it
gets its name. FILE must not be there yet.

A copy is to be read, and to be put back when the ledger is lost. What was sent after it was made is not in it, and would be sent again. So
nothing is sent from it until waybill ledger adopt takes it up, here or on another machine: what may have been sent since is in doubt then.

A ledger in a database is backed up as its database is.`,
		Example: `  waybill ledger backup /backup/ledger-$(date +%F).db`,
		Args:    exactly("FILE"),
		RunE:    func(c *cobra.Command, args []string) error { return a.backup(c.Context(), f, args[0]) },
	}
	f.bindState(c)
	return c
}

func (a *app) backup(ctx context.Context, f *jobFlags, file string) (err error) {
	path, err := findState(f)
	if err != nil {
		return err
	}
	if isShared(path) {
		return usageError("a ledger in a database is backed up as its database is, with its log, so that no message is lost from it",
			"pg_dump --format=custom --schema=waybill --file="+file+" writes its tables; after a restore: waybill ledger adopt")
	}
	l, err := a.readLedger(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	whole, ok := l.(backer)
	if !ok {
		return fmt.Errorf("the ledger %s cannot be backed up", path)
	}
	err = whole.Backup(ctx, file)
	if errors.Is(err, fs.ErrExist) {
		return usageError(file+" is there already, and no backup takes the place of a file", "name another file")
	}
	if err == nil && ofSandbox(path) {
		err = os.WriteFile(file+sandboxMark, []byte(markContents), 0o600)
	}
	if err != nil {
		return err
	}
	written, err := os.Stat(file)
	if err == nil {
		fmt.Fprintf(a.out, "backed up %s to %s, %s bytes, whole\n", path, file, wording.Number(int(written.Size())))
	}
	return err
}

func (a *app) checkCommand() *cobra.Command {
	f := &jobFlags{}
	c := &cobra.Command{
		Use:   "check",
		Short: "Look whether a ledger is whole",
		Long: `Looks at every row of a ledger: whether the file is whole, whether rows stand to each other as they must, and whether runs count what
became of their deliveries. It changes nothing, and may run beside a sender. Exit status 1: something is wrong.`,
		Example: `  waybill ledger check`,
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return a.checkLedger(c.Context(), f) },
	}
	f.bindState(c)
	return c
}

func (a *app) checkLedger(ctx context.Context, f *jobFlags) (err error) {
	path, err := findState(f)
	if err != nil {
		return err
	}
	l, err := a.readLedger(path)
	switch {
	case errors.Is(err, engine.ErrDamaged):
		return &ExitError{Code: ExitFailed, Err: err} // that is what was asked
	case err != nil:
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	wrong, err := l.Examine(ctx)
	if err != nil {
		return err
	}
	if len(wrong) == 0 {
		fmt.Fprintf(a.out, "%s is whole\n", nameOfState(path))
		return nil
	}
	for _, what := range wrong {
		fmt.Fprintln(a.out, what)
	}
	return &ExitError{
		Code: ExitFailed, Err: fmt.Errorf("%s is not whole: %s", nameOfState(path), wording.Plural(len(wrong), "finding")),
		Hint: "keep it as it is and send nothing more from it; restore a backup, or ask for help",
	}
}

// leastAge is the age below which nothing is pruned: WhatsApp repeats a webhook for a week, and one that was forgotten would count again.
const leastAge = 7 * 24 * time.Hour

func (a *app) pruneCommand() *cobra.Command {
	f := &jobFlags{}
	older, look := "", false
	c := &cobra.Command{
		Use:   "prune --older-than AGE",
		Short: "Take out of a ledger what is old",
		Long: `Takes out what is older than AGE and not needed any more: what people wrote, webhooks and the statuses in them, reports about
templates, texts of rows that were not sent, and requests that the same run made again. It takes out no delivery: its key, outcome and
recipient stay, as do opt-outs and which ids are one person's, so that nobody gets anything again. What limits on messages a person or
a day count is counted on.

AGE is 90d, 12w or 2160h, and a week at least. It may run beside a sender; the room is given back when nobody sends.`,
		Example: `  waybill ledger prune --older-than 90d --dry-run`,
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			age, err := parseAge(older)
			if err != nil {
				return err
			}
			return a.prune(c.Context(), f, age, look)
		},
	}
	f.bindState(c)
	c.Flags().StringVar(&older, "older-than", "", "take out what is older than `AGE`: 90d")
	c.Flags().BoolVar(&look, "dry-run", false, "say what would be taken out, and change nothing")
	bindFormat(c, &f.format, "text", "json")
	return c
}

// parseAge reads "90d", "12w" or a duration of Go's.
func parseAge(text string) (time.Duration, error) {
	if text == "" {
		return 0, usageError("--older-than is missing", "waybill ledger prune --older-than 90d")
	}
	age, err := time.ParseDuration(text)
	for unit, d := range map[string]time.Duration{"d": 24 * time.Hour, "w": 7 * 24 * time.Hour} {
		if n, ok := strings.CutSuffix(text, unit); ok {
			var days int
			days, err = strconv.Atoi(n)
			age = time.Duration(days) * d
		}
	}
	const most = 100 * 365 * 24 * time.Hour
	switch {
	case err != nil || age < 0 || age > most:
		return 0, usageError(fmt.Sprintf("--older-than: %q is no age", text), "write 90d, 12w or 2160h")
	case age < leastAge:
		return 0, usageError("--older-than: WhatsApp repeats webhooks for a week, and what came in it has to be known", "7d is the least")
	}
	return age, nil
}

func (a *app) prune(ctx context.Context, f *jobFlags, age time.Duration, look bool) (err error) {
	path, err := findState(f)
	if err != nil {
		return err
	}
	var l engine.Ledger
	if look {
		l, err = a.readLedger(path)
	} else {
		l, err = a.openExisting(path, f.sandbox)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	done, err := l.Prune(ctx, a.env.Now().Add(-age), look)
	if err != nil {
		return err
	}
	if f.format == "json" {
		return report.WriteJSON(a.out, report.NewPruned(done, look))
	}
	return report.WritePruned(a.out, done, look, isShared(path))
}
