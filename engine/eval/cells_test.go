package eval_test

import (
	"strings"
	"testing"

	"waybill/engine/diag"
	"waybill/engine/eval"
)

// rendered renders a text with a row, and returns the value or what is wrong.
func cell(t *testing.T, c *eval.Compiler, text string, row map[string]any, fields map[string]eval.Type) string {
	t.Helper()
	source := &diag.Source{Name: "a.yaml", Text: []byte(text)}
	anchor := eval.Anchor{
		Range: diag.Range{Source: source, Start: diag.Pos{Line: 1, Column: 1}, End: diag.Pos{Line: 1, Column: len([]rune(text)) + 1}},
		Text:  diag.Pos{Line: 1, Column: 1},
	}
	template, found := c.Template(text, anchor, eval.NewScope().With("item", eval.Object(fields)))
	if found.HasErrors() {
		return found[0].Range.String() + " " + found[0].Summary
	}
	value, err := template.Text(t.Context(), eval.Names{"item": row})
	if err != nil {
		return "error: " + err.Error()
	}
	return value
}

func TestCells(t *testing.T) {
	row := map[string]any{
		"empty": "", "blank": " \u00A0\u200B", "name": "Ana", "nil": nil, "zero": 0,
		"comma": "12,50", "both": "1.234,50", "thousands": "1,234", "half": "3.5", "three": "3.000", "dots": "1.234.567", "euro": "12 €", "euros": "1.234,50 €",
		"blanks": "1 234,50", "lines": "Calle Mayor 1\r\n\n bajo  \t x\nMadrid\n", "Teléfono": "600",
	}
	fields := map[string]eval.Type{}
	for name := range row {
		fields[name] = eval.String()
	}
	fields["nil"], fields["zero"] = eval.Any(), eval.Integer()
	for text, want := range map[string]string{
		"${{ item.empty ?? item.name }}":               "Ana",
		"x ${{ item.blank ?? \"y\" }}":                 "x y",
		"${{ item.name ?? (1/0) }}":                    "Ana",
		"${{ item.zero ?? 1 }}":                        "0",
		"${{ item.nil ?? item.empty ?? \"z\" }}":       "z",
		"${{ default(item.empty, item.name) }}":        "Ana",
		"${{ item.blank | default(\"y\") | upper() }}": "Y",
		"${{ default(item.name, 1/0) }}":               "Ana",
		"${{ default(item.empty) }}":                   "a.yaml:1:5 default(…) is given too few values",
		"${{ oneLine(item.lines) }}":                   "Calle Mayor 1 bajo x Madrid",
		"${{ oneLine(item.lines, \", \") }}":           "Calle Mayor 1, bajo x, Madrid",
		"${{ item.empty | oneLine() }}":                "",
		"${{ oneLine(item.nil) }}":                     "error: item.nil is empty",
		"${{ float(item.comma) }}":                     `error: item.comma is "12,50", which is not written as a number: write float(replace(item.comma, ",", "."))`,
		"${{ float(item.both) }}":                      `error: item.both is "1.234,50", which is not written as a number: write float(replace(replace(item.both, ".", ""), ",", "."))`,
		"${{ int(item.half) }}":                        `error: item.half is "3.5", which is not written as a whole number: write int(float(item.half)) to leave out what stands behind the point`,
		"${{ int(item.three) }}":                       `error: item.three is "3.000", which is not written as a whole number: write int(replace(item.three, ".", ""))`,
		"${{ int(item.thousands) }}":                   `error: item.thousands is "1,234", which is not written as a whole number: write int(replace(item.thousands, ",", ".")), or int(replace(item.thousands, ",", "")) where the comma parts thousands`,
		"${{ float(item.dots) }}":                      `error: item.dots is "1.234.567", which is not written as a number: write float(replace(item.dots, ".", ""))`,
		"${{ float(item.euro) }}":                      `error: item.euro is "12 €", which is not written as a number: write float(trim(item.euro, " €"))`,
		"${{ float(item.euros) }}":                     `error: item.euros is "1.234,50 €", which is not written as a number: write float(replace(replace(trim(item.euros, " €"), ".", ""), ",", "."))`,
		"${{ float(item.blanks) }}":                    `error: item.blanks is "1 234,50", which is not written as a number: write float(replace(replace(item.blanks, " ", ""), ",", "."))`,
		"${{ float(item.name) }}":                      `error: item.name is "Ana", which is not written as a number`,
		"${{ float(item.empty) }}":                     "error: item.empty is not written as a number",
		"${{ item.Tele\u0301fono }}":                   "600",
		"${{ item[\"Tele\u0301fono\"] }}":              "600",
		"${{ item[\"Tele\" + \"\u0301fono\"] }}":       "600",
		"${{ item.Tele\u0301fono + item.nam }}":        "a.yaml:1:27 item has no \"nam\"",
	} {
		if got := cell(t, &eval.Compiler{}, text, row, fields); got != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
}

// What is written of a hint is right: it makes the number.
func TestHintsOfNumbersWork(t *testing.T) {
	for _, text := range []string{"12,50", "1.234,50", "12 €", "1.234,50 €", "1 234,50", "1'234.50", "$ 12", "1,234,567"} {
		row, fields := map[string]any{"n": text}, map[string]eval.Type{"n": eval.String()}
		_, hint, found := strings.Cut(cell(t, &eval.Compiler{}, "${{ float(item.n) }}", row, fields), ": write ")
		if !found {
			t.Errorf("%s has no hint", text)
			continue
		}
		if got := cell(t, &eval.Compiler{}, "${{ "+hint+" }}", row, fields); strings.HasPrefix(got, "error") || strings.HasPrefix(got, "a.yaml") {
			t.Errorf("%s: %s is %s", text, hint, got)
		}
	}
}

// An expression that reads a secret shows no value in its errors.
func TestErrorsOfSecretsShowNoValue(t *testing.T) {
	c := &eval.Compiler{Variables: eval.NewVariables(func(name string) (string, bool) { return "hunter22", name == "PASSWORD" }, nil)}
	got := cell(t, c, "${{ float(env.PASSWORD[item.from:]) }}", map[string]any{"from": 2}, map[string]eval.Type{"from": eval.Integer()})
	if strings.Contains(got, "nter22") || !strings.HasPrefix(got, "error: ") {
		t.Errorf("got %s", got)
	}
}

func TestReads(t *testing.T) {
	scope := eval.NewScope().With("item", eval.Any()).With("vars", eval.Any())
	template, found := (&eval.Compiler{}).Template(
		`${{ item.a }} ${{ item.b ?? item.c }} ${{ item.d != nil ? item.d.e : vars.x }} ${{ float(item.f) }} ${{ toJSON(item) }} ${{ default(item.g, "") }}`,
		eval.Anchor{}, scope)
	if found.HasErrors() {
		t.Fatal(found)
	}
	var got []string
	for _, r := range template.Reads() {
		text := r.String()
		if r.Guarded {
			text += "?"
		}
		if r.Number {
			text += "#"
		}
		got = append(got, text)
	}
	if want := "item.a item.b? item.c item.d? item.d.e vars.x item.f# item item.g?"; strings.Join(got, " ") != want {
		t.Errorf("got %s\nwant %s", strings.Join(got, " "), want)
	}
}
