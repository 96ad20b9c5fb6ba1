package schemas_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/xeipuuv/gojsonschema"

	"waybill/schemas"
)

// parameters are those of each operation, in the order of the alphabet.
func parameters() map[string]string {
	return map[string]string{
		"sendTemplate":      "bodyParameters buttonParameters cards components expires headerLocation headerMedia headerParameters languageCode limitedTimeOffer messagingAccountId replyTo templateName to via",
		"sendText":          "body expires messagingAccountId previewUrl replyTo to",
		"sendMedia":         "caption expires file filename messagingAccountId mediaId mediaType mediaUrl replyTo to",
		"getStatus":         "messageId waitFor waitTimeout",
		"listConversations": "dimensions endDate granularity metricTypes phoneNumbers source startDate wabaId",
		"getMessages":       "contact limit phoneNumberId since",
	}
}

func connection() []string {
	return []string{"token", "phoneNumberId", "wabaId", "baseUrl", "connectTimeout", "readTimeout", "throughput"}
}

func TestEachOperationHasItsParameters(t *testing.T) {
	schema := schemas.Compile()
	for operation, names := range parameters() {
		want := append(strings.Fields(names), connection()...)
		slices.Sort(want)
		want = slices.Compact(want)
		got := schema.At("steps", "0", operation).Keys()
		if !slices.Equal(got, want) {
			t.Errorf("%s takes\n%v, want\n%v", operation, got, want)
		}
	}
}

// TestMarks lists the marked places, so that a new parameter is marked or left unmarked on purpose.
func TestMarks(t *testing.T) {
	var got []string
	var document any
	if err := json.Unmarshal(schemas.Job(), &document); err != nil {
		t.Fatal(err)
	}
	schemaWalk(document, "", func(path string, schema map[string]any) {
		path = strings.NewReplacer("/properties", "", "/definitions/", "#", "#step/", "").Replace(path)
		for _, mark := range []string{"x-digits", "x-file", "x-message", "x-secret"} {
			if value, ok := schema[mark]; ok {
				got = append(got, fmt.Sprintf("%s %s %v", path, mark[2:], value))
			}
		}
	})
	slices.Sort(got)
	want := strings.Split(strings.TrimSpace(`
#buttonParameters message true
#buttonParameters/items/productId digits text
#buttonParameters/items/token digits text
#buttonParameters/items/value digits text
#forEach/key digits id
#headerMedia/file file true
#headerMedia/id digits id
#messagingAccountId digits id
#phoneNumberId digits id
#phoneNumberId/items digits id
#sql/args/items digits text
#step/getMessages/contact digits phone
#step/getStatus/messageId digits id
#step/listConversations/phoneNumbers/items digits phone
#step/sendMedia/caption message true
#step/sendMedia/file file true
#step/sendMedia/mediaId digits id
#step/sendMedia/replyTo digits id
#step/sendMedia/to digits phone
#step/sendTemplate/bodyParameters message true
#step/sendTemplate/components message true
#step/sendTemplate/headerLocation message true
#step/sendTemplate/headerParameters message true
#step/sendTemplate/replyTo digits id
#step/sendTemplate/to digits phone
#step/sendText/body message true
#step/sendText/replyTo digits id
#step/sendText/to digits phone
#templateMedia/id digits id
#templateParameter digits text
#templateParameter/currency/fallback_value digits text
#templateParameter/date_time/fallback_value digits text
#templateParameter/text digits text
#templateParameters message true
#token secret true
#wabaId digits id
#wabaId/items digits id
/notify/items/to secret true
`), "\n")
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
}

// TestAParameterMeansTheSameInEachOperation: readers look parameters up by name alone where the operation is misspelt.
func TestAParameterMeansTheSameInEachOperation(t *testing.T) {
	first := map[string]string{}
	schema := schemas.Compile()
	for operation := range parameters() {
		for name, place := range schema.At("steps", "0", operation).Properties {
			marks := fmt.Sprint(place.Digits, place.File, place.Message, place.Secret)
			if other, seen := first[name]; seen && other != marks {
				t.Errorf("%s of %s is marked %q, and elsewhere %q", name, operation, marks, other)
			}
			first[name] = marks
		}
	}
}

func TestTheSchemaUsesOnlyWhatItsReadersKnow(t *testing.T) {
	keywords := strings.Fields(`$schema $ref title description type enum default examples required properties
		additionalProperties propertyNames items minItems minimum maximum exclusiveMinimum minLength maxLength pattern definitions
		x-digits x-file x-message x-one x-secret`)
	var document any
	if err := json.Unmarshal(schemas.Job(), &document); err != nil {
		t.Fatal(err)
	}
	schemaWalk(document, "#", func(path string, schema map[string]any) {
		for key := range schema {
			if !slices.Contains(keywords, key) {
				t.Errorf("%s: keyword %q is not one that all readers know", path, key)
			}
		}
		if _, ref := schema["$ref"]; ref && len(schema) > 1 {
			t.Errorf("%s: what stands beside a $ref is ignored", path)
		}
		_, described := schema["description"].(string)
		_, ref := schema["$ref"].(string)
		if !described && !ref && !strings.HasSuffix(path, "/propertyNames") {
			t.Errorf("%s has no description", path)
		}
	})
}

// schemaWalk visits each schema of the document.
func schemaWalk(value any, path string, visit func(string, map[string]any)) {
	schema, ok := value.(map[string]any)
	if !ok {
		return
	}
	visit(path, schema)
	for _, group := range []string{"properties", "definitions"} {
		members, _ := schema[group].(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(members)) {
			schemaWalk(members[name], path+"/"+group+"/"+name, visit)
		}
	}
	for _, one := range []string{"items", "additionalProperties", "propertyNames"} {
		schemaWalk(schema[one], path+"/"+one, visit)
	}
}

