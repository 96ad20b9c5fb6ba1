package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"waybill/engine"
	"waybill/engine/proof"
	"waybill/engine/report"
	"waybill/engine/wording"
)

type proofOptions struct {
	check, out     string
	showRecipients bool
}

func (a *app) proofCommand() *cobra.Command {
	f := &jobFlags{}
	o := proofOptions{}
	c := &cobra.Command{
		Use:   "proof RUN | --check FILE",
		Short: "Write a run as a file that others can check",
		Long: `Writes each delivery that a run attempted with its key, times, message id and final status, one JSON a line, each with the
SHA-256 of itself and the lines before it. Of recipients it shows the last three digits. The README has the format, and how to check it
without this program.

With --check it reads such a file and tells the first line that is wrong, exit status 1. It compares the file with the ledger, where
there is one: what came by webhooks since, was forgotten or pruned is told, and is nothing wrong.`,
		Example: `  waybill proof last --out march.proof
  waybill proof --check march.proof`,
		Args: func(c *cobra.Command, args []string) error {
			if c.Flags().Changed("check") {
				return exactly()(c, args)
			}
			return exactly("RUN")(c, args)
		},
	}
	f.bindState(c)
	c.Flags().StringVar(&o.check, "check", "", "check this `FILE`, - is standard input")
	c.Flags().StringVar(&o.out, "out", "", "`FILE` to write (default standard output)")
	c.Flags().BoolVar(&o.showRecipients, "show-recipients", false, "recipients in full")
	c.ValidArgsFunction = a.runIDs(f)
	c.RunE = func(c *cobra.Command, args []string) error {
		switch {
		case len(args) > 0:
			return a.writeProof(c.Context(), args[0], f, o)
		case o.out != "" || o.showRecipients:
			return usageError("--check only reads: it takes neither --out nor --show-recipients", c.UseLine())
		}
		return a.checkProof(c.Context(), o.check, f)
	}
	return c
}

// proofs are what proof --out writes.
func proofs() product {
	return product{flag: "--out", word: "proof of a run", free: ".proof", is: func(text []byte) bool {
		return strings.HasPrefix(string(text[:min(len(text), generatorWithin)]), `{"record":"proof",`)
	}}
}

func (a *app) writeProof(ctx context.Context, id string, f *jobFlags, o proofOptions) (err error) {
	run, err := a.findRun(ctx, id, f)
	if err != nil {
		return err
	}
	l, err := a.readLedger(f.state)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	var end proof.End
	var chain string
	write := func(w io.Writer) (err error) {
		end, chain, err = proof.Write(ctx, w, l, run, proof.Options{
			Program: "waybill " + version().Version, MadeAt: a.env.Now(), ShowRecipients: o.showRecipients, Sandbox: ofSandbox(f.state),
		})
		return err
	}
	if o.out == "" || o.out == "-" {
		err = write(a.out)
	} else {
		err = proofs().stream(o.out, write)
	}
	if err != nil || a.quiet {
		return err
	}
	fmt.Fprintf(a.err, "run %s: %s; chain %s\n", run.ID, proofSize(end), chain)
	if run.FinishedAt.IsZero() {
		fmt.Fprintln(a.err, "the run has not ended: the proof says how it stands now")
	}
	return nil
}

// proofSize says how much a proof lists.
func proofSize(end proof.End) string {
	return fmt.Sprintf("%s, %s of rows without a request", wording.Plural(end.Deliveries, "delivery"), wording.Plural(end.Unsent, "line"))
}

func (a *app) checkProof(ctx context.Context, name string, f *jobFlags) (err error) {
	file := io.NopCloser(a.env.Stdin)
	if name != "-" {
		if file, err = os.Open(name); err != nil { //nolint:gosec // the user names it
			return usageError(fmt.Sprintf("--check %s: %v", name, errors.Unwrap(err)), "")
		}
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	l, why, err := a.ledgerOfProof(f)
	if err != nil {
		return err
	}
	var reader engine.Reader // nil where there is no ledger
	if l != nil {
		reader = l
		defer func() { err = errors.Join(err, l.Close()) }()
	}
	found, err := proof.Check(ctx, file, reader)
	if err != nil {
		return err
	}
	return a.tellProof(name, found, why, f)
}

// ledgerOfProof opens the ledger that the flags mean. Where they name none, and there is none, it is nil, and why says so.
func (a *app) ledgerOfProof(f *jobFlags) (l engine.Ledger, why string, err error) {
	named := f.state != ""
	path, err := findState(f)
	if err != nil {
		if named {
			return nil, "", err
		}
		return nil, err.Error(), nil
	}
	if l, err = a.readLedger(path); err != nil {
		return nil, "", err
	}
	return l, path, nil
}

// tellProof prints what a check found. ledger is the path of the ledger, or why there is none.
func (a *app) tellProof(name string, found proof.Result, ledger string, f *jobFlags) error {
	var b strings.Builder
	code := ExitDone
	if p := found.Problem; p != nil {
		fmt.Fprintf(&b, "%s, line %d: %s\n", name, p.Line, report.Clean(p.What))
		code = ExitFailed
	} else {
		proofHead(&b, name, found)
		c := found.Ledger
		switch {
		case c == nil:
			fmt.Fprintf(&b, "  not compared with a ledger: %s\n", ledger)
		case c.Other && f.state != "":
			fmt.Fprintf(&b, "  ledger %s did not make it\n", ledger)
			code = ExitFailed
		case c.Other:
			fmt.Fprintf(&b, "  not compared with a ledger: %s did not make it; --state FILE names another\n", ledger)
		default:
			fmt.Fprintf(&b, "  made by ledger %s: %s\n", ledger, comparison(c))
		}
	}
	if _, err := io.WriteString(a.out, b.String()); err != nil {
		return err
	}
	return exit(code)
}

// proofHead says what a proof is of.
func proofHead(b *strings.Builder, name string, found proof.Result) {
	h, of := found.Header, ""
	if h.Sandbox {
		of = " on the sandbox: nobody was messaged"
	}
	fmt.Fprintf(b, "%s holds together: run %s of job %s%s\n", name, report.Clean(h.Run), report.Clean(h.Job), of)
	fmt.Fprintf(b, "  %s; chain %s\n", proofSize(found.End), found.Chain)
	if total, listed := h.Counts.Total, found.End.Listed.Total; total != listed {
		fmt.Fprintf(b, "  the run counted %s, and this file lists %s\n", wording.Plural(total, "message"), wording.Number(listed))
	}
}

// comparison is a comparison in words.
func comparison(c *proof.Comparison) string {
	parts := []string{wording.Plural(c.Same, "delivery") + " as in the file"}
	for _, p := range []struct {
		n    int
		what string
	}{
		{c.Changed, "changed since by a webhook, a person or a later run"},
		{c.Forgotten, "forgotten since"},
		{c.Pruned, "pruned since"},
		{c.Gone, "not in the ledger any more"},
		{c.Added, "added since"},
	} {
		if p.n > 0 {
			parts = append(parts, wording.Number(p.n)+" "+p.what)
		}
	}
	if c.RunGone {
		parts = append(parts, "the run itself is not in the ledger any more")
	}
	return strings.Join(parts, ", ")
}
