package eval

import (
	"iter"
	"strings"
)

// part is a piece of a scalar's text.
type part struct {
	kind     partKind
	text     string // literal text, a variable's name, or an expression's source
	fallback string // what stands after :- of a variable
	defaults bool   // a variable with :-
	from, to int    // the piece, in bytes of the scalar's text
	inner    int    // where the expression's source begins, likewise
}

type partKind uint8

const (
	literal partKind = iota
	variable
	source
	malformed // a variable that is none
	unclosed  // an expression or a variable without an end
)

// Literals yields the stretches of a scalar's text that are neither expressions nor variables, in bytes.
func Literals(text string) iter.Seq2[int, int] {
	return func(yield func(from, to int) bool) {
		for _, p := range scan(text) {
			if p.kind == literal && !yield(p.from, p.to) {
				return
			}
		}
	}
}

// scan cuts text into its parts. Literal neighbours are one part, so text without a dollar sign is one part or none.
func scan(text string) []part {
	var parts []part
	add := func(p part) {
		if last := len(parts) - 1; p.kind == literal && last >= 0 && parts[last].kind == literal {
			parts[last].text += p.text
			parts[last].to = p.to
			return
		}
		parts = append(parts, p)
	}
	for at := 0; at < len(text); {
		dollar := strings.IndexByte(text[at:], '$')
		if dollar < 0 {
			add(part{text: text[at:], from: at, to: len(text)})
			break
		}
		if dollar > 0 {
			add(part{text: text[at : at+dollar], from: at, to: at + dollar})
		}
		p := dollarPart(text, at+dollar)
		add(p)
		at = p.to
	}
	return parts
}

// dollarPart reads what begins with the dollar sign at from.
func dollarPart(text string, from int) part {
	rest := text[from:]
	switch {
	case strings.HasPrefix(rest, "$${{"):
		return part{text: "${{", from: from, to: from + 4}
	case strings.HasPrefix(rest, "$${"), strings.HasPrefix(rest, "$$<"):
		return part{text: rest[1:3], from: from, to: from + 3}
	case strings.HasPrefix(rest, "${{"):
		inner := from + 3
		end := ExpressionEnd(text[inner:])
		if end < 0 {
			return part{kind: unclosed, text: "${{", from: from, to: len(text)}
		}
		return part{kind: source, text: text[inner : inner+end], inner: inner, from: from, to: inner + end + 2}
	case strings.HasPrefix(rest, "${"):
		return variablePart(text, from, '}')
	case strings.HasPrefix(rest, "$<"):
		return variablePart(text, from, '>')
	}
	return part{text: "$", from: from, to: from + 1}
}

// variablePart reads $<NAME>, ${NAME} or either with :-default, which ends with closing.
func variablePart(text string, from int, closing byte) part {
	rest := text[from+2:]
	end := strings.IndexByte(rest, closing)
	if end < 0 {
		return part{kind: unclosed, text: text[from : from+2], from: from, to: len(text)}
	}
	p := part{kind: variable, from: from, to: from + 2 + end + 1}
	p.text, p.fallback, p.defaults = strings.Cut(rest[:end], ":-")
	if !isVariableName(p.text) {
		p.kind, p.text = malformed, text[p.from:p.to]
	}
	return p
}

// isVariableName is [A-Za-z_][A-Za-z0-9_]*.
func isVariableName(name string) bool {
	for i := range len(name) {
		switch c := name[i]; {
		case c == '_', 'A' <= c && c <= 'Z', 'a' <= c && c <= 'z':
		case '0' <= c && c <= '9' && i > 0:
		default:
			return false
		}
	}
	return name != ""
}

// ExpressionEnd returns where the expression ends that text begins with, behind its opening ${{: the offset of the
// closing }}, or -1 where there is none. Braces within a text literal or a comment, and those that close a map, close
// nothing.
func ExpressionEnd(text string) int {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\'' || c == '"' || c == '`':
			i = literalEnd(text, i)
		case strings.HasPrefix(text[i:], "/*"):
			end := strings.Index(text[i+2:], "*/")
			if end < 0 {
				return -1
			}
			i += 2 + end + 1
		case strings.HasPrefix(text[i:], "//"):
			end := strings.IndexByte(text[i:], '\n')
			if end < 0 {
				return strings.LastIndex(text, "}}")
			}
			i += end
		case c == '{':
			depth++
		case c == '}' && depth > 0:
			depth--
		case strings.HasPrefix(text[i:], "}}"):
			return i
		}
	}
	return -1
}

// literalEnd returns the place of the quote that closes the one at from, or the end of text.
func literalEnd(text string, from int) int {
	quote := text[from]
	for i := from + 1; i < len(text); i++ {
		switch {
		case text[i] == '\\' && quote != '`':
			i++
		case text[i] == quote:
			return i
		}
	}
	return len(text)
}
