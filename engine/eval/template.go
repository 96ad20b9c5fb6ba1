package eval

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"waybill/engine/diag"
	"waybill/engine/rows"
)

// Template is one scalar of the file, compiled: literal text, environment variables and expressions. It is
// immutable and safe for concurrent use.
type Template struct {
	anchor    Anchor
	pieces    []piece
	whole     bool // one expression alone, which keeps its type
	condition bool // the value must be true or false
	typ       Type
	constant  bool
	value     any   // of a constant
	broken    error // why it can never be rendered
	pool      *frames

	roots, steps, variables []string
	reads                   []Read
	failed, always          bool
	clock                   bool // it calls now()
}

// piece is literal text, or an expression.
type piece struct {
	text string
	expr *expression
	at   diag.Range
}

// RenderError is why a value of the file could not be rendered for these Names. It is about an item or a run, not
// about the file alone.
type RenderError struct {
	Range diag.Range // of the expression
	Path  string     // of a tree's value, from the tree's root: "bodyParameters[2]"; empty for a template's own
	Err   error
}

func (e *RenderError) Error() string {
	if e.Path == "" {
		return e.Err.Error()
	}
	return e.Path + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *RenderError) Unwrap() error { return e.Err }

// errBroken is what rendering says of a template that had findings.
var errBroken = errors.New("it has an error that was reported before")

// Render returns the value for these names. One expression alone keeps its type; with text around it, it becomes
// text of at most 64 KiB. The error is a *RenderError. A constant's value is the same one each time: it is not to
// be changed.
func (t *Template) Render(ctx context.Context, n Names) (any, error) {
	switch {
	case t.broken != nil:
		return nil, &RenderError{Range: t.anchor.Range, Err: t.broken}
	case t.constant:
		return t.value, nil
	case t.whole:
		value, err := t.pieces[0].expr.eval(ctx, n, t.pool)
		if _, ok := value.(bool); err == nil && t.condition && !ok {
			err = fmt.Errorf("the condition is %s, where true or false is wanted", wordFor(value))
		}
		if err != nil {
			return nil, &RenderError{Range: t.pieces[0].at, Err: err}
		}
		return value, nil
	}
	return t.join(ctx, n)
}

// Truth renders a Condition.
func (t *Template) Truth(ctx context.Context, n Names) (bool, error) {
	value, err := t.Render(ctx, n)
	if err != nil {
		return false, err
	}
	truth, ok := value.(bool)
	if !ok {
		return false, &RenderError{Range: t.anchor.Range, Err: fmt.Errorf("it is %s, where true or false is wanted", wordFor(value))}
	}
	return truth, nil
}

// Text is Render, with the value made text.
func (t *Template) Text(ctx context.Context, n Names) (string, error) {
	value, err := t.Render(ctx, n)
	if err != nil {
		return "", err
	}
	text, err := Text(value)
	if err != nil {
		return "", &RenderError{Range: t.anchor.Range, Err: named("the value", err)}
	}
	return text, nil
}

// join renders the pieces to one text.
func (t *Template) join(ctx context.Context, n Names) (any, error) {
	var out strings.Builder
	for i := range t.pieces {
		p := &t.pieces[i]
		text := p.text
		if p.expr != nil {
			var err error
			if text, err = p.expr.text(ctx, n, t.pool); err != nil {
				return nil, &RenderError{Range: p.at, Err: err}
			}
		}
		if out.Len()+len(text) > maxText {
			return nil, &RenderError{Range: p.at, Err: errTooLong}
		}
		out.WriteString(text)
	}
	return out.String(), nil
}

// Constant returns the value that is known without running: of literal text, environment variables, and expressions
// of nothing else.
func (t *Template) Constant() (any, bool) { return t.value, t.constant && t.broken == nil }

// Type returns what Render will give, as far as that is known.
func (t *Template) Type() Type { return t.typ }

// Uses says whether the root name is used: "item", "steps", "env" (in any form).
func (t *Template) Uses(name string) bool { return slices.Contains(t.roots, name) }

// Roots lists the root names used, sorted.
func (t *Template) Roots() []string { return t.roots }

// Steps lists the ids of the steps it refers to, sorted.
func (t *Template) Steps() []string { return t.steps }

// Reads lists what of the names its expressions read.
func (t *Template) Reads() []Read {
	if t == nil {
		return nil
	}
	return t.reads
}

// Mixed says whether other text stands beside its expressions.
func (t *Template) Mixed() bool { return t != nil && !t.whole && !t.condition }

// UsesStatus says whether a condition asks about failure (failed() or success()), and whether it wants to be
// looked at always. A condition with neither is skipped after a failure.
func (t *Template) UsesStatus() (failed, always bool) { return t.failed, t.always }

// Variables lists the environment variables in it, sorted.
func (t *Template) Variables() []string { return t.variables }

// Literals lists the texts between its expressions, in order.
func (t *Template) Literals() []string {
	var texts []string
	for _, p := range t.pieces {
		if p.expr == nil {
			texts = append(texts, p.text)
		}
	}
	return texts
}

// Range returns the place of the scalar.
func (t *Template) Range() diag.Range { return t.anchor.Range }

// At returns the place of the runes of its text from (included) to to (excluded).
func (t *Template) At(from, to int) diag.Range { return t.anchor.At(from, to) }

// build puts a template together from what was read of its parts.
type build struct {
	compiler *Compiler
	text     string
	anchor   Anchor
	scope    Scope

	t                       *Template
	found                   diag.List
	missing                 []string
	roots, steps, variables map[string]bool
	from                    map[string]bool // the variables whose text is in the value
	fixed                   bool            // all parts are constant
}

