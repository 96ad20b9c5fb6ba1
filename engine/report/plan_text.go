package report

import (
	"fmt"
	"io"
	"strings"

	"waybill/engine"
	"waybill/engine/wording"
)

// WritePlan prints a plan for people: what is wrong first, then samples as the person will read them, then the counts.
func WritePlan(w io.Writer, p Plan, paint Paint) error {
	if paint.Mask {
		p = p.Masked(paint)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n", paint.Bold(fmt.Sprintf("Plan of %s, scope %s", paint.clean(p.Job), paint.clean(p.Scope))))
	writeInvalids(&b, p, paint)
	if len(p.Warnings) > 0 {
		if err := WriteFindings(&b, p.Warnings, paint); err != nil {
			return err
		}
		b.WriteByte('\n')
	}
	for _, s := range p.Samples {
		writeSample(&b, s, p.Bodies, paint)
	}
	for _, line := range planLines(p) {
		text := fmt.Sprintf("  %s %7s %s", line.sign, wording.Number(line.n), line.word)
		if line.note != "" && line.n > 0 {
			text += paint.Dim(" — " + line.note)
		}
		b.WriteString(text + "\n")
	}
	for _, line := range p.changeLines() {
		writeIndented(&b, "    ", paint.clean(line))
	}
	if len(p.Reads) > 0 {
		writeIndented(&b, "    ", "and these steps only read: "+paint.clean(strings.Join(p.Reads, ", ")))
	}
	if text := byCountry(p); text != "" {
		writeIndented(&b, "    ", text)
	}
	if text := byBusinessNumber(p); text != "" {
		writeIndented(&b, "    ", text)
	}
	writeCost(&b, p, paint)
	if text := takes(p); text != "" {
		b.WriteString("    " + text + "\n")
	}
	if p.TemplatesReadAt != nil {
		b.WriteString("    templates as they were on " + *p.TemplatesReadAt + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func writeSample(b *strings.Builder, s Sample, body bool, paint Paint) {
	fmt.Fprintf(b, "%s\n", paint.Bold(paint.clean(sampleTitle(s))))
	text := s.Text
	if body && len(s.Body) > 0 || text == "" {
		text = strings.TrimPrefix(text+"\n"+compactJSON(s.Body), "\n")
	}
	for line := range strings.SplitSeq(text, "\n") {
		b.WriteString("    " + paint.clean(line) + "\n")
	}
	b.WriteByte('\n')
}

func sampleTitle(s Sample) string {
	title := fmt.Sprintf("%s to %s", stepAndItem(s.Step, s.Item, "", s.Row), s.Recipient)
	switch s.Action {
	case "send", "":
	case "none":
		title += " (already sent)"
	case "retry":
		title += " (to retry)"
	case "hold":
		title += " (in doubt: held)"
	case "refused":
		title += " (refused before)"
	case "correct":
		title += " (refused before, corrected since)"
	case "again":
		title += " (sent before, and once more)"
	case "unknown":
		title += " (depends on earlier steps)"
	}
	return title
}

// writeInvalids prints the items that cannot be sent.
func writeInvalids(b *strings.Builder, p Plan, paint Paint) {
	for i, e := range p.Errors {
		if i == MostFindings {
			break
		}
		e = e.withoutPlace()
		fmt.Fprintf(b, "  %s %s: %s\n", paint.Red("×"), paint.clean(e.stepAndItem()), paint.clean(e.Message))
	}
	if rest := p.Invalid - MostFindings; rest > 0 {
		more := fmt.Sprintf("… and %s more; -o json has the first %s", wording.Number(rest), wording.Number(engine.MaxErrors))
		fmt.Fprintf(b, "  %s\n", paint.Dim(more))
	}
	if p.Invalid > 0 {
		b.WriteByte('\n')
	}
}

// WritePlanMarkdown prints a plan for a pull request. Text of the job cannot break out of it: it stands in code.
func WritePlanMarkdown(w io.Writer, p Plan) error {
	var b strings.Builder
	fmt.Fprintf(&b, "### Waybill plan: `%s`\n\nScope `%s`.\n", inlineCode(p.Job), inlineCode(p.Scope))
	writeMarkdownFindings(&b, p)
	for _, s := range p.Samples {
		text := s.Text
		if text == "" {
			text = compactJSON(s.Body)
		}
		fence := strings.Repeat("`", max(3, longestRun(text, '`')+1))
		fmt.Fprintf(&b, "\n<details><summary>%s</summary>\n\n%s\n%s\n%s\n\n</details>\n",
			escapeHTML(Clean(sampleTitle(s))), fence, cleanLines(text), fence)
	}
	b.WriteString("\n| | messages | |\n| --- | ---: | --- |\n")
	for _, line := range planLines(p) {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", line.word, wording.Number(line.n), line.note)
	}
	for _, line := range p.changeLines() {
		fmt.Fprintf(&b, "\n- `%s`\n", inlineCode(line))
	}
	if text := byCountry(p); text != "" {
		b.WriteString("\n" + text + "\n")
	}
	if text := byBusinessNumber(p); text != "" {
		b.WriteString("\n" + text + "\n")
	}
	writeMarkdownCost(&b, p)
	if text := takes(p); text != "" {
		b.WriteString("\n" + text + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func writeMarkdownFindings(b *strings.Builder, p Plan) {
	if p.Invalid > 0 {
		b.WriteString("\n**These rows cannot be sent**\n\n")
	}
	for i, e := range p.Errors {
		if i == MostFindings {
			break
		}
		e = e.withoutPlace()
		fmt.Fprintf(b, "- `%s: %s`\n", inlineCode(e.stepAndItem()), inlineCode(e.Message))
	}
	if rest := p.Invalid - MostFindings; rest > 0 {
		fmt.Fprintf(b, "- … and %s more\n", wording.Number(rest))
	}
	if len(p.Warnings) > 0 {
		b.WriteString("\n**Warnings**\n\n")
	}
	for i, f := range p.Warnings {
		if i == MostFindings {
			fmt.Fprintf(b, "- … and %s more\n", wording.Number(len(p.Warnings)-i))
			break
		}
		fmt.Fprintf(b, "- `%s %s`\n", inlineCode(place(f)), inlineCode(f.Summary))
	}
}

// cleanLines is text of several lines that can stand in a block of code.
func cleanLines(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = Clean(line)
	}
	return strings.Join(lines, "\n")
}

// inlineCode is text that can stand between single backticks.
func inlineCode(s string) string { return strings.ReplaceAll(Clean(s), "`", "'") }

func escapeHTML(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

// longestRun is the length of the longest row of one character.
func longestRun(s string, c rune) int {
	longest, run := 0, 0
	for _, r := range s {
		if r != c {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}
