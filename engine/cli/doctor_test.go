package cli_test

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"waybill/engine/cli"
	"waybill/whatsapp/sandbox"
)

type finding struct {
	Name, Status, Summary, Hint, File string
	Line                              int
}

// doctorSays runs doctor on a job and returns its exit status and what it found.
func doctorSays(t *testing.T, env map[string]string, args ...string) (int, []finding) {
	t.Helper()
	status, out, errs := call(t, env, append([]string{"doctor", "-o", "json"}, args...)...)
	var found struct {
		Checks                    []finding
		Failed, Warnings, Skipped int
	}
	if err := json.Unmarshal([]byte(out), &found); err != nil {
		t.Fatalf("doctor ended with %d and no document: %v\n%s", status, err, errs)
	}
	if (status == 1) != (found.Failed > 0) {
		t.Errorf("exit status %d with %d failures", status, found.Failed)
	}
	return status, found.Checks
}

// has wants a finding of that name, status and words.
func has(t *testing.T, list []finding, name, status, words string) finding {
	t.Helper()
	for _, f := range list {
		if f.Name == name && f.Status == status && strings.Contains(f.Summary+" → "+f.Hint, words) {
			return f
		}
	}
	t.Errorf("no %s %s with %q among\n%+v", status, name, words, list)
	return finding{}
}

const greets = `version: 1
name: greets
connection: { baseUrl: $<URL> }
steps:
  - id: hello
    sendTemplate: { to: +34612345678, templateName: hello_world, languageCode: en_US }
  - id: remind
    forEach: { csv: rows.csv, key: "${{ item.id }}" }
    sendTemplate:
      to: ${{ item.phone }}
      templateName: appointment_reminder
      languageCode: es
      bodyParameters: ["${{ item.name }}", "25/03", "10:00", "Dra. López"]
`

func greetsJob(t *testing.T, change ...string) string {
	t.Helper()
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "rows.csv"), "id,name,phone\n1,Ana,+34612345678\n")
	return writeFile(t, filepath.Join(dir, "greets.yaml"), strings.NewReplacer(change...).Replace(greets))
}

// All is well: what cannot be asked says so, and that is no failure.
func TestDoctorWell(t *testing.T) {
	_, url := newBox(t, sandbox.Options{})
	status, found := doctorSays(t, boxEnv(url), greetsJob(t))
	if status != 0 {
		t.Errorf("exit status %d", status)
	}
	for _, name := range []string{"token", "number", "quality", "throughput", "sending", "permissions", "account", "webhook", "clock"} {
		has(t, found, name, "ok", "")
	}
	has(t, found, "permissions", "skipped", "whatsapp_business_messaging")
	has(t, found, "receiver", "skipped", "there is no ledger")
	f := has(t, found, "template", "ok", "appointment_reminder in es is approved")
	if !strings.HasSuffix(f.File, "greets.yaml") || f.Line != 9 {
		t.Errorf("the template is at %s:%d", f.File, f.Line)
	}
	if status, found := doctorSays(t, nil, "--sandbox", greetsJob(t)); status != 0 || len(found) < 10 {
		t.Errorf("in the sandbox: exit status %d, %d checks", status, len(found))
	}
}

// Each thing that may be wrong is found, alone, with what to do.
func TestDoctorFindsWhatIsWrong(t *testing.T) {
	paused := sandbox.Template{Name: "hello_world", Language: "en_US", Status: "PAUSED", Components: []map[string]any{{"type": "BODY", "text": "Hello"}}}
	for _, c := range []struct {
		name    string
		prepare func(*sandbox.Server)
		change  []string
		env     []string
		check   string
		words   string
		hint    string
	}{
		{name: "a paused template", prepare: func(b *sandbox.Server) { add(t, b, paused) }, check: "template", words: "paused (132015)", hint: "wait"},
		{name: "a pending template", prepare: func(b *sandbox.Server) {
			pending := paused
			pending.Status = "PENDING"
			add(t, b, pending)
		}, check: "template", words: "PENDING, not APPROVED", hint: "approved"},
		{name: "another language", change: []string{"languageCode: es", "languageCode: es_MX"}, check: "template", words: "not there in es_MX", hint: "it is there in en_US, es;"},
		{name: "no such template", change: []string{"hello_world", "helo_world"}, check: "template", words: "no template helo_world", hint: "did you mean hello_world?"},
		{name: "a parameter too few", change: []string{`, "Dra. López"`, ""}, check: "template", words: "takes 4 parameters, the message gives 3 (132000)"},
		{name: "a parameter too many", change: []string{"en_US }", "en_US, bodyParameters: [x] }"}, check: "template", words: "(132000)"},
		{name: "another token", env: []string{"WHATSAPP_TOKEN", "EAAG-another-token"}, check: "token", words: "190"},
		{name: "another number", env: []string{"WHATSAPP_PHONE_NUMBER_ID", "12345"}, check: "number", words: "12345", hint: "an id of Meta's, not the phone number"},
		{name: "another account", env: []string{"WHATSAPP_WABA_ID", "12345"}, check: "account", words: "12345", hint: "the id is wrong"},
		{name: "nobody there", env: []string{"URL", "http://127.0.0.1:9/v23.0"}, check: "connection", words: "refused", hint: "baseUrl"},
	} {
		t.Run(c.name, func(t *testing.T) {
			box, url := newBox(t, sandbox.Options{})
			if c.prepare != nil {
				c.prepare(box)
			}
			status, found := doctorSays(t, boxEnv(url, c.env...), greetsJob(t, c.change...))
			if status != 1 {
				t.Errorf("exit status %d", status)
			}
			f := has(t, found, c.check, "failed", c.words)
			if !strings.Contains(f.Hint, c.hint) {
				t.Errorf("the hint is %q, want %q", f.Hint, c.hint)
			}
			for _, f := range found {
				if strings.Contains(f.Summary+f.Hint, "EAAG-another-token") {
					t.Errorf("the token is shown: %+v", f)
				}
			}
		})
	}
}

