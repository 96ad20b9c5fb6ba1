package steps

import (
	"errors"
	"fmt"
	"strings"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/eval"
	"waybill/whatsapp"
)

// draft is a message on its way from a step's parameters to a request, and where in the parameters each of its
// parts came from.
type draft struct {
	whatsapp.Message
	file  *attachment // to be uploaded first; nil: nothing is
	parts parts
}

// parts says where the parts of a request come from: path in the request → path in the parameters. It is asked
// only about what is wrong, so that the many messages with which nothing is wrong do not pay for it.
type parts func(path string) string

// problem is what is wrong with a parameter. Path is the parameter's.
type problem struct {
	Path string
	Err  error
	Hint string
}

func (p *problem) Error() string {
	text := p.Err.Error()
	if p.Path != "" && !strings.HasPrefix(text, p.Path) {
		text = p.Path + ": " + text
	}
	if p.Hint != "" {
		text += "; " + p.Hint
	}
	return text
}

func (p *problem) Unwrap() error { return p.Err }

// check finds what WhatsApp would refuse in the draft.
func (d *draft) check() (problems []*problem, warnings []*problem) {
	for _, p := range d.Check() {
		found := &problem{Path: d.origin(p.Path), Err: errors.New(p.Summary), Hint: p.Hint}
		if p.Warning {
			warnings = append(warnings, found)
			continue
		}
		problems = append(problems, found)
	}
	return problems, warnings
}

// origin translates a path in the request into one in the parameters: of the longest part that is known.
func (d *draft) origin(path string) string {
	for at := path; at != ""; {
		if from := d.parts(at); from != "" {
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

// literal checks a step's parameters as far as they are written out: what is an expression is taken for something
// harmless, and findings about it are left for the run.
func literal(s *engine.Step, build func(engine.Args) (*draft, []*problem)) diag.List {
	if s.Params == nil {
		return nil
	}
	args, ok := standIn("", s.Params).(map[string]any)
	if !ok {
		return nil
	}
	d, problems := build(args)
	var warnings []*problem
	if d != nil {
		more, warn := d.check()
		problems, warnings = append(problems, more...), warn
	}
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

// standIn renders the constant parts of a tree, and puts something harmless where an expression stands.
func standIn(name string, t *eval.Tree) any {
	switch {
	case t.IsMap():
		fields := make(map[string]any)
		for _, f := range t.Fields() {
			fields[f.Name] = standIn(f.Name, f.Value)
		}
		return fields
	case t.IsList():
		list := make([]any, 0, len(t.Items()))
		for _, item := range t.Items() {
			list = append(list, standIn("", item))
		}
		return list
	}
	if v, ok := t.Constant(); ok {
		return v
	}
	switch name {
	case "to", "contact":
		return "+15550100000"
	case "mediaUrl", "link":
		return "https://example.com/x"
	case "previewUrl":
		return false
	case "index":
		return "0"
	}
	return "x"
}

// locate finds a parameter by its path, such as bodyParameters[1].text, as far as it goes. constant is false when
// an expression stands there or around it.
func locate(t *eval.Tree, path string) (at diag.Range, constant bool) {
	for path != "" && t != nil {
		var step string
		step, path = cutPath(path)
		next := t.Field(step)
		if strings.HasPrefix(step, "[") {
			next = nil
			var i int
			if _, err := fmt.Sscanf(step, "[%d]", &i); err == nil && i < len(t.Items()) {
				next = t.Items()[i]
			}
		}
		if next == nil {
			break
		}
		t = next
	}
	if !t.IsMap() && !t.IsList() {
		if _, ok := t.Constant(); !ok {
			return diag.Range{}, false
		}
	}
	return t.Range(), true
}

// cutPath takes the first step off a path.
func cutPath(path string) (first, rest string) {
	path = strings.TrimPrefix(path, ".")
	end := len(path)
	if i := strings.IndexAny(path[1:], ".["); i >= 0 {
		end = i + 1
	}
	return path[:end], path[end:]
}
