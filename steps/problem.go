package steps

import (
	"errors"
	"strings"
)

// problem is an error about a parameter, whose path it has: such as bodyParameters[1].text; "" for the whole step.
type problem struct {
	Path string
	Err  error
	Hint string
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

// joinProblems returns one error for several problems.
func joinProblems(problems []*problem) error {
	list := make([]error, len(problems))
	for i, p := range problems {
		list[i] = p
	}
	if len(list) == 1 {
		return list[0]
	}
	return errors.Join(list...)
}
