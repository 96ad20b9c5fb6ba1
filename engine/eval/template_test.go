package eval_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"waybill/engine/diag"
	"waybill/engine/eval"
	"waybill/engine/secret"
)

// compiler knows two variables, and a clock that stands still.
func compiler() *eval.Compiler {
	lookup := func(name string) (string, bool) {
		value, ok := map[string]string{"TOKEN": "s3cret-token", "EMPTY": "", "TRICKY": "${{ item.phone }} $<TOKEN>"}[name]
		return value, ok
	}
	return &eval.Compiler{
		Variables: eval.NewVariables(lookup, secret.NewRedactor()),
		Now:       func() time.Time { return time.Date(2026, 3, 25, 9, 30, 0, 0, time.UTC) },
	}
}

// scope is that of a step after `remind` and `order-confirm`, in a forEach over a CSV file.
func scope() eval.Scope {
	outputs := eval.Object(map[string]eval.Type{
		"messageId": eval.String(), "success": eval.Boolean(), "attempts": eval.Integer(), "errorMessage": eval.String(),
		"events": eval.List(eval.OpenObject(nil)),
	})
	row := eval.Object(map[string]eval.Type{"phone": eval.String(), "name": eval.String(), "first-name": eval.String(), "id": eval.String()})
	return eval.NewScope().
		With("item", row).With("index", eval.Integer()).With("any", eval.Any()).
		With("inputs", eval.Object(map[string]eval.Type{"day": eval.String(), "count": eval.Integer(), "share": eval.Number()})).
		With("vars", eval.OpenObject(nil)).
		WithSteps(map[string]eval.Type{"remind": outputs, "order-confirm": outputs}, map[string]diag.Range{
			"fallback": {Start: diag.Pos{Line: 30, Column: 9}}, "call-back": {Start: diag.Pos{Line: 40, Column: 9}},
		})
}

func names() eval.Names {
	return eval.Names{
		"item":   map[string]any{"phone": "+34612345678", "name": "José Núñez", "first-name": "José", "id": "7"},
		"index":  3,
		"any":    map[string]any{"n": int64(34600111222), "f": 0.5, "list": []any{"a", "b", "c"}, "nothing": nil, "big": 1e20, "tricky": "$<TOKEN> ${{ 1 }}"},
		"inputs": map[string]any{"day": "2026-03-25", "count": int64(5), "share": 0.25},
		"vars":   map[string]any{"clinic": "Clínica Norte"},
		"steps": map[string]any{
			"remind":        map[string]any{"messageId": "wamid.1", "success": true, "attempts": int64(1), "errorMessage": nil, "events": []any{map[string]any{"status": "sent"}, map[string]any{"status": "read"}}},
			"order-confirm": map[string]any{"messageId": nil, "success": false, "attempts": nil, "errorMessage": nil, "events": nil},
		},
	}
}

