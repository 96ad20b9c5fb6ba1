package eval

import (
	"maps"
	"slices"

	"github.com/expr-lang/expr/ast"
)

// flow says what goes into the value of an expression, or of a part of it. Only what makes up the value counts, not
// what decides between values: `env.MODE == "live" ? "production" : "test"` gives words, and no secret.
type flow struct {
	from   map[string]bool // the environment variables whose text is in it, perhaps changed
	steady bool            // it is the same for every item
}

func (f flow) names() []string { return slices.Sorted(maps.Keys(f.from)) }

// with joins two flows.
func (f flow) with(other flow) flow {
	joined := flow{from: f.from, steady: f.steady && other.steady}
	if len(other.from) > 0 {
		joined.from = maps.Clone(other.from)
		maps.Copy(joined.from, f.from)
	}
	return joined
}

// flows finds the flow of the parts of one expression.
type flows struct {
	scope     Scope
	variables *Variables
	locals    map[string]flow // of what let declares
	element   *flow           // of #, within a predicate of a known list; nil: it is another each time
}

// of gives the flow of node.
func (f *flows) of(node ast.Node) flow {
	switch n := node.(type) {
	case nil:
		return flow{steady: true}
	case *ast.IdentifierNode, *ast.MemberNode:
		return f.member(n)
	case *ast.ChainNode:
		return f.of(n.Node)
	case *ast.PointerNode:
		if f.element == nil {
			return flow{}
		}
		return *f.element
	case *ast.CallNode:
		return f.call(n)
	case *ast.BuiltinNode:
		return f.predicate(n)
	case *ast.ConditionalNode:
		return flow{steady: f.of(n.Cond).steady}.with(f.all(n.Exp1, n.Exp2))
	case *ast.VariableDeclaratorNode:
		return flow{steady: f.of(n.Value).steady}.with(f.of(n.Expr))
	case *ast.SliceNode:
		return f.of(n.Node).with(flow{steady: f.all(n.From, n.To).steady})
	case *ast.BinaryNode:
		joined := f.all(n.Left, n.Right)
		if compares(n.Operator) {
			joined.from = nil
		}
		return joined
	case *ast.UnaryNode:
		return f.of(n.Node)
	case *ast.PredicateNode:
		return f.of(n.Node)
	case *ast.ArrayNode:
		return f.all(n.Nodes...)
	case *ast.MapNode:
		return f.all(n.Pairs...)
	case *ast.PairNode:
		return f.all(n.Key, n.Value)
	case *ast.SequenceNode:
		return f.all(n.Nodes...)
	}
	return flow{steady: true} // a literal
}

func (f *flows) all(nodes ...ast.Node) flow {
	joined := flow{steady: true}
	for _, node := range nodes {
		joined = joined.with(f.of(node))
	}
	return joined
}

// compares says of which operators nothing comes but true and false.
func compares(operator string) bool {
	switch operator {
	case "==", "!=", "<", ">", "<=", ">=", "in", "contains", "startsWith", "endsWith", "matches", "and", "or", "&&", "||":
		return true
	}
	return false
}

// member gives the flow of a name with its fields, or of a computed field.
func (f *flows) member(node ast.Node) flow {
	if p, constant := pathOf(node); constant {
		return f.path(p)
	}
	n, ok := node.(*ast.MemberNode)
	if !ok {
		return flow{}
	}
	return f.of(n.Node).with(flow{steady: f.of(n.Property).steady})
}

// path gives the flow of a name with its fields.
func (f *flows) path(p path) flow {
	root := p.root.Value
	if local, ok := f.locals[root]; ok {
		return local
	}
	switch root {
	case envName:
		if len(p.keys) == 1 && f.variables.holds(p.keys[0].Value) {
			return flow{from: map[string]bool{p.keys[0].Value: true}, steady: true}
		}
		return flow{steady: true}
	case budgetName:
		return flow{steady: true}
	}
	t, _ := f.scope.Type(root)
	from := maps.Clone(t.from)
	for _, key := range p.keys {
		t, _ = t.Field(key.Value)
		from = union(from, t.from)
	}
	return flow{from: union(from, t.below()), steady: isSteady(root)}
}

func union(a, b map[string]bool) map[string]bool { return flow{from: a}.with(flow{from: b}).from }

// isSteady says of which names it is known that they hold the same for every item of a run.
func isSteady(root string) bool {
	return slices.Contains([]string{"vars", "inputs", "run", "job"}, root)
}

// call gives the flow of a function's use. What type() gives is a word of ours.
func (f *flows) call(n *ast.CallNode) flow {
	joined := f.all(n.Arguments...)
	switch callee := n.Callee.(type) {
	case *ast.MemberNode:
		joined = f.of(callee.Node).with(joined)
	case *ast.IdentifierNode:
		switch callee.Value {
		case "type":
			joined.from = nil
		case "now", "failed", "success", "always":
			joined.steady = false
		}
	}
	return joined
}

// predicate gives the flow of map(list, …) and its like, within which # is an element of the list.
func (f *flows) predicate(n *ast.BuiltinNode) flow {
	list := f.of(n.Arguments[0])
	within := *f
	within.element = &list
	return list.with(within.all(n.Arguments[1:]...))
}
