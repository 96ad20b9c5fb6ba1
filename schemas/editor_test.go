package schemas_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"waybill/engine/diag"
	"waybill/engine/source"
	"waybill/engine/sources"
	"waybill/jobs"
	"waybill/schemas"
)

// editor compiles the schema for editors with another library than ours.
func editor(t *testing.T) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(schemas.Editor()))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("editor.json", document); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("editor.json")
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

func TestEditorMarksWhatValidateDoes(t *testing.T) {
	schema := editor(t)
	text := `"sendText":{"to":"1","body":"x"}`
	cases := map[string]bool{
		`{` + text + `}`:                                                         true,
		`{"steps":[{` + text + `}]}`:                                             true,
		`{"forEach":{"items":[1]},` + text + `}`:                                 true,
		`{"id":"a"}`:                                                             false, // no operation
		`{` + text + `,"getStatus":{"messageId":"x"}}`:                           false, // two
		`{"steps":[{` + text + `}],` + text + `}`:                                false, // a group and one
		`{"forEach":{"csv":"a","items":[1]},` + text + `}`:                       false, // two sources
		`{"forEach":{"key":"a"},` + text + `}`:                                   false, // none
		`{"sendText":{"to":"1","body":"x","previewUrl":"${{ item.p }}"}}`:        true,
		`{"sendText":{"to":"1","body":"x","previewUrl":"$<P>"}}`:                 true,
		`{"sendText":{"to":"1","body":"x","previewUrl":"yes"}}`:                  false,
		`{"sendMedia":{"to":"1","mediaUrl":"x","mediaType":"${{ item.t }}"}}`:    true,
		`{"sendMedia":{"to":"1","mediaUrl":"x","mediaType":"gif"}}`:              false,
		`{"listConversations":{"metricTypes":"${{ vars.types }}"}}`:              true,
		`{"forEach":{"csv":{"url":"https://a.example/x"}},` + text + `}`:         true,
		`{"forEach":{"csv":{}},` + text + `}`:                                    false,
		`{"forEach":{"csv":"a","stopAfter":5},` + text + `}`:                     true,
		`{"forEach":{"csv":"a","stopAfter":0},` + text + `}`:                     false,
		`{"retry":{"delay":"1s"},` + text + `}`:                                  true,
		`{"retry":{"delay":-1},` + text + `}`:                                    false,
		`{"sendText":{"to":"1","body":"x","throughput":2.5,"readTimeout":1000}}`: true,
	}
	for step, want := range cases {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(`{"version":1,"name":"a","steps":[` + step + `]}`))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(value); (err == nil) != want {
			t.Errorf("%s: got %v", step, err)
		}
	}
	for _, c := range verdicts() {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(c[0]))
		if err != nil {
			t.Fatal(err)
		}
		// A step that is empty is for Go to refuse, and for the editor's schema too.
		if got, want := schema.Validate(value) == nil, c[1] == "" && !strings.Contains(c[0], `[{}]`); got != want {
			t.Errorf("%s: the editor says %v", c[0], got)
		}
	}
}

// TestEditorTakesThePlaybooks that come with the program.
func TestEditorTakesThePlaybooks(t *testing.T) {
	schema := editor(t)
	names, err := fs.Glob(jobs.Files, "*.yaml")
	if err != nil || len(names) == 0 {
		t.Fatalf("got %v, %v", names, err)
	}
	for _, name := range names {
		text, err := jobs.Files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		documents, found := source.Read(&diag.Source{Name: name, Text: text})
		if len(found.List) > 0 {
			t.Fatalf("%s: %v", name, found.List)
		}
		for _, document := range documents {
			if err := schema.Validate(document.Value()); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// TestEditorIsStrict: what the YAML language server writes into files, and what strict validators refuse, is not in it.
func TestEditorIsStrict(t *testing.T) {
	var document map[string]any
	if err := json.Unmarshal(schemas.Editor(), &document); err != nil {
		t.Fatal(err)
	}
	visited := 0
	schemaWalk(document, "#", func(path string, schema map[string]any) {
		visited++
		if _, list := schema["type"].([]any); list {
			t.Errorf("%s has several types", path)
		}
		if _, stands := schema["default"]; stands {
			t.Errorf("%s has a default, which is written into files", path)
		}
		for name := range schema {
			if strings.HasPrefix(name, "x-") {
				t.Errorf("%s: no validator knows %s", path, name)
			}
		}
	})
	if visited < 150 {
		t.Errorf("visited %d schemas", visited)
	}
	if text := string(schemas.Editor()); !strings.Contains(text, "Default: 10m.") || !strings.Contains(text, "$<WHATSAPP_TOKEN>") {
		t.Error("the defaults are not told")
	}
}

// TestEditorKeepsTheOrder: what is required is inserted in the order of the properties.
func TestEditorKeepsTheOrder(t *testing.T) {
	text := schemas.Editor()
	at := bytes.Index(text, []byte(`"sendText": {`+"\n"))
	to, body := bytes.Index(text[at:], []byte(`"to": {`)), bytes.Index(text[at:], []byte(`"body": {`))
	if at < 0 || to < 0 || body < to {
		t.Errorf("sendText at %d, to at %d, body at %d", at, to, body)
	}
}

// TestMarkedAlternatives: a new operation or source is one of those of which one stands.
func TestMarkedAlternatives(t *testing.T) {
	var document struct {
		Definitions map[string]struct {
			One []string `json:"x-one"`
		}
	}
	if err := json.Unmarshal(schemas.Job(), &document); err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, kind := range sources.All(sources.World{}) {
		keys = append(keys, kind.Key())
	}
	for name, want := range map[string][]string{
		"step": append(slices.Collect(maps.Keys(parameters())), "steps"), "forEach": keys,
	} {
		if got := document.Definitions[name].One; !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))) {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}

// TestReference: the editor passes what the loader passes.
func TestReference(t *testing.T) {
	pattern := regexp.MustCompile(schemas.Reference)
	for _, text := range []string{"${{ a }}", "$<A>", "${A}", "a $ b", "$A", "${", "$", "x ${{ y"} {
		n := &source.Node{Kind: source.Text, Text: text}
		if got, want := pattern.MatchString(text), n.Refers(); got != want {
			t.Errorf("%q: %v, and the loader says %v", text, got, want)
		}
	}
}
