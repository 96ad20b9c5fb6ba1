package sandbox_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"waybill/whatsapp/sandbox"
)

// example is one of Meta's published requests.
type example struct {
	Path   string
	Method string
	Kind   string
	Body   json.RawMessage
}

func metaExamples(t *testing.T, folder string) map[string]example {
	t.Helper()
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; ; root = filepath.Dir(root) {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			break
		}
		if root == filepath.Dir(root) {
			t.Fatal("no go.mod above the test")
		}
	}
	files, err := filepath.Glob(filepath.Join(root, "..", "shared", "meta-examples", folder, "*-request-*.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("Meta's examples are not on this machine; nothing to judge the sandbox by")
	}
	all := map[string]example{}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var e example
		if err := json.Unmarshal(content, &e); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all[strings.TrimSuffix(filepath.Base(file), ".json")] = e
	}
	return all
}

// templateFor is the template that an example's components fit; Meta publishes the sends without it.
func templateFor(t *testing.T, e example) sandbox.Template {
	t.Helper()
	var body struct {
		Template struct {
			Name       string
			Language   struct{ Code string }
			Components []struct {
				Type       string
				SubType    string `json:"sub_type"`
				Parameters []struct{ Type string }
			}
		}
	}
	if err := json.Unmarshal(e.Body, &body); err != nil {
		t.Fatal(err)
	}
	template := sandbox.Template{Name: body.Template.Name, Language: body.Template.Language.Code, Category: "MARKETING"}
	var buttons []any
	for _, component := range body.Template.Components {
		switch component.Type {
		case "header":
			template.Components = append(template.Components, map[string]any{"type": "HEADER", "format": strings.ToUpper(component.Parameters[0].Type)})
		case "body":
			words := "Dear reader"
			for i := range component.Parameters {
				words += " {{" + string(rune('1'+i)) + "}}"
			}
			template.Components = append(template.Components, map[string]any{"type": "BODY", "text": words + " and so on."})
		case "button":
			buttons = append(buttons, map[string]any{"type": strings.ToUpper(component.SubType), "text": "Press"})
		}
	}
	if len(buttons) > 0 {
		template.Components = append(template.Components, map[string]any{"type": "BUTTONS", "buttons": buttons})
	}
	return template
}

// Every message that Meta publishes as a sample is accepted byte for byte. One is exempt: it has the boolean
// true where a text belongs, and is refused for it.
func TestMetaMessagesAreAccepted(t *testing.T) {
	for name, e := range metaExamples(t, "messages") {
		t.Run(name, func(t *testing.T) {
			s := sandbox.New(sandbox.Options{Placeholders: true, OpenWindow: true})
			if strings.Contains(string(e.Body), `"template"`) {
				if _, err := s.AddTemplate(templateFor(t, e)); err != nil {
					t.Fatal(err)
				}
			}
			got := ask(t, s, e.Method, messagesPath, string(e.Body))
			if name == "post-request-send-sample-issue-resolution-template" {
				if got.status != http.StatusBadRequest {
					t.Errorf("got %d %s, want a refusal of the boolean text", got.status, got.body)
				}
				return
			}
			if got.status != http.StatusOK || !strings.HasPrefix(got.id(), "wamid.") {
				t.Errorf("got %d %s, want 200 and an id", got.status, got.body)
			}
		})
	}
}

func TestMetaTemplatesAreCreated(t *testing.T) {
	for name, e := range metaExamples(t, "message_templates") {
		t.Run(name, func(t *testing.T) {
			s := sandbox.New(sandbox.Options{Placeholders: true})
			// One sample has the name of a built-in template in the same language.
			ask(t, s, http.MethodDelete, "/v23.0/"+sandbox.DefaultWABAID+"/message_templates?name=order_confirmation", "")
			got := ask(t, s, e.Method, "/v23.0/"+sandbox.DefaultWABAID+"/message_templates", string(e.Body))
			var made struct{ ID, Status, Category string }
			if err := json.Unmarshal(got.body, &made); err != nil || got.status != http.StatusOK || made.ID == "" || made.Status != "PENDING" {
				t.Errorf("got %d %s, want 200, an id and PENDING", got.status, got.body)
			}
		})
	}
}

// Settings of the number and the account are taken. POST phone_numbers (adding a number) is out of scope: the
// sandbox has one number. Media samples name files of the writer's disk; TestUpload covers them.
func TestMetaSettingsAreTaken(t *testing.T) {
	for folder, path := range map[string]string{"phone_number": sandbox.DefaultPhoneNumberID, "waba": sandbox.DefaultWABAID} {
		for name, e := range metaExamples(t, folder) {
			got := ask(t, sandbox.New(sandbox.Options{}), e.Method, "/v23.0/"+path, string(e.Body))
			if got.status != http.StatusOK || string(got.body) != `{"success":true}` {
				t.Errorf("%s: got %d %s, want success", name, got.status, got.body)
			}
		}
	}
}
