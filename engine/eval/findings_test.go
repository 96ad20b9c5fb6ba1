package eval_test

import (
	"fmt"
	"strings"
	"testing"

	"waybill/engine/diag"
	"waybill/engine/eval"
)

// anchored places text at line 7, column 11 of a file.
func anchored(text string) eval.Anchor {
	end := diag.Pos{Line: 7, Column: 11 + len([]rune(text))}
	return eval.Anchor{Range: diag.Range{Start: diag.Pos{Line: 7, Column: 11}, End: end}, Text: diag.Pos{Line: 7, Column: 11}}
}

// marked writes a finding as its code, the stretch of text it points at, its summary and its hint.
func marked(t *testing.T, text string, d diag.Diagnostic) string {
	t.Helper()
	runes := []rune(text)
	from, to := d.Range.Start.Column-11, d.Range.End.Column-11
	if d.Range.Start.Line != 7 || d.Range.End.Line != 7 || from < 0 || from >= to || to > len(runes) {
		t.Fatalf("%q: %s points at %+v", text, d.Code, d.Range)
	}
	return fmt.Sprintf("%s <%s> %s | %s", d.Code, string(runes[from:to]), d.Summary, d.Hint)
}

func TestFindings(t *testing.T) {
	tests := []struct {
		text string
		want []string
	}{
		{"é ${{ itm.phone }}", []string{"unknown-name <itm> nothing is called \"itm\" here | did you mean item?"}},
		{"é ${{ item.phnoe }}", []string{"unknown-name <phnoe> item has no \"phnoe\" | did you mean phone?"}},
		{"${{ item.zzzzzz }}", []string{"unknown-name <zzzzzz> item has no \"zzzzzz\" | it has: first-name, id, name, phone"}},
		{"${{ item.phone.x }}", []string{"type-mismatch <x> item.phone is of type string and has no field \"x\" | "}},
		{"${{ item.first-name }}", []string{"unknown-name <first> item.first-name reads as a difference, for it has a hyphen | write item[\"first-name\"]"}},
		{"${{ steps.remnd.messageId }}", []string{"unknown-step <remnd> no step has the id \"remnd\" here | did you mean remind?"}},
		{"${{ steps.nothing.messageId }}", []string{"unknown-step <nothing> no step has the id \"nothing\" here | the steps before this one are: order-confirm, remind"}},
		{"${{ steps.order-confirm.messageId }}", []string{"unknown-step <order> steps.order-confirm reads as a difference, for it has a hyphen | write steps[\"order-confirm\"]"}},
		{"${{ steps.call-back.messageId }}", []string{"later-step <call> step \"call-back\" runs later, so there is nothing to read from it yet | move this step after it"}},
		{"${{ steps.fallback.success }}", []string{"later-step <fallback> step \"fallback\" runs later, so there is nothing to read from it yet | move this step after it"}},
		{"${{ steps.remind.mesageId }}", []string{"unknown-output <mesageId> steps.remind has no \"mesageId\" | did you mean messageId?"}},
		{"${{ steps[\"remind\"].wat }}", []string{"unknown-output <wat> steps.remind has no \"wat\" | it has: attempts, errorMessage, events, messageId, success"}},
		{"${{ steps[item.id].success }}", []string{"bad-expression <steps> steps cannot be used as a whole | name the step and what it left: steps.ID.OUTPUT"}},
		{"${{ let s = steps; s.remind }}", []string{"bad-expression <steps> steps cannot be used as a whole | name the step and what it left: steps.ID.OUTPUT"}},
		{"${{ map(keys(steps), #) }}", []string{"bad-expression <steps> steps cannot be used as a whole | name the step and what it left: steps.ID.OUTPUT"}},
		{"${{ (true ? steps : item).a }}", []string{"bad-expression <steps> steps cannot be used as a whole | name the step and what it left: steps.ID.OUTPUT"}},
		{"${{ get(item, \"phone\") }}", []string{"bad-expression <get> get() cannot be used | write the name in brackets: item[\"phone\"]"}},
		{"${{ $env.steps }}", []string{"bad-expression <$env> $env cannot be used here | write the name itself: item, inputs, vars, steps"}},
		{"${{ $env[\"item\"] }}", []string{"bad-expression <$env> $env cannot be used here | write the name itself: item, inputs, vars, steps"}},
		{"${{ reduce(1..3, #acc + #, 0) }}", []string{"bad-expression <reduce> reduce() cannot be used | sum, map, filter and join do what it is mostly wanted for"}},
		{"${{ failed() }}", []string{"bad-expression <failed> failed() can be used in `if:` only | "}},
		{"${{ uper(item.name) }}", []string{"unknown-name <uper> no function is called \"uper\" | did you mean upper?"}},
		{"${{ item.name.upper() }}", []string{"unknown-name <upper> upper() is nothing that a value can do | write upper(…), or … | upper()"}},
		{"${{ upper }}", []string{"unknown-name <upper> nothing is called \"upper\" here | upper is a function: write upper(…)"}},
		{"${{ item.phone == null }}", []string{"unknown-name <null> nothing is called \"null\" here | write nil"}},
		{"${{ any.my-thing }}", []string{"unknown-name <thing> nothing is called \"thing\" here | a name with a hyphen stands in brackets: [\"my-thing\"]"}},
		{"${{ itm.a + item.phnoe + steps.x.y }}", []string{
			"unknown-name <itm> nothing is called \"itm\" here | did you mean item?",
			"unknown-name <phnoe> item has no \"phnoe\" | did you mean phone?",
			"unknown-step <x> no step has the id \"x\" here | the steps before this one are: order-confirm, remind",
		}},
		{"${{ itm.a }} and $<MISSING> and ${9x}", []string{
			"unknown-name <itm> nothing is called \"itm\" here | did you mean item?",
			"missing-variable <$<MISSING>> the environment variable MISSING is not set | set it (export MISSING=…), or give a default: ${MISSING:-…}",
			"bad-variable <${9x}> \"${9x}\" names no environment variable | names are letters, digits and _; for the text itself write $${9x}",
		}},
		{"a $< b", []string{"bad-variable <$< b> $< is not closed | write $<NAME> or ${NAME}; for the text itself write $$<"}},
		{"${}", []string{"bad-variable <${}> \"${}\" names no environment variable | names are letters, digits and _; for the text itself write $${}"}},
		{"ab ${{ item.name }", []string{"unclosed-expression <${{ item.name }> ${{ has no }} | close it, or write $${{ for the text itself"}},
		{"${{ '}}' ", []string{"unclosed-expression <${{ '}}' > ${{ has no }} | close it, or write $${{ for the text itself"}},
		{"${{ env.MISSING }}", []string{"missing-variable <MISSING> the environment variable MISSING is not set | set it (export MISSING=…), or give a default: ${MISSING:-…}"}},
		{"${{ env[item.id] }}", []string{"bad-variable <env> env stands only before the name of a variable | write env.NAME, or $<NAME> outside of expressions"}},
		{"${{ toJSON(env) }}", []string{"bad-variable <env> env stands only before the name of a variable | write env.NAME, or $<NAME> outside of expressions"}},
		{"${{ }}", []string{"bad-expression < > the expression is empty | "}},
		{"${{ 1 + }}", []string{"bad-expression < > the expression ends too early | "}},
		{"${{ item.name = 1 }}", []string{"bad-expression <=> = does not stand here | to compare, write =="}},
		{"${{ $<TOKEN> }}", nil},
		{"${{ index + item.name }}", []string{"type-mismatch <+> + does not work on a number and text | string(…) makes text of a number"}},
		{"${{ upper(index) }}", []string{"type-mismatch <index> upper(…) wants text here, not a number | string(…) makes text of a number"}},
		{"${{ inputs.count > \"5\" }}", []string{"type-mismatch <>> > does not work on a number and text | "}},
		{"${{ item.name matches item.id }}", []string{"bad-expression <id> the pattern of matches is not written out | write it as text: item.phone matches \"^\\\\+34\""}},
		{"${{ item.name matches '(' }}", []string{"bad-expression <'('> the pattern cannot be read: error parsing regexp: missing closing ): `(` | "}},
		{"events: ${{ steps.remind.events }}", []string{"type-mismatch <${{ steps.remind.events }}> this is of type list, and within text only text, numbers and true or false can stand | toJSON(…) makes text of it, and join(…) of a list of texts"}},
		{"${{ b'x' }}", []string{"bad-expression <b'x'> bytes cannot be used here | write text: \"…\" without the b"}},
		{"${{ " + strings.Repeat("1+", 300) + "1 }}", []string{"expression-too-big <" + " " + strings.Repeat("1+", 300) + "1 " + "> the expression has more than 500 parts | compute some of them in vars"}},
	}
	for _, tt := range tests {
		tmpl, found := compiler().Template(tt.text, anchored(tt.text), scope())
		if tmpl == nil {
			t.Errorf("%q: no template", tt.text)
			continue
		}
		if tt.want == nil {
			if len(found) != 1 || found[0].Code != "bad-expression" || !strings.Contains(found[0].Hint, "env.NAME") {
				t.Errorf("%q: %v", tt.text, found)
			}
			continue
		}
		var got []string
		for _, d := range found {
			if d.Severity != diag.Error {
				t.Errorf("%q: severity %v", tt.text, d.Severity)
			}
			got = append(got, marked(t, tt.text, d))
		}
		if strings.Join(got, "\n") != strings.Join(tt.want, "\n") {
			t.Errorf("%q:\n got %s\nwant %s", tt.text, strings.Join(got, "\n     "), strings.Join(tt.want, "\n     "))
		}
		if _, err := tmpl.Render(t.Context(), names()); err == nil {
			t.Errorf("%q: rendered in spite of its findings", tt.text)
		}
		if _, constant := tmpl.Constant(); constant {
			t.Errorf("%q: constant in spite of its findings", tt.text)
		}
	}
}
