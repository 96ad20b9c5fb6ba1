package steps

import (
	"errors"
	"strings"

	"waybill/whatsapp"
)

// problem is an error about a parameter, whose path it has: such as bodyParameters[1].text; "" for the whole step.
type problem struct {
	Path    string
	Err     error
	Hint    string
	Warning bool // WhatsApp may take the message all the same
}

// newProblem makes a problem of one that the client found. path is that of the parameter.
func newProblem(path string, p whatsapp.Problem) *problem {
	hint := p.Hint
	if hint == whatsapp.HintOneLine {
		hint += ", and oneLine(…) makes one of several"
	}
	return &problem{Path: path, Err: errors.New(p.Summary), Hint: hint, Warning: p.Warning}
}

func (p *problem) Error() string {
	text := p.Err.Error()
	name := p.Path[strings.LastIndexByte(p.Path, '.')+1:]
	rest, named := strings.CutPrefix(text, name)
	if named && name != "" && rest != "" && strings.ContainsRune(" :[", rune(rest[0])) {
		text = p.Path + rest
	} else if p.Path != "" && !strings.HasPrefix(text, p.Path) {
		text = p.Path + ": " + text
	}
	if p.Hint != "" {
		text += "; " + p.Hint
	}
	return text
}

func (p *problem) Unwrap() error { return p.Err }

// Parameter returns the path of the parameter.
func (p *problem) Parameter() string { return p.Path }

// Summary returns the text of the problem without its hint.
func (p *problem) Summary() string {
	short := *p
	short.Hint = ""
	return short.Error()
}

// touches reports whether two problems are about the same parameter, or one about a part of the other's. The empty path is
// that of the whole step, and touches no parameter.
func (p *problem) touches(q *problem) bool {
	long, short := p.Path, q.Path
	if len(long) < len(short) {
		long, short = short, long
	}
	rest, within := strings.CutPrefix(long, short)
	return within && (rest == "" || short != "" && (rest[0] == '.' || rest[0] == '['))
}

// errorOf returns one error for all problems that are no warnings; nil without any.
func errorOf(problems []*problem) error {
	var list []error
	for _, p := range problems {
		if !p.Warning {
			list = append(list, p)
		}
	}
	if len(list) == 1 {
		return list[0]
	}
	if len(list) == 0 {
		return nil
	}
	return problemsError(list)
}

// nobodyError is that a message has no recipient.
type nobodyError struct{ error }

// Empty returns the parameter that holds nothing: a row may rightly have none, and then the step can be left out.
func (nobodyError) Empty() string { return "to" }

// problemsError is several problems of one message.
type problemsError []error

// Error names them all on one line, for a row has one. What is wrong with several parameters alike is said once: a line of totals has
// hardly any value.
func (e problemsError) Error() string {
	var texts []string
	for i := 0; i < len(e); i++ {
		text := e[i].Error()
		if first, ok := errors.AsType[*problem](e[i]); ok {
			paths := []string{first.Path}
			for ; i+1 < len(e) && first.isAlike(e[i+1]); i++ {
				other, _ := errors.AsType[*problem](e[i+1])
				paths = append(paths, other.Path)
			}
			text = strings.Join(paths, ", ") + strings.TrimPrefix(text, first.Path)
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, "; ")
}

// isAlike says whether an error is the same problem with another parameter.
func (p *problem) isAlike(err error) bool {
	q, ok := errors.AsType[*problem](err)
	return ok && p.Path != "" && q.Path != "" && q.Path != p.Path && q.Hint == p.Hint && q.Err.Error() == p.Err.Error()
}

// Unwrap returns the problems.
func (e problemsError) Unwrap() []error { return e }
