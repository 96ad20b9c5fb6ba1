package jobfile

import (
	"errors"
	"slices"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/eval"
	"waybill/engine/phone"
	"waybill/engine/source"
)

// recipients reads what the job says of the people it sends to.
func (d *document) recipients() {
	f := d.root.Field("recipients")
	if f == nil || f.Kind != source.Map || f.Broken {
		return
	}
	d.job.Recipients = engine.Recipients{Range: f.Range, Country: d.country(f.Field("country"))}
}

// country compiles the country of numbers; nil where the file says nothing. It stands outside of every forEach and may name the
// items of each: what it says of them is checked at the steps that send (countryIn).
func (d *document) country(f *source.Field) *eval.Tree {
	if f == nil || f.Kind != source.Text {
		return nil
	}
	scope := d.scope
	for _, name := range itemNames(d.root.At("steps")) {
		scope = scope.With(name, eval.Any())
	}
	tree := d.tree(f.Node, scope)
	if value, constant := tree.Constant(); constant && !f.Broken && !d.faulty[f.Node] {
		if _, err := engine.Country(value); err != nil {
			d.badCountry(f, err)
		}
	}
	return tree
}

// badCountry reports what names no country.
func (d *document) badCountry(f *source.Field, err error) {
	summary, hint := err.Error(), ""
	if wrong, ok := errors.AsType[*phone.CountryError](err); ok {
		summary, hint = wrong.Summary(), wrong.Hint
	}
	d.Fault("bad-country", f.Range, summary, "It says how numbers are read that are written without + and 00.", hint)
}

// countryIn gives a step what decides how its numbers are read, and checks the country against what the expressions of the step see.
// Where they do not see all of what it names, as outside of a forEach, it says nothing about the step.
func (d *document) countryIn(s *engine.Step, scope eval.Scope, rows []string) {
	for _, parameter := range s.Params.Fields() {
		if slices.ContainsFunc(rows, parameter.Value.Uses) {
			s.FromRows = append(s.FromRows, parameter.Name)
		}
	}
	tree := d.job.Recipients.Country
	s.Country = tree
	if tree == nil || tree.Template() == nil || !tree.OnlyUses(scope.Names()...) {
		return
	}
	f := d.root.At("recipients").Field("country")
	_, found := d.compiler.Template(f.Text, anchorOf(f.Node), scope)
	for _, finding := range found {
		known := slices.ContainsFunc(d.List, func(k diag.Diagnostic) bool {
			return k.Range == finding.Range && k.Summary == finding.Summary
		})
		if !known { // several steps may find the same
			d.List = append(d.List, finding)
		}
	}
}

// rowNames returns which names hold rows of a file, or what is made of them, inside of a forEach.
func rowNames(e *engine.ForEach, around []string) []string {
	inside := slices.DeleteFunc(slices.Clone(around), func(name string) bool { return name == e.As })
	if e.Kind != engine.FromItems || slices.ContainsFunc(around, e.Items.Uses) {
		inside = append(inside, e.As)
	}
	return inside
}

// itemNames returns the names under which expressions know the items of all forEachs in a list of steps.
func itemNames(steps *source.Node) []string {
	if steps == nil || steps.Kind != source.List {
		return nil
	}
	var names []string
	for _, n := range steps.Items {
		if f := n.Field("forEach"); f != nil {
			name := "item"
			if as := f.At("as").AsText(); as != "" {
				name = as
			}
			names = append(names, name, "index")
		}
		names = append(names, itemNames(n.At("steps"))...)
	}
	return names
}
