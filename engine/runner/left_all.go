package runner

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"waybill/engine"
	"waybill/engine/diag"
)

// leftAll looks whether a `where` leaves out all rows for a text that no row has: "TRUE", where the file has VERDADERO. Nobody gets
// a message then, and nothing fails.
type leftAll struct{ of map[*engine.Step]*leftRows }

type leftRows struct {
	rows, left int
	asked      []unmetText
}

// unmetText is a cell that where wants to be a text, and what it is instead.
type unmetText struct {
	comparison

	met  bool
	near bool     // by capitals and accents alone it is one, which nearValues tells
	seen []string // the first of them
	more bool     // it is others, too
}

// meet looks at an item before its where is asked.
func (l *leftAll) meet(s *engine.Step, item any) {
	if s.ForEach.Where == nil {
		return
	}
	known := l.of[s]
	if known == nil {
		known = &leftRows{}
		for _, c := range comparedBy(s.ForEach.Where, s.ForEach.As) {
			if !c.read.Unlike {
				known.asked = append(known.asked, unmetText{comparison: c})
			}
		}
		if l.of == nil {
			l.of = map[*engine.Step]*leftRows{}
		}
		l.of[s] = known
	}
	known.rows++
	for i := range known.asked {
		asked := &known.asked[i]
		value, _ := valueAt(item, asked.read.Path[1:])
		text, isText := value.(string)
		switch {
		case asked.met || !isText:
		case slices.Contains(asked.read.Texts, text):
			asked.met = true
		case text == "" || slices.Contains(asked.seen, text):
		case len(asked.seen) == mostExamples:
			asked.more = true
		default:
			asked.seen = append(asked.seen, text)
			asked.near = asked.near || slices.Contains(asked.plain, plainly(text))
		}
	}
}

// leave notes that where left out an item.
func (l *leftAll) leave(s *engine.Step) {
	if known := l.of[s]; known != nil {
		known.left++
	}
}

// warnings are about the texts that no row has, where all were left out.
func (l *leftAll) warnings() diag.List {
	var list diag.List
	byPath := func(a, b *engine.Step) int { return strings.Compare(a.Path, b.Path) }
	for _, s := range slices.SortedFunc(maps.Keys(l.of), byPath) {
		known := l.of[s]
		for _, asked := range known.asked {
			if known.left == known.rows && !asked.met && !asked.near && len(asked.seen) > 0 {
				list = append(list, asked.warning(s, known.rows))
			}
		}
	}
	return list
}

func (u *unmetText) warning(s *engine.Step, rows int) diag.Diagnostic {
	var wanted []string
	for _, text := range u.read.Texts {
		wanted = append(wanted, fmt.Sprintf("%q", text))
	}
	seen := strings.Join(u.seen, ", ")
	if u.more {
		seen += ", …"
	}
	return diag.Diagnostic{
		Severity: diag.Warning, Code: "unmet-value", Range: u.at, Private: u.seen,
		Summary: fmt.Sprintf("where leaves out all rows of %s (%d): none has %s in %s, where there is %s", s.Path, rows,
			strings.Join(wanted, " or "), u.read, seen),
		Detail: "Nobody gets a message.",
		Hint:   "write the text as the file has it",
	}
}
