package cli_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"waybill/whatsapp/sandbox"
)

// TestReadmeExamplesAreRight validates each YAML example of the README: whole jobs as they are, steps inside of one.
func TestReadmeExamplesAreRight(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root(t), "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	examples := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	if len(examples) < 4 {
		t.Fatalf("found %d examples", len(examples))
	}
	dir := t.TempDir()
	rows := "id,name,phone,date,time\n1,Ana,+34612345678,25/03/2026,10:00\n"
	if err := os.WriteFile(filepath.Join(dir, "appointments.csv"), []byte(rows), 0o600); err != nil {
		t.Fatal(err)
	}
	card := "Market,Currency,Marketing\nSpain,EUR,0.06\n"
	if err := os.WriteFile(filepath.Join(dir, "rates-eur.csv"), []byte(card), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, example := range examples {
		job := example[1]
		if !strings.HasPrefix(job, "version:") {
			job = "version: 1\nname: example\nsteps:\n" + job
		}
		path := filepath.Join(dir, "example.yaml")
		if err := os.WriteFile(path, []byte(job), 0o600); err != nil {
			t.Fatal(err)
		}
		if status, stdout, stderr := call(t, nil, "validate", path, "--sandbox"); status != 0 {
			t.Errorf("exit status %d for\n%s\n%s%s", status, example[1], stdout, stderr)
		}
	}
}

// TestReadmeListsTheLevers: those of waybill sandbox --help, each with its number and its call.
func TestReadmeListsTheLevers(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join(root(t), "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, help, _ := call(t, nil, "help", "sandbox")
	code := func(text string) string {
		if text == "" {
			return ""
		}
		return "`" + text + "`"
	}
	for _, lever := range sandbox.Levers() {
		row := "| " + lever.What + " | " + code(lever.Number) + " | " + code(lever.Call) + " |"
		if !strings.Contains(string(readme), row) {
			t.Errorf("the README lacks the row\n%s", row)
		}
		if !strings.Contains(help, lever.What) || !strings.Contains(help, lever.Number) || !strings.Contains(help, lever.Call) {
			t.Errorf("the help lacks %+v", lever)
		}
	}
}
