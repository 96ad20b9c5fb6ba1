package eval_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"waybill/engine/eval"
	"waybill/engine/phone"
)

var update = flag.Bool("update", false, "write what the manuals' examples give into them")

// TestManualIsRight: every example of the manuals gives what stands there.
func TestManualIsRight(t *testing.T) {
	examples := 0
	for _, name := range []string{"functions.md", "expressions.md"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		for line := range strings.Lines(string(text)) {
			if example, result, found := strings.Cut(strings.TrimRight(line, "\n"), "  →  "); found {
				examples++
				got := manualResult(t, strings.TrimSpace(example))
				if got != result && !*update {
					t.Errorf("%s: %s\n gives %s\n not   %s", name, example, got, result)
				}
				line = example + "  →  " + got + "\n"
			}
			out.WriteString(line)
			if n := len([]rune(strings.TrimRight(line, "\n"))); n > 150 {
				t.Errorf("%s: a line of %d letters: %s", name, n, line)
			}
		}
		if *update {
			if err := os.WriteFile(name, []byte(out.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if examples < 90 {
		t.Errorf("%d examples", examples)
	}
}

// manualResult is what an example gives: of `where: …` too.
func manualResult(t *testing.T, text string) string {
	t.Helper()
	before := ""
	if rest, found := strings.CutPrefix(text, "where: "); found {
		before, text = "where: ", rest
	}
	row := map[string]any{}
	columns := map[string]eval.Type{}
	for name, cell := range map[string]string{
		"name": "José Núñez", "phone": "612 345 678", "email": "", "Nº historia": "10201", "date": "25/03/2026", "time": "10:00",
		"price": "12.5", "language": "es", "notes": "Bring\n your card ", "optOut": "",
	} {
		row[name], columns[name] = cell, eval.String()
	}
	event := eval.Object(map[string]eval.Type{"status": eval.String()})
	c := &eval.Compiler{
		Now: func() time.Time { return time.Date(2026, 3, 25, 9, 30, 0, 0, time.UTC) },
		Phone: func(text string, country any) (string, error) {
			n, err := phone.Reading{Country: "ES"}.Read(text)
			return n.Text, err
		},
	}
	scope := eval.NewScope().With("item", eval.Object(columns)).
		With("steps", eval.Object(map[string]eval.Type{"seen": eval.Object(map[string]eval.Type{"events": eval.List(event)})}))
	template, found := c.Template(text, anchored(text), scope)
	if len(found) > 0 {
		return fmt.Sprint(before, "error: ", found[0].Summary, " ", found[0].Hint)
	}
	events := []any{map[string]any{"status": "sent"}, map[string]any{"status": "delivered"}, map[string]any{"status": "read"}}
	value, err := template.Render(t.Context(), eval.Names{"item": row, "steps": map[string]any{"seen": map[string]any{"events": events}}})
	if err != nil {
		return before + "error: " + err.Error()
	}
	switch value.(type) {
	case string, time.Time, time.Duration:
		text, err := eval.Text(value)
		if err != nil {
			t.Fatal(err)
		}
		return before + text
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		t.Fatal(err)
	}
	return before + strings.TrimSpace(b.String())
}

// TestManualIsWhole: every function and method that there is, and none that is not, each with an example.
func TestManualIsWhole(t *testing.T) {
	described := map[string]bool{}
	for _, entry := range eval.FunctionEntries() {
		if len(entry.Examples) == 0 && entry.Chapter != "In `if:` alone" {
			t.Errorf("%s has no example", entry.Forms)
		}
		for _, form := range regexp.MustCompile(`([td]\.)?(\w+)\(`).FindAllStringSubmatch(entry.Forms, -1) {
			described[form[2]] = true
		}
		for _, name := range regexp.MustCompile(`(?:^|, )(?:\w+ )?(\w+)\(`).FindAllStringSubmatch(entry.Forms, -1) {
			used := false
			for _, example := range entry.Examples {
				used = used || strings.Contains(example.Text, name[1]+"(")
			}
			if !used && entry.Chapter != "In `if:` alone" {
				t.Errorf("%s has no example of %s", entry.Forms, name[1])
			}
		}
	}
	for _, name := range append(eval.FunctionNames(), "failed", "success", "always") {
		if !described[name] {
			t.Errorf("%s is not described", name)
		}
		delete(described, name)
	}
	for _, name := range eval.MethodNames() {
		if !described[name] && name != "String" {
			t.Errorf("the method %s is not described", name)
		}
		delete(described, name)
	}
	for name := range described {
		t.Errorf("there is no %s", name)
	}
}
