package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"

	"waybill/engine/reliability/tally"
)

// row is what a proof came to.
type row struct {
	proof
	tally.Count
	failed int
}

// readRows adds up what was done of each proof.
func readRows(dir string) ([]row, error) {
	var rows []row
	for _, p := range list() {
		worlds, err := tally.Read(dir, p.name)
		if err != nil {
			return nil, err
		}
		sum, failed := tally.Total(worlds)
		rows = append(rows, row{p, sum, failed})
	}
	return rows, nil
}

// thousands writes a number with commas.
func thousands(n int) string {
	text := strconv.Itoa(n)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

// done says how much was done, of how much.
func (r row) done() string {
	text := thousands(r.Done) + " " + r.unit
	if r.Done < r.wanted {
		text = fmt.Sprintf("%s of %s %s", thousands(r.Done), thousands(r.wanted), r.unit)
	}
	if r.People > 0 {
		text += ", " + thousands(r.People) + " people"
	}
	if r.PauseMS > 0 {
		text += fmt.Sprintf(", longest pause %.1f s", float64(r.PauseMS)/1000)
	}
	if r.failed > 0 {
		text += fmt.Sprintf(", RED in %d worlds", r.failed)
	}
	return text
}

func printTable(out io.Writer, rows []row) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, line := range append([]string{"WHAT\tDONE\tSENT TWICE\tLOST\tIN DOUBT"}, lines(rows)...) {
		if _, err := fmt.Fprintln(table, line); err != nil {
			return err
		}
	}
	return table.Flush()
}

func lines(rows []row) (list []string) {
	for _, r := range rows {
		list = append(list, fmt.Sprintf("%s\t%s\t%d\t%d\t%d", r.name, r.done(), r.Twice, r.Lost, r.InDoubt))
	}
	return list
}

// What stands around the table in the README.
const (
	readme     = "README.md"
	tableBegin = "<!-- written by: go run ./engine/reliability -readme -->\n"
	tableEnd   = "<!-- end -->\n"
)

// writeReadme puts the table between its marks. A proof that was never begun has no line: nothing is claimed of it.
func writeReadme(dir string) error {
	rows, err := readRows(dir)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(readme)
	if err != nil {
		return fmt.Errorf("it is called in the folder of the README: %w", err)
	}
	head, rest, begun := strings.Cut(string(text), tableBegin)
	_, tail, ended := strings.Cut(rest, tableEnd)
	if !begun || !ended {
		return fmt.Errorf("%s has no table between %q and %q", readme, tableBegin, tableEnd)
	}
	return os.WriteFile(readme, []byte(head+tableBegin+markdown(rows)+tableEnd+tail), 0o644)
}

func markdown(rows []row) string {
	var out strings.Builder
	out.WriteString("| what was done | how much | sent twice | lost | ended in doubt | `go run ./engine/reliability -dir DIR -only` |\n| --- | --- | --- | --- | --- | --- |\n")
	for _, r := range rows {
		if r.Done == 0 {
			continue
		}
		twice, lost, doubt := "", "", ""
		if r.People > 0 {
			twice, lost, doubt = thousands(r.Twice), thousands(r.Lost), thousands(r.InDoubt)
		}
		name := "`" + r.name + "`"
		if r.note != "" {
			name += " (" + r.note + ")"
		}
		fmt.Fprintf(&out, "| %s | %s | %s | %s | %s | %s |\n", r.what, r.done(), twice, lost, doubt, name)
	}
	return out.String()
}
