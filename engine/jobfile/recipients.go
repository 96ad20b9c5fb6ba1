package jobfile

import (
	"slices"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/eval"
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
	return d.tree(f.Node, scope)
}

// countryIn checks the country against what the expressions of a sending step see. Where they do not see all of what it names, as
// outside of a forEach, it says nothing about the step.
func (d *document) countryIn(scope eval.Scope) {
	tree := d.job.Recipients.Country
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
