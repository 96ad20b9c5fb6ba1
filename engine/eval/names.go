package eval

import (
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"

	"waybill/engine/diag"
)

// reading looks at an expression's tree before it is compiled: which names it uses, whether they exist, and what
// it may not do. It finds everything at once; expr's checker would stop at the first.
type reading struct {
	compiler  *Compiler
	scope     Scope
	anchor    Anchor
	offset    int    // of the expression in the scalar's text, in runes
	source    []rune // of the expression
	condition bool   // failed(), success() and always() are allowed

	found     diag.List
	explained []span            // stretches that a finding already explains
	locals    []string          // names declared by let
	seen      map[ast.Node]bool // the parser shares the middle of a < b < c between two nodes
	operands  map[int]operation // by the place of the operation, for findings at run time

	flow           flow // of the whole expression
	lets           map[string]flow
	roots, steps   map[string]bool
	variables      []string
	missing        []string
	calls          bool // of now(): the value is another each time
	failed, always bool
}

type span struct{ from, to int }

// operation is what a finding at run time says instead of "argument 1".
type operation struct {
	name string
	args []string // how the operands are written, where they are plain names; else empty
}

// path is a chain of constant members: item.address["city"].
type path struct {
	root  *ast.IdentifierNode
	keys  []*ast.StringNode
	loose []bool // of each key: whether it was reached by ?.
}

func (p path) String() string {
	var s strings.Builder
	s.WriteString(p.root.Value)
	for _, key := range p.keys {
		if isVariableName(key.Value) {
			s.WriteString("." + key.Value)
		} else {
			fmt.Fprintf(&s, "[%q]", key.Value)
		}
	}
	return s.String()
}

// pathOf gives the chain that node is, if it is one.
func pathOf(node ast.Node) (path, bool) {
	switch n := node.(type) {
	case *ast.IdentifierNode:
		return path{root: n}, true
	case *ast.ChainNode:
		return pathOf(n.Node)
	case *ast.MemberNode:
		key, constant := n.Property.(*ast.StringNode)
		if !constant || n.Method {
			return path{}, false
		}
		p, ok := pathOf(n.Node)
		p.keys = append(p.keys, key)
		p.loose = append(p.loose, n.Optional)
		return p, ok
	}
	return path{}, false
}

// walk visits node and what is below it.
func (r *reading) walk(node ast.Node) {
	if node == nil || r.seen[node] {
		return
	}
	r.seen[node] = true
	switch n := node.(type) {
	case *ast.IdentifierNode, *ast.MemberNode, *ast.ChainNode:
		r.member(n)
	case *ast.CallNode:
		r.call(n)
	case *ast.BuiltinNode:
		r.predicate(n)
	case *ast.BinaryNode:
		r.binary(n)
	case *ast.VariableDeclaratorNode:
		r.walk(n.Value)
		r.declare(n)
		r.locals = append(r.locals, n.Name)
		r.walk(n.Expr)
		r.locals = r.locals[:len(r.locals)-1]
	case *ast.SliceNode:
		r.note(n, "[:]", n.Node)
		r.all(n.Node, n.From, n.To)
	case *ast.UnaryNode:
		r.note(n, n.Operator, n.Node)
		r.walk(n.Node)
	case *ast.PredicateNode:
		r.walk(n.Node)
	case *ast.ConditionalNode:
		r.note(n, "?", n.Cond)
		r.all(n.Cond, n.Exp1, n.Exp2)
	case *ast.SequenceNode:
		r.all(n.Nodes...)
	case *ast.ArrayNode:
		r.all(n.Nodes...)
	case *ast.MapNode:
		r.all(n.Pairs...)
	case *ast.PairNode:
		r.all(n.Key, n.Value)
	case *ast.BytesNode:
		r.report(n, "bad-expression", "bytes cannot be used here", `write text: "…" without the b`)
	}
}

func (r *reading) all(nodes ...ast.Node) {
	for _, node := range nodes {
		r.walk(node)
	}
}

// member looks a name up, with the fields that follow it.
func (r *reading) member(node ast.Node) {
	p, constant := pathOf(node)
	switch {
	case constant && slices.Contains(r.locals, p.root.Value):
		r.noteChain(node)
		return
	case constant:
		r.noteChain(node)
		r.resolve(p)
		return
	}
	switch n := node.(type) {
	case *ast.ChainNode:
		r.walk(n.Node)
	case *ast.MemberNode:
		r.note(n, "[…]", n.Node, n.Property)
		r.walk(n.Node)
		r.walk(n.Property)
	}
}

