package eval

import (
	"errors"
	"fmt"
	"runtime"
	"strings"

	"github.com/expr-lang/expr/file"

	"waybill/engine/pattern"
)

// fault is why an operation of an expression failed at run time. Its text follows the operand's name: "is empty".
type fault struct {
	arg  int    // which operand, from 0
	text string // "is empty"
	bare bool   // text says everything; no operand is named

	value string // the text with the value in it, for an expression that reads no secret; empty: there is none
}

func (f *fault) Error() string { return f.text }

// of names the operand as the expression writes it: "item.phone is empty".
func (f *fault) of(op operation, known bool) error {
	name := "the value"
	switch {
	case f.bare:
		return errors.New(f.text)
	case !known || f.arg >= len(op.args):
	case op.args[f.arg] != "":
		name = op.args[f.arg]
	case op.name == ".":
	case op.method && f.arg > 0:
		name = fmt.Sprintf("value %d of %s(…)", f.arg, op.name)
	case len(op.args) == 1:
		name = "the value for " + op.name
	case len(op.args) == 2 && !isVariableName(op.name):
		name = fmt.Sprintf("the %s side of %s", [2]string{"left", "right"}[f.arg], op.name)
	default:
		name = fmt.Sprintf("value %d of %s(…)", f.arg+1, op.name)
	}
	if f.value == "" {
		return fmt.Errorf("%s %s", name, f.text)
	}
	written := "…"
	if known && f.arg < len(op.args) && op.args[f.arg] != "" {
		written = op.args[f.arg]
	}
	return fmt.Errorf("%s %s", name, strings.ReplaceAll(f.value, operand, written))
}

// withoutValue is the fault of an expression that reads a secret.
func (f *fault) withoutValue() *fault {
	discreet := *f
	discreet.value = ""
	return &discreet
}

// named puts a name before what is wrong with a value, where err says no more than that.
func named(name string, err error) error {
	var f *fault
	if !errors.As(err, &f) {
		return err
	}
	return f.of(operation{args: []string{name}}, true)
}

var errDivided = errors.New("something is divided by zero")

//nolint:gochecknoglobals // constant
var (
	mismatch   = pattern.Lazy(`^invalid operation: (.+) ([-+*/%^<>=]+) (.+)$`)
	unary      = pattern.Lazy(`^invalid operation: (\S+) (.+)$`)
	noFetch    = pattern.Lazy(`^cannot (?:fetch|get) .+ from (\S+(?: \{\})?)$`)
	conversion = pattern.Lazy(`interface conversion: interface \{\} is ([^,]+), not (\S+)`)
	goTypes    = pattern.Lazy(`map\[[^ ]*\](interface \{\}|\[\]interface \{\})|` +
		`\[\]interface \{\}|\[\]int|\[\]string|interface \{\}|<nil>|` +
		`\bnil\b|\b(u?int(8|16|32|64)?|float(32|64)|string|bool|time\.Time|time\.Duration)\b`)
)

// explain turns what expr's machine says into what the file's author can act on. The words of the machine are
// Go's, and some of them quote values, which may be secret.
func (e *expression) explain(err error) error {
	var at *file.Error
	if !errors.As(err, &at) {
		return err
	}
	op, known := e.operands[at.From]
	var own *fault
	var machine runtime.Error
	switch {
	case errors.As(err, &own) && e.secret:
		return own.withoutValue().of(op, known)
	case own != nil:
		return own.of(op, known)
	case at.Prev != nil && !errors.As(at.Prev, &machine):
		return at.Prev
	case strings.Contains(at.Message, "divide by zero"):
		return errDivided
	case strings.Contains(at.Message, "memory budget"):
		return errTooMuch
	case strings.Contains(at.Message, "unhashable"):
		return errors.New("an object or a list cannot stand for a group")
	}
	if m := mismatch().FindStringSubmatch(at.Message); m != nil {
		return fmt.Errorf("%s does not work on %s and %s", m[2], goWord(m[1]), goWord(m[3]))
	}
	if m := unary().FindStringSubmatch(at.Message); m != nil {
		return fmt.Errorf("%s does not work on %s", m[1], goWord(m[2]))
	}
	if m := conversion().FindStringSubmatch(at.Message); m != nil {
		is := "is " + goWord(m[1])
		if m[1] == "nil" {
			is = "is empty"
		}
		if m[2] == "bool" {
			return (&fault{text: is + ", where true or false is wanted"}).of(op, known)
		}
		return (&fault{text: is + ", not text: string(…) makes text of it"}).of(op, known) // of matches
	}
	if m := noFetch().FindStringSubmatch(at.Message); m != nil {
		return (&fault{text: "is " + goWord(m[1]) + " and has no such field"}).of(op, known)
	}
	return errors.New(inFileWords(at.Message))
}

// inFileWords puts the job file's words for Go's types.
func inFileWords(message string) string { return goTypes().ReplaceAllStringFunc(message, goWord) }

// goWord returns the job file's word for a Go type.
func goWord(name string) string {
	switch {
	case name == "<nil>" || name == "nil":
		return "nothing"
	case name == "string":
		return "text"
	case name == "unknown":
		return "any value"
	case name == "bool":
		return "true or false"
	case strings.HasPrefix(name, "map["):
		return "an object"
	case strings.HasPrefix(name, "[]"):
		return "a list"
	case strings.HasPrefix(name, "int"), strings.HasPrefix(name, "uint"), strings.HasPrefix(name, "float"):
		if strings.HasPrefix(name, "interface") {
			return "any value"
		}
		return "a number"
	case name == "time.Time":
		return "a time"
	case name == "time.Duration":
		return "a duration"
	}
	return name
}
