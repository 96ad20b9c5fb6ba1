package eval

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"

	"waybill/engine/diag"
)

// resolve looks a chain of members up in the scope and returns its type; Any where that is not known or wrong.
func (r *analyzer) resolve(p path) Type {
	root := p.root.Value
	switch root {
	case "$env":
		r.report(p.root, "bad-expression", "$env cannot be used here", "write the name itself: item, inputs, vars, steps")
		return Any()
	case envName:
		return r.variable(p)
	}
	t, ok := r.scope.Type(root)
	if !ok {
		r.unknownName(p.root)
		return Any()
	}
	r.roots[root] = true
	if root == stepsName {
		return r.step(t, p)
	}
	r.noteRead(p)
	return r.fields(root, t, p.keys, "unknown-name")
}

// fields follows keys into t. where is how t is written.
func (r *analyzer) fields(where string, t Type, keys []*ast.StringNode, code string) Type {
	for _, key := range keys {
		field, ok := t.Field(key.Value)
		switch {
		case ok:
		case !t.IsObject():
			r.report(key, "type-mismatch", fmt.Sprintf("%s is of type %s and has no field %q", where, t, key.Value),
				lengthHint(where, key.Value))
			return Any()
		case r.hyphenated(key, where, t.Fields()):
			return Any()
		default:
			r.report(key, code, fmt.Sprintf("%s has no %q", where, key.Value), choices(key.Value, t.Fields(), "it has"))
			return Any()
		}
		where = member(where, key.Value)
		t, code = field, "unknown-name"
	}
	return t
}

// lengthHint is for the habits of other languages.
func lengthHint(where, field string) string {
	if slices.Contains([]string{"length", "size", "len", "count"}, field) {
		return fmt.Sprintf("write len(%s)", where)
	}
	return ""
}

// member writes a field of something: dots where they work, brackets elsewhere.
func member(of, name string) string {
	if isVariableName(name) {
		return of + "." + name
	}
	return fmt.Sprintf("%s[%q]", of, name)
}

// step looks up `steps.id.output`.
func (r *analyzer) step(t Type, p path) Type {
	if len(p.keys) == 0 {
		r.report(p.root, "bad-expression", "steps cannot be used as a whole", "name the step and what it left: steps.ID.OUTPUT")
		return Any()
	}
	id := p.keys[0]
	if outputs, ok := t.Field(id.Value); ok {
		r.steps[id.Value] = true
		return r.fields(member(stepsName, id.Value), outputs, p.keys[1:], "unknown-output")
	}
	if place, ok := r.scope.later[id.Value]; ok {
		r.laterStep(id, id.Value, place)
		return Any()
	}
	before := t.Fields()
	all := slices.Concat(before, slices.Collect(maps.Keys(r.scope.later)))
	if r.hyphenated(id, stepsName, all) {
		return Any()
	}
	hint := choices(id.Value, before, "the steps before this one are")
	if meant := diag.Suggest(id.Value, all); meant != "" {
		hint = fmt.Sprintf("did you mean %s?", meant)
	} else if len(before) == 0 {
		hint = "no step runs before this one"
	}
	r.report(id, "unknown-step", fmt.Sprintf("no step has the id %q here", id.Value), hint)
	return Any()
}

func (r *analyzer) laterStep(node ast.Node, id string, place diag.Range) {
	r.report(node, "later-step", fmt.Sprintf("step %q runs later, so there is nothing to read from it yet", id), "move this step after it")
	if place.Start.Line > 0 && len(r.found) > 0 {
		r.found[len(r.found)-1].Detail = fmt.Sprintf("The step %q begins on line %d.", id, place.Start.Line)
	}
}

