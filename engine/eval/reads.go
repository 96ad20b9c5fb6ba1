package eval

import (
	"slices"

	"github.com/expr-lang/expr/ast"
)

// Read is a name that an expression reads, with the fields that follow it: item.address.city.
type Read struct {
	Path    []string
	Guarded bool // the expression says what stands in its place where it is empty, or asks whether it is
	Number  bool // int() or float() makes a number of it

	Texts  []string // what it is held against, by ==, != or in; nil: nothing
	Unlike bool     // by !=, somewhere
}

// String writes it as an expression does.
func (r Read) String() string {
	where := r.Path[0]
	for _, name := range r.Path[1:] {
		where = member(where, name)
	}
	return where
}

// noteRead remembers that the expression reads a path.
func (r *analyzer) noteRead(p path) {
	read := Read{Path: []string{p.root.Value}, Guarded: r.guarded > 0, Number: r.numbers > 0, Texts: r.against, Unlike: r.against != nil && r.unlike}
	for _, key := range p.keys {
		read.Path = append(read.Path, key.Value)
	}
	r.reads = append(r.reads, read)
}

// readings are the paths that were noted, each once: one that is guarded anywhere is, and likewise one of which a number is made.
func (r *analyzer) readings() []Read {
	var all []Read
	for _, read := range r.reads {
		at := slices.IndexFunc(all, func(other Read) bool { return slices.Equal(other.Path, read.Path) })
		if at < 0 {
			all = append(all, read)
			continue
		}
		all[at].Guarded, all[at].Number = all[at].Guarded || read.Guarded, all[at].Number || read.Number
		all[at].Texts, all[at].Unlike = slices.Concat(all[at].Texts, read.Texts), all[at].Unlike || read.Unlike
	}
	return all
}

// compare looks at the two sides of ==, != and in, of which one may be a path and the other texts that are written out.
func (r *analyzer) compare(operator string, left, right ast.Node) {
	for _, side := range [][2]ast.Node{{left, right}, {right, left}} {
		if _, isPath := pathOf(side[0]); isPath && (operator != "in" || side[0] == left) {
			r.against, r.unlike = textsOf(side[1]), operator == "!="
		}
		r.walk(side[0])
		r.against = nil
	}
}

// textsOf are the texts that are written out: one, or a list of them.
func textsOf(node ast.Node) []string {
	switch n := node.(type) {
	case *ast.StringNode:
		return []string{n.Value}
	case *ast.ArrayNode:
		var all []string
		for _, element := range n.Nodes {
			all = append(all, textsOf(element)...)
		}
		return all
	}
	return nil
}
