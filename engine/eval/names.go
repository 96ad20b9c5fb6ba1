package eval

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/expr-lang/expr/ast"

	"waybill/engine/diag"
)

// analyzer looks at an expression's tree before it is compiled: which names it uses, whether they exist, and what
// it may not do. It finds everything at once; expr's checker would stop at the first.
type analyzer struct {
	compiler  *Compiler
	scope     Scope
	anchor    Anchor
	offset    int    // of the expression in the scalar's text, in runes
	source    []rune // of the expression, composed
	places    []int  // of its runes in the file's text; nil: they are the same
	condition bool   // failed(), success() and always() are allowed

	found     diag.List
	explained []span            // stretches that a finding already explains
	locals    []string          // names declared by let
	seen      map[ast.Node]bool // the parser shares the middle of a < b < c between two nodes
	operands  map[int]operation // by the place of the operation, for findings at run time

	reads   []Read
	guarded int      // how deep within what asks whether something is there
	numbers int      // how deep within what makes a number of text
	against []string // what the path that is walked is compared with
	unlike  bool     // by !=

	from           map[string]bool // the environment variables whose text is in the value
	roots, steps   map[string]bool
	variables      []string
	missing        []string
	calls          bool // of now() or phone(): the value is another in each run
	failed, always bool
}

type span struct{ from, to int }

// operation is what a finding at run time says instead of "argument 1".
type operation struct {
	name   string
	args   []string // how the operands are written, where they are plain names; else empty
	method bool     // the first operand is what it is called on
}

// walk visits node and what is below it.
func (r *analyzer) walk(node ast.Node) {
	if node == nil || r.seen[node] {
		return
	}
	r.seen[node] = true
	switch n := node.(type) {
	case *ast.IdentifierNode, *ast.MemberNode, *ast.ChainNode:
		r.member(n)
		return
	case *ast.CallNode:
		r.call(n)
		if name, ok := n.Callee.(*ast.IdentifierNode); ok && name.Value == "default" && len(n.Arguments) == 2 {
			r.fallback(n.Arguments[0], n.Arguments[1])
			return
		}
	case *ast.BuiltinNode:
		if !r.predicate(n) {
			return
		}
	case *ast.BinaryNode:
		r.binary(n)
		return
	case *ast.VariableDeclaratorNode:
		r.walk(n.Value)
		r.locals = append(r.locals, n.Name)
		r.walk(n.Expr)
		r.locals = r.locals[:len(r.locals)-1]
		return
	case *ast.SliceNode:
		r.note(n, "[:]", n.Node)
	case *ast.UnaryNode:
		r.note(n, n.Operator, n.Node)
	case *ast.ConditionalNode:
		r.note(n, "?", n.Cond)
		r.guarded++
		r.walk(n.Cond)
		r.guarded--
	case *ast.BytesNode:
		r.report(n, "bad-expression", "bytes cannot be used here", `write text: "…" without the b`)
	}
	r.below(node)
}

// below visits what is below node.
func (r *analyzer) below(node ast.Node) {
	for _, child := range children(node) {
		r.walk(*child)
	}
}

// member looks a name up, with the fields that follow it.
func (r *analyzer) member(node ast.Node) {
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
		if _, constant := n.Property.(*ast.StringNode); constant {
			r.note(n, ".", n.Node)
		} else {
			r.note(n, "[…]", n.Node, n.Property)
		}
		r.walk(n.Node)
		r.walk(n.Property)
	}
}

// noteChain notes each link of a chain, so that the one that is empty at run time can be named.
func (r *analyzer) noteChain(node ast.Node) {
	switch n := node.(type) {
	case *ast.ChainNode:
		r.noteChain(n.Node)
	case *ast.MemberNode:
		r.note(n, ".", n.Node)
		r.noteChain(n.Node)
	}
}

// note remembers how the operands of an operation are written.
func (r *analyzer) note(node ast.Node, name string, args ...ast.Node) {
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
func (r *analyzer) binary(n *ast.BinaryNode) {
	r.note(n, n.Operator, n.Left, n.Right)
	if second, ok := n.Right.(*ast.BinaryNode); ok && n.Operator == "&&" {
		if shared := second.Left; r.isSharedWith(n.Left, shared) && !isSimple(shared) {
			r.report(second, "bad-expression", "comparisons cannot be chained around something that is itself computed",
				"write a < b && b < c")
			return
		}
	}
	switch n.Operator {
	case "matches":
		r.pattern(n.Right)
	case "??":
		r.fallback(n.Left, n.Right)
		return
	case "==", "!=", "in":
		r.compare(n.Operator, n.Left, n.Right)
		return
	}
	r.walk(n.Left)
	r.walk(n.Right)
}

// fallback looks at a ?? b. A variable with something to fall back on may be missing.
func (r *analyzer) fallback(value, otherwise ast.Node) {
	if p, ok := pathOf(value); ok && p.root.Value == envName && len(p.keys) == 1 && isVariableName(p.keys[0].Value) {
		r.roots[envName] = true
		r.variables = append(r.variables, p.keys[0].Value)
		r.compiler.variables().optional(p.keys[0].Value)
	} else {
		r.guarded++
		r.walk(value)
		r.guarded--
	}
	r.walk(otherwise)
}

func (r *analyzer) isSharedWith(left, shared ast.Node) bool {
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
	case *ast.PointerNode:
		return true
	case *ast.UnaryNode:
		return isSimple(n.Node)
	}
	_, isPath := pathOf(node)
	return isPath || isLiteral(node)
}

// pattern refuses patterns that are not written down: a row may not bring its own.
func (r *analyzer) pattern(node ast.Node) {
	text, ok := node.(*ast.StringNode)
	if !ok {
		r.report(node, "bad-expression", "the pattern of matches is not written out", `write it as text: item.phone matches "^\\+34"`)
		return
	}
	if _, err := regexp.Compile(text.Value); err != nil {
		r.report(node, "bad-expression", fmt.Sprintf("the pattern cannot be read: %v", err), "")
	}
}

// predicate looks at filter(list, …) and its like, and says whether it is one.
func (r *analyzer) predicate(n *ast.BuiltinNode) bool {
	switch {
	case n.Name == "reduce":
		r.report(n, "bad-expression", "reduce() cannot be used", "sum, map, filter and join do what it is mostly wanted for")
		return false
	case !slices.Contains(predicates(), n.Name):
		r.report(n, "bad-expression", n.Name+"() cannot be used here", "")
		return false
	}
	r.note(n, n.Name, n.Arguments...)
	return true
}
