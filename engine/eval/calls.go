package eval

import (
	"fmt"
	"slices"

	"github.com/expr-lang/expr/ast"

	"waybill/engine/diag"
)

// call looks at a function's use, or at a method's of a time.
func (r *analyzer) call(n *ast.CallNode) {
	switch callee := n.Callee.(type) {
	case *ast.IdentifierNode:
		r.note(n, callee.Value, n.Arguments...)
		r.function(n, callee.Value)
		if (callee.Value == "int" || callee.Value == "float") && len(n.Arguments) == 1 {
			if _, isPath := pathOf(n.Arguments[0]); isPath {
				r.numbers++
				r.walk(n.Arguments[0])
				r.numbers--
			}
		}
	case *ast.MemberNode:
		r.method(n, callee)
	default:
		r.report(n, "bad-expression", "this cannot be called", "")
	}
}

// function checks that name is one of ours, and allowed here.
func (r *analyzer) function(n *ast.CallNode, name string) {
	switch name {
	case "failed", "success", "always":
		r.status(n, name)
		return
	case "get":
		r.report(n, "bad-expression", "get() cannot be used", "write the name in brackets: item[\"phone\"]")
		return
	case "now", "phone": // the run decides the clock, and the country of numbers
		r.calls = true
	}
	if slices.Contains(r.compiler.functions, name) {
		return
	}
	hint := choices(name, r.compiler.functions, "the functions are")
	switch {
	case name == "length" || name == "size":
		hint = "did you mean len?"
	case diag.Suggest(name, r.compiler.functions) == "":
		hint += "; waybill explain functions tells of all"
	}
	r.report(n, "unknown-name", fmt.Sprintf("no function is called %q", name), hint)
}

// status notes failed(), success() and always(), which mean something in `if:` alone.
func (r *analyzer) status(n *ast.CallNode, name string) {
	switch {
	case !r.condition:
		r.report(n, "bad-expression", name+"() can be used in `if:` only", "")
	case len(n.Arguments) > 0:
		r.report(n, "bad-expression", name+"() takes no arguments", "to ask about one step, write !steps.ID.success")
	case name == "always":
		r.always = true
	default:
		// success() asks the same question as failed(): with either in it, the condition is looked at after a failure.
		r.failed = true
	}
}

// method allows what a time can be asked. Nothing else has methods.
func (r *analyzer) method(n *ast.CallNode, callee *ast.MemberNode) {
	name, ok := callee.Property.(*ast.StringNode)
	if !ok || !slices.Contains(methodNames(), name.Value) {
		what := "this"
		hint := ""
		if ok {
			what = name.Value + "()"
			if slices.Contains(r.compiler.functions, name.Value) {
				hint = fmt.Sprintf("write %s(…), or … | %s()", name.Value, name.Value)
			} else {
				hint = choices(name.Value, methodNames(), "of a time there are")
			}
		}
		r.report(n, "unknown-name", what+" is nothing that a value can do", hint)
		return
	}
	r.note(n, name.Value, append([]ast.Node{callee.Node}, n.Arguments...)...)
	op := r.operands[n.Location().From]
	op.method = true
	r.operands[n.Location().From] = op
}
