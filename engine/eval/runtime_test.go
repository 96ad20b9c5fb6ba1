package eval_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"waybill/engine/eval"
)

// TestRenderErrors: what goes wrong with an item is said in the file's words, with the name of what is wrong.
func TestRenderErrors(t *testing.T) {
	tests := []struct{ text, want string }{
		{"${{ upper(any.nothing) }}", "any.nothing is empty"},
		{"${{ any.nothing.x }}", `any.nothing is empty, so it has no "x"`},
		{"${{ any.nothing.x + 1 }}", `any.nothing is empty, so it has no "x"`},
		{"${{ any.n.x }}", `any.n is a number and has no "x"`},
		{"${{ any.n[env.TOKEN] }}", "any.n is a number and has no such field"},
		{"${{ any.nothing['first name'] }}", `any.nothing is empty, so it has no "first name"`},
		{"${{ upper(any.n.x) }}", `any.n is a number and has no "x"`},
		{"${{ any.nothing + 1 }}", "any.nothing is empty"},
		{"${{ 1 - any.nothing }}", "any.nothing is empty"},
		{"${{ any.nothing * 2 }}", "any.nothing is empty"},
		{"${{ any.nothing < 2 }}", "any.nothing is empty"},
		{"${{ -any.nothing }}", "any.nothing is empty"},
		{"${{ 'x' + any.n }}", "any.n is a number, not text: use string(…)"},
		{"${{ any.n - any.list }}", "- does not work on a number and a list"},
		{"${{ any.list[7] }}", "any.list has 3 elements, and none at 7"},
		{"${{ any.nothing[0] }}", "any.nothing is empty, so it has no elements"},
		{"${{ map(any.nothing, #) }}", "any.nothing is empty"},
		{"${{ map(any.n, #) }}", "any.n is a number, not a list"},
		{"${{ any.nothing ? 1 : 2 }}", "any.nothing is empty, where true or false is wanted"},
		{"${{ !any.n }}", "any.n is a number, where true or false is wanted"},
		{"${{ any.n && true }}", "any.n is a number, where true or false is wanted"},
		{"x${{ any.list }}", "any.list is a list, not text: toJSON(…) makes text of it"},
		{"x${{ any }}", "any is an object, not text: toJSON(…) makes text of it"},
		{"x${{ any.n / 0 }}", "something is divided by zero"},
		{"${{ any.n % 0 }}", "something is divided by zero"},
		{"${{ int(item.name) }}", "item.name is \"José Núñez\", which is not written as a whole number"},
		{"${{ fromJSON(item.name) }}", "item.name is not JSON"},
		{"${{ fromJSON('1 2') }} ${{ index }}", ""},
		{"${{ date(item.name) }}", `item.name is "José Núñez", no date such as 2026-03-25: give the layout, date(…, "02/01/2006")`},
		{"${{ date(any.t, '2006-01-02T15:04:05', 'Europe/Madrid') }}", "any.t is a time that the clocks of Europe/Madrid skip on that day"},
		{"${{ timezone(item.name) }}", "item.name is no time zone such as Europe/Madrid"},
		{"${{ duration(item.name) }}", "item.name is no duration: write 36h, 90m or 1h30m (a day is 24h)"},
		{"${{ round(any.f, 99) }}", "value 2 of round(…) is not between 0 and 15"},
		{"${{ sum(any.list) }}", "any.list holds text, and only numbers can be added"},
		{"${{ any.n in item.name }}", ""},
		{"${{ any.f in any.tricky }}", "any.tricky is text, not a list: use contains"},
		{"${{ sortBy(any.list, #.x) }}", "the value is text and has no \"x\""},
		{"${{ sortBy(any.mixed, #) }}", "< does not work on a number and text"},
		{"${{ sortBy(any.holes, #) }}", "< does not work on a number and nothing"},
		{"${{ groupBy(any.objects, #) }}", "an object or a list cannot stand for a group"},
		{"${{ -any.list }}", "- does not work on a list"},
		{"${{ any.n?.x + 1 }}", "any.n is a number and has no such field"},
		{"${{ any.n contains 'x' }}", "any.n is a number, not text: string(…) makes text of it"},
		{"${{ item.name startsWith any.n }}", "any.n is a number, not text: string(…) makes text of it"},
		{"${{ any.n matches 'x' }}", "any.n is a number, not text: string(…) makes text of it"},
		{"${{ now().AddDate(0, 0, any.f) }}", "any.f is 0.5, not a whole number"},
		{"${{ now().AddDate(0, any.f + 1, 1) }}", "value 2 of AddDate(…) is 1.5, not a whole number"},
		{"${{ any.t.Year(1) }}", "any.t is text, not a time, so there is no Year()"},
		{"${{ any.nothing.Format('x') }}", "any.nothing is empty"},
		{"${{ any.n.Format('x') }}", "any.n is a number, not a time, so there is no Format()"},
		{"${{ now().Format(any.n) }}", "any.n is a number, not text: string(…) makes text of it"},
		{"${{ any.nothing?.Format('x') + 'y' }}", "the left side of + is empty"},
	}
	for _, tt := range tests {
		tmpl, found := compiler().Template(tt.text, eval.Anchor{}, scope())
		n := names()
		n["any"].(map[string]any)["t"] = "2026-03-29T02:30:00"
		n["any"].(map[string]any)["objects"] = []any{map[string]any{}}
		n["any"].(map[string]any)["mixed"], n["any"].(map[string]any)["holes"] = []any{"a", 1}, []any{nil, 1}
		_, err := tmpl.Render(context.Background(), n)
		var bad *eval.RenderError
		switch {
		case tt.want == "" && (err != nil || len(found) > 0):
			for _, gos := range []string{"interface", "int64", "nil", "map[", "runtime"} {
				if err != nil && strings.Contains(err.Error(), gos) {
					t.Errorf("%s: %v", tt.text, err)
				}
			}
		case len(found) > 0:
			t.Errorf("%s: %v", tt.text, found)
		case !errors.As(err, &bad):
			t.Errorf("%s: error %v, want %s", tt.text, err, tt.want)
		case bad.Err.Error() != tt.want:
			t.Errorf("%s:\n got %v\nwant %s", tt.text, bad.Err, tt.want)
		}
	}
}

