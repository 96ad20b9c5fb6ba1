package eval_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"waybill/engine/eval"
	"waybill/engine/secret"
)

const password = `Hunter-2/grün"x`

// secretive compiles with the variables PW, NAME, LIST and CFG, which are secret, and LAND, which is not.
func secretive(t *testing.T) (*eval.Compiler, *eval.Variables, *secret.Redactor) {
	t.Helper()
	r := secret.NewRedactor()
	v := eval.NewVariables(func(name string) (string, bool) {
		value, ok := map[string]string{
			"PW": password, "NAME": "Clínica Norte", "LIST": "first-entry,second-entry", "LAND": "Andalucía", "EMPTY": "",
			"CFG": `{"user":"operator-7","keys":["key-one-1","key-two-2"],"on":true}`,
		}[name]
		return value, ok
	}, r)
	v.Release("LAND")
	return &eval.Compiler{Variables: v}, v, r
}

// withVars gives a scope and names that hold vars.pw, vars.all.pw and vars.open, and an item.
func withVars(t *testing.T, c *eval.Compiler) (eval.Scope, eval.Names) {
	t.Helper()
	types, values := map[string]eval.Type{}, map[string]any{}
	for name, text := range map[string]string{"pw": "${PW}", "open": "a plain value", "land": "${LAND}", "fallback": "${NONE:-otherwise}"} {
		tmpl, found := c.Template(text, eval.Anchor{}, eval.NewScope())
		if len(found) > 0 {
			t.Fatal(found)
		}
		tree := eval.Leaf(tmpl)
		if name == "pw" {
			all := eval.NewMap([]eval.Field{{Name: "pw", Value: tree}}, eval.Anchor{}.Range)
			types["all"] = all.Type()
			values["all"], _ = all.Constant()
		}
		types[name] = tree.Type()
		values[name], _ = tree.Constant()
	}
	scope := eval.NewScope().With("vars", eval.Object(types)).With("item", eval.OpenObject(nil)).With("index", eval.Integer())
	return scope, eval.Names{"vars": values, "item": map[string]any{"name": "Ana María", "n": 3}, "index": 0}
}

// TestDerivedIsSecret: what an expression makes of a secret is one too.
func TestDerivedIsSecret(t *testing.T) {
	for _, source := range []string{
		`upper(env.PW)`, `lower(vars.pw)`, `vars.pw[0:12]`, `env.PW[3:]`, `vars.all.pw[2:10]`, `vars["pw"] | upper()`,
		`join(reverse(split(vars.pw, "")), "")`, `toJSON([env.PW])`, `toJSON(toJSON([env.PW]))`, `toJSON({a: {b: vars.pw}})`,
		`replace(env.PW, "-", "_")`, `trimPrefix(env.PW, "Hunter")`, `split(env.LIST, ",")[1]`, `last(split(env.LIST, ","))`,
		`map(split(env.LIST, ","), upper(#))`, `fromJSON(env.CFG).user`, `fromJSON(env.CFG).keys`, `fromJSON(env.CFG)?.user`,
		`let x = env.PW; upper(x[0:9])`, `index == 0 ? upper(vars.pw[0:9]) : "nobody at all"`, `env.MISSING ?? upper(env.PW[1:])`,
		`[upper(vars.pw[1:]), "plain words"][0]`, `repeat(env.PW[0:3], 3)`, `toBase64(env.PW[0:9])`, `(env.PW + "x")[1:12]`,
		`string(env.PW)[1:14]`, `concat(split(env.LIST, ","), ["more"])`, `vars.pw[len(vars.open):len(vars.open)] + env.PW[1:9]`,
		`filter(split(env.LIST, ","), # contains "second")`, `sort(split(env.LIST, ","))`, `keys(fromJSON(replace(env.CFG, "user", "secret-user")))`,
	} {
		c, _, r := secretive(t)
		scope, names := withVars(t, c)
		tmpl, found := c.Template("${{ "+source+" }}", eval.Anchor{}, scope)
		if len(found) > 0 {
			t.Errorf("%s: %v", source, found)
			continue
		}
		value, err := tmpl.Render(context.Background(), names)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		for _, text := range texts(value) {
			if got := r.Redact("it is " + text + "."); len(text) >= 6 && strings.Contains(got, text) {
				t.Errorf("%s gives %q, which is printed", source, text)
			}
		}
	}
}

