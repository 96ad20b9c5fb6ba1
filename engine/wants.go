package engine

import (
	"cmp"

	"waybill/engine/diag"
	"waybill/engine/eval"
	"waybill/engine/rows"
)

// Wants is what is read of the items of a forEach. The zero value: nothing.
type Wants struct {
	Keyless bool                  // no key says what makes an item itself: all of it does
	Whole   *diag.Range           // where an item is read as a whole, first; nil: nowhere
	Columns map[string]diag.Range // where each column is read, first
}

// WantsOf is what the key, where and whatever is repeated read of the items of a step's forEach.
func WantsOf(s *Step) Wants {
	w := Wants{Keyless: s.ForEach.Key == nil, Columns: map[string]diag.Range{}}
	as := s.ForEach.As
	w.template(as, s.ForEach.Key)
	w.template(as, s.ForEach.Where)
	w.inside(as, s)
	return w
}

// inside notes what a step reads under a name.
func (w *Wants) inside(as string, s *Step) {
	for _, t := range []*eval.Tree{s.Params, s.Expires, s.Country} {
		w.tree(as, t)
	}
	for _, below := range s.Steps {
		w.template(as, below.If)
		if each := below.ForEach; each != nil {
			w.tree(as, each.From)
			if each.As == as { // inside, the name is of its items
				continue
			}
			w.template(as, each.Key)
			w.template(as, each.Where)
		}
		w.inside(as, below)
	}
}

func (w *Wants) tree(as string, t *eval.Tree) {
	t.Walk(func(_ string, t *eval.Tree) bool {
		w.template(as, t.Template())
		return true
	})
}

func (w *Wants) template(as string, t *eval.Template) {
	for _, read := range t.Reads() {
		at := t.Range()
		switch {
		case read.Path[0] != as:
		case len(read.Path) == 1:
			w.Whole = cmp.Or(w.Whole, &at)
		default:
			if _, before := w.Columns[read.Path[1]]; !before {
				w.Columns[read.Path[1]] = at
			}
		}
	}
}

// JudgeTwice is about names that several columns of a source have. Nobody can tell which of them is meant, so it is an error where one is
// read, or all of an item; else a warning. name is the source's.
func (f *ForEach) JudgeTwice(name string, twice []rows.Twice) diag.List {
	var found diag.List
	for _, t := range twice {
		d := diag.Diagnostic{
			Severity: diag.Error, Code: "ambiguous-column", Range: f.FromRange,
			Summary: name + ": " + t.String(), Hint: "give one of them another name in the file",
		}
		at, read := f.Wants.Columns[t.Name]
		switch {
		case read:
			d.Range, d.Detail = at, "Nobody can tell which of them is meant here."
		case f.Wants.Keyless:
			d.Detail = "Without key: a row is known by all of its columns, and nobody can tell which of these is which."
			d.Hint = "say key: with the column that makes a row the same, or " + d.Hint
		case f.Wants.Whole != nil:
			d.Range, d.Detail = *f.Wants.Whole, "All of the row is read here, and nobody can tell which of them is which."
		default:
			d.Severity, d.Detail, d.Hint = diag.Warning, "None of them is read.", "to read one of them, give it another name in the file"
		}
		found = append(found, d)
	}
	return found
}
