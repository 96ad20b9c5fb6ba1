package eval

import (
	"maps"
	"slices"
	"time"

	"github.com/expr-lang/expr/ast"

	"waybill/engine/secret"
)

// maxDerived bounds how many texts the expressions of one job may add to the secrets.
const maxDerived = 1000

// taint finds the environment variables whose text, perhaps changed, is in a value, and sees to it that what an
// expression makes of a secret is known as one.
type taint struct {
	scope     Scope
	variables *Variables
	locals    map[string]local // what let declares; two of the same name are taken for one
}

type local struct {
	from   map[string]bool
	steady bool
}

// of returns the variables whose text is in node's value. Only what makes up the value counts, not what decides
// between values: `env.MODE == "live" ? "production" : "test"` is words, and no secret.
func (t *taint) of(node ast.Node) map[string]bool {
	if p, ok := pathOf(node); ok {
		return t.path(p)
	}
	if n, ok := node.(*ast.VariableDeclaratorNode); ok {
		before, known := t.locals[n.Name]
		t.locals[n.Name] = local{union(before.from, t.of(n.Value)), t.steady(n.Value, false) && (before.steady || !known)}
	}
	var from map[string]bool
	for _, part := range valueParts(node) {
		from = union(from, t.of(*part))
	}
	return from
}

// anywhere says whether a variable's text is read in node at all, be it only to decide something.
func (t *taint) anywhere(node ast.Node) bool {
	if p, ok := pathOf(node); ok {
		return len(t.path(p)) > 0
	}
	for _, child := range children(node) {
		if t.anywhere(*child) {
			return true
		}
	}
	return false
}

// path is of, for a name with its fields.
func (t *taint) path(p path) map[string]bool {
	root := p.root.Value
	if l, ok := t.locals[root]; ok {
		return l.from
	}
	if root == envName {
		if len(p.keys) == 1 && t.variables.holds(p.keys[0].Value) {
			return map[string]bool{p.keys[0].Value: true}
		}
		return nil
	}
	typ, _ := t.scope.Type(root)
	from := typ.from
	for _, key := range p.keys {
		typ, _ = typ.Field(key.Value)
		from = union(from, typ.from)
	}
	return union(from, typ.below())
}

// union joins two sets of names; neither is changed.
func union(a, b map[string]bool) map[string]bool {
	if len(b) == 0 {
		return a
	}
	joined := maps.Clone(b)
	maps.Copy(joined, a)
	return joined
}

// steady says whether node's value is known to be the same for every item of a run. bound says that # is an element
// of a list within it.
func (t *taint) steady(node ast.Node, bound bool) bool {
	switch n := node.(type) {
	case *ast.PointerNode:
		return bound
	case *ast.IdentifierNode:
		l, isLocal := t.locals[n.Value]
		return l.steady || !isLocal && slices.Contains([]string{envName, "vars", "inputs", "run", "job"}, n.Value)
	case *ast.CallNode:
		if name, ok := n.Callee.(*ast.IdentifierNode); ok && name.Value == "now" {
			return false
		}
	case *ast.BuiltinNode:
		bound = true
	}
	for _, child := range children(node) {
		if !t.steady(*child, bound) {
			return false
		}
	}
	return true
}

// mark rewrites an expression's tree so that what is made of a secret is known as one when it is made:
// `upper(vars.password)` becomes `derived()(upper(vars.password))`. That is done for the greatest parts alone that
// are the same for every item: a million items add nothing. What only chooses or puts side by side is passed over,
// so that the words beside a secret stay words.
func (t *taint) mark(node *ast.Node) {
	from := t.of(*node)
	switch {
	case len(from) == 0:
	case makes(*node) && t.steady(*node, false):
		names := slices.Sorted(maps.Keys(from))
		told := &ast.ConstantNode{Value: &derivation{t.variables, names}}
		ast.Patch(node, &ast.CallNode{Callee: &ast.IdentifierNode{Value: derivedName}, Arguments: []ast.Node{*node, told}})
	default:
		for _, part := range valueParts(*node) {
			t.mark(part)
		}
	}
}

// makes says whether a node makes something new of its parts. Taking one of what is written out in brackets is a
// choice.
func makes(node ast.Node) bool {
	switch n := node.(type) {
	case *ast.CallNode, *ast.BuiltinNode, *ast.SliceNode:
		return true
	case *ast.MemberNode:
		switch n.Node.(type) {
		case *ast.ArrayNode, *ast.MapNode:
			return false
		}
		_, isPath := pathOf(n)
		return !isPath && !n.Method
	}
	return false
}

// derivation is what derived is told beside the value.
type derivation struct {
	variables *Variables
	from      []string // the variables that went into it
}

// derived returns its first argument, and makes the texts in it known as secrets.
func derived(b *budget, args []any) (any, error) {
	if d, ok := args[1].(*derivation); ok {
		if err := b.spendOn(args[0]); err != nil {
			return nil, err
		}
		d.variables.derived(args[0], d.from)
	}
	return args[0], nil
}

// secretTexts calls found with each text in v that is long enough to be looked for, until found returns false. The
// names of fields are none: they are words that stand everywhere.
func secretTexts(v any, found func(string) bool) bool {
	each := func(element any) bool { return secretTexts(element, found) }
	switch v := normalize(v).(type) {
	case string:
		return len(v) < secret.MinLength || found(v)
	case time.Time:
		text, err := Text(v)
		return err != nil || found(text)
	case []any:
		return !slices.ContainsFunc(v, func(element any) bool { return !each(element) })
	case map[string]any:
		return each(slices.Collect(maps.Values(v)))
	case map[any][]any: // of groupBy: its names are values
		return each(slices.Collect(maps.Keys(v))) && each(slices.Collect(maps.Values(v)))
	}
	return true
}
