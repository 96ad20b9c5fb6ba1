package report

import (
	"fmt"
	"io"
	"strings"

	"waybill/engine/wording"
)

// WritePlan prints a plan for people: counts, samples of the exact messages, what will fail, warnings.
func WritePlan(w io.Writer, p Plan, paint Paint) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", paint.Bold(fmt.Sprintf("Plan of %s, scope %s", paint.clean(p.Job), paint.clean(p.Scope))))
	for _, line := range planLines(p) {
		if line.n == 0 && line.word != "to send" && line.word != "already sent" {
			continue
		}
		text := fmt.Sprintf("  %s %7s %s", line.sign, wording.Number(line.n), line.word)
		if line.note != "" && line.n > 0 {
			text += paint.Dim(" — " + line.note)
		}
		b.WriteString(text + "\n")
	}
	if len(p.Reads) > 0 {
		writeIndented(&b, "    ", "and these steps only read: "+paint.clean(strings.Join(p.Reads, ", ")))
	}
	for _, s := range p.Samples {
		writeSample(&b, s, paint)
	}
	writeInvalids(&b, p, paint)
	if _, err := io.WriteString(w, b.String()); err != nil {
		return err
	}
	if len(p.Warnings) > 0 {
		_, _ = io.WriteString(w, "\n")
	}
	return WriteFindings(w, p.Warnings, paint)
}

func writeSample(b *strings.Builder, s Sample, paint Paint) {
	fmt.Fprintf(b, "\n%s\n", paint.Bold(paint.clean(sampleTitle(s))))
	for line := range strings.SplitSeq(compactJSON(s.Body), "\n") {
		b.WriteString("    " + paint.clean(line) + "\n")
	}
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
	case "unknown":
		title += " (depends on earlier steps)"
	}
	return title
}

func writeInvalids(b *strings.Builder, p Plan, paint Paint) {
	const most = 10
	if p.Invalid > 0 {
		b.WriteByte('\n')
	}
	for i, e := range p.Errors {
		if i == most {
			fmt.Fprintf(b, "  %s\n", paint.Dim(fmt.Sprintf("… and %s more", wording.Number(p.Invalid-most))))
			break
		}
		e = e.withoutPlace()
		fmt.Fprintf(b, "  %s %s: %s\n", paint.Red("×"), paint.clean(e.stepAndItem()), paint.clean(e.Message))
	}
}

// WritePlanMarkdown prints a plan for a pull request. Text of the job cannot break out of it: it stands in code.
func WritePlanMarkdown(w io.Writer, p Plan) error {
	var b strings.Builder
	fmt.Fprintf(&b, "### Waybill plan: `%s`\n\nScope `%s`.\n\n", inlineCode(p.Job), inlineCode(p.Scope))
	b.WriteString("| | messages | |\n| --- | ---: | --- |\n")
	for _, line := range planLines(p) {
		if line.n > 0 || line.word == "to send" || line.word == "already sent" {
			fmt.Fprintf(&b, "| %s | %s | %s |\n", line.word, wording.Number(line.n), line.note)
		}
	}
	for _, s := range p.Samples {
		body := compactJSON(s.Body)
		fence := strings.Repeat("`", max(3, longestRun(body, '`')+1))
		fmt.Fprintf(&b, "\n<details><summary>%s</summary>\n\n%sjson\n%s\n%s\n\n</details>\n",
			escapeHTML(Clean(sampleTitle(s))), fence, body, fence)
	}
	if len(p.Warnings)+len(p.Errors) > 0 {
		b.WriteString("\n**Warnings**\n\n")
	}
	for i, f := range p.Warnings {
		if i == MostFindings {
			fmt.Fprintf(&b, "- … and %s more\n", wording.Number(len(p.Warnings)-i))
			break
		}
		fmt.Fprintf(&b, "- `%s %s`\n", inlineCode(place(f)), inlineCode(f.Summary))
	}
	for i, e := range p.Errors {
		if i == MostFindings {
			fmt.Fprintf(&b, "- … and %s more\n", wording.Number(p.Invalid-i))
			break
		}
		e = e.withoutPlace()
		fmt.Fprintf(&b, "- `%s: %s`\n", inlineCode(e.stepAndItem()), inlineCode(e.Message))
	}
	_, err := io.WriteString(w, b.String())
	return err
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
