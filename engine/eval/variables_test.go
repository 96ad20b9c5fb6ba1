package eval_test

import (
	"strings"
	"testing"

	"waybill/engine/eval"
	"waybill/engine/secret"
)

func TestVariables(t *testing.T) {
	asked := map[string]int{}
	r := secret.NewRedactor()
	v := eval.NewVariables(func(name string) (string, bool) {
		asked[name]++
		value, ok := map[string]string{"TOKEN": "s3cret-token", "CLINIC": "Clínica Norte", "TWIN": "s3cret-token"}[name]
		return value, ok
	}, r)
	c := &eval.Compiler{Variables: v}
	tmpl, _ := c.Template("$<TOKEN> ${TOKEN} $<CLINIC> ${{ env.TWIN + env.NONE }} ${OTHER:-x}", eval.Anchor{}, eval.NewScope())
	if got := strings.Join(tmpl.Variables(), " "); got != "CLINIC NONE OTHER TOKEN TWIN" {
		t.Errorf("the template's variables: %s", got)
	}
	if got := strings.Join(v.Names(), " "); got != "CLINIC NONE OTHER TOKEN TWIN" {
		t.Errorf("names: %s", got)
	}
	if asked["TOKEN"] != 1 {
		t.Errorf("TOKEN was looked up %d times", asked["TOKEN"])
	}
	text := "s3cret-token of Clínica Norte"
	if got := r.Redact(text); got != "[redacted] of [redacted]" {
		t.Errorf("got %q", got)
	}
	v.Release("CLINIC")
	if got := r.Redact(text); got != "[redacted] of Clínica Norte" || v.Secret("CLINIC") || !v.Secret("TOKEN") {
		t.Errorf("after the release: %q", got)
	}
	v.Release("TWIN")
	if got := r.Redact(text); got != "[redacted] of Clínica Norte" {
		t.Errorf("a value that another variable keeps secret was released: %q", got)
	}
}
