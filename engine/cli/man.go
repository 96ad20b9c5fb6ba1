package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// manual is the manual of man(1): a page for the program, and one for each command, such as waybill-apply(1).
type manual struct {
	root *cobra.Command
	of   build
}

func (a *app) manCommand() *cobra.Command {
	dir := ""
	c := &cobra.Command{
		Use:   "man [COMMAND]",
		Short: "Print the manual as pages of man(1)",
		Long: `Prints the manual page of the program, or of a command. With --dir it writes all of them, waybill.1, waybill-apply.1 and so on; files of
these names are overwritten.`,
		Example: `  waybill man apply | man -l -
  waybill man --dir ~/.local/share/man/man1`,
		ValidArgsFunction: completeCommand,
	}
	c.Flags().StringVar(&dir, "dir", "", "write all pages into this `DIR`")
	c.RunE = func(c *cobra.Command, args []string) error {
		m := manual{root: c.Root(), of: version()}
		if dir != "" {
			if len(args) > 0 {
				return usageError("--dir writes the pages of all commands", "leave "+args[0]+" out")
			}
			return m.write(dir)
		}
		about, rest, err := c.Root().Find(args)
		if err != nil || len(rest) > 0 {
			return a.unknownCommand(c.Root(), args)
		}
		_, err = io.WriteString(a.out, m.page(about))
		return err
	}
	return c
}

// write makes the folder, and all pages in it.
func (m manual) write(dir string) error {
	if stat, err := os.Stat(dir); err == nil && !stat.IsDir() {
		return usageError("--dir "+dir+": a file lies there", "")
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return usageError("--dir: "+err.Error(), "")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // manuals are for everybody
		return fmt.Errorf("write the manual: %w", err)
	}
	for _, c := range m.commands() {
		path := filepath.Join(dir, pageName(c)+".1")
		if err := os.WriteFile(path, []byte(m.page(c)), 0o644); err != nil { //nolint:gosec // likewise
			return fmt.Errorf("write the manual: %w", err)
		}
	}
	return nil
}

// commands are all that have a page.
func (m manual) commands() []*cobra.Command {
	all := []*cobra.Command{m.root}
	for i := 0; i < len(all); i++ {
		for _, c := range all[i].Commands() {
			if !c.Hidden {
				all = append(all, c)
			}
		}
	}
	return all
}

// pageName is the name of a command's page: waybill-optouts-add.
func pageName(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "-") }

// page writes a page in the language of man(7).
func (m manual) page(c *cobra.Command) string {
	c.InitDefaultHelpFlag()
	var b strings.Builder
	fmt.Fprintf(&b, ".TH %s 1 %s %s \"Waybill\"\n", quoteRoff(strings.ToUpper(pageName(c))), quoteRoff(m.of.Date), quoteRoff("waybill "+m.of.Version))
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", roff(pageName(c)), roff(c.Short))
	fmt.Fprintf(&b, ".SH SYNOPSIS\n.B %s\n", roff(c.UseLine()))
	b.WriteString(".SH DESCRIPTION\n")
	text := c.Long
	if text == "" {
		text = c.Short + "."
	}
	b.WriteString(roffText(text))
	if below := c.Commands(); len(below) > 0 {
		b.WriteString(".SH COMMANDS\n")
		for _, sub := range below {
			if !sub.Hidden {
				fmt.Fprintf(&b, ".TP\n.B %s\n%s\n", roff(sub.Name()), roff(sub.Short))
			}
		}
	}
	roffFlags(&b, "OPTIONS", c.LocalFlags())
	roffFlags(&b, "OPTIONS OF EVERY COMMAND", c.InheritedFlags())
	if c.Example != "" {
		fmt.Fprintf(&b, ".SH EXAMPLES\n%s", roffText(c.Example))
	}
	fmt.Fprintf(&b, ".SH EXIT STATUS\n%s", roffText(exitStatuses))
	if c.HasParent() {
		fmt.Fprintf(&b, ".SH SEE ALSO\n.BR %s (1)\n", roff(pageName(c.Parent())))
	} else {
		b.WriteString(".SH SEE ALSO\nwaybill explain functions, waybill explain expressions, waybill schema\n")
	}
	return b.String()
}

// roffFlags lists flags under a heading, where there are any.
func roffFlags(b *strings.Builder, heading string, flags *pflag.FlagSet) {
	if !flags.HasAvailableFlags() {
		return
	}
	fmt.Fprintf(b, ".SH %s\n", quoteRoff(heading))
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		value, usage := pflag.UnquoteUsage(f)
		name := "--" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", " + name
		}
		fmt.Fprintf(b, ".TP\n\\fB%s\\fR", roff(name))
		if value != "" {
			fmt.Fprintf(b, " \\fI%s\\fR", roff(value))
		}
		fmt.Fprintf(b, "\n%s\n", roff(usage))
	})
}

// roffText writes paragraphs; lines that are indented stay as they are.
func roffText(text string) string {
	var b strings.Builder
	begun, kept, blank := false, false, false
	for line := range strings.SplitSeq(strings.Trim(text, "\n"), "\n") {
		if line == "" {
			blank = true
			continue
		}
		indented := line[0] == ' '
		switch {
		case kept && !indented:
			b.WriteString(".fi\n.PP\n")
		case kept && blank:
			b.WriteString("\n")
		case !kept && begun && (blank || indented):
			b.WriteString(".PP\n")
		}
		if indented && !kept {
			b.WriteString(".nf\n")
		}
		begun, kept, blank = true, indented, false
		b.WriteString(roff(line) + "\n")
	}
	if kept {
		b.WriteString(".fi\n")
	}
	return b.String()
}

// roff escapes what means something to troff: the backslash, a hyphen that is to be copied, a dot or an apostrophe that begins a line, and what
// is no ASCII.
func roff(text string) string {
	var b strings.Builder
	for i, r := range text {
		switch {
		case r == '\\':
			b.WriteString(`\e`)
		case r == '-':
			b.WriteString(`\-`)
		case r == '~':
			b.WriteString(`\(ti`)
		case r == '^':
			b.WriteString(`\(ha`)
		case r == '`':
			b.WriteString(`\(ga`)
		case r == '\'':
			b.WriteString(`\(aq`)
		case r == '"':
			b.WriteString(`\(dq`)
		case r == '.' && i == 0:
			b.WriteString(`\&.`)
		case r > '~':
			fmt.Fprintf(&b, `\[u%04X]`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// quoteRoff is an argument of a request.
func quoteRoff(text string) string { return `"` + roff(text) + `"` }
