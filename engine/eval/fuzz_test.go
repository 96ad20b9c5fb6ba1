package eval_test

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"time"

	"waybill/engine/diag"
	"waybill/engine/eval"
)

// FuzzTemplate: whatever stands in a scalar, compiling and rendering it ends soon, keeps within bounds, points
// only inside of the scalar, and never tells Go's words or a secret.
func FuzzTemplate(f *testing.F) {
	for _, text := range []string{
		"plain", "$<TOKEN>", "${NONE:-x}", "$${{ x }}", "${{ item.phone }}", "${{ upper(item.name)[0:2] }}!",
		"${{ map(1..9999, map(1..9999, #)) }}", "${{ let a = 'x'; a + a }}", "${{ filter(steps.remind.events, .status == \"read\") }}",
		"${{ steps.order-confirm.messageId }}", "${{ any?.a?.b ?? 'x' }}", "${{ toJSON({a: [1, 2.5, nil]}) }}", "${{ '}}' }}", "${{ 1 /* }} */ }}",
		"${{ 1 < 2 < 3 }}", "${{ date('2026-03-29', '2006-01-02', 'Europe/Madrid').Format('02') }}", "${{ sortBy(any.list, #, 'desc') | first() }}",
		"${{ item.name matches '^(a|b)+$' }}", "${{ if index > 1 { 1 } else { 2 } }}", "${{ env.TOKEN + env.NONE }}", "é ${{ ñ }}", "${{ groupBy(any.list, #) }}",
		"${{ any.list[index..index] }}", "${{ [1,2][0:-1] }}", "${{ -any.n ** 2 % 3 }}", "${{ not (1 in [1]) }}", "${{ ::upper('x') }}", "${{ failed() }}",
	} {
		f.Add(text, false)
		f.Add(strings.TrimSuffix(strings.TrimPrefix(text, "${{"), "}}"), true)
	}
	f.Fuzz(func(t *testing.T, text string, condition bool) {
		if strings.ContainsAny(text, "\r\n") {
			return // an anchor of one line
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		at := anchored(text)
		compile := compiler().Template
		if condition {
			compile = compiler().Condition
		}
		tmpl, found := compile(text, at, scope())
		value, err := tmpl.Render(context.Background(), names())
		for range 2 {
			again, errAgain := tmpl.Render(context.Background(), names())
			if (err == nil) != (errAgain == nil) {
				t.Fatalf("%v, then %v", err, errAgain)
			}
			_ = again
		}
		took := time.Since(start)
		runtime.ReadMemStats(&after)
		if took > 5*time.Second {
			t.Fatalf("took %s", took)
		}
		if grown := after.TotalAlloc - before.TotalAlloc; grown > 512<<20 {
			t.Fatalf("allocated %d MiB", grown>>20)
		}
		if text, ok := value.(string); ok && len(text) > 64<<10 && strings.Contains(text, "$") {
			t.Fatalf("a text of %d bytes", len(text))
		}
		check(t, text, at, found, err)
	})
}

func check(t *testing.T, text string, at eval.Anchor, found diag.List, err error) {
	t.Helper()
	if found.HasErrors() && err == nil {
		t.Fatalf("rendered in spite of %v", found)
	}
	for _, d := range found {
		if d.Code == "" || d.Summary == "" || strings.Contains(d.Summary, "\n") {
			t.Fatalf("a finding without words: %+v", d)
		}
		if d.Range.Start.Line != 7 || d.Range.Start.Column < at.Range.Start.Column || d.Range.End.Column > at.Range.End.Column || d.Range.End.Column < d.Range.Start.Column {
			t.Fatalf("%s points at %+v of %+v", d.Code, d.Range, at.Range)
		}
		if strings.Contains(d.Summary, "s3cret-token") {
			t.Fatalf("a secret in %q", d.Summary)
		}
	}
	if err == nil {
		return
	}
	for _, word := range []string{"interface {}", "interface conversion", "runtime error", "reflect", "s3cret-token", "(*"} {
		if strings.Contains(err.Error(), word) && !strings.Contains(text, word) {
			t.Fatalf("%q in %q", word, err)
		}
	}
}
