package report

import (
	"fmt"
	"io"
	"strings"

	"waybill/engine/wording"
)

// MostFindings is how many findings text shows of one list; programs get all.
const MostFindings = 50

// textWidth is where details and hints are wrapped.
const textWidth = 100

// WriteFindings prints findings for people: place, words, the line of the file with the place marked, what to do.
func WriteFindings(w io.Writer, findings []Finding, paint Paint) error {
	var b strings.Builder
	for i, f := range findings {
		if i == MostFindings {
			fmt.Fprintf(&b, "… and %s more findings\n", wording.Number(len(findings)-i))
			break
		}
		if paint.Mask {
			f = f.masked(paint)
		}
		writeFinding(&b, f, paint)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func writeFinding(b *strings.Builder, f Finding, paint Paint) {
	if f.File != "" {
		b.WriteString(paint.Bold(place(f)) + " ")
	}
	word := paint.Red("error:")
	if f.Severity != "error" {
		word = paint.Yellow("warning:")
	}
	fmt.Fprintf(b, "%s %s %s\n", word, paint.Bold(paint.clean(f.Summary)), paint.Dim("["+f.Code+"]"))
	if f.Excerpt != nil {
		writeExcerpt(b, f, paint)
	}
	for line := range strings.SplitSeq(paint.hide(f.Detail), "\n") {
		writeIndented(b, "", Clean(line))
	}
	if f.Hint != "" {
		writeHint(b, paint.hide(f.Hint), paint)
	}
}

// place is FILE:LINE:COLUMN: as editors and terminals make links of it.
func place(f Finding) string {
	if f.Line == 0 {
		return Clean(f.File) + ":"
	}
	return fmt.Sprintf("%s:%d:%d:", Clean(f.File), f.Line, max(f.Column, 1))
}

// writeHint keeps the lines of a hint that shows what to type; one long line is wrapped.
func writeHint(b *strings.Builder, hint string, paint Paint) {
	lines := strings.Split(strings.TrimRight(hint, "\n"), "\n")
	if len(lines) == 1 {
		writeWrapped(b, paint.Cyan("hint:")+" ", Clean(lines[0]))
		return
	}
	fmt.Fprintf(b, "%s %s\n", paint.Cyan("hint:"), Clean(lines[0]))
	for _, line := range lines[1:] {
		fmt.Fprintf(b, "  %s\n", cleanKeepingTabs(line))
	}
}

// writeExcerpt prints the line with a gutter and the place marked under it.
func writeExcerpt(b *strings.Builder, f Finding, paint Paint) {
	fmt.Fprintf(b, "%s%s\n", paint.Dim(fmt.Sprintf("%5d | ", f.Line)), cleanKeepingTabs(f.Excerpt.Text))
	blanks := len(f.Excerpt.Marks) - len(strings.TrimLeft(f.Excerpt.Marks, " \t"))
	fmt.Fprintf(b, "%s%s%s\n", paint.Dim("      | "), f.Excerpt.Marks[:blanks], paint.Red(f.Excerpt.Marks[blanks:]))
}

// writeWrapped breaks text at blanks; nothing is printed for no text.
func writeWrapped(b *strings.Builder, head, text string) {
	if text != "" {
		b.WriteString(head)
		wrap(b, "  ", text, len("hint: "))
	}
}

// writeIndented is writeWrapped with every line set in alike.
func writeIndented(b *strings.Builder, indent, text string) {
	if text != "" {
		b.WriteString(indent)
		wrap(b, indent, text, len(indent))
	}
}

func wrap(b *strings.Builder, indent, text string, used int) {
	for i, word := range strings.Fields(text) {
		w := displayWidth(word)
		switch {
		case i == 0:
		case used+1+w > textWidth:
			b.WriteString("\n" + indent)
			used = len(indent)
		default:
			b.WriteByte(' ')
			used++
		}
		b.WriteString(word)
		used += w
	}
	b.WriteByte('\n')
}

// WriteCheck prints the last line of validate: what was looked at and what was found.
func WriteCheck(w io.Writer, c Check) error {
	text := "nothing wrong"
	if c.Errors+c.Warnings > 0 {
		text = wording.Plural(c.Errors, "error") + ", " + wording.Plural(c.Warnings, "warning")
	}
	_, err := fmt.Fprintf(w, "%s: %s\n", wording.Plural(c.Files, "file"), text)
	return err
}
