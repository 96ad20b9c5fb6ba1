package steps

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"waybill/engine/eval"
	"waybill/whatsapp"
)

// templateParameter reads a parameter that is an object: a currency, a date_time, a medium or a place, in the
// vendor's own shape (messages/template-messages). Its type may be left out where it has one key, which is the type.
func templateParameter(object map[string]any) (whatsapp.Parameter, error) {
	object = maps.Clone(object)
	if object["type"] == nil && len(object) == 1 {
		object["type"] = slices.Collect(maps.Keys(object))[0]
	}
	for name, fields := range map[string][]string{
		"currency": {"amount_1000"}, "location": {"latitude", "longitude"},
	} {
		if inner, ok := object[name].(map[string]any); ok {
			object[name] = withNumbers(inner, fields)
		}
	}
	for _, name := range []string{"currency", "date_time", "image", "video", "document"} {
		if inner, ok := object[name].(map[string]any); ok {
			object[name] = withTexts(inner)
		}
	}
	raw, err := json.Marshal(withTexts(object))
	if err != nil {
		return whatsapp.Parameter{}, fmt.Errorf("is no template parameter: %w", err)
	}
	var p whatsapp.Parameter
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&p); err != nil {
		return whatsapp.Parameter{}, fmt.Errorf("is no template parameter: %w", err)
	}
	return p, nil
}

// withNumbers returns the object with numbers in place of numeric text, as a CSV cell holds, in the named fields.
func withNumbers(object map[string]any, fields []string) map[string]any {
	object = maps.Clone(object)
	for _, name := range fields {
		if s, ok := object[name].(string); ok && json.Valid([]byte(s)) {
			object[name] = json.Number(s)
		}
	}
	return object
}

// withTexts returns the object with text in place of numbers, except in the fields that are numbers in the API.
func withTexts(object map[string]any) map[string]any {
	object = maps.Clone(object)
	for name, v := range object {
		switch v.(type) {
		case int, int64, float64:
			if name == "amount_1000" || name == "latitude" || name == "longitude" {
				continue
			}
			if s, err := eval.Text(v); err == nil {
				object[name] = s
			}
		}
	}
	return object
}
