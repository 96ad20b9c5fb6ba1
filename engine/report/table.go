package report

import (
	"strings"
)

// table sets cells in columns two blanks apart. The last column is not padded. Cells are cleaned.
type table struct {
	head  []string
	right map[int]bool // columns of numbers
	rows  [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

func (t *table) write(b *strings.Builder, paint Paint) {
	widths := make([]int, len(t.head))
	for i, cell := range t.head {
		widths[i] = displayWidth(cell)
	}
	for _, row := range t.rows {
		for i := range row {
			row[i] = paint.clean(row[i])
			widths[i] = max(widths[i], displayWidth(row[i]))
		}
	}
	b.WriteString(paint.Bold(t.line(t.head, widths)) + "\n")
	for _, row := range t.rows {
		b.WriteString(t.line(row, widths) + "\n")
	}
}

func (t *table) line(cells []string, widths []int) string {
	var b strings.Builder
	for i, cell := range cells {
		if i > 0 {
			b.WriteString("  ")
		}
		blanks := strings.Repeat(" ", widths[i]-displayWidth(cell))
		if t.right[i] {
			b.WriteString(blanks + cell)
		} else {
			b.WriteString(cell + blanks)
		}
	}
	return strings.TrimRight(b.String(), " ")
}