// TestFunctions holds the manual in funcs.go to what it says.
func TestFunctions(t *testing.T) {
	tests := []struct {
		text string
		want any
	}{
		{"upper('ñu')", "ÑU"},
		{"lower('ÑU')", "ñu"},
		{"trim('  x ')", "x"},
		{"trim('--x-', '-')", "x"},
		{"trimPrefix('+34', '+')", "34"},
		{"trimSuffix('a.csv', '.csv')", "a"},
		{"split('a,b,c', ',')", []any{"a", "b", "c"}},
		{"split('a,b,c', ',', 2)", []any{"a", "b,c"}},
		{"join(['a', 'b'])", "ab"},
		{"join([1, 'b', 0.5], '-')", "1-b-0.5"},
		{"replace('aaa', 'a', 'b')", "bbb"},
		{"replace('aaa', 'a', 'b', 2)", "bba"},
		{"repeat('ab', 3)", "ababab"},
		{"indexOf('ñandú', 'dú')", 3},
		{"lastIndexOf('ñ-ñ', 'ñ')", 2},
		{"indexOf('a', 'b')", -1},
		{"'ñandú' contains 'and'", true},
		{"'ñandú' startsWith 'ñ'", true},
		{"'ñandú' endsWith 'u'", false},
		{"any.nothing contains 'x'", false},
		{"any.nothing matches 'x'", false},
		{"not (item.phone matches '^[+]34[0-9]{9}$')", false},
		{"item.phone not matches '^[+]34[0-9]{9}$'", false},
		{"'ñandú'[0:2]", "ña"},
		{"'ñandú'[-2:]", "dú"},
		{"'ñandú'[3:1]", ""},
		{"any.tricky[0]", "$"},
		{"string(any.n)", "34600111222"},
		{"string(fromJSON('{\"p\":34600111222}').p)", "34600111222"},
		{"string(1e20)", "100000000000000000000"},
		{"string(0.1)", "0.1"},
		{"string(7 / 2)", "3.5"},
		{"string(8 / 2)", "4"},
		{"string(2 ** 10)", "1024"},
		{"string(true)", "true"},
		{"int('42')", 42},
		{"int('3.0')", 3},
		{"int(' -12.00')", -12},
		{"int(3.9)", 3},
		{"float('0.5')", 0.5},
		{"toJSON({b: 1, a: [true, nil, '<é>']})", `{"a":[true,null,"<é>"],"b":1}`},
		{"toJSON(any.n)", "34600111222"},
		{"fromJSON('[1, 2.5, 9007199254740993]')", []any{int64(1), 2.5, int64(9007199254740993)}},
		{"fromJSON(toJSON(any.list))", []any{"a", "b", "c"}},
		{"toBase64('ñ')", "w7E="},
		{"fromBase64('w7E=')", "ñ"},
		{"type(any.n)", "int"},
		{"type(now())", "time"},
		{"abs(-3)", 3},
		{"abs(any.f)", 0.5},
		{"ceil(1.2)", 2},
		{"floor(1.8)", 1},
		{"round(2.5)", 3},
		{"round(2.345, 2)", 2.35},
		{"min(3, 1, 2)", 1},
		{"max([1, 2.5])", 2.5},
		{"mean([1, 2])", 1.5},
		{"median([3, 1, 2])", 2.0},
		{"sum([1, 2, 3])", 6},
		{"count([1, 2, 3], # > 1)", 2},
		{"len('ñandú')", 5},
		{"len(any.list)", 3},
		{"first(any.list)", "a"},
		{"last(any.list)", "c"},
		{"first([])", nil},
		{"take(any.list, 2)", []any{"a", "b"}},
		{"keys({b: 1, a: 2})", []any{"a", "b"}},
		{"values({b: 1, a: 2})", []any{2, 1}},
		{"sort([3, 1, 2])", []any{1, 2, 3}},
		{"sort(['b', 'a'], 'desc')", []any{"b", "a"}},
		{"reverse(any.list)", []any{"c", "b", "a"}},
		{"uniq(['a', 'b', 'a', 1, 1.0])", []any{"a", "b", 1}},
		{"concat([1], [2], [])", []any{1, 2}},
		{"flatten([1, [2, [3]]])", []any{1, 2, 3}},
		{"filter(1..4, # > 2)", []any{3, 4}},
		{"map(any.list, # + '!') | join()", "a!b!c!"},
		{"all(any.list, # in ['a', 'b', 'c'])", true},
		{"find(steps.remind.events, .status == 'read').status", "read"},
		{"groupBy(['a', 'b'], #)['a']", []any{"a"}},
		{"sortBy(any.list, #, 'desc')", []any{"c", "b", "a"}},
		{"1 < index < 5", true},
		{"index in 1..5", true},
		{"'phone' in item", true},
		{"item.phone ?? 'x'", "+34612345678"},
		{"any?.nothing?.deep ?? 'x'", "x"},
		{"if index > 1 { 'a' } else { 'b' }", "a"},
		{"let x = upper(item.id); x + x", "77"},
		{"now()", time.Date(2026, 3, 25, 9, 30, 0, 0, time.UTC)},
		{"now().Format('02/01/2006')", "25/03/2026"},
		{"(now() + duration('36h')).Weekday()", "Thursday"},
		{"string(now().Month())", "March"},
		{"date('2026-03-25')", time.Date(2026, 3, 25, 0, 0, 0, 0, time.UTC)},
		{"date('2026-03-25 10:00')", time.Date(2026, 3, 25, 10, 0, 0, 0, time.UTC)},
		{"date('25/03/2026', '02/01/2006')", time.Date(2026, 3, 25, 0, 0, 0, 0, time.UTC)},
		{"date('2026-07-01 10:00', '2006-01-02 15:04', 'Europe/Madrid').UTC().Hour()", 8},
		{"string(date('2026-03-25') - date('2026-03-24'))", "24h0m0s"},
		{"date('2026-03-25') < now()", true},
		{"any.typed[1].a", "y"},
		{"any.typed | map(.a) | join('')", "xy"},
		{"any.typed", []any{map[string]any{}, map[string]any{}}},
		{"any.counts.a + 1", 6},
		{"any.nothing?.Format('x') ?? 'none'", "none"},
		{"now().AddDate(0, 1, 1).Format('2006-01-02')", "2026-04-26"},
		{"(now() - date('2026-03-25')).Hours()", 9.5},
		{"now().After(date('2026-03-25'))", true},
		{"item.phone == nil", false},
		{"steps['order-confirm'].messageId == nil", true},
		{"steps['order-confirm'].messageId != nil && true", false},
		{"index == 3.0", true},
		{"any.n > 5", true},
		{"now(timezone('Europe/Madrid')).Hour()", 10},
		{"string(now())", "2026-03-25T09:30:00Z"},
	}
	for _, tt := range tests {
		tmpl, found := compiler().Template("${{ "+tt.text+" }}", eval.Anchor{}, scope())
		n := names()
		n["any"].(map[string]any)["typed"] = []map[string]string{{"a": "x"}, {"a": "y"}}
		n["any"].(map[string]any)["counts"] = map[string]int{"a": 5}
		got, err := tmpl.Render(context.Background(), n)
		if len(found) > 0 || err != nil {
			t.Errorf("%s: %v %v", tt.text, found, err)
			continue
		}
		if tt.text == "any.typed" {
			if list, ok := got.([]any); !ok || len(list) != 2 {
				t.Errorf("%s is %#v", tt.text, got)
			}
			continue
		}
		if at, ok := got.(time.Time); ok {
			if want, ok := tt.want.(time.Time); !ok || !at.Equal(want) {
				t.Errorf("%s = %v, want %v", tt.text, got, tt.want)
			}
			continue
		}
		if !equal(got, tt.want) {
			t.Errorf("%s = %#v, want %#v", tt.text, got, tt.want)
		}
	}
}

