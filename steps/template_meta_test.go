package steps_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// metaTemplates are Meta's own requests that send a template, from its OpenAPI description (facebook/openapi, MIT).
func metaTemplates(t *testing.T) map[string]map[string]any {
	t.Helper()
	files, err := filepath.Glob("testdata/meta/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no examples", err)
	}
	all := map[string]map[string]any{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		// What an example leaves open is filled in: to whom, which template, which address.
		text = []byte(strings.NewReplacer("{{Recipient-Phone-Number}}", "+34612345678", "16315555555", "+34612345678",
			"<TEMPLATE_NAME>", "survey", "template-name", "statement", "language-and-locale-code", "en_US",
			"http(s)://the-image-url", "https://example.com/a.jpg").Replace(string(text)))
		var example struct{ Body map[string]any }
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.UseNumber()
		if err := decoder.Decode(&example); err != nil {
			t.Fatal(err)
		}
		// A recipient_type is sent always; "deterministic" is the only policy, and the default.
		example.Body["recipient_type"] = "individual"
		delete(example.Body["template"].(map[string]any)["language"].(map[string]any), "policy")
		all[strings.TrimSuffix(filepath.Base(file), ".json")] = example.Body
	}
	return all
}

// canonical is JSON with its keys in order.
func canonical(t *testing.T, v any) string {
	t.Helper()
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(out.String())
}

// sentBody is the body of the only request of a step, with its keys in order and without the callback.
func sentBody(t *testing.T, step string) (raw, inOrder string) {
	t.Helper()
	h := newHarness(t)
	_, s := h.run(step)
	if len(h.wire.asked) != 1 {
		t.Fatalf("%d requests; errors %v", len(h.wire.asked), s.Errors)
	}
	var body map[string]any
	decoder := json.NewDecoder(strings.NewReader(h.wire.asked[0].Body))
	decoder.UseNumber()
	if err := decoder.Decode(&body); err != nil {
		t.Fatal(err)
	}
	delete(body, "biz_opaque_callback_data")
	return h.wire.asked[0].Body, canonical(t, body)
}

// Given as the API has them, components leave byte for byte as they stand, also those with fields that are not known here.
func TestMetaExamplesAsComponents(t *testing.T) {
	for name, want := range metaTemplates(t) {
		t.Run(name, func(t *testing.T) {
			template := want["template"].(map[string]any)
			components := canonical(t, template["components"])
			raw, got := sentBody(t, "  - sendTemplate: { to: +34612345678, templateName: "+template["name"].(string)+
				", languageCode: en_US, components: "+components+" }")
			if !strings.Contains(raw, `"components":`+components) {
				t.Errorf("sent %s\nwithout %s", raw, components)
			}
			if got != canonical(t, want) {
				t.Errorf("sent %s\nwant %s", got, canonical(t, want))
			}
		})
	}
}

// The parameters of the manual make the same bodies.
func TestMetaExamplesAsParameters(t *testing.T) {
	const statement = `
      bodyParameters:
        - text-string
        - { type: currency, currency: { fallback_value: $100.99, code: USD, amount_1000: 100990 } }
        - { type: date_time, date_time: { fallback_value: "February 25, 1977", calendar: GREGORIAN, year: 1977, month: 2, day_of_month: 25, day_of_week: 5, hour: 15, minute: 33 } }`
	examples := metaTemplates(t)
	for name, step := range map[string]string{
		"flow-template-message": `
      templateName: survey
      buttonParameters: [{ index: 0, type: flow, token: "<FLOW_TOKEN>", data: { "<CUSTOM_KEY>": "<CUSTOM_VALUE>" } }]`,
		"message-template-media": `
      templateName: statement
      headerMedia: { type: image, link: "https://example.com/a.jpg" }` + statement,
		"message-template-text":                 "\n      templateName: statement" + statement,
		"sample-shipping-confirmation-template": "\n      templateName: statement" + statement,
	} {
		t.Run(name, func(t *testing.T) {
			_, got := sentBody(t, "  - sendTemplate:\n      to: +34612345678\n      languageCode: en_US"+step)
			if want := canonical(t, examples[name]); got != want {
				t.Errorf("sent %s\nwant %s", got, want)
			}
		})
	}
}
