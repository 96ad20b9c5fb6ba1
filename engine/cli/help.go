package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"waybill/engine/diag"
)

const (
	helpWidth = 80  // where there is no terminal to ask
	mostWidth = 100 // longer lines are hard to read
)

// helpCommand is `help` with our own words for a command that is not there.
func (a *app) helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Tell what a command does, and its flags",
		RunE: func(c *cobra.Command, args []string) error {
			about, rest, err := c.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return a.unknownCommand(c.Root(), args)
			}
			about.InitDefaultHelpFlag()
			return about.Help()
		},
		ValidArgsFunction: completeCommand,
	}
}

// completeCommand completes the name of a command.
func completeCommand(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var names []string
	for _, sub := range c.Root().Commands() {
		if len(args) == 0 && !sub.Hidden {
			names = append(names, sub.Name()+"\t"+sub.Short)
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// help prints what a command does, as wide as the terminal.
func (a *app) help(c *cobra.Command, _ []string) {
	width := helpWidth
	if a.env.Terminal.Out && a.env.Terminal.Columns != nil {
		width = min(max(a.env.Terminal.Columns(), 40), mostWidth)
	}
	var b strings.Builder
	text := c.Long
	if text == "" {
		text = c.Short + "."
	}
	b.WriteString(refill(text, width))
	if c.HasParent() {
		fmt.Fprintf(&b, "\nUsage:\n  %s\n", c.UseLine())
	} else {
		fmt.Fprintf(&b, "\nUsage:\n  waybill COMMAND [flags]      waybill help COMMAND tells more\n")
	}
	if c.Example != "" {
		fmt.Fprintf(&b, "\nExamples:\n%s\n", strings.TrimRight(c.Example, "\n"))
	}
	a.listCommands(&b, c, width)
	if c.HasAvailableLocalFlags() {
		fmt.Fprintf(&b, "\nFlags:\n%s", c.LocalFlags().FlagUsagesWrapped(width))
	}
	if c.HasAvailableInheritedFlags() {
		fmt.Fprintf(&b, "\nFlags of every command:\n%s", c.InheritedFlags().FlagUsagesWrapped(width))
	}
	_, _ = io.WriteString(a.out, b.String()) // as of findings
}

// listCommands lists the commands below one, in the groups and the order in which they were added.
func (a *app) listCommands(b *strings.Builder, c *cobra.Command, width int) {
	below := slices.Clone(c.Commands())
	slices.SortStableFunc(below, func(x, y *cobra.Command) int {
		return slices.Index(a.order, x.Name()) - slices.Index(a.order, y.Name())
	})
	widest := 0
	for _, sub := range below {
		widest = max(widest, len(sub.Name()))
	}
	for _, group := range c.Groups() {
		fmt.Fprintf(b, "\n%s\n", group.Title)
		for _, sub := range below {
			if sub.GroupID != group.ID || sub.Hidden {
				continue
			}
			for i, line := range fill(sub.Short, width-widest-4) {
				name := ""
				if i == 0 {
					name = sub.Name()
				}
				fmt.Fprintf(b, "  %-*s  %s\n", widest, name, line)
			}
		}
	}
}

// refill breaks the paragraphs of a text anew; lines that are indented stay as they are.
func refill(text string, width int) string {
	var b strings.Builder
	var paragraph []string
	end := func() {
		for _, line := range fill(strings.Join(paragraph, " "), width) {
			b.WriteString(line + "\n")
		}
		paragraph = nil
	}
	for line := range strings.SplitSeq(text, "\n") {
		if line != "" && line[0] != ' ' {
			paragraph = append(paragraph, line)
			continue
		}
		end()
		b.WriteString(line + "\n")
	}
	end()
	return b.String()
}

// fill breaks words into lines of at most width columns; none for no words.
func fill(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		switch {
		case line == "":
			line = word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) <= width:
			line += " " + word
		default:
			lines, line = append(lines, line), word
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// oneCommandOf refuses the words behind a command that only has commands of its own. example is one of them and what it does.
func oneCommandOf(example string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			return usageError(c.Name()+" needs to know what to do", fmt.Sprintf("%s; waybill help %s tells more", example, c.Name()))
		}
		var known []string
		for _, sub := range c.Commands() {
			known = append(known, sub.Name())
		}
		hint := "it takes " + strings.Join(known, ", ")
		if near := diag.Suggest(args[0], known); near != "" {
			hint = fmt.Sprintf("did you mean waybill %s %s?", c.Name(), near)
		}
		return usageError(fmt.Sprintf("%s does not know %q", c.Name(), args[0]), hint)
	}
}
