package jobfile_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"waybill/engine"
	"waybill/engine/diag"
)

// seedExamples gives the JSON examples of the user's document that are parameters of an operation, by operation.
func seedExamples(t *testing.T) map[string]string {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(root, "..", "shared", "seed-whatsapp-connector.md"))
	if err != nil {
		t.Skip("the user's document is not beside this module")
	}
	examples := map[string]string{}
	for _, block := range regexp.MustCompile(`(?ms)^\{\n.*?^\}$`).FindAllString(string(text), -1) {
		switch {
		case strings.Contains(block, "templateName"):
			examples["sendTemplate"] = block
		case strings.Contains(block, "mediaUrl"):
			examples["sendMedia"] = block
		case strings.Contains(block, `"body"`):
			examples["sendText"] = block
		case strings.Contains(block, `"messageId"`) && strings.Contains(block, "token"):
			examples["getStatus"] = block
		}
	}
	if len(examples) != 4 {
		t.Fatalf("found %d examples", len(examples))
	}
	return examples
}

// indent puts a prefix before each line.
func indent(text, prefix string) string {
	return prefix + strings.ReplaceAll(text, "\n", "\n"+prefix)
}

func TestTheSeedsExamplesWorkAsTheyStand(t *testing.T) {
	for operation, example := range seedExamples(t) {
		tabbed := strings.ReplaceAll(indent(example, "\t\t"), "\n\t\t\"", "\n\t\t\t\"")
		for name, text := range map[string]string{
			"indented below":       "version: 1\nname: a\nsteps:\n  - " + operation + ":\n" + indent(example, "      ") + "\n",
			"beside the operation": "version: 1\nname: a\nsteps:\n  - " + operation + ": " + example + "\n",
			"not indented":         "version: 1\nname: a\nsteps:\n  - " + operation + ":\n" + example + "\n",
			"indented by tabs":     "version: 1\nname: a\nsteps:\n  - " + operation + ":\n" + tabbed + "\n    continueOnError: true\n",
			"in a JSON file":       `{"version":1,"name":"a","steps":[{"` + operation + `":` + example + `}]}`,
			"escaped as PHP does":  "version: 1\nname: a\nsteps:\n  - " + operation + ": " + strings.ReplaceAll(example, "/", `\/`) + "\n",
		} {
			t.Run(operation+" "+name, func(t *testing.T) {
				step := mustLoad(t, fakeLoader(), "job.yaml", "job.yaml", text)[0].Steps[0]
				if step.Operation.Name() != operation || step.Connection.Token == nil || step.Connection.PhoneNumberID == nil {
					t.Errorf("got %+v", step)
				}
				if to := step.Params.Field("to"); operation != "getStatus" && constant(step, "to") != "+34612345678" {
					t.Errorf("to: %v", to)
				}
				if operation == "sendMedia" && constant(step, "mediaUrl") != "https://your-server.com/invoices/INV-2026-001.pdf" {
					t.Errorf("mediaUrl: %v", constant(step, "mediaUrl"))
				}
			})
		}
	}
}

// constant gives a literal parameter.
func constant(s *engine.Step, name string) any {
	value, _ := s.Params.Field(name).Constant()
	return value
}

func TestJSONThatYAMLRefuses(t *testing.T) {
	const want = "a/b 😀 \"q\" \t é"
	body := `"a\/b \ud83d\ude00 \"q\" \t \u00e9"`
	for name, text := range map[string]string{
		"flow":   "version: 1\nname: a\nsteps:\n  - sendText: { \"to\": \"1234567\", \"body\": " + body + " }\n",
		"scalar": "version: 1\nname: a\nsteps:\n  - sendText:\n      to: '1234567'\n      body: " + body + "\n",
		"json":   "{\"version\": 1, \"name\": \"a\",\n\t" + `"steps": [ {"sendText": {"to": "1234567", "body": ` + body + "}} ] }",
		"tabs": "version: 1\nname: a\nsteps:\n  - sendText:\n\t\t\t{\n" +
			"\t\t\t\t\"to\":\t\"1234567\",\n\t\t\t\t\"body\": " + body + "\n\t\t\t}\n",
		"block before": "version: 1\nname: a\nvars:\n  raw: |\n    {\"x\": \"\\/\"}\n\n    more\n" +
			"steps:\n  - sendText: { to: '1234567', body: " + body + " }\n",
		"comment before": "version: 1\nname: a # it's \"mine\nsteps:\n  - sendText: { to: '1234567', body: " + body + " }\n",
	} {
		t.Run(name, func(t *testing.T) {
			job := mustLoad(t, fakeLoader(), "job", "job", text)[0]
			if got := constant(job.Steps[0], "body"); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
			if len(job.Vars) > 0 {
				if raw, _ := job.Vars[0].Value.Constant(); !strings.HasPrefix(raw.(string), `{"x": "\/"}`) {
					t.Errorf("a block of text was changed: %q", raw)
				}
			}
		})
	}
}

func TestPlacesInMendedJSON(t *testing.T) {
	text := "version: 1\nname: a\nsteps:\n" +
		`  - sendText: { "to": "a\/b \ud83d\ude00", "body": "x", "bdy": 1, "body": "${{ vars.x }}" }` + "\n"
	src := &diag.Source{Name: "job.yaml", Text: []byte(text)}
	jobs, found := fakeLoader().Load(src, "job.yaml")
	sound(t, src, jobs, found)
	line := []rune(strings.Split(text, "\n")[3])
	for _, d := range found {
		at := string(line[d.Range.Start.Column-1 : d.Range.End.Column-1])
		if at != `"bdy"` && at != `"body"` {
			t.Errorf("%s points at %q", d.Summary, at)
		}
	}
	if len(found) != 2 {
		t.Errorf("got\n%s", rendered(found))
	}
}
