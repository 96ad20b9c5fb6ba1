package engine

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"waybill/engine/diag"
	"waybill/engine/eval"
)

// OwnInputs returns those of the given texts that are of inputs of this job. It is for commands that take the inputs of several jobs at once:
// ParseInputs refuses what is another's.
func (j *Job) OwnInputs(given map[string]string) map[string]string {
	own := map[string]string{}
	for _, in := range j.Inputs {
		if text, ok := given[in.Name]; ok {
			own[in.Name] = text
		}
	}
	return own
}

// ParseInputs returns the typed inputs of a run: string, int, float64, bool or nil by name, made of the texts that the user gave
// (--input day=2026-03-25) and of the file's defaults. All findings come at once: what is missing, unknown, or of another type.
func (j *Job) ParseInputs(given map[string]string) (map[string]any, diag.List) {
	var findings diag.List
	values := make(map[string]any, len(j.Inputs))
	known := make([]string, 0, len(j.Inputs))
	for _, in := range j.Inputs {
		known = append(known, in.Name)
	}
	var unknown diag.List
	meant := map[string]bool{} // given by another spelling
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !slices.Contains(known, name) {
			unknown = append(unknown, unknownInput(j, name, known))
			meant[diag.Suggest(name, known)] = true
		}
	}
	for _, in := range j.Inputs {
		text, ok := given[in.Name]
		switch {
		case ok:
			value, err := parseInput(in.Type, text)
			if err != nil {
				findings = append(findings, diag.Diagnostic{
					Severity: diag.Error, Code: "bad-input", Range: in.Range,
					Summary: fmt.Sprintf("input %q: %v", in.Name, err),
				})
			}
			values[in.Name] = value
		case in.Default != nil:
			values[in.Name] = in.Default
		case in.Required && !meant[in.Name]:
			findings = append(findings, diag.Diagnostic{
				Severity: diag.Error, Code: "missing-input", Range: in.Range,
				Summary: fmt.Sprintf("input %q is required", in.Name),
				Detail:  in.Description,
				Hint:    fmt.Sprintf("add --input %s=…", in.Name),
			})
		default:
			values[in.Name] = nil
		}
	}
	return values, append(findings, unknown...)
}

func unknownInput(j *Job, name string, known []string) diag.Diagnostic {
	d := diag.Diagnostic{
		Severity: diag.Error, Code: "unknown-input",
		Summary: fmt.Sprintf("job %s has no input %q", j.Name, name),
		Detail:  "It takes " + strings.Join(known, ", ") + ".",
	}
	if len(known) == 0 {
		d.Detail = "It takes no inputs."
	}
	if near := diag.Suggest(name, known); near != "" {
		d.Hint = fmt.Sprintf("did you mean %s?", near)
	}
	return d
}

func parseInput(t eval.Type, text string) (any, error) {
	switch t.String() {
	case "integer":
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%q is not a whole number", text)
		}
		return int(n), nil
	case "number":
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, fmt.Errorf("%q is not a number", text)
		}
		return f, nil
	case "boolean":
		switch text {
		case "true":
			return true, nil
		case "false":
			return false, nil
		}
		return nil, fmt.Errorf("%q is neither true nor false", text)
	}
	return text, nil
}

// InputTexts adds the values of a JSON object, such as Run.Inputs, as the texts that --input would take.
func InputTexts(object []byte, given map[string]string) error {
	var values map[string]json.RawMessage
	if err := json.Unmarshal(object, &values); err != nil {
		return fmt.Errorf("read inputs: %w", err)
	}
	for name, raw := range values {
		var text string
		switch {
		case string(raw) == "null":
			continue
		case json.Unmarshal(raw, &text) == nil:
			given[name] = text
		default:
			given[name] = string(raw)
		}
	}
	return nil
}