// hyphenated explains steps.order-confirm, which reads as a difference of two names.
func (r *analyzer) hyphenated(key *ast.StringNode, where string, known []string) bool {
	from := key.Location().From
	to := from
	for to < len(r.source) && isWordRune(r.source[to]) {
		to++
	}
	if from >= to || from > 0 && (r.source[from] == '"' || r.source[from] == '\'') {
		return false
	}
	word := string(r.source[from:to])
	if !strings.Contains(word, "-") || !slices.Contains(known, word) {
		return false
	}
	if place, later := r.scope.later[word]; later && where == stepsName {
		r.laterStep(key, word, place)
	} else {
		code := "unknown-name"
		if where == stepsName {
			code = "unknown-step"
		}
		r.report(key, code, fmt.Sprintf("%s.%s reads as a difference, for it has a hyphen", where, word),
			fmt.Sprintf("write %s[%q]", where, word))
	}
	r.explained = append(r.explained, span{from, to})
	return true
}

func isWordRune(c rune) bool {
	return c == '_' || c == '-' || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
}

// variable looks up env.NAME.
func (r *analyzer) variable(p path) Type {
	r.roots[envName] = true
	if len(p.keys) != 1 || !isVariableName(p.keys[0].Value) {
		r.report(p.root, "bad-variable", "env stands only before the name of a variable",
			"write env.NAME, or $<NAME> outside of expressions")
		return Any()
	}
	r.use(p.keys[0].Value, p.keys[0].Location().From, p.keys[0].Location().To)
	return String()
}

// use notes a variable that cannot be missing.
func (r *analyzer) use(name string, from, to int) {
	r.variables = append(r.variables, name)
	if _, ok := r.compiler.variables().Lookup(name); !ok {
		r.missing = append(r.missing, name)
		r.found = append(r.found, missingVariable(name, r.at(from, to)))
	}
}

func missingVariable(name string, place diag.Range) diag.Diagnostic {
	return diag.Diagnostic{
		Severity: diag.Error, Code: "missing-variable", Range: place,
		Summary: fmt.Sprintf("the environment variable %s is not set", name),
		Hint:    fmt.Sprintf("set it (export %s=…), or give a default: ${%s:-…}", name, name),
	}
}

// unknownName reports a name that means nothing here.
func (r *analyzer) unknownName(n *ast.IdentifierNode) {
	hint := choices(n.Value, append(r.scope.Names(), r.locals...), "known here are")
	from := n.Location().From
	switch {
	case n.Value == "null" || n.Value == "None":
		hint = "write nil"
	case from > 1 && r.source[from-1] == '-' && isWordRune(r.source[from-2]):
		start := from - 1
		for start > 0 && isWordRune(r.source[start-1]) {
			start--
		}
		hint = fmt.Sprintf("a name with a hyphen stands in brackets: [%q]", string(r.source[start:from])+n.Value)
	case slices.Contains(r.compiler.functions, n.Value), r.condition && slices.Contains([]string{"failed", "success", "always"}, n.Value):
		hint = fmt.Sprintf("%s is a function: write %s(…)", n.Value, n.Value)
	}
	r.report(n, "unknown-name", fmt.Sprintf("nothing is called %q here", n.Value), hint)
}

// report adds a finding at node, unless another one explains the place already.
func (r *analyzer) report(node ast.Node, code, summary, hint string) {
	at := node.Location()
	for _, s := range r.explained {
		if s.from <= at.From && at.From < s.to {
			return
		}
	}
	r.found = append(r.found, diag.Diagnostic{
		Severity: diag.Error, Code: code, Summary: summary, Hint: hint,
		Range: r.at(at.From, at.To),
	})
}

// choices is the hint for a wrong name: the nearest right one, or all when they are few.
func choices(name string, known []string, intro string) string {
	if meant := diag.Suggest(name, known); meant != "" {
		return fmt.Sprintf("did you mean %s?", meant)
	}
	const most = 20
	switch {
	case len(known) == 0:
		return ""
	case len(known) > most:
		return fmt.Sprintf("%s: %s and %d more", intro, strings.Join(known[:most], ", "), len(known)-most)
	}
	return intro + ": " + strings.Join(known, ", ")
}
