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

// leftRows are rows of a forEach, also as the processes of a divided run tell each other of a part.
type leftRows struct {
	Rows  int         `json:"rows"`
	Left  int         `json:"left"`
	Asked []unmetText `json:"asked"`
}

// unmetText is a cell that where wants to be a text, and what it is instead.
type unmetText struct {
	comparison

	Met  bool     `json:"met,omitempty"`
	Near bool     `json:"near,omitempty"` // by capitals and accents alone it is one, which nearValues tells
	Seen []string `json:"seen,omitempty"` // the first of them
	More bool     `json:"more,omitempty"` // it is others, too
}

// newLeftRows is none of the rows of a forEach; nil: its where asks for no text.
func newLeftRows(s *engine.Step) *leftRows {
	known := &leftRows{}
	for _, c := range comparedBy(s.ForEach.Where, s.ForEach.As) {
		if !c.read.Unlike {
			known.Asked = append(known.Asked, unmetText{comparison: c})
		}
	}
	if len(known.Asked) == 0 {
		return nil
	}
	return known
}

// meet looks at an item before its where is asked.
func (l *leftAll) meet(s *engine.Step, item any) {
	if s.ForEach.Where == nil {
		return
	}
	if _, known := l.of[s]; !known {
		if l.of == nil {
			l.of = map[*engine.Step]*leftRows{}
		}
		l.of[s] = newLeftRows(s)
	}
	l.of[s].meet(item)
}

// leave notes that where left out an item.
func (l *leftAll) leave(s *engine.Step) { l.of[s].leave() }

func (r *leftRows) meet(item any) {
	if r == nil {
		return
	}
	r.Rows++
	for i := range r.Asked {
		asked := &r.Asked[i]
		value, _ := valueAt(item, asked.read.Path[1:])
		if text, isText := value.(string); isText {
			asked.see(text)
		}
	}
}

func (r *leftRows) leave() {
	if r != nil {
		r.Left++
	}
}

// none is none of these rows.
func (r *leftRows) none() *leftRows {
	if r == nil {
		return nil
	}
	return &leftRows{Asked: slices.Clone(r.Asked)}
}

// include takes in other rows of the forEach.
func (r *leftRows) include(other *leftRows) {
	if r == nil || other == nil {
		return
	}
	r.Rows, r.Left = r.Rows+other.Rows, r.Left+other.Left
	for i := range min(len(r.Asked), len(other.Asked)) {
		asked, theirs := &r.Asked[i], other.Asked[i]
		asked.Met, asked.Near, asked.More = asked.Met || theirs.Met, asked.Near || theirs.Near, asked.More || theirs.More
		for _, text := range theirs.Seen {
			asked.see(text)
		}
	}
}

// see takes in what a cell is.
func (u *unmetText) see(text string) {
	switch {
	case u.Met:
	case slices.Contains(u.read.Texts, text):
		u.Met = true
	case text == "" || slices.Contains(u.Seen, text):
	case len(u.Seen) == mostExamples:
		u.More = true
	default:
		u.Seen = append(u.Seen, text)
		u.Near = u.Near || slices.Contains(u.plain, plainly(text))
	}
}

// warnings are about the texts that no row has, where all were left out, of the forEachs of which all rows were met.
func (l *leftAll) warnings(metAll func(*engine.Step) bool) diag.List {
	var list diag.List
	byPath := func(a, b *engine.Step) int { return strings.Compare(a.Path, b.Path) }
	for _, s := range slices.SortedFunc(maps.Keys(l.of), byPath) {
		if metAll(s) {
			list = append(list, l.of[s].warnings(s)...)
		}
	}
	return list
}

func (r *leftRows) warnings(s *engine.Step) diag.List {
	if r == nil || r.Left < r.Rows {
		return nil
	}
	var list diag.List
	for _, asked := range r.Asked {
		if !asked.Met && !asked.Near && len(asked.Seen) > 0 {
			list = append(list, asked.warning(s, r.Rows))
		}
	}
	return list
}

func (u *unmetText) warning(s *engine.Step, rows int) diag.Diagnostic {
	var wanted []string
	for _, text := range u.read.Texts {
		wanted = append(wanted, fmt.Sprintf("%q", text))
	}
	seen := strings.Join(u.Seen, ", ")
	if u.More {
		seen += ", …"
	}
	return diag.Diagnostic{
		Severity: diag.Warning, Code: "unmet-value", Range: u.at, Private: u.Seen,
		Summary: fmt.Sprintf("where leaves out all rows of %s (%d): none has %s in %s, where there is %s", s.Path, rows,
			strings.Join(wanted, " or "), u.read, seen),
		Detail: "Nobody gets a message.",
		Hint:   "write the text as the file has it",
	}
}
