package eval

import (
	"github.com/expr-lang/expr/ast"
)

// guarded rewrites an expression's tree so that whatever can take long, grow, or end in Go's words becomes a call
// of ours. expr walks a tree from the leaves up, so a node's children are rewritten before it is.
type guarded struct{ variables *Variables }

// Visit implements ast.Visitor.
func (g *guarded) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.BinaryNode:
		g.binary(node, n)
	case *ast.MemberNode:
		g.member(node, n)
	case *ast.SliceNode:
		ast.Patch(node, ours("slice()", n.Node, orNil(n.From), orNil(n.To)))
	case *ast.BuiltinNode:
		g.predicate(n)
	case *ast.CallNode:
		g.call(node, n)
	}
}

// ours is a call of a function of our own, which gets the budget after its arguments. The first argument comes
// first on the machine's stack, which is what lets ?. jump over the call.
func ours(name string, args ...ast.Node) *ast.CallNode {
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

func (g *guarded) binary(node *ast.Node, n *ast.BinaryNode) {
	switch n.Operator {
	case "+":
		if !isNumber(n.Left) || !isNumber(n.Right) {
			ast.Patch(node, ours("+", n.Left, n.Right))
		}
	case "==":
		if !isScalar(n.Left) && !isScalar(n.Right) {
			ast.Patch(node, ours("==", n.Left, n.Right))
		}
	case "!=":
		if !isScalar(n.Left) && !isScalar(n.Right) {
			ast.Patch(node, &ast.UnaryNode{Operator: "not", Node: ours("==", n.Left, n.Right)})
		}
	case "<", ">", "<=", ">=":
		if !isNumber(n.Left) && !isNumber(n.Right) {
			ast.Patch(node, ours(n.Operator, n.Left, n.Right))
		}
	case "in", "contains", "startsWith", "endsWith", "..":
		ast.Patch(node, ours(n.Operator, n.Left, n.Right))
	case "matches":
		if text, ok := n.Right.(*ast.StringNode); ok {
			if re, cost, err := compilePattern(text.Value); err == nil {
				p := &ast.ConstantNode{Value: &pattern{re: re, cost: cost}}
				ast.Patch(node, ours("matches", n.Left, p))
			}
		}
	}
}

func isNumber(n ast.Node) bool {
	switch n.(type) {
	case *ast.IntegerNode, *ast.FloatNode:
		return true
	}
	return false
}

func isScalar(n ast.Node) bool {
	switch n.(type) {
	case *ast.IntegerNode, *ast.FloatNode, *ast.StringNode, *ast.BoolNode, *ast.NilNode:
		return true
	}
	return false
}

func (g *guarded) member(node *ast.Node, n *ast.MemberNode) {
	key, constant := n.Property.(*ast.StringNode)
	if root, ok := n.Node.(*ast.IdentifierNode); ok && root.Value == envName && constant {
		ast.Patch(node, &ast.ConstantNode{Value: g.variables.optional(key.Value)})
		return
	}
	switch {
	case n.Optional || n.Method:
	case constant:
		ast.Patch(node, ours(".", n.Node, n.Property))
	default:
		ast.Patch(node, ours("[]", n.Node, n.Property))
	}
}

// predicate makes a loop pay before it begins: the length of its list times what is done for each element.
func (g *guarded) predicate(n *ast.BuiltinNode) {
	weight := weighing{total: 4}
	for i := range n.Arguments[1:] {
		ast.Walk(&n.Arguments[i+1], &weight)
	}
	if n.Name == "sortBy" {
		weight.total += 100
	}
	each := ours("each()", n.Arguments[0], &ast.IntegerNode{Value: weight.total})
	each.SetLocation(n.Location())
	n.Arguments[0] = each
}

// weighing counts the nodes of a loop's body. A map weighs more: each is an allocation.
type weighing struct{ total int }

func (w *weighing) Visit(node *ast.Node) {
	switch (*node).(type) {
	case *ast.MapNode:
		w.total += 20
	case *ast.CallNode:
		w.total += 4
	default:
		w.total++
	}
}

func (g *guarded) call(node *ast.Node, n *ast.CallNode) {
	if m, ok := n.Callee.(*ast.MemberNode); ok {
		ast.Patch(node, ours("call()", append([]ast.Node{m.Node, m.Property, &ast.BoolNode{Value: m.Optional}}, n.Arguments...)...))
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
	default:
		if last := len(n.Arguments) - 1; last >= 0 {
			if id, ok := n.Arguments[last].(*ast.IdentifierNode); ok && id.Value == budgetName {
				return
			}
		}
		n.Arguments = append(n.Arguments, &ast.IdentifierNode{Value: budgetName})
	}
}

// hasFailed asks the run; a name that is not there means no.
func hasFailed() ast.Node {
	return &ast.BinaryNode{Operator: "==", Left: &ast.IdentifierNode{Value: Failed}, Right: &ast.BoolNode{Value: true}}
}
