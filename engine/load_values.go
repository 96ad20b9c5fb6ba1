package engine

import (
	"waybill/engine/diag"
	"waybill/engine/eval"
	"waybill/engine/rows"
)

// anchor says where the text of a scalar stands, for the findings of its expressions.
func (n *node) anchor() eval.Anchor {
	return eval.Anchor{Range: n.rng, Text: n.first, Place: n.place}
}

// tree compiles a value with all that is in it.
func (d *document) tree(n *node, s eval.Scope) *eval.Tree { return d.treeWith(d.compiler, n, s) }

func (d *document) treeWith(c *eval.Compiler, n *node, s eval.Scope) *eval.Tree {
	if n.broken {
		return d.anything(n.rng)
	}
	tree := d.compiled(c, n, s)
	if n.faulty {
		return d.anything(n.rng)
	}
	return tree
}

// anything is the value of what was found wrong: nobody is to say more about it.
func (d *document) anything(at diag.Range) *eval.Tree {
	const unknown = "unknown"
	t, _ := d.blind.Template("${{ "+unknown+" }}", eval.Anchor{Range: at}, eval.NewScope().With(unknown, eval.Any()))
	return eval.Leaf(t)
}

// compiledFields compiles the entries of a map, but for those to skip. Those that mean nothing are left out, and those
// that lack and should not are there as anything.
func (d *document) compiledFields(c *eval.Compiler, n *node, s eval.Scope, skip func(string) bool) []eval.Field {
	fields := make([]eval.Field, 0, len(n.fields)+len(n.missing))
	for _, f := range n.fields {
		if skip != nil && skip(f.name) {
			continue
		}
		tree := d.treeWith(c, f.node, s)
		if !f.unknown {
			fields = append(fields, eval.Field{Name: f.name, NameRange: f.rng, Value: tree})
		}
	}
	for _, name := range n.missing {
		if n.field(name) == nil {
			fields = append(fields, eval.Field{Name: name, NameRange: n.rng, Value: d.anything(n.rng)})
		}
	}
	return fields
}

func (d *document) compiled(c *eval.Compiler, n *node, s eval.Scope) *eval.Tree {
	switch n.kind {
	case isText:
		t, found := c.Template(n.text, n.anchor(), s)
		d.list = append(d.list, found...)
		return eval.Leaf(t)
	case isBool:
		return eval.Const(n.boolean(), n.rng)
	case isNumber:
		return eval.Const(rows.Number(n.text), n.rng)
	case isList:
		items := make([]*eval.Tree, len(n.items))
		for i, item := range n.items {
			items[i] = d.treeWith(c, item, s)
		}
		return eval.NewList(items, n.rng)
	case isMap:
		return eval.NewMap(d.compiledFields(c, n, s, nil), n.rng)
	case isNull:
	}
	return eval.Const(nil, n.rng)
}

// template compiles the text of an entry; nil when it is none.
func (d *document) template(f *field, s eval.Scope) *eval.Template {
	if f == nil || f.kind != isText || f.broken {
		return nil
	}
	t, found := d.compiler.Template(f.text, f.anchor(), s)
	d.list = append(d.list, found...)
	return t
}
