package eval

import (
	"fmt"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// path is a chain of constant members: item.address["city"].
type path struct {
	root     *ast.IdentifierNode
	keys     []*ast.StringNode
	optional []bool // of each key: whether it was reached by ?.
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

// pathOf returns the chain that node is, if it is one.
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
		p.optional = append(p.optional, n.Optional)
		return p, ok
	}
	return path{}, false
}

// children returns the places of the nodes right below node: of a call, its arguments, and what a method is called on.
func children(node ast.Node) []*ast.Node {
	switch n := node.(type) {
	case *ast.ChainNode:
		return []*ast.Node{&n.Node}
	case *ast.MemberNode:
		return []*ast.Node{&n.Node, &n.Property}
	case *ast.CallNode:
		if callee, ok := n.Callee.(*ast.MemberNode); ok {
			return append([]*ast.Node{&callee.Node}, places(n.Arguments)...)
		}
		return places(n.Arguments)
	case *ast.BuiltinNode:
		return places(n.Arguments)
	case *ast.PredicateNode:
		return []*ast.Node{&n.Node}
	case *ast.UnaryNode:
		return []*ast.Node{&n.Node}
	case *ast.BinaryNode:
		return []*ast.Node{&n.Left, &n.Right}
	case *ast.ConditionalNode:
		return []*ast.Node{&n.Cond, &n.Exp1, &n.Exp2}
	case *ast.VariableDeclaratorNode:
		return []*ast.Node{&n.Value, &n.Expr}
	case *ast.SliceNode:
		all := []*ast.Node{&n.Node}
		for _, bound := range []*ast.Node{&n.From, &n.To} {
			if *bound != nil {
				all = append(all, bound)
			}
		}
		return all
	case *ast.SequenceNode:
		return places(n.Nodes)
	case *ast.ArrayNode:
		return places(n.Nodes)
	case *ast.MapNode:
		return places(n.Pairs)
	case *ast.PairNode:
		return []*ast.Node{&n.Key, &n.Value}
	}
	return nil
}

func places(nodes []ast.Node) []*ast.Node {
	all := make([]*ast.Node, len(nodes))
	for i := range nodes {
		all[i] = &nodes[i]
	}
	return all
}

// valueParts returns those children of node whose value is in the node's: not a condition, nor what is compared, nor
// an index, nor what let declares, for that is there where its name is.
func valueParts(node ast.Node) []*ast.Node {
	all := children(node)
	switch n := node.(type) {
	case *ast.MemberNode, *ast.SliceNode:
		return all[:1]
	case *ast.ConditionalNode, *ast.VariableDeclaratorNode:
		return all[1:]
	case *ast.BinaryNode:
		if compares(n.Operator) {
			return nil
		}
	case *ast.CallNode:
		if name, ok := n.Callee.(*ast.IdentifierNode); ok && name.Value == "type" {
			return nil // a word of ours
		}
	}
	return all
}

// compares says of which operators nothing comes but true and false.
func compares(operator string) bool {
	switch operator {
	case "==", "!=", "<", ">", "<=", ">=", "in", "contains", "startsWith", "endsWith", "matches", "and", "or", "&&", "||":
		return true
	}
	return false
}
