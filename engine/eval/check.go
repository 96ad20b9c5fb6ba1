package eval

import (
	"errors"
	"reflect"
	"strings"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/checker"
	"github.com/expr-lang/expr/compiler"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"

	"waybill/engine/diag"
	"waybill/engine/pattern"
	"waybill/engine/rows"
)

// compile makes an expression of source, or returns findings. All its names are looked up first, then expr's checker
// sees it with the types of the scope, then it is compiled, guarded and without types.
func (r *analyzer) compile(text string) (*expression, bool) {
	r.source = []rune(text)
	r.seen, r.operands = map[ast.Node]bool{}, map[int]operation{}
	r.roots, r.steps = map[string]bool{}, map[string]bool{}
	switch {
	case len(text) > maxSource:
		r.whole("expression-too-big", "the expression is longer than 4 KiB", "compute parts of it in vars")
		return nil, false
	case strings.TrimSpace(text) == "":
		r.whole("bad-expression", "the expression is empty", "")
		return nil, false
	}
	r.compiler.setUp()
	config := configure(r.compiler.typed, expr.Env(r.scope.checked()))
	tree, err := parser.ParseWithConfig(text, config)
	if err != nil {
		r.syntax(err)
		return nil, false
	}
	r.walk(tree.Node)
	if len(r.found) > len(r.missing) {
		return nil, false
	}
	ast.Walk(&tree.Node, defaults{}) // not before: a tree whose parts share others was refused
	typ, ok := r.check(tree, config)
	if !ok {
		return nil, false
	}
	secrets := &taint{scope: r.scope, variables: r.compiler.variables(), locals: map[string]local{}}
	r.from = secrets.of(tree.Node)
	e := &expression{typ: typ, operands: r.operands, constant: r.isConstant(), secret: secrets.anywhere(tree.Node)}
	if p, isPath := pathOf(tree.Node); isPath && p.root.Value != envName {
		e.path, e.optional = []string{p.root.Value}, p.optional
		for _, key := range p.keys {
			e.path = append(e.path, key.Value)
		}
		return e, true
	}
	if e.program, err = r.program(text, secrets); err != nil {
		r.syntax(err)
		return nil, false
	}
	return e, true
}

// program compiles what was found to be right, guarded and without types.
func (r *analyzer) program(text string, secrets *taint) (*vm.Program, error) {
	config := configure(r.compiler.free, expr.Env(r.scope.unchecked()))
	tree, err := parser.ParseWithConfig(text, config)
	if err != nil {
		return nil, err
	}
	ast.Walk(&tree.Node, defaults{})
	secrets.mark(&tree.Node)
	ast.Walk(&tree.Node, &budgetPatcher{variables: r.compiler.variables(), operators: r.compiler.operators})
	if _, err := checker.Check(tree, config); err != nil {
		return nil, err
	}
	return compiler.Compile(tree, config)
}

func (r *analyzer) isConstant() bool {
	for root := range r.roots {
		if root != envName {
			return false
		}
	}
	return !r.calls && !r.failed && !r.always
}

// check lets expr's checker look at the expression with the types of the scope. Of what is wrong it tells the
// first.
func (r *analyzer) check(tree *parser.Tree, config *conf.Config) (Type, bool) {
	result, err := checker.Check(tree, config)
	if err != nil {
		r.mismatch(err)
		return Any(), false
	}
	typ := typeOfGo(result)
	if p, ok := pathOf(tree.Node); ok && p.root.Value != envName {
		typ = r.resolve(p)
	}
	if r.condition && !typ.Fits(Boolean()) {
		r.whole("type-mismatch", "the condition is of type "+typ.String()+", not boolean", `compare it: … == "yes"`)
		return Any(), false
	}
	return typ, true
}

// typeOfGo returns the job file's type for what expr's checker says.
func typeOfGo(t reflect.Type) Type {
	if t == nil {
		return Any()
	}
	switch t {
	case reflect.TypeFor[time.Duration](), reflect.TypeFor[time.Month](), reflect.TypeFor[time.Weekday]():
		return Any()
	}
	switch t.Kind() { //nolint:exhaustive // the others are not of the file
	case reflect.String:
		return String()
	case reflect.Int, reflect.Int64:
		return Integer()
	case reflect.Float64:
		return Number()
	case reflect.Bool:
		return Boolean()
	case reflect.Slice:
		return List(typeOfGo(t.Elem()))
	case reflect.Map:
		return OpenObject(nil)
	}
	return Any()
}

// syntax reports what the parser says.
func (r *analyzer) syntax(err error) {
	var at *file.Error
	if !errors.As(err, &at) {
		r.whole("bad-expression", inFileWords(firstLine(err.Error())), "")
		return
	}
	if strings.Contains(at.Message, "maximum allowed nodes") {
		r.whole("expression-too-big", "the expression has more than 500 parts", "compute some of them in vars")
		return
	}
	summary, hint := translate(at.Message, ofParser())
	text := string(r.source)
	if name := bareFunction().FindStringSubmatch(text); name != nil {
		hint = "a function has parentheses: | " + name[1] + "()"
	}
	if strings.Contains(text, "$<") || strings.Contains(text, "${") {
		hint = "in an expression an environment variable is env.NAME"
	}
	r.add(at.From, at.To, "bad-expression", summary, hint)
}

// bareFunction is a pipe into a function that lacks its parentheses: item.name | upper.
var bareFunction = pattern.Lazy(`\|\s*(\w+)\s*$`) //nolint:gochecknoglobals // constant

// mismatch reports what the checker says.
func (r *analyzer) mismatch(err error) {
	var at *file.Error
	if !errors.As(err, &at) {
		r.whole("type-mismatch", inFileWords(firstLine(err.Error())), "")
		return
	}
	code := "type-mismatch"
	if strings.HasPrefix(at.Message, "unknown ") {
		code = "unknown-name"
	}
	summary, hint := translate(at.Message, ofChecker())
	r.add(at.From, at.To, code, summary, hint)
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

func lowerFirst(text string) string {
	if text == "" {
		return text
	}
	return strings.ToLower(text[:1]) + text[1:]
}

// whole reports something about the expression as a whole.
func (r *analyzer) whole(code, summary, hint string) { r.add(0, len(r.source), code, summary, hint) }

// add reports something at a place in the expression, in runes.
func (r *analyzer) add(from, to int, code, summary, hint string) {
	// What ends too early ends at its last letter.
	from = min(from, max(len(r.source)-1, 0))
	r.found = append(r.found, diag.Diagnostic{
		Severity: diag.Error, Code: code, Summary: summary, Hint: hint,
		Range: r.at(from, max(to, from+1)),
	})
}

// at returns the place of the expression's runes from (included) to to (excluded).
func (r *analyzer) at(from, to int) diag.Range {
	return r.anchor.At(r.offset+r.written(from), r.offset+r.written(to))
}

// written is where a rune of the expression stands in it as the file has it: the two differ where the file's text is not composed.
func (r *analyzer) written(rune int) int {
	if rune < 0 || rune >= len(r.places) {
		return rune
	}
	return r.places[rune]
}

// placesOf returns where the runes of text's composed form stand in text, and where it ends; nil: it is composed.
func placesOf(text, composed string) []int {
	if text == composed {
		return nil
	}
	at, count := make([]int, len([]rune(composed))+1), 0
	for i := range text {
		at[min(len([]rune(rows.Composed(text[:i]))), len(at)-1)] = count
		count++
	}
	at[len(at)-1] = count
	return at
}
