package jobfile_test

import (
	"strings"
	"testing"

	"waybill/engine/diag"
	"waybill/engine/jobfile"
	"waybill/engine/secret"
	"waybill/engine/sources"
	"waybill/steps"
	"waybill/whatsapp"
)

// connectionLoader is a Loader with the defaults of a connection and an environment, and nothing else.
func connectionLoader(lookup func(string) (string, bool)) *jobfile.Loader {
	return &jobfile.Loader{
		Defaults: steps.DefaultConnection(), Variables: steps.DefaultVariables(), Sources: sources.All(sources.World{}), Operations: fakeOperations(), Lookup: lookup,
	}
}

func TestWhatTheConnectionNeeds(t *testing.T) {
	nothing := func(string) (string, bool) { return "", false }
	text := "version: 1\nname: a\nsteps:\n  - sendText: { to: '1234567', body: x }\n" +
		"  - listConversations: { token: t-literal }\n  - getMessages: {}\n"
	load := func(l *jobfile.Loader, text string) string {
		src := &diag.Source{Name: "job.yaml", Text: []byte(text)}
		jobs, found := l.Load(src, "job.yaml")
		sound(t, src, jobs, found)
		return rendered(found)
	}
	got := load(connectionLoader(nothing), text)
	want := `4:5 missing-variable: step step1 needs the phoneNumberId, and WHATSAPP_PHONE_NUMBER_ID is not set, or empty
    The file gives no phoneNumberId, so that variable is used.
    hint: export WHATSAPP_PHONE_NUMBER_ID=…, or try the job with --sandbox
4:5 missing-variable: step step1 needs the token, and WHATSAPP_TOKEN is not set, or empty
    The file gives no token, so that variable is used.
    hint: export WHATSAPP_TOKEN=…, or try the job with --sandbox
5:5 missing-variable: step step2 needs the wabaId, and WHATSAPP_WABA_ID is not set, or empty
    The file gives no wabaId, so that variable is used.
    hint: export WHATSAPP_WABA_ID=…, or try the job with --sandbox
5:33 literal-token: the token stands in the file
    Whoever reads the file, its history or a copy of it, can send in the business's name.
    hint: write token: $<WHATSAPP_TOKEN>, and take back the token that was written here
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	asked := func(name string) (string, bool) {
		t.Errorf("%s is looked up, though another connection takes its place", name)
		return "", false
	}
	overridden := connectionLoader(asked)
	overridden.Override = true
	given := strings.Replace(text, "steps:", "connection: { token: $<WHATSAPP_TOKEN>, "+
		"phoneNumberId: \"${{ env.WHATSAPP_PHONE_NUMBER_ID }}\", baseUrl: $<URL> }\n"+
		"notify: [{ on: [failed], to: $<NOTIFY_URL> }]\nsteps:", 1)
	given = strings.Replace(given, "token: t-literal", "startDate: '2026-03-25'", 1)
	if got := load(overridden, given); got != "" {
		t.Errorf("got\n%s", got)
	}
	broken := strings.Replace(text, "steps:", "connection: { token: \"${{ steps.x }}\" }\nsteps:", 1)
	if got := load(overridden, broken); !strings.Contains(got, "unknown-name") {
		t.Errorf("an error in the connection is passed over:\n%s", got)
	}
}

func TestDefaultsOfTheConnection(t *testing.T) {
	redactor := secret.NewRedactor()
	l := connectionLoader(environment)
	l.Redactor = redactor
	job := mustLoad(t, l, "job.yaml", "job.yaml", "version: 1\nname: a\nenv: { CLINIC: { secret: false } }\n"+
		"steps:\n  - sendText: { to: '1234567', body: $<CLINIC> }\n")[0]
	token, _ := job.Connection.Token.Constant()
	id, _ := job.Connection.PhoneNumberID.Constant()
	if token != "token-of-the-test" || id != "123456789012345" || job.Connection.WABAID != nil {
		t.Errorf("got %v, %v, %v", token, id, job.Connection.WABAID)
	}
	got := redactor.Redact("token-of-the-test 123456789012345 Clínica Norte")
	if strings.Contains(got, "token-of") || !strings.Contains(got, "123456789012345 Clínica Norte") {
		t.Errorf("got %q", got)
	}
}

func TestATokenInTheFileIsASecretAndAnIdIsNone(t *testing.T) {
	redactor := secret.NewRedactor()
	lookup := func(name string) (string, bool) { return "id-of-" + name, name == "NUMBER" }
	l := connectionLoader(lookup)
	l.Redactor, l.Loopback = redactor, whatsapp.Loopback
	text := one("- sendText: { to: '1234567', body: x, token: EAAG-literal-token, phoneNumberId: $<NUMBER>, baseUrl: 'http://127.0.0.1:9090/v25.0' }")
	if _, found := l.Load(&diag.Source{Name: "job.yaml", Text: []byte(text)}, "job.yaml"); found.HasErrors() || len(found) != 1 {
		t.Errorf("found %v, want the warning about the token alone", found)
	}
	got := redactor.Redact("EAAG-literal-token id-of-NUMBER")
	if strings.Contains(got, "EAAG") || !strings.Contains(got, "id-of-NUMBER") {
		t.Errorf("got %q", got)
	}
}
