package report

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"waybill/engine"
	"waybill/engine/wording"
)

const valueWidth = 72 // longer values are cut in text; JSON has them whole

// writeSteps prints one line for each of the job's own steps: how it ended and what it left.
func writeSteps(b *strings.Builder, s Summary, paint Paint) {
	widest := 0
	for _, step := range s.Order {
		widest = max(widest, displayWidth(step.ID))
	}
	for _, step := range s.Order {
		values, known := s.Run.Steps[step.ID]
		if !known {
			continue
		}
		fmt.Fprintf(b, "%s %s  %s\n", mark(s.Run.Status, values, paint), pad(paint.clean(step.ID), widest), stepLine(step, values, paint))
	}
	if len(s.Order) > 0 {
		b.WriteByte('\n')
	}
}

func mark(status string, values map[string]any, paint Paint) string {
	switch {
	case values["skipped"] == true:
		return paint.Dim("-")
	case values["success"] == true:
		return paint.Green("✓")
	case status == string(engine.RunInterrupted) && values["failed"] == 0 && values["inDoubt"] == 0:
		return paint.Yellow("…") // a group that was cut short
	case waitsOnly(values):
		return paint.Yellow("…")
	}
	return paint.Red("✗")
}

// waitsOnly says of a step that did not succeed that this is because messages of it wait, and for nothing else.
func waitsOnly(values map[string]any) bool {
	waiting, _ := values["waiting"].(int)
	return values["waiting"] == true || waiting > 0 && values["failed"] == 0 && values["inDoubt"] == 0 && values["notSent"] == 0
}

// stepLine is what a step left, in words: counts of a group, the outputs of an operation.
func stepLine(step *engine.Step, values map[string]any, paint Paint) string {
	if values["skipped"] == true {
		return paint.Dim("skipped")
	}
	if step.Operation == nil || step.ForEach != nil {
		var parts []string
		for _, count := range [][2]string{
			{"total", "total"},
			{"succeeded", "succeeded"},
			{"failed", "failed"},
			{"inDoubt", "in doubt"},
			{"skipped", "skipped"},
			{"waiting", "waiting"},
			{"notSent", "not sent"},
		} {
			if n, _ := values[count[0]].(int); n > 0 {
				parts = append(parts, wording.Number(n)+" "+count[1])
			}
		}
		if values["errorMessage"] != nil { // its items could not be read to the end
			parts = append(parts, paint.cut("ended early: "+oneLine(values["errorMessage"]), 2*valueWidth))
		}
		switch {
		case len(parts) > 0:
		case values["success"] != true:
			return "nothing ended"
		case step.ForEach != nil:
			return "no items"
		}
		return strings.Join(parts, ", ")
	}
	parts := []string{pad(step.Operation.Name(), len("listConversations"))}
	if values["waiting"] == true {
		parts = append(parts, "waits for a later time")
	}
	if message, _ := values["errorMessage"].(string); message != "" {
		parts = append(parts, paint.cut(message, 2*valueWidth))
	}
	for _, name := range slices.Sorted(maps.Keys(step.Operation.Outputs())) {
		if v := oneLine(values[name]); v != "" && v != "null" && v != "[]" {
			parts = append(parts, paint.Dim(name+"=")+paint.cut(v, valueWidth))
		}
	}
	return strings.Join(parts, "  ")
}

func writeOutputs(b *strings.Builder, outputs map[string]any, paint Paint) {
	for _, name := range slices.Sorted(maps.Keys(outputs)) {
		fmt.Fprintf(b, "  %s = %s\n", paint.clean(name), paint.clean(oneLine(outputs[name])))
	}
}

// oneLine is a value in one line: text as it is, all else as JSON.
func oneLine(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case nil:
		return "null"
	case []any:
		if len(v) > 0 && !isShort(v) {
			return "[" + wording.Plural(len(v), "entry") + "]"
		}
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Sprint(v)
	}
	return strings.TrimSpace(b.String())
}

// isShort says whether a list is short and holds no lists and objects: it is shown then.
func isShort(list []any) bool {
	const most = 5
	for _, v := range list {
		switch v.(type) {
		case []any, map[string]any:
			return false
		}
	}
	return len(list) <= most
}
