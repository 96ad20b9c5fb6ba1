package eval

import (
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/expr-lang/expr"

	"waybill/engine/diag"
)

// Compiler makes Templates of scalars. The zero value knows no variables and no clock. It is safe for concurrent
// use, and is not to be copied after its first use.
type Compiler struct {
	Variables *Variables       // nil: none is set
	Now       func() time.Time // what now() returns: the run's clock; nil: now() fails

	// Phone reads a number for phone(x). country is what the run gave as Country, nil where it gave none. nil: phone() fails.
	Phone func(text string, country any) (string, error)

	once        sync.Once
	none        *Variables
	spare       *frames
	typed, free []expr.Option // of every check, and of every compilation
	functions   []string      // what can be called, for suggestions
	operators   map[string]operator
}

func (c *Compiler) setUp() {
	c.once.Do(func() {
		c.operators = operators()
		c.operators[phoneName] = reader(c.Phone)
		c.none, c.spare = NewVariables(nil, nil), &frames{}
		c.typed, c.free = c.options(true), c.options(false)
		c.functions = functionNames()
	})
}

func (c *Compiler) variables() *Variables {
	c.setUp()
	if c.Variables != nil {
		return c.Variables
	}
	return c.none
}

func (c *Compiler) frames() *frames {
	c.setUp()
	return c.spare
}

// Template compiles a scalar's text. The template is never nil; one with findings of severity Error cannot be
// rendered.
func (c *Compiler) Template(text string, a Anchor, s Scope) (*Template, diag.List) {
	if strings.IndexByte(text, '$') < 0 {
		return &Template{anchor: a, typ: String(), constant: true, value: text}, nil
	}
	b := c.build(text, a, s)
	parts := scan(text)
	if alone, ok := lone(parts); ok {
		parts = alone
	}
	for _, p := range parts {
		b.add(p)
	}
	return b.finish()
}

// lone finds an expression that stands alone but for the line breaks that a block scalar ends with.
func lone(parts []part) ([]part, bool) {
	if len(parts) == 2 && parts[0].kind == source && parts[1].kind == literal && strings.Trim(parts[1].text, "\r\n") == "" {
		return parts[:1], true
	}
	return nil, false
}

// Condition compiles what stands after `if:`: an expression with or without the braces, which must be boolean.
// failed(), success() and always() are allowed here alone.
func (c *Compiler) Condition(text string, a Anchor, s Scope) (*Template, diag.List) {
	b := c.build(text, a, s)
	b.t.condition = true
	trimmed := strings.TrimSpace(text)
	from := strings.Index(text, trimmed)
	p := part{kind: source, text: trimmed, from: from, to: from + len(trimmed), inner: from}
	if strings.Contains(text, "${{") && !strings.Contains(text, "$${{") {
		parts := scan(trimmed)
		switch {
		case len(parts) == 1 && parts[0].kind == source:
			p = parts[0]
			p.from, p.to, p.inner = p.from+from, p.to+from, p.inner+from
		case len(parts) == 1:
			parts[0].from, parts[0].to = parts[0].from+from, parts[0].to+from
			b.add(parts[0])
			return b.finish()
		default:
			b.report(p, "bad-expression", "a condition is one expression, and here are text and expressions",
				"write all of it within one ${{ … }}, or without the braces")
			return b.finish()
		}
	}
	if !utf8.ValidString(p.text) {
		b.report(p, "bad-expression", "the expression is not UTF-8", "")
		return b.finish()
	}
	b.expression(p, true)
	return b.finish()
}
