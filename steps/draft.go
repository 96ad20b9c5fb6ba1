package steps

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/whatsapp"
)

// draft is a message on its way from a step's parameters to a request, and where in the parameters each of its
// parts came from.
type draft struct {
	whatsapp.Message
	file    *attachment // to be uploaded first; nil: nothing is
	origins pathMapping
}

// originOf says where the parts of a request come from: path in the request → path in the parameters. It is asked
// only about what is wrong, so that the many messages with which nothing is wrong do not pay for it.
type pathMapping func(path string) string

// problem is what is wrong with a parameter. Path is the parameter's.
type problem struct {
	Path string
	Err  error
	Hint string
}

func (p *problem) Error() string {
	text := p.Err.Error()
	name := p.Path[strings.LastIndexByte(p.Path, '.')+1:]
	if rest, named := strings.CutPrefix(text, name); named && name != "" && rest != "" && (rest[0] == ' ' || rest[0] == ':' || rest[0] == '[') {
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

// check finds what WhatsApp would refuse in the draft, besides the problems that are known: where one is, nothing more
// is looked for.
func (d *draft) check(known []*problem) (problems, warnings []*problem) {
	problems = known
	for _, p := range d.Check() {
		found := &problem{Path: d.origin(p.Path), Err: errors.New(p.Summary), Hint: p.Hint}
		switch {
		case slices.ContainsFunc(known, found.touches):
		case p.Warning:
			warnings = append(warnings, found)
		default:
			problems = append(problems, found)
		}
	}
	return problems, warnings
}

// touches says whether two problems are about the same parameter, or one about a part of the other's. The empty path is
// that of the step as a whole, and touches no parameter.
func (p *problem) touches(q *problem) bool {
	long, short := p.Path, q.Path
	if len(long) < len(short) {
		long, short = short, long
	}
	rest, within := strings.CutPrefix(long, short)
	return within && (rest == "" || short != "" && (rest[0] == '.' || rest[0] == '['))
}

// origin translates a path in the request into one in the parameters: of the longest part that is known.
func (d *draft) origin(path string) string {
	for at := path; at != ""; {
		if from := d.origins(at); from != "" {
			return from
		}
		cut := strings.LastIndexAny(at, ".[")
		if cut < 0 {
			break
		}
		at = at[:cut]
	}
	return ""
}

// checkLiterals checks a step's parameters as far as they are written out: what is an expression is taken for something
// harmless, and findings about it are left for the run.
func checkLiterals(s *engine.Step, build func(engine.Args) (*draft, []*problem)) diag.List {
	args, ok := placeholders(s.Params)
	if !ok {
		return nil
	}
	d, known := build(args)
	problems, warnings := d.check(known)
	var found diag.List
	for _, p := range problems {
		found = addFinding(found, s, p, diag.Error)
	}
	for _, p := range warnings {
		found = addFinding(found, s, p, diag.Warning)
	}
	return found
}

func addFinding(list diag.List, s *engine.Step, p *problem, severity diag.Severity) diag.List {
	at, constant := locate(s.Params, p.Path)
	if !constant {
		return list
	}
	if at == (diag.Range{}) {
		at = s.NameRange
	}
	code, summary, detail, hint := "bad-parameter", p.Summary(), "", p.Hint
	if number, ok := errors.AsType[*whatsapp.RecipientError](p.Err); ok {
		code, summary, hint = "bad-recipient", fmt.Sprintf("%q is not a phone number: %s", number.Text, number.Problem), number.Hint
		if number.Fix != "" {
			hint = fmt.Sprintf("write \"%s\"", number.Fix)
		}
		detail = "A number has its country code and 7 to 15 digits in all."
	}
	return append(list, diag.Diagnostic{Severity: severity, Code: code, Summary: summary, Detail: detail, Hint: hint, Range: at})
}

// Summary is the problem without its hint.
func (p *problem) Summary() string {
	short := *p
	short.Hint = ""
	return short.Error()
}
