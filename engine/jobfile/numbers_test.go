package jobfile_test

import (
	"fmt"
	"slices"
	"testing"
)

func TestDigitsAreReadAsTheyStand(t *testing.T) {
	for given, want := range map[string]string{
		"+34612345678": "+34612345678", "34612345678": "34612345678", "0034612345678": "0034612345678",
		"0612345678": "0612345678", `"34 612-345-678"`: "34 612-345-678", "34 612 345 678": "34 612 345 678",
		"123456789012345678901234": "123456789012345678901234", "'+34612345678'": "+34612345678",
	} {
		text := one("- sendText: { to: " + given + ", body: x, replyTo: " + given + " }")
		step := mustLoad(t, fakeLoader(), "job.yaml", "job.yaml", text)[0].Steps[0]
		if got := constant(step, "to"); got != want {
			t.Errorf("to: %s: got %#v, want %q", given, got, want)
		}
		if got := constant(step, "replyTo"); got != want {
			t.Errorf("replyTo: %s: got %#v, want %q", given, got, want)
		}
	}
}

func TestParametersOfTemplatesKeepTheirDigits(t *testing.T) {
	text := one(`- sendTemplate:
    to: 34612345678
    templateName: a
    languageCode: es
    phoneNumberId: 0123456789012345
    headerMedia: { type: image, id: 0987 }
    bodyParameters: [ 12.50, 0034, -1, x, { type: currency, currency: { fallback_value: 100.50, code: EUR, amount_1000: 100500 } } ]
    buttonParameters: [ { index: 0, type: copyCode, value: 0042 } ]`)
	step := mustLoad(t, fakeLoader(), "job.yaml", "job.yaml", text)[0].Steps[0]
	got := fmt.Sprintf("%v %v %v", constant(step, "bodyParameters"), constant(step, "headerMedia"), constant(step, "buttonParameters"))
	want := "[12.50 0034 -1 x map[currency:map[amount_1000:100500 code:EUR fallback_value:100.50] type:currency]] " +
		"map[id:0987 type:image] [map[index:0 type:copyCode value:0042]]"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	currency := step.Params.Field("bodyParameters").Items()[4].Field("currency")
	if amount, _ := currency.Field("amount_1000").Constant(); amount != int64(100500) {
		t.Errorf("amount_1000 became %#v", amount)
	}
	if id, _ := step.Connection.PhoneNumberID.Constant(); id != "0123456789012345" {
		t.Errorf("phoneNumberId became %#v", id)
	}
}

func TestValuesOfVars(t *testing.T) {
	text := "version: 1\nname: a\n" +
		"vars: { i: 5, f: 2.5, b: true, n: null, s: 2026-03-01, l: [1, a], big: 123456789012345678901 }\n" +
		"steps: [ { sendText: { to: '1234567', body: x } } ]\n"
	job := mustLoad(t, fakeLoader(), "job.yaml", "job.yaml", text)[0]
	var got []string
	for _, v := range job.Vars {
		value, _ := v.Value.Constant()
		got = append(got, fmt.Sprintf("%s %T %v", v.Name, value, value))
	}
	want := []string{
		"i int64 5", "f float64 2.5", "b bool true", "n <nil> <nil>", "s string 2026-03-01",
		"l []interface {} [1 a]", "big json.Number 123456789012345678901",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
