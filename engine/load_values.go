package engine

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"waybill/engine/eval"
)

// anchor says where the text of a scalar stands, for the findings of its expressions.
func (n *node) anchor() eval.Anchor {
	return eval.Anchor{Range: n.rng, Text: n.first, Place: n.place}
}

// tree compiles a value with all that is in it.
func (d *document) tree(n *node, s eval.Scope) *eval.Tree { return d.treeWith(d.compiler, n, s) }

func (d *document) treeWith(c *eval.Compiler, n *node, s eval.Scope) *eval.Tree {
	switch n.kind {
	case isText:
		if n.broken {
			return eval.Const(n.text, n.rng)
		}
		t, found := c.Template(n.text, n.anchor(), s)
		d.list = append(d.list, found...)
		return eval.Leaf(t)
	case isBool:
		return eval.Const(n.boolean(), n.rng)
	case isNumber:
		return eval.Const(number(n.text), n.rng)
	case isList:
		items := make([]*eval.Tree, len(n.items))
		for i, item := range n.items {
			items[i] = d.treeWith(c, item, s)
		}
		return eval.NewList(items, n.rng)
	case isMap:
		fields := make([]eval.Field, len(n.fields))
		for i, f := range n.fields {
			fields[i] = eval.Field{Name: f.name, NameRange: f.rng, Value: d.treeWith(c, f.node, s)}
		}
		return eval.NewMap(fields, n.rng)
	case isNull:
	}
	return eval.Const(nil, n.rng)
}

// number makes a value of a number's text: whole ones int64, others float64, and what neither can hold exactly keeps its digits.
func number(text string) any {
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		return i
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(f, 0) || !strings.ContainsAny(text, ".eE") {
		return json.Number(text)
	}
	return f
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
