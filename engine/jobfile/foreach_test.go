package jobfile_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOtherSources(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"p.jsonl": `{"phone":"1"}`, "semi.csv": "a;b\n1;2\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text := one(`- forEach: { jsonl: p.jsonl, stopAfter: 3 }
  sendText: { to: "${{ item.phone }}", body: "${{ item.anything }}" }
- forEach: { csv: semi.csv, encoding: utf-8, delimiter: ";" }
  sendText: { to: "${{ item.a }}", body: x }
- forEach: { csv: "${{ inputs.file }}" }
  sendText: { to: "${{ item.unknown }}", body: x }
- forEach: { items: ["1234567", "7654321"] }
  sendText: { to: "${{ item }}", body: x }`)
	text = strings.Replace(text, "steps:", "inputs: { file: { type: string } }\nsteps:", 1)
	steps := mustLoad(t, fakeLoader(), "job.yaml", filepath.Join(dir, "job.yaml"), text)[0].Steps
	if e := steps[0].ForEach; e.Source.Key() != "jsonl" || e.StopAfter.Count != 3 {
		t.Errorf("got %+v", e)
	}
	if e := steps[1].ForEach; strings.Join(e.Columns, ",") != "a,b" || e.Delimiter != ';' || e.Encoding != "utf-8" {
		t.Errorf("got %+v", e)
	}
	if e := steps[2].ForEach; e.Columns != nil {
		t.Errorf("got %+v", e)
	}
}