func TestASecondReaderTakesTheSchema(t *testing.T) {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(schemas.Job()))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("job.json", document); err != nil {
		t.Fatal(err)
	}
	second, err := compiler.Compile("job.json")
	if err != nil {
		t.Fatal(err)
	}
	loader := gojsonschema.NewSchemaLoader()
	loader.Draft, loader.AutoDetect, loader.Validate = gojsonschema.Draft7, false, true
	if _, err := loader.Compile(gojsonschema.NewBytesLoader(schemas.Job())); err != nil {
		t.Fatal(err)
	}
	for _, c := range verdicts() {
		text, want := c[0], c[1]
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if got := second.Validate(value) == nil; got != (want == "") {
			t.Errorf("%s: the second reader says %v", text, got)
		}
	}
}

// verdicts are pairs of a value and what is wrong with it, which is empty for a valid one.
func verdicts() [][2]string {
	job := func(step string) string { return `{"version":1,"name":"a","steps":[` + step + `]}` }
	return [][2]string{
		{job(`{"sendText":{"to":"+34612345678","body":"x"}}`), ``},
		{job(`{"sendText":{"to":34612345678,"body":"x","previewUrl":true}}`), ``},
		{job(`{"sendText":{"to":"1"}}`), `steps.0.sendText required body: "body" is missing`},
		{job(`{"sendText":{"to":"1","body":5}}`), `steps.0.sendText.body type: must be string`},
		{job(`{"sendText":{"to":"1","body":"x","bdy":"y"}}`), `steps.0.sendText additionalProperties bdy: unknown key "bdy"`},
		{
			job(`{"sendMedia":{"to":"1","mediaType":"gif"}}`),
			`steps.0.sendMedia.mediaType enum: must be one of image, document, audio, video, sticker`,
		},
		{
			job(`{"sendMedia":{"to":"1","mediaType":"image","connectTimeout":0}}`),
			`steps.0.sendMedia.connectTimeout minimum: must be at least 1`,
		},
		{job(`{"steps":[]}`), `steps.0.steps minItems: must have at least 1 entries`},
		{job(`{"forEach":{"csv":"a","stopAfter":"5 %"}}`), `steps.0.forEach.stopAfter pattern: has the wrong form`},
		{job(`{"forEach":{"csv":"a","delimiter":",,"}}`), `steps.0.forEach.delimiter maxLength: must have at most 1 characters`},
		{job(`{"forEach":{"csv":"a","concurrency":9999}}`), `steps.0.forEach.concurrency maximum: must be at most 1000`},
		{
			job(`{"sendTemplate":{"to":"1","templateName":"a","languageCode":"es","bodyParameters":{"a":"b","c":{"type":"x"}}}}`),
			`steps.0.sendTemplate.bodyParameters.c.type enum: must be one of text, currency, date_time, image, video, document, location`,
		},
		{
			job(`{"sendTemplate":{"to":"1","templateName":"a","languageCode":"es","bodyParameters":["a",true]}}`),
			`steps.0.sendTemplate.bodyParameters.1 type: must be string or integer or number or object`,
		},
		{`{"version":1,"name":"a","steps":[{}],"vars":{"a b":1}}`, `vars propertyNames a b: is not a name`},
		{
			`{"version":1,"name":"a","steps":[{}],"connection":{"throughput":0}}`,
			`connection.throughput exclusiveMinimum: must be more than 0`,
		},
	}
}

func TestValidate(t *testing.T) {
	schema := schemas.Compile()
	for _, c := range verdicts() {
		text, want := c[0], c[1]
		decoder := json.NewDecoder(strings.NewReader(text))
		decoder.UseNumber()
		var value any
		if err := decoder.Decode(&value); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, v := range schema.Validate(value) {
			line := strings.TrimSpace(fmt.Sprintf("%s %s", strings.Join(v.Path, "."), v.Keyword))
			if v.Property != "" {
				line += " " + v.Property
			}
			got = append(got, line+": "+v.Message)
		}
		if strings.Join(got, "\n") != want {
			t.Errorf("%s\ngot  %q\nwant %q", text, got, want)
		}
	}
}

func TestAllFaultsComeAtOnceAndInOrder(t *testing.T) {
	value := map[string]any{"z": nil, "a": nil, "m": nil, "version": "1"}
	schema := schemas.Compile()
	for range 20 {
		var got []string
		for _, v := range schema.Validate(value) {
			got = append(got, v.Keyword+" "+v.Property+strings.Join(v.Path, "."))
		}
		want := []string{
			"additionalProperties a", "additionalProperties m", "additionalProperties z",
			"required name", "required steps", "type version",
		}
		if !slices.Equal(got, want) {
			t.Fatalf("got %q, want %q", got, want)
		}
	}
}

func TestFilesAreTidy(t *testing.T) {
	names, err := filepath.Glob("*.json")
	if err != nil || len(names) != 7 {
		t.Fatalf("got %v, %v", names, err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !json.Valid(text) {
			t.Errorf("%s is no JSON", name)
		}
	}
	if bytes.Contains(schemas.Job(), []byte(`.json`+`#`)) || bytes.Contains(schemas.Job(), []byte(`"sendText.json"`)) {
		t.Error("the whole schema refers to other files")
	}
}

func BenchmarkCompile(b *testing.B) {
	for b.Loop() {
		schemas.Compile()
	}
}
