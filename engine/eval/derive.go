package eval

import (
	"time"

	"github.com/expr-lang/expr/ast"

	"waybill/engine/secret"
)

// maxDerived bounds how many texts the expressions of one job may add to the secrets.
const maxDerived = 1000

// deriveName is the function that makes a value known as a secret. No expression can spell it.
const deriveName = "derive()"

// deriving rewrites an expression's tree so that what is made of a secret is known as one when it is made:
// `upper(vars.password)` becomes `derive()(upper(vars.password))`. That is done for the greatest parts alone that
// are the same for every item: a million items add nothing. What only chooses or puts side by side is passed over,
// so that the words beside a secret stay words. expr walks a tree from the leaves up.
type deriving struct{ flows }

// derivation is what derive() is told beside the value.
type derivation struct {
	variables *Variables
	from      []string // the variables that went into it
}

// Visit implements ast.Visitor.
func (d *deriving) Visit(node *ast.Node) {
	made := makes(*node)
	f := d.of(*node)
	if made && (len(f.from) == 0 || !f.steady) {
		return
	}
	for _, part := range partsOf(*node) {
		if call, ok := (*part).(*ast.CallNode); ok && isDerive(call) {
			*part = call.Arguments[0]
		}
	}
	if !made {
		return
	}
	ast.Patch(node, ours(deriveName, *node, &ast.ConstantNode{Value: &derivation{d.variables, f.names()}}))
}

func isDerive(n *ast.CallNode) bool {
	name, ok := n.Callee.(*ast.IdentifierNode)
	return ok && name.Value == deriveName
}

// makes says whether a node makes something new of its parts. Taking one of what is written out in brackets is a
// choice.
func makes(node ast.Node) bool {
	switch n := node.(type) {
	case *ast.CallNode:
		return !isDerive(n)
	case *ast.BuiltinNode, *ast.SliceNode:
		return true
	case *ast.MemberNode:
		switch n.Node.(type) {
		case *ast.ArrayNode, *ast.MapNode:
			return false
		}
		_, plain := pathOf(n)
		return !plain && !n.Method
	}
	return false
}

// partsOf gives the places of those operands of a node that nobody sees: the node makes something else of them, or
// only compares them.
func partsOf(node ast.Node) []*ast.Node {
	switch n := node.(type) {
	case *ast.CallNode:
		var parts []*ast.Node
		if callee, ok := n.Callee.(*ast.MemberNode); ok {
			parts = append(parts, &callee.Node)
		}
		for i := range n.Arguments {
			parts = append(parts, &n.Arguments[i])
		}
		return parts
	case *ast.BuiltinNode:
		parts := []*ast.Node{&n.Arguments[0]}
		for _, argument := range n.Arguments[1:] {
			if body, ok := argument.(*ast.PredicateNode); ok {
				parts = append(parts, &body.Node)
			}
		}
		return parts
	case *ast.SliceNode:
		return []*ast.Node{&n.Node}
	case *ast.BinaryNode:
		if compares(n.Operator) {
			return []*ast.Node{&n.Left, &n.Right}
		}
	case *ast.ConditionalNode:
		return []*ast.Node{&n.Cond}
	case *ast.MemberNode:
		return []*ast.Node{&n.Node}
	}
	return nil
}

// derive gives its first argument back, and makes the texts in it known as secrets.
func derive(c call) (any, error) {
	if d, ok := c.args[1].(*derivation); ok {
		if err := c.spendOn(c.args[0]); err != nil {
			return nil, err
		}
		d.variables.derived(c.args[0], d.from)
	}
	return c.args[0], nil
}

// secretTexts calls found with each text in v that is long enough to be looked for, until found gives false. The
// names of fields are none: they are words that stand everywhere.
func secretTexts(v any, found func(string) bool) bool {
	switch v := v.(type) {
	case string:
		return len(v) < secret.MinLength || found(v)
	case time.Time:
		text, err := textOf(v)
		return err != nil || found(text)
	case []any:
		for _, element := range v {
			if !secretTexts(element, found) {
				return false
			}
		}
	case []string:
		return secretTexts(anys(v), found)
	case map[string]any:
		for _, field := range v {
			if !secretTexts(field, found) {
				return false
			}
		}
	case map[any][]any: // of groupBy: its names are values
		for name, group := range v {
			if !secretTexts(name, found) || !secretTexts(group, found) {
				return false
			}
		}
	}
	return true
}