func TestRender(t *testing.T) {
	tests := []struct {
		text string
		want any
	}{
		{"", ""},
		{"plain text, $5 and $ and 100%", "plain text, $5 and $ and 100%"},
		{"$<TOKEN>", "s3cret-token"},
		{"${TOKEN}", "s3cret-token"},
		{"Bearer $<TOKEN>!", "Bearer s3cret-token!"},
		{"$<NONE:-fallback>", "fallback"},
		{"${NONE:-}", ""},
		{"${EMPTY:-fallback}", "fallback"},
		{"[$<EMPTY>]", "[]"},
		{"$$<TOKEN> $${TOKEN} $${{ item.phone }}", "$<TOKEN> ${TOKEN} ${{ item.phone }}"},
		{"$$$<TOKEN>", "$$<TOKEN>"},
		{"$$", "$$"},
		{"$<TRICKY>", "${{ item.phone }} $<TOKEN>"},
		{"${{ any.tricky }}!", "$<TOKEN> ${{ 1 }}!"},
		{"${{ item.phone }}", "+34612345678"},
		{"${{item.phone}}\n", "+34612345678"},
		{"Hello ${{ item.name }}, ${{ index }}", "Hello José Núñez, 3"},
		{"${{ index }}", 3},
		{"${{ any.n }}", int64(34600111222)},
		{"n=${{ any.n }}", "n=34600111222"},
		{"${{ any.f }}-${{ any.big }}-${{ true }}-${{ any.nothing ?? '' }}", "0.5-100000000000000000000-true-"},
		{"${{ any.list }}", []any{"a", "b", "c"}},
		{"${{ '}}' + \"}}\" + `}}` }}", "}}}}}}"},
		{"${{ {\"a\": {\"b\": 1}}.a.b }}", 1},
		{"${{ 1 /* }} */ + 1 }}", 2},
		{"${{ env.TOKEN }}", "s3cret-token"},
		{"${{ env.TOKEN + '!' }}", "s3cret-token!"},
		{"${{ env.NONE ?? 'x' }}", "x"},
		{`${{ steps["order-confirm"].messageId ?? "none" }}`, "none"},
		{`${{ steps["order-confirm"].messageId == "a" }}`, false},
		{`${{ steps["order-confirm"].attempts == 1 }}`, false},
		{`${{ item["first-name"] }}`, "José"},
		{`${{ item.name[0:4] }}|${{ item.name[-5:] }}`, "José|Núñez"},
		{`${{ filter(steps.remind.events, .status == "read") | len() }}`, 1},
		{`${{ map(any.list, upper(#)) | join("-") }}`, "A-B-C"},
	}
	for _, tt := range tests {
		tmpl, found := compiler().Template(tt.text, eval.Anchor{}, scope())
		if len(found) > 0 {
			t.Errorf("%q: %v", tt.text, found)
			continue
		}
		got, err := tmpl.Render(context.Background(), names())
		if err != nil {
			t.Errorf("%q: %v", tt.text, err)
			continue
		}
		if !equal(got, tt.want) {
			t.Errorf("%q = %#v, want %#v", tt.text, got, tt.want)
		}
	}
}

func equal(a, b any) bool {
	list, ok := a.([]any)
	if !ok {
		return a == b
	}
	other, _ := b.([]any)
	if len(list) != len(other) {
		return false
	}
	for i := range list {
		if !equal(list[i], other[i]) {
			return false
		}
	}
	return true
}

// TestRenderConcurrently: templates are shared by all workers.
func TestRenderConcurrently(t *testing.T) {
	c := compiler()
	var templates []*eval.Template
	for _, text := range []string{"${{ upper(item.name) + string(index) }}", "${{ map(any.list, # + item.id) | join('-') }}", "${{ item.phone }} ${{ len(item.name) }}"} {
		tmpl, found := c.Template(text, eval.Anchor{}, scope())
		if len(found) > 0 {
			t.Fatal(found)
		}
		templates = append(templates, tmpl)
	}
	want := []string{"JOSÉ NÚÑEZ3", "a7-b7-c7", "+34612345678 10"}
	shared := names()
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range 200 {
				for i, tmpl := range templates {
					if got, err := tmpl.Text(context.Background(), shared); err != nil || got != want[i] {
						t.Errorf("got %q, %v; want %q", got, err, want[i])
						return
					}
				}
			}
		})
	}
	wait.Wait()
}

// TestZeroCompiler: without variables and without a clock it still says what is missing.
func TestZeroCompiler(t *testing.T) {
	var c eval.Compiler
	if _, found := c.Template("$<X>", eval.Anchor{}, eval.NewScope()); len(found) != 1 || found[0].Code != "missing-variable" {
		t.Errorf("%v", found)
	}
	tmpl, found := c.Template("${{ now() }}", eval.Anchor{}, eval.Scope{})
	if len(found) > 0 {
		t.Fatal(found)
	}
	if _, err := tmpl.Render(context.Background(), nil); err == nil || err.Error() != "now() has no clock here" {
		t.Errorf("error %v", err)
	}
}