func (c *Compiler) build(text string, a Anchor, s Scope) *build {
	return &build{
		compiler: c, text: text, anchor: a, scope: s, fixed: true,
		t:     &Template{anchor: a, typ: String(), pool: c.frames()},
		roots: map[string]bool{}, steps: map[string]bool{}, variables: map[string]bool{},
	}
}

// at returns the place of bytes from to to of the text.
func (b *build) at(from, to int) diag.Range {
	start := runeIndex(b.text, from)
	return b.anchor.At(start, start+utf8.RuneCountInString(b.text[from:to]))
}

func (b *build) report(p part, code, summary, hint string) {
	b.found = append(b.found, diag.Diagnostic{
		Severity: diag.Error, Code: code, Summary: summary, Hint: hint, Range: b.at(p.from, p.to),
	})
}

// add reads one part.
func (b *build) add(p part) {
	switch p.kind {
	case literal:
		b.literal(p.text)
	case variable:
		b.variable(p)
	case source:
		b.expression(p, false)
	case malformed:
		hint := "names are letters, digits and _"
		if name := strings.Trim(p.text, "${} "); strings.Contains(name, ".") && !strings.ContainsAny(name, "{}<>$") {
			hint = "an expression has two braces: ${{ " + name + " }}"
		}
		b.report(p, "bad-variable", fmt.Sprintf("%q names no environment variable", p.text), hint+"; for the text itself write $"+p.text)
	case unclosed:
		if p.text == "${{" {
			b.report(p, "unclosed-expression", "${{ has no }}", "close it, or write $${{ for the text itself")
			return
		}
		b.report(p, "bad-variable", p.text+" is not closed", "write $<NAME> or ${NAME}; for the text itself write $"+p.text)
	}
}

func (b *build) literal(text string) {
	if last := len(b.t.pieces) - 1; last >= 0 && b.t.pieces[last].expr == nil {
		b.t.pieces[last].text += text
		return
	}
	b.t.pieces = append(b.t.pieces, piece{text: text})
}

func (b *build) variable(p part) {
	b.variables[p.text], b.roots[envName] = true, true
	defer func() {
		if b.compiler.variables().holds(p.text) {
			b.from = union(b.from, map[string]bool{p.text: true})
		}
	}()
	if p.defaults {
		b.literal(b.compiler.variables().withDefault(p.text, p.fallback))
		return
	}
	value, ok := b.compiler.variables().Lookup(p.text)
	if !ok {
		b.missing = append(b.missing, p.text)
		b.found = append(b.found, missingVariable(p.text, b.at(p.from, p.to)))
	}
	b.literal(value)
}

func (b *build) expression(p part, condition bool) {
	r := &analyzer{
		compiler: b.compiler, scope: b.scope, anchor: b.anchor, offset: runeIndex(b.text, p.inner), condition: condition,
	}
	composed := rows.Composed(p.text) // names are compared so
	if len(p.text) <= maxSource {
		r.places = placesOf(p.text, composed)
	}
	e, ok := r.compile(composed)
	b.found = append(b.found, r.found...)
	b.missing = append(b.missing, r.missing...)
	b.t.reads = append(b.t.reads, r.readings()...)
	maps.Copy(b.roots, r.roots)
	maps.Copy(b.steps, r.steps)
	for _, name := range r.variables {
		b.variables[name] = true
	}
	b.from = union(b.from, r.from)
	b.t.failed, b.t.always = b.t.failed || r.failed, b.t.always || r.always
	b.t.clock = b.t.clock || r.calls
	if !ok {
		return
	}
	b.fixed = b.fixed && e.constant
	b.t.pieces = append(b.t.pieces, piece{expr: e, at: b.at(p.from, p.to)})
}

// finish returns the template and its findings.
func (b *build) finish() (*Template, diag.List) {
	t := b.t
	t.roots, t.steps = slices.Sorted(maps.Keys(b.roots)), slices.Sorted(maps.Keys(b.steps))
	t.variables = slices.Sorted(maps.Keys(b.variables))
	if t.whole = len(t.pieces) == 1 && t.pieces[0].expr != nil; t.whole {
		t.typ = t.pieces[0].expr.typ
	}
	b.refuseLists()
	switch {
	case len(b.found) > len(b.missing):
		t.broken, t.typ = errBroken, Any()
	case len(b.missing) > 0:
		t.broken = fmt.Errorf("the environment variable %s is not set", strings.Join(b.missing, ", "))
	case b.fixed:
		b.evaluate()
	}
	if t.condition {
		t.typ = Boolean()
	}
	t.typ.from = b.from
	return t, b.found
}

// refuseLists reports lists and objects within text, where that is known already.
func (b *build) refuseLists() {
	for _, p := range b.t.pieces {
		if p.expr == nil || b.t.whole || !p.expr.typ.IsList() && !p.expr.typ.IsObject() {
			continue
		}
		b.found = append(b.found, diag.Diagnostic{
			Severity: diag.Error, Code: "type-mismatch", Range: p.at,
			Summary: "this is of type " + p.expr.typ.String() + ", and within text only text, numbers and true or false can stand",
			Hint:    "toJSON(…) makes text of it, and join(…) of a list of texts",
		})
	}
}

// evaluate renders a constant, once.
func (b *build) evaluate() {
	t := b.t
	value, err := t.Render(context.Background(), nil)
	if err != nil {
		if bad, ok := errors.AsType[*RenderError](err); ok {
			b.found = append(b.found, diag.Diagnostic{
				Severity: diag.Error, Code: "bad-expression", Summary: bad.Err.Error(), Range: bad.Range,
			})
		}
		t.broken = errBroken
		return
	}
	t.constant, t.value, t.pieces = true, value, nil
	if t.whole && t.typ.IsAny() {
		t.typ = TypeOf(value)
	}
}