// TestDerivedOfKnownParts: what is left of a secret beside a part that is known by itself is hidden too.
func TestDerivedOfKnownParts(t *testing.T) {
	r := secret.NewRedactor()
	const key = "-----BEGIN-----\nMIIEvQIBADAN\n-----END KEY-----"
	c := &eval.Compiler{Variables: eval.NewVariables(func(string) (string, bool) { return key, true }, r)}
	tmpl, found := c.Template("${{ env.KEY[4:] }}", eval.Anchor{}, eval.NewScope())
	if len(found) > 0 {
		t.Fatal(found)
	}
	text, err := tmpl.Text(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Redact("<" + text + ">"); got != "<[redacted]>" {
		t.Errorf("got %q", got)
	}
}

// texts are the texts in a value.
func texts(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var all []string
		for _, element := range v {
			all = append(all, texts(element)...)
		}
		return all
	}
	return nil
}

// TestDerivedLeavesOtherWords: what does not come out of a secret is printed, although one was asked.
func TestDerivedLeavesOtherWords(t *testing.T) {
	for source, want := range map[string]string{
		`env.PW == "x" ? "production" : "development"`:          "development",
		`vars.pw contains "a" ? "has one of them" : "has none"`: "has none",
		`"Dear friends of " + upper(env.NAME[0:7])`:             "Dear friends of [redacted]",
		`["ordinary words", upper(env.PW[1:])][0]`:              "ordinary words",
		`upper(vars.open)`:                           "A PLAIN VALUE",
		`upper(env.LAND)`:                            "ANDALUCÍA",
		`vars.land[0:7]`:                             "Andaluc",
		`upper(vars.fallback)`:                       "OTHERWISE",
		`env.MISSING ?? "nothing of the kind"`:       "nothing of the kind",
		`type(env.PW)`:                               "string",
		`upper(item.name)`:                           "ANA MARÍA",
		`item.name + ": " + env.PW`:                  "Ana María: [redacted]",
		`{"a": "ordinary words"}[env.PW[0:0] + "a"]`: "ordinary words",
		`let x = env.PW; x == "" ? "not configured" : "configured"`: "configured",
	} {
		c, _, r := secretive(t)
		scope, names := withVars(t, c)
		tmpl, found := c.Template("${{ "+source+" }}", eval.Anchor{}, scope)
		if len(found) > 0 {
			t.Errorf("%s: %v", source, found)
			continue
		}
		value, err := tmpl.Text(context.Background(), names)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if got := r.Redact(value); got != want {
			t.Errorf("%s: %q, want %q", source, got, want)
		}
	}
}

// TestDerivedIsBounded: items do not fill the memory with secrets of their own, nor does a long list.
func TestDerivedIsBounded(t *testing.T) {
	c, v, _ := secretive(t)
	scope, names := withVars(t, c)
	for _, text := range []string{"${{ upper(item.name + vars.pw[0:9]) }}", "${{ vars.pw[0:9] + string(index) }}", "${{ vars.pw[0:item.n + 5] }}"} {
		tmpl, found := c.Template(text, eval.Anchor{}, scope)
		if len(found) > 0 {
			t.Fatal(found)
		}
		before := 0
		for i := range 3000 {
			names["item"], names["index"] = map[string]any{"name": fmt.Sprint("Person ", i), "n": 1 + i%3}, i
			if _, err := tmpl.Render(context.Background(), names); err != nil {
				t.Fatal(err)
			}
			if i == 0 {
				before = v.Made()
			}
		}
		if after := v.Made(); after > before {
			t.Errorf("%s: %d texts after one item, %d after 3000", text, before, after)
		}
	}
	tmpl, found := c.Template(`${{ map(1..5000, env.PW[0:4] + string(#)) }}`, eval.Anchor{}, scope)
	if len(found) > 0 {
		t.Fatal(found)
	}
	for range 3 {
		if _, err := tmpl.Render(context.Background(), names); err != nil {
			t.Fatal(err)
		}
	}
	if made := v.Made(); made > 1000 {
		t.Errorf("%d texts", made)
	}
}

// TestDerivedIsReleased: with its variable a text stops being secret.
func TestDerivedIsReleased(t *testing.T) {
	c, v, r := secretive(t)
	scope, names := withVars(t, c)
	later, _ := c.Template("${{ vars.pw[1:12] }}", eval.Anchor{}, scope)
	if tmpl, found := c.Template("${{ env.PW[0:9] }}", eval.Anchor{}, scope); len(found) > 0 || r.Redact(password[0:9]) != "[redacted]" {
		t.Fatalf("%v, %v", tmpl, found)
	}
	v.Release("PW")
	if got := r.Redact(password[0:9]); got != password[0:9] {
		t.Errorf("after the release: %s", got)
	}
	if _, err := later.Render(context.Background(), names); err != nil {
		t.Fatal(err)
	}
	if got := r.Redact(password[1:12]); got != password[1:12] {
		t.Errorf("made after the release: %s", got)
	}
}
