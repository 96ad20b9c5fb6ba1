package engine_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/secret"
)

// one is a job of one step.
func one(step string) string {
	return "version: 1\nname: a\nsteps:\n" + indent(step, "  ") + "\n"
}

func TestDigitsAreReadAsTheyStand(t *testing.T) {
	for given, want := range map[string]string{
		"+34612345678": "+34612345678", "34612345678": "34612345678", "0034612345678": "0034612345678",
		"0612345678": "0612345678", `"34 612-345-678"`: "34 612-345-678", "34 612 345 678": "34 612 345 678",
		"123456789012345678901234": "123456789012345678901234", "'+34612345678'": "+34612345678",
	} {
		step := mustLoad(t, fakeLoader(), "job.yaml", "job.yaml", one("- sendText: { to: "+given+", body: x, replyTo: "+given+" }"))[0].Steps[0]
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
	if amount, _ := step.Params.Field("bodyParameters").Items()[4].Field("currency").Field("amount_1000").Constant(); amount != int64(100500) {
		t.Errorf("amount_1000 became %#v", amount)
	}
	if id, _ := step.Connection.PhoneNumberID.Constant(); id != "0123456789012345" {
		t.Errorf("phoneNumberId became %#v", id)
	}
}

func TestValuesOfVars(t *testing.T) {
	text := "version: 1\nname: a\nvars: { i: 5, f: 2.5, b: true, n: null, s: 2026-03-01, l: [1, a], big: 123456789012345678901 }\n" + "steps: [ { sendText: { to: '1234567', body: x } } ]\n"
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

func TestSeveralJobsInAFile(t *testing.T) {
	text := one("- sendText: { to: '1234567', body: x }") + "---\n" + strings.Replace(one("- getMessages: {}"), "name: a", "name: b", 1) + "---\n"
	jobs := mustLoad(t, fakeLoader(), "job.yaml", "job.yaml", text)
	if len(jobs) != 2 || jobs[0].Name != "a" || jobs[1].Name != "b" || jobs[1].Range.Start.Line != 6 {
		t.Errorf("got %d jobs, the second at %v", len(jobs), jobs[len(jobs)-1].Range.Start)
	}
}

func TestAliasesAreFollowed(t *testing.T) {
	text := "version: 1\nname: a\ndefaults: { retry: &r { attempts: 3, delay: 500 } }\n" +
		"steps: [ { sendText: { to: &me '1234567', body: x }, retry: *r }, { sendText: { to: *me, body: z } } ]\n"
	job := mustLoad(t, fakeLoader(), "job.yaml", "job.yaml", text)[0]
	if got := job.Steps[0].Retry; got.Attempts != 3 || got.Delay != 500*time.Millisecond {
		t.Errorf("got %+v", got)
	}
	if got := constant(job.Steps[1], "to"); got != "1234567" {
		t.Errorf("got %v", got)
	}
}

func TestStepsSeeWhatIsBeforeThem(t *testing.T) {
	text := `version: 1
name: a
inputs: { day: { type: string, default: monday }, n: { type: integer, default: 3 } }
vars: { first: "${{ inputs.day }}", second: "${{ upper(vars.first) }}", people: [ { phone: "1234567" } ] }
steps:
  - id: order-confirm
    sendText: { to: '1234567', body: "${{ vars.second }} ${{ job.name }} ${{ run.id }} ${{ run.scope }} ${{ run.startedAt }} ${{ env.CLINIC }}" }
  - id: group
    if: ${{ steps["order-confirm"].success && inputs.n > 2 }}
    forEach: { items: "${{ vars.people }}", as: person, key: "${{ person.phone }}" }
    steps:
      - id: inner
        sendText: { to: "${{ person.phone }}", body: "${{ index }} ${{ steps['order-confirm'].messageId }}" }
      - if: failed() && steps.inner.errorCode == 131047
        sendText: { to: "${{ person.phone }}", body: "${{ steps.inner.messageId }}" }
  - if: always()
    getMessages: { limit: 5, contact: 34612345678 }
outputs:
  all: ${{ steps.group.total - steps.group.failed }}
  list: [ "${{ steps.step3.totalCount }}" ]
`
	job := mustLoad(t, fakeLoader(), "job.yaml", "job.yaml", text)[0]
	if got := job.Steps[2]; got.ID != "step3" || got.Path != "step3" {
		t.Errorf("got %q, %q", got.ID, got.Path)
	}
	if got := job.Steps[1].Steps[1].Path; got != "group/step2" {
		t.Errorf("got %q", got)
	}
	if failed, _ := job.Steps[1].Steps[1].If.UsesStatus(); !failed {
		t.Error("failed() is not seen")
	}
	if job.Steps[1].ForEach.As != "person" || job.Steps[1].ForEach.Kind != engine.FromItems {
		t.Errorf("got %+v", job.Steps[1].ForEach)
	}
}

func TestOtherSources(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"p.jsonl": `{"phone":"1"}`, "semi.csv": "a;b\n1;2\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text := one(`- forEach: { jsonl: p.jsonl, stopAfter: 3 }
  sendText: { to: "${{ item.phone }}", body: "${{ item.anything }}" }
- forEach: { csv: semi.csv, encoding: utf-8, delimiter: ";" }
  sendText: { to: "${{ item.a }}", body: x }
- forEach: { csv: "${{ inputs.file }}" }
  sendText: { to: "${{ item.unknown }}", body: x }
- forEach: { items: ["1234567", "7654321"] }
  sendText: { to: "${{ item }}", body: x }`)
	text = strings.Replace(text, "steps:", "inputs: { file: { type: string } }\nsteps:", 1)
	steps := mustLoad(t, fakeLoader(), "job.yaml", filepath.Join(dir, "job.yaml"), text)[0].Steps
	if e := steps[0].ForEach; e.Kind != engine.FromJSONL || e.StopAfter.Count != 3 {
		t.Errorf("got %+v", e)
	}
	if e := steps[1].ForEach; strings.Join(e.Columns, ",") != "a,b" || e.Delimiter != ';' || e.Encoding != "utf-8" {
		t.Errorf("got %+v", e)
	}
	if e := steps[2].ForEach; e.Columns != nil {
		t.Errorf("got %+v", e)
	}
}

func TestWhatTheConnectionNeeds(t *testing.T) {
	nothing := func(string) (string, bool) { return "", false }
	text := "version: 1\nname: a\nsteps:\n  - sendText: { to: '1234567', body: x }\n  - listConversations: { token: t-literal }\n  - getMessages: {}\n"
	load := func(l *engine.Loader, text string) string {
		src := &diag.Source{Name: "job.yaml", Text: []byte(text)}
		jobs, found := l.Load(src, "job.yaml")
		sound(t, src, jobs, found)
		return rendered(found)
	}
	got := load(&engine.Loader{Operations: fakeOperations(), Lookup: nothing}, text)
	want := `4:5 missing-variable: step step1 needs the phoneNumberId, and WHATSAPP_PHONE_NUMBER_ID is not set, or empty
    The file gives no phoneNumberId, so that variable is used.
    hint: export WHATSAPP_PHONE_NUMBER_ID=…, or try the job with --sandbox
4:5 missing-variable: step step1 needs the token, and WHATSAPP_TOKEN is not set, or empty
    The file gives no token, so that variable is used.
    hint: export WHATSAPP_TOKEN=…, or try the job with --sandbox
5:5 missing-variable: step step2 needs the wabaId, and WHATSAPP_WABA_ID is not set, or empty
    The file gives no wabaId, so that variable is used.
    hint: export WHATSAPP_WABA_ID=…, or try the job with --sandbox
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	asked := func(name string) (string, bool) {
		t.Errorf("%s is looked up, though another connection takes its place", name)
		return "", false
	}
	given := strings.Replace(text, "steps:", "connection: { token: $<WHATSAPP_TOKEN>, phoneNumberId: \"${{ env.WHATSAPP_PHONE_NUMBER_ID }}\", baseUrl: $<URL> }\nsteps:", 1)
	if got := load(&engine.Loader{Operations: fakeOperations(), Lookup: asked, Override: true}, given); got != "" {
		t.Errorf("got\n%s", got)
	}
	broken := strings.Replace(text, "steps:", "connection: { token: \"${{ steps.x }}\" }\nsteps:", 1)
	if got := load(&engine.Loader{Operations: fakeOperations(), Lookup: asked, Override: true}, broken); !strings.Contains(got, "unknown-name") {
		t.Errorf("an error in the connection is passed over:\n%s", got)
	}
}

func TestDefaultsOfTheConnection(t *testing.T) {
	redactor := secret.NewRedactor()
	l := &engine.Loader{Operations: fakeOperations(), Lookup: environment, Redactor: redactor}
	job := mustLoad(t, l, "job.yaml", "job.yaml", "version: 1\nname: a\nenv: { CLINIC: { secret: false } }\nsteps:\n  - sendText: { to: '1234567', body: $<CLINIC> }\n")[0]
	token, _ := job.Connection.Token.Constant()
	id, _ := job.Connection.PhoneNumberID.Constant()
	if token != "token-of-the-test" || id != "123456789012345" || job.Connection.WABAID != nil {
		t.Errorf("got %v, %v, %v", token, id, job.Connection.WABAID)
	}
	if got := redactor.Redact("token-of-the-test 123456789012345 Clínica Norte"); strings.Contains(got, "token-of") || !strings.Contains(got, "123456789012345 Clínica Norte") {
		t.Errorf("got %q", got)
	}
}

func TestATokenInTheFileIsASecretAndAnIdIsNone(t *testing.T) {
	redactor := secret.NewRedactor()
	lookup := func(name string) (string, bool) { return "id-of-" + name, name == "NUMBER" }
	l := &engine.Loader{Operations: fakeOperations(), Lookup: lookup, Redactor: redactor}
	mustLoad(t, l, "job.yaml", "job.yaml", one("- sendText: { to: '1234567', body: x, token: EAAG-literal-token, phoneNumberId: $<NUMBER> }"))
	got := redactor.Redact("EAAG-literal-token id-of-NUMBER")
	if strings.Contains(got, "EAAG") || !strings.Contains(got, "id-of-NUMBER") {
		t.Errorf("got %q", got)
	}
}

func TestALoaderWithoutOperationsDoesNotPanic(t *testing.T) {
	src := &diag.Source{Name: "job.yaml", Text: []byte(example)}
	jobs, found := (&engine.Loader{}).Load(src, "job.yaml")
	sound(t, src, jobs, found)
	if !found.HasErrors() {
		t.Error("a program without operations takes a job")
	}
}

func TestBigFilesAreRefusedQuickly(t *testing.T) {
	for name, text := range map[string]string{
		"10 MB":               "version: 1\n" + strings.Repeat("# fill\n", 1_500_000),
		"many values":         "version: 1\nvars: { x: [" + strings.Repeat("a,", 3_000_000) + "a] }\n",
		"many lines":          "version: 1\nsteps:\n" + strings.Repeat("  - a\n", 1_200_000),
		"many keys":           "version: 1\nvars:\n" + strings.Repeat("  a: b\n", 1_000_000),
		"many JSON values":    `{"version":1,"vars":[` + strings.Repeat("1,", 3_000_000) + "1]}",
		"deep JSON":           strings.Repeat("[", 3_000_000),
		"deep closed JSON":    strings.Repeat("[", 1_000_000) + strings.Repeat("]", 1_000_000),
		"one long line":       "version: 1\nname: a\ndescription: " + strings.Repeat("é", 1_000_000) + "\nsteps: [ 5 ]\n",
		"long line of flow":   "version: 1\nname: a\nvars: { x: [" + strings.Repeat("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa,", 90_000) + "a] }\nsteps: [ 5 ]\n",
		"syntax at the end":   "version: 1\n" + strings.Repeat("# fill\n", 300_000) + "a: b: c\n",
		"unclosed at the end": "version: 1\nname: \"" + strings.Repeat("fill\n", 300_000),
	} {
		t.Run(name, func(t *testing.T) {
			src := &diag.Source{Name: "job.yaml", Text: []byte(text)}
			begin := time.Now()
			jobs, found := fakeLoader().Load(src, "job.yaml")
			if took := time.Since(begin); took > 20*time.Second {
				t.Errorf("it took %v", took)
			}
			sound(t, src, jobs, found)
			if len(found) == 0 || len(found) > 10 {
				t.Errorf("%d findings", len(found))
			}
		})
	}
}

func TestManyStepsAreReadInTime(t *testing.T) {
	var text strings.Builder
	text.WriteString("version: 1\nname: a\nsteps:\n")
	for i := range 1001 {
		fmt.Fprintf(&text, "  - id: s%d\n    sendText: { to: '1234567', body: \"${{ steps.s%d.messageId }}\" }\n", i, max(0, i-1))
	}
	src := &diag.Source{Name: "job.yaml", Text: []byte(text.String())}
	jobs, found := fakeLoader().Load(src, "job.yaml")
	sound(t, src, jobs, found)
	if !strings.Contains(rendered(found), "more than 1000 steps") {
		t.Errorf("got\n%.300s", rendered(found))
	}
}

func BenchmarkLoad(b *testing.B) {
	path := folder(b)
	var text strings.Builder
	text.WriteString(strings.Replace(example, "\noutputs:\n  reminded: ${{ steps.patients.succeeded }}\n", "\n", 1))
	for i := range 25 {
		fmt.Fprintf(&text, "  - id: extra%d\n    if: ${{ steps.patients.succeeded > %d }}\n    sendText: { to: \"+34612345678\", body: \"${{ vars.clinic }}: ${{ steps.patients.succeeded }}\" }\n", i, i)
	}
	l := fakeLoader()
	if _, found := l.Load(&diag.Source{Name: "job.yaml", Text: []byte(text.String())}, path); len(found) > 0 {
		b.Fatal(rendered(found))
	}
	for b.Loop() {
		l.Load(&diag.Source{Name: "job.yaml", Text: []byte(text.String())}, path)
	}
}
