package jobfile_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/eval"
	"waybill/engine/jobfile"
	"waybill/engine/schedule"
	"waybill/engine/secret"
	"waybill/engine/sources"
	"waybill/steps"
	"waybill/whatsapp"
)

// fakeOperation stands for one of the six: the loader knows them by name, outputs and needs alone.
type fakeOperation struct {
	name    string
	outputs map[string]eval.Type
	needs   []string
	check   func(*engine.Step) diag.List
}

func (o *fakeOperation) Name() string                  { return o.name }
func (o *fakeOperation) Outputs() map[string]eval.Type { return o.outputs }
func (o *fakeOperation) Needs() []string               { return o.needs }

func (o *fakeOperation) Check(s *engine.Step) diag.List {
	if o.check == nil {
		return nil
	}
	return o.check(s)
}

func (o *fakeOperation) Do(context.Context, *engine.Call) (engine.Outcome, error) {
	return engine.Outcome{}, errors.New("it is never called while a file is read")
}

// fakeSender is one of them that reaches a person.
type fakeSender struct{ fakeOperation }

func (*fakeSender) Message(*engine.Call) (engine.Message, error) {
	return engine.Message{}, errors.New("it is never called while a file is read")
}

func (*fakeSender) Prepare(context.Context, *engine.Call) (engine.Message, error) {
	return engine.Message{}, errors.New("it is never called while a file is read")
}

func (*fakeSender) Reserve(*engine.Call) engine.Reservation { return engine.Reservation{} }

// fakeOperations are the six, with their outputs.
func fakeOperations() []engine.Operation {
	sent := map[string]eval.Type{"messageId": eval.String(), "messageStatus": eval.String(), "recipient": eval.String()}
	media := maps.Clone(sent)
	media["mediaId"] = eval.String()
	sender := []string{"token", "phoneNumberId"}
	return []engine.Operation{
		&fakeSender{fakeOperation{name: "sendTemplate", outputs: sent, needs: sender}},
		&fakeSender{fakeOperation{name: "sendText", outputs: sent, needs: sender, check: shortBody}},
		&fakeSender{fakeOperation{name: "sendMedia", outputs: media, needs: sender}},
		&fakeOperation{name: "getStatus", needs: sender, outputs: map[string]eval.Type{
			"status": eval.String(), "timestamp": eval.String(), "events": eval.List(eval.Any()), "errors": eval.List(eval.Any()),
		}},
		&fakeOperation{name: "listConversations", needs: []string{"token", "wabaId"}, outputs: map[string]eval.Type{
			"conversations": eval.List(eval.Any()), "totalCount": eval.Integer(), "cost": eval.Number(),
		}},
		&fakeOperation{name: "getMessages", outputs: map[string]eval.Type{
			"messages": eval.List(eval.Any()), "totalCount": eval.Integer(),
		}},
	}
}

// shortBody is a Check that finds something.
func shortBody(s *engine.Step) diag.List {
	body := s.Params.Field("body")
	if text, ok := body.Constant(); !ok || len(fmt.Sprint(text)) <= 4096 {
		return nil
	}
	return diag.List{{Severity: diag.Error, Code: "bad-value", Summary: "body is too long", Range: body.Range()}}
}

// environment is what the fake loader looks variables up in.
func environment(name string) (string, bool) {
	switch name {
	case "WHATSAPP_TOKEN":
		return "token-of-the-test", true
	case "WHATSAPP_PHONE_NUMBER_ID":
		return "123456789012345", true
	case "WHATSAPP_WABA_ID":
		return "102290129340398", true
	case "PHONE":
		return "+34 910 000 000", true
	case "CRLF":
		return "EAAGtoken\r", true
	case "QUOTED":
		return `"106540352242922"`, true
	case "TWO_LINES":
		return "EAAG\ntoken", true
	case "EXPONENT":
		return "1.0654E+14", true
	case "CLINIC":
		return "Clínica Norte", true
	}
	return "", false
}

func fakeLoader() *jobfile.Loader {
	return &jobfile.Loader{
		Defaults: steps.DefaultConnection(), Variables: steps.DefaultVariables(),
		Sources: sources.All(sources.World{}), Operations: fakeOperations(), Lookup: environment, Redactor: secret.NewRedactor(),
		Now: func() time.Time { return time.Date(2026, 3, 25, 9, 0, 0, 0, time.UTC) },
		Cron: func(spec string, zone *time.Location) (string, error) {
			c, err := schedule.Parse(spec, zone)
			if err != nil {
				return "", err
			}
			return c.StarredDay(), nil
		},

		CheckBase: whatsapp.CheckBaseURL, CheckID: whatsapp.CheckID, CheckToken: whatsapp.CheckToken, Loopback: whatsapp.Loopback,
	}
}

// rendered writes findings as the tables expect them: place, code, summary; detail and hint below.
func rendered(list diag.List) string {
	var out strings.Builder
	for _, d := range list {
		fmt.Fprintf(&out, "%d:%d %s: %s\n", d.Range.Start.Line, d.Range.Start.Column, d.Code, d.Summary)
		if d.Detail != "" {
			fmt.Fprintf(&out, "    %s\n", d.Detail)
		}
		if d.Hint != "" {
			fmt.Fprintf(&out, "    hint: %s\n", d.Hint)
		}
	}
	return out.String()
}

// mustLoad loads a file that is right.
func mustLoad(t *testing.T, l *jobfile.Loader, name, path, text string) []*engine.Job {
	t.Helper()
	jobs, found := l.Load(&diag.Source{Name: name, Text: []byte(text)}, path)
	if len(found) > 0 {
		t.Fatalf("findings in a file that is right:\n%s", rendered(found))
	}
	return jobs
}

// sound checks what holds of every list of findings.
func sound(tb testing.TB, src *diag.Source, jobs []*engine.Job, found diag.List) {
	tb.Helper()
	if (len(jobs) == 0) != found.HasErrors() {
		tb.Errorf("%d jobs, and errors: %v", len(jobs), found.HasErrors())
	}
	for _, d := range found {
		if d.Range.Source != src || !d.Range.Valid() {
			tb.Errorf("the range of a finding does not lie in its source: %v to %v: %s", d.Range, d.Range.End, d)
		}
		// A name of the user's may end a summary, and itself with a full stop.
		if d.Summary == "" || strings.HasSuffix(d.Summary, ". ") || strings.ContainsAny(d.Summary, "\n") {
			tb.Errorf("not the style of a summary: %q", d.Summary)
		}
		if !slices.Contains(diag.Names(), d.Code) {
			tb.Errorf("code %q has no story", d.Code)
		}
	}
}
