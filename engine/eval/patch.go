package eval

import (
	"slices"

	"github.com/expr-lang/expr/ast"
)

// budgetPatcher rewrites an expression's tree so that whatever can take long, grow, cut a letter in half, or end in
// Go's words becomes a call of ours. expr walks a tree from the leaves up, so a node's children are rewritten first.
type budgetPatcher struct {
	variables *Variables
	operators map[string]operator
}

// Visit implements ast.Visitor.
func (p *budgetPatcher) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.BinaryNode:
		p.binary(node, n)
	case *ast.UnaryNode:
		if n.Operator == "-" {
			ast.Patch(node, call(negateName, n.Node))
		}
	case *ast.MemberNode:
		p.member(node, n)
	case *ast.SliceNode:
		ast.Patch(node, call(sliceName, n.Node, orNil(n.From), orNil(n.To)))
	case *ast.BuiltinNode:
		predicate(node, n)
	case *ast.CallNode:
		p.call(node, n)
	}
}

func (p *budgetPatcher) binary(node *ast.Node, n *ast.BinaryNode) {
	if n.Operator == "??" {
		left := call(blankName, n.Left)
		left.SetLocation(n.Left.Location())
		n.Left = left
		return
	}
	_, ours := p.operators[n.Operator]
	if isEquality := n.Operator == "==" || n.Operator == "!="; isEquality && (isLiteral(n.Left) || isLiteral(n.Right)) {
		ours = false // it compares no more than one value
	}
	if ours {
		ast.Patch(node, call(n.Operator, n.Left, n.Right))
	}
}

// defaults makes a ?? b of default(a, b) before anything else looks at it, so that the two are one.
type defaults struct{}

// Visit implements ast.Visitor.
func (defaults) Visit(node *ast.Node) {
	n, ok := (*node).(*ast.CallNode)
	if !ok || len(n.Arguments) != 2 {
		return
	}
	if name, ok := n.Callee.(*ast.IdentifierNode); ok && name.Value == "default" {
		ast.Patch(node, &ast.BinaryNode{Operator: "??", Left: n.Arguments[0], Right: n.Arguments[1]})
	}
}

func isLiteral(n ast.Node) bool {
	switch n.(type) {
	case *ast.IntegerNode, *ast.FloatNode, *ast.StringNode, *ast.BoolNode, *ast.NilNode:
		return true
	}
	return false
}

// call is a call of a function of our own, which gets the budget after its arguments. The first argument comes
// first on the machine's stack, which is what lets ?. jump over the call.
func call(name string, args ...ast.Node) *ast.CallNode {
	return &ast.CallNode{
		Callee:    &ast.IdentifierNode{Value: name},
		Arguments: append(args, &ast.IdentifierNode{Value: budgetName}),
	}
}

func orNil(n ast.Node) ast.Node {
	if n == nil {
		return &ast.NilNode{}
	}
	return n
}

func (p *budgetPatcher) member(node *ast.Node, n *ast.MemberNode) {
	key, constant := n.Property.(*ast.StringNode)
	root, isRoot := n.Node.(*ast.IdentifierNode)
	switch {
	case isRoot && root.Value == envName && constant:
		ast.Patch(node, &ast.ConstantNode{Value: p.variables.optional(key.Value)})
	case n.Optional || n.Method:
	case constant:
		ast.Patch(node, call(".", n.Node, n.Property))
	default:
		ast.Patch(node, call("[]", n.Node, n.Property))
	}
}

// predicate makes a loop pay for its list before it begins; what is done for each element pays when it is done. The
// sum of a list is ours, for expr's goes round where it is too big; with a condition it is that of map(list, …).
func predicate(node *ast.Node, n *ast.BuiltinNode) {
	if n.Name == "sum" && len(n.Arguments) == 1 {
		ast.Patch(node, call(sumName, n.Arguments[0]))
		return
	}
	guard := call(eachName, n.Arguments[0])
	guard.SetLocation(n.Location())
	n.Arguments[0] = guard
	if n.Name == "sum" {
		mapped := &ast.BuiltinNode{Name: "map", Arguments: n.Arguments, Throws: n.Throws}
		mapped.SetLocation(n.Location())
		ast.Patch(node, call(sumName, mapped))
	}
}

func (p *budgetPatcher) call(node *ast.Node, n *ast.CallNode) {
	if m, ok := n.Callee.(*ast.MemberNode); ok {
		args := []ast.Node{m.Node, m.Property, &ast.BoolNode{Value: m.Optional}}
		ast.Patch(node, call(methodName, slices.Concat(args, n.Arguments)...))
		return
	}
	name, ok := n.Callee.(*ast.IdentifierNode)
	if !ok {
		return
	}
	switch name.Value {
	case "failed":
		ast.Patch(node, hasFailed())
	case "success":
		ast.Patch(node, &ast.UnaryNode{Operator: "not", Node: hasFailed()})
	case "always":
		ast.Patch(node, &ast.BoolNode{Value: true})
	case "phone":
		ast.Patch(node, call(phoneName, n.Arguments[0], &ast.IdentifierNode{Value: Country}))
	default:
		n.Arguments = append(n.Arguments, &ast.IdentifierNode{Value: budgetName})
	}
}

// hasFailed asks the run; a name that is not there means no.
func hasFailed() ast.Node {
	return &ast.BinaryNode{Operator: "==", Left: &ast.IdentifierNode{Value: Failed}, Right: &ast.BoolNode{Value: true}}
}