func add(t *testing.T, box *sandbox.Server, template sandbox.Template) {
	t.Helper()
	if _, err := box.AddTemplate(template); err != nil {
		t.Fatal(err)
	}
}

// Nobody gets the webhooks; a job asks for more than the number may; the clock is wrong; no variable is set.
func TestDoctorFindsMore(t *testing.T) {
	_, url := newBox(t, sandbox.Options{})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, url+"/v23.0/"+sandbox.DefaultWABAID+"/subscribed_apps", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+sandbox.DefaultToken)
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	_, found := doctorSays(t, boxEnv(url), greetsJob(t, "baseUrl: $<URL>", "baseUrl: $<URL>, throughput: 500"))
	has(t, found, "webhook", "failed", "subscribed_apps")
	has(t, found, "throughput", "warning", "a job asks for 500")

	var out lines
	env := boxEnv(url)
	status := cli.Main(t.Context(), []string{"doctor", greetsJob(t)}, cli.Env{
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out, Now: func() time.Time { return time.Now().Add(-time.Hour) },
		LookupEnv: func(name string) (string, bool) { v, ok := env[name]; return v, ok },
	})
	if status != 1 || !strings.Contains(out.String(), "behind WhatsApp's") {
		t.Errorf("with a clock that is an hour late: exit status %d\n%s", status, out.String())
	}

	_, found = doctorSays(t, nil)
	has(t, found, "token", "failed", "WHATSAPP_TOKEN")
	has(t, found, "receiver", "warning", "WHATSAPP_APP_SECRET")
	status, _, errs := call(t, nil, "doctor", filepath.Join(t.TempDir(), "none.yaml"))
	if status != 3 || !strings.Contains(errs, "there is no file") {
		t.Errorf("a job that is not there ended with %d: %s", status, errs)
	}
}

// Where the rows decide the language, the first of them are held against the account's templates.
func TestDoctorReadsRows(t *testing.T) {
	_, url := newBox(t, sandbox.Options{})
	job := greetsJob(t, "languageCode: es", "languageCode: ${{ item.lang }}")
	writeFile(t, filepath.Join(filepath.Dir(job), "rows.csv"), "id,name,phone,lang\n1,Ana,+34612345678,es\n2,Bea,+34612345679,eo\n")
	_, found := doctorSays(t, boxEnv(url), job)
	has(t, found, "template", "failed", "item 2, row 3: template appointment_reminder is not there in eo")
}

// What the run binds before its first item is known here too; what the run itself decides is not, and is no failure.
func TestDoctorKnowsWhatTheRunKnows(t *testing.T) {
	_, url := newBox(t, sandbox.Options{})
	job := writeFile(t, filepath.Join(t.TempDir(), "known.yaml"), `version: 1
name: known
connection: { baseUrl: $<URL> }
inputs: { word: { type: string, default: hello } }
vars:
  base: ${{ inputs.word }}
  template: ${{ vars.base }}_world
steps:
  - sendTemplate: { to: +34612345678, templateName: "${{ vars.template }}", languageCode: en_US }
  - sendText: { to: +34612345678, body: Hello, phoneNumberId: "${{ run.scope }}" }
`)
	status, found := doctorSays(t, boxEnv(url), job)
	if status != 0 {
		t.Errorf("exit status %d", status)
	}
	has(t, found, "template", "ok", "template hello_world in en_US is approved, and takes these parameters")
	has(t, found, "connection", "skipped", "phoneNumberId differs from item to item; it cannot be checked before the run")
	_, found = doctorSays(t, boxEnv(url), job, "--input", "word=helo")
	has(t, found, "template", "failed", "no template helo_world")
}