// noteChain notes each link of a chain, so that the one that is empty at run time can be named.
func (r *reading) noteChain(node ast.Node) {
	switch n := node.(type) {
	case *ast.ChainNode:
		r.noteChain(n.Node)
	case *ast.MemberNode:
		r.note(n, ".", n.Node)
		r.noteChain(n.Node)
	}
}

// declare notes what goes into a name of let. Two of the same name are taken for one.
func (r *reading) declare(n *ast.VariableDeclaratorNode) {
	flows := r.flows()
	f := flows.of(n.Value)
	if before, twice := r.lets[n.Name]; twice {
		f = f.with(before)
	}
	if r.lets == nil {
		r.lets = map[string]flow{}
	}
	r.lets[n.Name] = f
}

func (r *reading) flows() flows {
	return flows{scope: r.scope, variables: r.compiler.variables(), locals: r.lets}
}

// note remembers how the operands of an operation are written.
func (r *reading) note(node ast.Node, name string, args ...ast.Node) {
	op := operation{name: name, args: make([]string, len(args))}
	for i, arg := range args {
		if p, ok := pathOf(arg); ok {
			op.args[i] = p.String()
		}
	}
	r.operands[node.Location().From] = op
}

// binary looks at an operation of two sides. The parser makes a < b && b < c of a < b < c and shares b between
// them; nested, that doubles the work at every level, so b has to be something simple.
func (r *reading) binary(n *ast.BinaryNode) {
	r.note(n, n.Operator, n.Left, n.Right)
	if second, ok := n.Right.(*ast.BinaryNode); ok && n.Operator == "&&" {
		if shared := second.Left; r.isSharedWith(n.Left, shared) && !isSimple(shared) {
			r.report(second, "bad-expression", "comparisons cannot be chained around something that is itself computed", "write a < b && b < c")
			return
		}
	}
	switch n.Operator {
	case "matches":
		r.pattern(n.Right)
	case "??":
		if p, ok := pathOf(n.Left); ok && p.root.Value == envName && len(p.keys) == 1 && isVariableName(p.keys[0].Value) {
			// A variable with something to fall back on may be missing.
			r.roots[envName] = true
			r.variables = append(r.variables, p.keys[0].Value)
			r.compiler.variables().optional(p.keys[0].Value)
			r.walk(n.Right)
			return
		}
	}
	r.walk(n.Left)
	r.walk(n.Right)
}

func (r *reading) isSharedWith(left, shared ast.Node) bool {
	first, ok := left.(*ast.BinaryNode)
	if !ok {
		return false
	}
	if first.Operator == "&&" {
		return r.isSharedWith(first.Right, shared)
	}
	return first.Right == shared
}

func isSimple(node ast.Node) bool {
	switch n := node.(type) {
	case *ast.IntegerNode, *ast.FloatNode, *ast.StringNode, *ast.BoolNode, *ast.NilNode, *ast.PointerNode:
		return true
	case *ast.UnaryNode:
		return isSimple(n.Node)
	}
	_, ok := pathOf(node)
	return ok
}

// pattern refuses patterns that are not written down, or too big: both could take long at run time.
func (r *reading) pattern(node ast.Node) {
	text, ok := node.(*ast.StringNode)
	if !ok {
		r.report(node, "bad-expression", "the pattern of matches is not written out", `write it as text: item.phone matches "^\\+34"`)
		return
	}
	if _, _, err := compilePattern(text.Value); err != nil {
		r.report(node, "bad-expression", err.Error(), "")
	}
}

// predicate looks at filter(list, …) and its like.
func (r *reading) predicate(n *ast.BuiltinNode) {
	if n.Name == "reduce" {
		r.report(n, "bad-expression", "reduce() cannot be used", "sum, map, filter and join do what it is mostly wanted for")
		return
	}
	if !slices.Contains(predicates(), n.Name) {
		r.report(n, "bad-expression", n.Name+"() cannot be used here", "")
		return
	}
	r.note(n, n.Name, n.Arguments...)
	r.all(n.Arguments...)
}
