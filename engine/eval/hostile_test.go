package eval_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"waybill/engine/eval"
)

// cost is what compiling and rendering text takes.
func cost(text string, n eval.Names) (time.Duration, uint64, error) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	tmpl, found := compiler().Template(text, eval.Anchor{}, scope())
	err := found.Err()
	if err == nil {
		_, err = tmpl.Render(context.Background(), n)
	}
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	return took, after.TotalAlloc - before.TotalAlloc, err
}

// big are names with values of the largest size that reaches an expression.
func big() eval.Names {
	n := names()
	list := make([]any, 20_000)
	for i := range list {
		list[i] = map[string]any{"n": int64(i), "s": "some text"}
	}
	texts := make([]any, 20_000)
	for i := range texts {
		texts[i] = fmt.Sprint("text ", i)
	}
	deep := any("x")
	for range 90 {
		deep = []any{deep, deep}[:1]
	}
	n["any"] = map[string]any{
		"n": int64(1), "s": strings.Repeat("abc ", 256<<10), "half": strings.Repeat("é", 30_000), "list": list, "texts": texts, "deep": deep,
		"json": "[" + strings.Repeat("[],", 20_000) + "1]",
	}
	return n
}

func TestHostileExpressions(t *testing.T) {
	doubling := "let a0 = 'aaaaaaaa';"
	for i := 1; i < 26; i++ {
		doubling += fmt.Sprintf("let a%d = a%d + a%d;", i, i-1, i-1)
	}
	lists := "let a0 = [1, 2, 3, 4];"
	for i := 1; i < 26; i++ {
		lists += fmt.Sprintf("let a%d = concat(a%d, a%d);", i, i-1, i-1)
	}
	nested := "let a0 = {k: 'aaaaaaaa'};"
	for i := 1; i < 40; i++ {
		nested += fmt.Sprintf("let a%d = [a%d, a%d];", i, i-1, i-1)
	}
	chained := "1"
	for range 60 {
		chained = "(1 < " + chained + " < 3)"
	}
	expressions := map[string]string{
		"loops in loops":         "let r = 1..999; all(r, all(r, all(r, all(r, true))))",
		"loops over ranges":      "map(1..9999, map(1..9999, map(1..9999, #)))",
		"loops that count":       "count(1..9999, count(1..9999, true) > 0)",
		"sums of sums":           "sum(1..9999, sum(1..9999, #))",
		"a text that doubles":    doubling + "a25",
		"a list that doubles":    lists + "a25",
		"a tree that doubles":    nested + "toJSON(a39)",
		"a tree as the result":   nested + "a39",
		"a comparison of trees":  nested + "a39 == [a38, a38]",
		"membership of trees":    nested + "a39 in [a38, a37]",
		"flattening a tree":      nested + "flatten(a39)",
		"text of a tree":         nested + "join(a39)",
		"uniq of a tree":         nested + "uniq(map(1..1000, a39))",
		"comparisons in chains":  chained,
		"repeat":                 "repeat(repeat('aaaaaaaaaa', 6000), 6000)",
		"repeat, far":            "repeat('aaaaaaaaaa', 999999999999)",
		"repeat of nothing":      "repeat('', 9223372036854775807)",
		"replace that grows":     "replace(repeat('a', 60000), 'a', repeat('b', 60000))",
		"replace of nothing":     "replace(repeat('a', 60000), '', repeat('b', 60000))",
		"join that grows":        "join(map(1..9999, repeat('a', 60000)), repeat('b', 60000))",
		"split in a loop":        "map(1..9999, split(repeat('a', 60000), ''))",
		"letters in a loop":      "map(1..9999, upper(any.half))",
		"slices in a loop":       "map(1..9999, any.half[1:2])",
		"indexes in a loop":      "map(1..9999, any.half[1])",
		"a far range":            "1..9223372036854775807",
		"a range round the ends": "(0 - 9223372036854775807)..9223372036854775807",
		"a big list, squared":    "map(any.list, filter(any.list, .n == 1))",
		"a big list, sorted":     "map(1..100, sortBy(any.list, .s))",
		"a big list, sorted 2":   "map(1..100, sort(any.texts))",
		"a big list, grouped":    "map(1..100, groupBy(any.list, .n))",
		"a big list, uniq":       "uniq(any.list)",
		"a big list in a list":   "map(any.list, # in any.list)",
		"a big list, in":         "map(any.texts, # in any.texts)",
		"a big list as JSON":     "map(1..1000, toJSON(any.list))",
		"a big text matched":     "any.s matches '(a|b|c)*(x|y)+z$'",
		"a text matched often":   "map(1..9999, any.half matches '(e+)+$')",
		"a text searched often":  "map(1..9999, any.s contains 'abd')",
		"texts compared often":   "map(1..9999, any.s == any.s + '')",
		"texts ordered often":    "map(1..9999, any.s < any.s)",
		"JSON often":             "map(1..9999, fromJSON(any.json))",
		"base64 often":           "map(1..9999, toBase64(any.half))",
		"zones often":            "map(1..9999, timezone('Europe/Madrid'))",
		"dates often":            "map(1..9999, date('2026-01-01', '2006-01-02', 'Europe/Madrid'))",
		"objects often":          "map(1..9999, map(1..9999, ({a: 1, b: 2, c: 3})))",
		"lists often":            "map(1..9999, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])",
		"reverse often":          "map(1..9999, reverse(any.list))",
		"min often":              "map(1..9999, min(1..9999))",
		"deep":                   strings.Repeat("(", 2000) + "1" + strings.Repeat(")", 2000),
		"deep lists":             strings.Repeat("[", 400) + strings.Repeat("]", 400),
		"deep negation":          strings.Repeat("-", 2000) + "1",
		"many predicates":        strings.Repeat("all(any.list, ", 60) + "true" + strings.Repeat(")", 60),
		"a pattern that repeats": "'a' matches '" + strings.Repeat("(a{1000}){1}", 50) + "'",
		"a pattern of classes":   `'a' matches '[\\p{L}\\p{N}]{900}'`,
		"methods":                "map(1..9999, map(1..9999, now().AddDate(0, 0, 1).Weekday()))",
		"formats":                "map(1..9999, now().Format(any.half))",
	}
	n := big()
	for name, text := range expressions {
		took, bytes, err := cost("${{ "+text+" }}", n)
		t.Logf("%-24s %8s %6d KiB  %v", name, took.Round(time.Millisecond), bytes>>10, err)
		if took > 30*time.Second { // without its budget it would take for ever
			t.Errorf("%s took %s", name, took)
		}
		if bytes > 160<<20 {
			t.Errorf("%s allocated %d MiB", name, bytes>>20)
		}
		if err != nil && strings.Contains(err.Error(), "interface") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRenderStopsWithContext(t *testing.T) {
	tmpl, found := compiler().Template("${{ map(1..10, upper(any.list[0])) }}", eval.Anchor{}, scope())
	if len(found) > 0 {
		t.Fatal(found)
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errors.New("the run was stopped"))
	if _, err := tmpl.Render(ctx, names()); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}

// TestTextIsBounded: literal text and values together stay within 64 KiB.
func TestTextIsBounded(t *testing.T) {
	tmpl, _ := compiler().Template("${{ any.half }}${{ any.half }}", eval.Anchor{}, scope())
	n := names()
	n["any"] = map[string]any{"half": strings.Repeat("x", 40_000)}
	if _, err := tmpl.Render(context.Background(), n); err == nil || !strings.Contains(err.Error(), "64 KiB") {
		t.Errorf("error %v", err)
	}
}

// TestResultIsBounded: a list built of itself again and again is refused, for writing it down would never end.
func TestResultIsBounded(t *testing.T) {
	text := "let a0 = [any.n];"
	for i := 1; i < 40; i++ {
		text += fmt.Sprintf("let a%d = [a%d, a%d];", i, i-1, i-1)
	}
	tmpl, found := compiler().Template("${{ "+text+" a39 }}", eval.Anchor{}, scope())
	if len(found) > 0 {
		t.Fatal(found)
	}
	if _, err := tmpl.Render(context.Background(), names()); err == nil || !strings.Contains(err.Error(), "too much work") {
		t.Errorf("error %v", err)
	}
}