func TestConditions(t *testing.T) {
	failed := func(v any) eval.Names {
		n := names()
		if v != nil {
			n[eval.Failed] = v
		}
		return n
	}
	tests := []struct {
		text           string
		names          eval.Names
		want           bool
		failed, always bool
	}{
		{"true", names(), true, false, false},
		{"${{ false }}", names(), false, false, false},
		{"item.id == '7'", names(), true, false, false},
		{" ${{ item.id == '7' }} ", names(), true, false, false},
		{"failed()", failed(true), true, true, false},
		{"failed()", failed(false), false, true, false},
		{"failed()", failed(nil), false, true, false},
		{"${{ success() && item.id == '7' }}", failed(false), true, true, false},
		{"success()", failed(true), false, true, false},
		{"always()", failed(true), true, false, true},
		{"!steps.remind.success || failed()", failed(true), true, true, false},
		{"env.TOKEN == 's3cret-token'", names(), true, false, false},
	}
	for _, tt := range tests {
		tmpl, found := compiler().Condition(tt.text, anchored(tt.text), scope())
		if len(found) > 0 {
			t.Errorf("%s: %v", tt.text, found)
			continue
		}
		got, err := tmpl.Truth(context.Background(), tt.names)
		if err != nil || got != tt.want {
			t.Errorf("%s = %v, %v; want %v", tt.text, got, err, tt.want)
		}
		if f, a := tmpl.UsesStatus(); f != tt.failed || a != tt.always {
			t.Errorf("%s: uses failed %v, always %v", tt.text, f, a)
		}
	}
	for text, want := range map[string]string{
		"item.phone":                      "type-mismatch <item.phone> the condition is of type string, not boolean | compare it: … == \"yes\"",
		"${{ 1 + 1 }}":                    "type-mismatch < 1 + 1 > the condition is of type integer, not boolean | compare it: … == \"yes\"",
		"${{ true }} && ${{ false }}":     "bad-expression <${{ true }} && ${{ false }}> a condition is one expression, and here are text and expressions | write all of it within one ${{ … }}, or without the braces",
		"failed(1)":                       "bad-expression <failed> failed() takes no arguments | to ask about one step, write !steps.ID.success",
		"${{ true ":                       "unclosed-expression <${{ true> ${{ has no }} | close it, or write $${{ for the text itself",
		"":                                "",
		"$<TOKEN> == 'x'":                 "bad-expression <<> unrecognized character: U+003C '<' | in an expression an environment variable is env.NAME",
		"item.phnoe == \"1\" && failed()": "unknown-name <phnoe> item has no \"phnoe\" | did you mean phone?",
	} {
		_, found := compiler().Condition(text, anchored(text), scope())
		if len(found) != 1 {
			t.Errorf("%q: %v", text, found)
			continue
		}
		if want == "" {
			continue
		}
		if got := marked(t, text, found[0]); got != want && !strings.HasPrefix(text, "$<") {
			t.Errorf("%q:\n got %s\nwant %s", text, got, want)
		}
	}
	tmpl, _ := compiler().Condition("any.n", eval.Anchor{}, scope())
	if _, err := tmpl.Truth(context.Background(), names()); err == nil || err.Error() != "the condition is a number, where true or false is wanted" {
		t.Errorf("a number as condition: %v", err)
	}
}
