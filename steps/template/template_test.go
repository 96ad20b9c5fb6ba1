package template_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"waybill/engine/diag"
	"waybill/steps/template"
	"waybill/whatsapp"
)

// TestDefinitionsAsMetaSendsThem holds what is sent for a definition against Meta's own examples of requests. Two things are alike
// to the API: the case of a component's type, and the example's name in place of <TEMPLATE_NAME>.
func TestDefinitionsAsMetaSendsThem(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/meta/*.yaml")
	if err != nil || len(files) != 10 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			list, found := template.ReadDefinitions(&diag.Source{Name: file, Text: text})
			if len(found) > 0 || len(list) != 1 {
				t.Fatalf("%d definitions: %v", len(list), found)
			}
			got, err := list[0].Request()
			if err != nil {
				t.Fatal(err)
			}
			raw, err := os.ReadFile(strings.TrimSuffix(file, ".yaml") + ".json")
			if err != nil {
				t.Fatal(err)
			}
			var example struct{ Body map[string]any }
			if err := json.Unmarshal(raw, &example); err != nil {
				t.Fatal(err)
			}
			var sent map[string]any
			if err := json.Unmarshal(got, &sent); err != nil {
				t.Fatal(err)
			}
			if example.Body["name"] == "<TEMPLATE_NAME>" {
				example.Body["name"] = sent["name"]
			}
			for _, c := range example.Body["components"].([]any) {
				part := c.(map[string]any)
				part["type"] = strings.ToUpper(part["type"].(string))
			}
			if diff := cmp.Diff(example.Body, sent); diff != "" {
				t.Errorf("(-Meta's +ours)\n%s", diff)
			}
		})
	}
}

// odd are texts that a YAML file holds only when it is written with care.
var odd = []string{
	"plain", "yes", "no", "007", "", " leading", "trailing ", "two\nlines", "three\n\n  indented\nlines\n", "# no comment", "a: b", "- item",
	"\ttab", "emoji 👋🏽 and ñ", `"quotes" and 'quotes'`, "{{1}} and {{name}}", "*bold* _it_ ~s~ ```code```", "%percent", "@at", "|", ">", "null", "~",
	"\nbreak before", "\n", "\n\n  two\nbefore\n", "\n" + strings.Repeat("long ", 200), "\ttab\nand a line", "\t\nx", "\n\ttab",
	"line with\r\nCR", "x\n      fake_name:\n        es:\n", "---", "...", "a\u2028b", "\u00a0nbsp", strings.Repeat("long ", 200),
}

func TestLockHoldsWhatItWasMadeOf(t *testing.T) {
	t.Parallel()
	read := time.Date(2026, 11, 27, 20, 0, 0, 0, time.UTC)
	var list []whatsapp.Template
	for i, text := range odd {
		list = append(list, whatsapp.Template{
			ID: fmt.Sprint(i), Name: fmt.Sprintf("t_%03d", i), Language: []string{"es", "en_US", "no", "zh_CN"}[i%4], Status: "APPROVED", Category: "UTILITY",
			Source: "MANUAL", ParameterFormat: "POSITIONAL", CorrectCategory: []string{"", "MARKETING"}[i%2],
			Components: []whatsapp.TemplateComponent{
				{Type: "HEADER", Format: "TEXT", Text: text},
				{Type: "BODY", Text: text},
				{Type: "LIMITED_TIME_OFFER", Text: "ends", Expires: i%2 == 0},
				{Type: "FOOTER", Text: "f" + text},
				{Type: "BUTTONS", Buttons: []whatsapp.TemplateButton{{Type: "URL", Text: text, URL: "https://x/{{1}}"}, {Type: "PHONE_NUMBER", Text: "Call", PhoneNumber: "+1"}}},
				{Type: "CAROUSEL", Cards: [][]whatsapp.TemplateComponent{{{Type: "BODY", Text: text}}, {{Type: "HEADER", Format: "IMAGE"}}}},
				{Type: "CALL_PERMISSION_REQUEST"},
			},
		})
	}
	list = append(list, whatsapp.Template{Name: "true", Language: "es", Status: "PENDING", Category: "UTILITY"}, whatsapp.Template{Name: "1", Language: "es", Status: "PENDING", Category: "UTILITY"})
	text, err := (*template.Lock)(nil).With(template.NewAccount("102", read, list))
	if err != nil {
		t.Fatal(err)
	}
	lock := readLock(t, text)
	account := lock.Account("102")
	if account == nil || account.Len() != len(list) || !account.Read.Equal(read) {
		t.Fatalf("%+v of\n%s", account, text)
	}
	for _, want := range list {
		got, found, err := account.Find(want.Name, want.Language)
		if err != nil || !found {
			t.Errorf("%s: found %t, %v", want.Name, found, err)
		} else if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", want.Name, diff)
		}
	}

	// Another account comes beside it, and this one stays to the byte; the same again changes nothing.
	both, err := lock.With(template.NewAccount("7", read, list[:1]))
	if err != nil {
		t.Fatal(err)
	}
	_, own, _ := strings.Cut(string(text), "accounts:\n")
	if !strings.Contains(string(both), own) || len(readLock(t, both).Accounts) != 2 {
		t.Errorf("the account did not stay:\n%s", both)
	}
	again, err := readLock(t, both).With(template.NewAccount("7", read, list[:1]))
	if err != nil || string(again) != string(both) {
		t.Errorf("the same is written in another way: %v", err)
	}
}

func readLock(t *testing.T, text []byte) *template.Lock {
	t.Helper()
	lock, found := template.ReadLock(&diag.Source{Name: template.LockName, Text: text})
	if len(found) > 0 {
		t.Fatalf("%v in\n%s", found, text)
	}
	return lock
}

func TestLockSaysWhereItIsAnother(t *testing.T) {
	t.Parallel()
	const head = "version: 1\naccounts:\n  \"1\":\n    read: \"2026-11-27T20:00:00Z\"\n    templates:\n"
	for text, line := range map[string]int{
		"":                            1,
		"version: 2\n":                1,
		"steps:\n":                    1,
		head + "<<<<<<< HEAD\n":       6,
		head + "      a:\n      a:\n": 0,
		head + "  \"1\":\n":           6,
		"version: 1\naccounts:\n  \"1\":\n    read: never\n":                   4,
		head + "      a:\n        es: {}\n":                                    7,
		head + "          status: APPROVED\n":                                  6,
		head + "      a:\n        es:\n          status: APPROVED\n      a:\n": 9,
	} {
		_, found := template.ReadLock(&diag.Source{Name: template.LockName, Text: []byte(text)})
		switch {
		case line == 0:
		case len(found) != 1 || found[0].Code != "bad-lock" || found[0].Range.Start.Line != line || !found[0].Range.Valid():
			t.Errorf("%q: %v, want a finding at line %d", text, found, line)
		}
	}
	lock := readLock(t, []byte(head+"      a:\n        es:\n          status: [\n"))
	if _, err := lock.LookUp("1", "a", "es"); err == nil || !strings.Contains(err.Error(), "line 7") {
		t.Errorf("an entry that cannot be read: %v", err)
	}
}

func TestLookUpSaysWhatIsMeant(t *testing.T) {
	t.Parallel()
	lock := &template.Lock{Accounts: []*template.Account{template.NewAccount("1", time.Time{}, []whatsapp.Template{
		{Name: "order", Language: "es", Status: "APPROVED"}, {Name: "order", Language: "pt_BR", Status: "APPROVED"}, {Name: "hello", Language: "en_US", Status: "APPROVED"},
	})}}
	for asked, want := range map[[2]string]string{
		{"order", "es"}:    "",
		{"order", "pt-br"}: "did you mean pt_BR?",
		{"hello", "en"}:    "did you mean en_US?",
		{"order", "fr"}:    "it is there in es, pt_BR",
		{"ordr", "es"}:     "did you mean order?",
		{"invoice", "es"}:  "where it is new",
	} {
		_, err := lock.LookUp("1", asked[0], asked[1])
		hint := ""
		if miss, ok := err.(*template.MissError); ok { //nolint:errorlint // it is not wrapped
			hint = miss.Hint
		}
		if (want == "") != (err == nil) || !strings.Contains(hint, want) {
			t.Errorf("%v: %v, hint %q, want %q", asked, err, hint, want)
		}
	}
	if _, err := lock.LookUp("2", "order", "es"); err == nil || !err.(*template.MissError).Account { //nolint:errorlint // it is not wrapped
		t.Errorf("of another account: %v", err)
	}
}

// TestAFolderIsReadAgainWhenItChanges also holds what was asked for to what it was asked for.
func TestAFolderIsReadAgainWhenItChanges(t *testing.T) {
	t.Parallel()
	dir, now := t.TempDir(), time.Date(2026, 11, 27, 20, 0, 0, 0, time.UTC)
	locks := &template.Locks{Now: func() time.Time { return now }}
	of := func() *template.Lock {
		t.Helper()
		lock, err := locks.Of(dir)
		if err != nil {
			t.Fatal(err)
		}
		return lock
	}
	if of() != nil {
		t.Fatal("a lock of nothing")
	}
	locks.Know(dir, "1", "a", []whatsapp.Template{{Name: "a", Language: "es", Status: "APPROVED"}})
	locks.Know(dir, "1", "b", nil)
	if _, err := of().LookUp("1", "a", "es"); err != nil {
		t.Errorf("what was asked for first is forgotten: %v", err)
	}
	if _, err := of().LookUp("1", "b", "es"); err == nil || err.(*template.MissError).Account { //nolint:errorlint // it is not wrapped
		t.Errorf("b is not there, and that is known: %v", err)
	}
	if _, err := of().LookUp("1", "c", "es"); err == nil || !err.(*template.MissError).Account { //nolint:errorlint // it is not wrapped
		t.Errorf("nobody asked for c: %v", err)
	}
	write := func(name string) {
		t.Helper()
		text, err := (*template.Lock)(nil).With(template.NewAccount("1", now, []whatsapp.Template{{Name: name, Language: "es", Status: "APPROVED", Category: "UTILITY"}}))
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, template.LockName), text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		now = now.Add(2 * time.Second)
	}
	for _, name := range []string{"first", "second"} {
		write(name)
		if got := of().Accounts[0].Names(); !slices.Equal(got, []string{name}) {
			t.Errorf("%v, want %s", got, name)
		}
	}
	if err := os.Remove(filepath.Join(dir, template.LockName)); err != nil {
		t.Fatal(err)
	}
	now = now.Add(2 * time.Second)
	if lock := of(); lock == nil || lock.Source != nil {
		t.Errorf("the file is gone, and %+v is known", lock)
	}
}

func FuzzLock(f *testing.F) {
	text, err := (*template.Lock)(nil).With(template.NewAccount("1", time.Time{}, []whatsapp.Template{{Name: "a", Language: "es", Status: "APPROVED", Components: []whatsapp.TemplateComponent{{Type: "BODY", Text: "a\nb"}}}}))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Fuzz(func(t *testing.T, text []byte) {
		lock, found := template.ReadLock(&diag.Source{Name: "l", Text: text})
		for _, d := range found {
			if !d.Range.Valid() {
				t.Errorf("%v lies outside", d)
			}
		}
		if lock == nil {
			return
		}
		for _, a := range lock.Accounts {
			_, _ = a.Templates() // whether it can be read is not the question
		}
	})
}

func FuzzDefinition(f *testing.F) {
	for _, name := range []string{"text", "image", "otp_one_tap"} {
		text, err := os.ReadFile("testdata/meta/" + name + ".yaml")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		list, found := template.ReadDefinitions(&diag.Source{Name: "d.yaml", Text: text})
		for _, d := range found {
			if !d.Range.Valid() {
				t.Errorf("%v lies outside", d)
			}
		}
		if found.HasErrors() {
			return
		}
		for _, d := range list {
			if _, err := d.Request(); err != nil {
				t.Errorf("a definition without findings cannot be written: %v", err)
			}
			if _, err := d.Template(); err != nil && !reflect.DeepEqual(d.Components, []any{}) {
				t.Errorf("a definition without findings cannot be read back: %v", err)
			}
		}
	})
}

func TestTheReadmesDefinitionIsRight(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(text), "```yml\n")
	example, _, ok := strings.Cut(after, "```")
	list, found := template.ReadDefinitions(&diag.Source{Name: "README.md", Text: []byte(example)})
	if !ok || len(found) > 0 || len(list) != 1 || list[0].Name != "order_update" || list[0].ParameterFormat != "NAMED" {
		t.Errorf("%+v: %v", list, found)
	}
}

func TestListedTwice(t *testing.T) {
	t.Parallel()
	of := func(id, status string) whatsapp.Template {
		return whatsapp.Template{ID: id, Name: "news", Language: "es", Status: status}
	}
	for name, list := range map[string][]whatsapp.Template{
		"on two pages":         {of("1", "APPROVED"), of("1", "APPROVED")},
		"deleted and anew":     {of("2", "PENDING_DELETION"), of("1", "APPROVED")},
		"anew and the deleted": {of("1", "APPROVED"), of("2", "PENDING_DELETION")},
	} {
		fresh := template.NewAccount("10", time.Now(), list)
		text, err := (*template.Lock)(nil).With(fresh)
		if err != nil {
			t.Fatal(err)
		}
		lock, found := template.ReadLock(&diag.Source{Name: template.LockName, Text: text})
		if err := found.Err(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		kept, _, err := lock.Account("10").Find("news", "es")
		if n := lock.Account("10").Len(); err != nil || n != 1 || kept.ID != "1" {
			t.Errorf("%s: the lock has %d, of which %q counts (%v); want 1, the approved one", name, n, kept.ID, err)
		}
	}
}
