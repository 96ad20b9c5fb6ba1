package steps

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/eval"
	"waybill/engine/phone"
)

// checkLiterals checks a message's literal parameters. Expressions are replaced by placeholders, and problems with those are
// left out: they are found at run time.
func checkLiterals(s *engine.Step, build func(engine.Args, readNumber) (*draft, []*problem)) diag.List {
	args, ok := placeholders(s.Params)
	if !ok {
		return nil
	}
	reading, known := s.LiteralReading()
	d, problems := build(args, func(_, text string) (phone.Number, error) {
		number, err := reading.Read(text)
		if err != nil && !known { // its country is known to a run alone
			return phone.Number{Text: anybody}, nil
		}
		return number, err
	})
	var found diag.List
	for _, p := range d.check(problems) {
		found = addFinding(found, s, p)
	}
	return found
}

// addFinding appends a problem as a finding at its parameter's place; one about an expression is left out.
func addFinding(list diag.List, s *engine.Step, p *problem) diag.List {
	at, constant := locate(s.Params, p.Path)
	if !constant {
		return list
	}
	if at == (diag.Range{}) {
		at = s.NameRange
	}
	severity := diag.Error
	if p.Warning {
		severity = diag.Warning
	}
	code, summary, detail, hint := "bad-parameter", p.Summary(), "", hintFor(s, p)
	if number, ok := errors.AsType[*phone.Error](p.Err); ok {
		code, summary, hint = "bad-recipient", number.Summary(), number.Hint
		switch {
		case number.Fix != "":
			hint = fmt.Sprintf("write \"%s\"", number.Fix)
		case strings.HasPrefix(number.Text, "item."):
			hint = "an expression stands in ${{ and }}: ${{ " + number.Text + " }}"
		}
		detail = "A number has its country code and 7 to 15 digits in all."
	}
	return append(list, diag.Diagnostic{Severity: severity, Code: code, Summary: summary, Detail: detail, Hint: hint, Range: at})
}

// anyNumber takes any number for one that stands for any.
func anyNumber(string, string) (phone.Number, error) { return phone.Number{Text: anybody}, nil }

// anybody is a number that stands for any.
const anybody = "+15550100000"

// checkNumber checks a number that is written out.
func checkNumber(s *engine.Step) func(string) error {
	reading, known := s.LiteralReading()
	return func(text string) error {
		if _, err := reading.Read(text); err != nil && known {
			return err
		}
		return nil
	}
}

// checkLiteralValues checks the parameters that are written out with the check that goes with each name.
func checkLiteralValues(s *engine.Step, checks map[string]func(string) error) diag.List {
	var found diag.List
	for _, name := range slices.Sorted(maps.Keys(checks)) {
		t := s.Params.Field(name)
		if t == nil {
			continue
		}
		v, ok := t.Constant()
		if !ok || v == nil {
			continue
		}
		text, err := eval.Text(v)
		if err == nil {
			err = checks[name](text)
		}
		if err != nil {
			found = addFinding(found, s, &problem{Path: name, Err: err})
		}
	}
	return found
}
