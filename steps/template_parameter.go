package steps

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"waybill/engine/eval"
	"waybill/whatsapp"
)

// templateParameter reads a parameter that is an object: a currency, a date_time, a medium or a place, in the
// vendor's own shape (messages/template-messages). Its type may be left out where it has one key, which is the type.
func templateParameter(object map[string]any) (whatsapp.Parameter, []*problem) {
	if !isParameter(object) {
		return whatsapp.Parameter{}, []*problem{{Err: errors.New("is an object, not text: name the field that is meant, or toJSON(…) makes text of it")}}
	}
	object = maps.Clone(object)
	if object["type"] == nil && len(object) == 1 {
		object["type"] = slices.Collect(maps.Keys(object))[0]
	}
	var problems []*problem
	numbers := func(name string, fields ...string) {
		given, ok := object[name].(map[string]any)
		if !ok {
			return
		}
		inner := builder{args: maps.Clone(given)}
		for _, field := range fields {
			if inner.args[field] != nil {
				inner.args[field] = inner.number(field)
			}
		}
		for _, p := range inner.problems {
			p.Path = joinPath(name, p.Path)
			problems = append(problems, p)
		}
		object[name] = map[string]any(inner.args)
	}
	numbers("currency", "amount_1000")
	numbers("date_time", "year", "month", "day_of_month", "day_of_week", "hour", "minute")
	numbers("location", "latitude", "longitude")
	for _, name := range []string{"currency", "date_time", "image", "video", "document"} {
		if inner, ok := object[name].(map[string]any); ok {
			object[name] = withTexts(inner)
		}
	}
	raw, err := json.Marshal(withTexts(object))
	if err != nil {
		return whatsapp.Parameter{}, append(problems, &problem{Err: errors.New("is no template parameter: it cannot be written as JSON")})
	}
	var p whatsapp.Parameter
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&p); err != nil {
		return whatsapp.Parameter{}, append(problems, parameterProblem(err))
	}
	return p, problems
}

// isParameter says whether an object is meant as a parameter: it says so, or holds one. Any other is a value of a row.
func isParameter(object map[string]any) bool {
	for _, name := range []string{"type", "text", "currency", "date_time", "image", "video", "document", "location"} {
		if _, there := object[name]; there {
			return true
		}
	}
	return false
}

// parameterProblem says in plain words what a parameter holds that it cannot hold.
func parameterProblem(err error) *problem {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return &problem{Path: wrong.Field, Err: fmt.Errorf("%s cannot be of type %s", wrong.Field, wrong.Value)}
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return &problem{Err: fmt.Errorf("is no template parameter: it has no %s", strings.Trim(name, `"`))}
	}
	return &problem{Err: errors.New("is no template parameter")}
}

// degrees reads an angle that has to be there.
func (b *builder) degrees(name string) json.Number {
	if b.required(name) == "" {
		return "0" // reported; the range is not
	}
	return b.number(name)
}

// number reads a number, or text that is one as a cell holds it. Its digits stay as they are.
func (b *builder) number(name string) json.Number {
	text := strings.TrimSpace(b.text(name))
	if isNumber(text) {
		return json.Number(text)
	}
	p := &problem{Path: name, Err: fmt.Errorf("%s: %q is no number", name, text)}
	point := strings.Replace(text, ",", ".", 1)
	switch {
	case isNumber(point):
		p.Err, p.Hint = fmt.Errorf("%s: %q has a comma", name, text), "write "+point
	case isNumber(strings.TrimPrefix(text, "+")):
		p.Err, p.Hint = fmt.Errorf("%s: %q has a plus", name, text), "write "+strings.TrimPrefix(text, "+")
	}
	if degrees := decimalDegrees(text); degrees != "" {
		p.Hint = "write it in decimal degrees, south and west with a minus: " + degrees
	}
	b.problems = append(b.problems, p)
	return "0"
}

// isNumber says whether a text is a number as JSON has it.
func isNumber(text string) bool {
	return text != "" && strings.Trim(text, "-0123456789.eE+") == "" && json.Valid([]byte(text))
}

// withTexts returns the object with text in place of numbers, except in the fields that are numbers in the API.
func withTexts(object map[string]any) map[string]any {
	object = maps.Clone(object)
	for name, v := range object {
		switch v.(type) {
		case int, int64, float64:
			if s, err := eval.Text(v); err == nil {
				object[name] = s
			}
		}
	}
	return object
}
