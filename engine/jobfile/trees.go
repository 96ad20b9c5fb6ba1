package jobfile

import (
	"slices"

	"waybill/engine/diag"
	"waybill/engine/eval"
	"waybill/engine/rows"
	"waybill/engine/source"
)

// anchorOf returns where the text of a scalar stands, for the findings of its expressions.
func anchorOf(n *source.Node) eval.Anchor {
	return eval.Anchor{Range: n.Range, Text: n.TextStart, Place: n.RunePos}
}

// tree compiles a value with all that is in it.
func (d *document) tree(n *source.Node, s eval.Scope) *eval.Tree { return d.treeWith(d.compiler, n, s) }

func (d *document) treeWith(c *eval.Compiler, n *source.Node, s eval.Scope) *eval.Tree {
	if n.Broken {
		return d.anything(n.Range)
	}
	tree := d.compiled(c, n, s)
	if d.faulty[n] {
		return d.anything(n.Range)
	}
	return tree
}

// anything is the value of what was found wrong, about which nothing more is to be reported.
func (d *document) anything(at diag.Range) *eval.Tree {
	const unknown = "unknown"
	t, _ := d.withoutEnv.Template("${{ "+unknown+" }}", eval.Anchor{Range: at}, eval.NewScope().With(unknown, eval.Any()))
	return eval.Leaf(t)
}

// compiledFields compiles the entries of a map, but for those to skip. Unknown ones are left out, and missing ones are there as
// anything.
func (d *document) compiledFields(c *eval.Compiler, n *source.Node, s eval.Scope, skip func(string) bool) []eval.Field {
	fields := make([]eval.Field, 0, len(n.Fields)+len(d.missing[n]))
	for _, f := range n.Fields {
		if skip != nil && skip(f.Name) {
			continue
		}
		tree := d.treeWith(c, f.Node, s)
		if !slices.Contains(d.unknown[n], f.Name) {
			fields = append(fields, eval.Field{Name: f.Name, NameRange: f.NameRange, Value: tree})
		}
	}
	for _, name := range d.missing[n] {
		if n.Field(name) == nil {
			fields = append(fields, eval.Field{Name: name, NameRange: n.Range, Value: d.anything(n.Range)})
		}
	}
	return fields
}

func (d *document) compiled(c *eval.Compiler, n *source.Node, s eval.Scope) *eval.Tree {
	switch n.Kind {
	case source.Text:
		t, found := c.Template(n.Text, anchorOf(n), s)
		d.List = append(d.List, found...)
		return eval.Leaf(t)
	case source.Bool:
		return eval.Const(n.AsBool(), n.Range)
	case source.Number:
		return eval.Const(rows.Number(n.Text), n.Range)
	case source.List:
		items := make([]*eval.Tree, len(n.Items))
		for i, item := range n.Items {
			items[i] = d.treeWith(c, item, s)
		}
		return eval.NewList(items, n.Range)
	case source.Map:
		return eval.NewMap(d.compiledFields(c, n, s, nil), n.Range)
	case source.Null:
	}
	return eval.Const(nil, n.Range)
}

// template compiles the text of an entry; nil when it is none.
func (d *document) template(f *source.Field, s eval.Scope) *eval.Template {
	if f == nil || f.Kind != source.Text || f.Broken {
		return nil
	}
	t, found := d.compiler.Template(f.Text, anchorOf(f.Node), s)
	d.List = append(d.List, found...)
	return t
}
