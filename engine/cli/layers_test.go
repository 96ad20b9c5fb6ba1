package cli_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// layers says who may import whom. A package that is missing from it fails; "*" may import everything. Test files
// are not bound by it.
var layers = map[string]string{
	// Leaves.
	"engine/delivery": "", "engine/diag": "", "engine/pattern": "", "engine/mould": "", "schemas": "", "jobs": "", "whatsapp/internal/http1": "", "whatsapp/webhook": "",
	"whatsapp": "whatsapp/internal/http1",

	"engine/secret":                  "", // what must not be printed
	"engine/leftover":                "engine/pattern",
	"engine/phone":                   "engine/pattern",
	"engine/rows":                    "engine/pattern",
	"engine/price":                   "engine/pattern",
	"engine/wording":                 "engine/leftover engine/pattern",
	"engine/eval":                    "engine/diag engine/pattern engine/rows engine/secret",
	"engine":                         "engine/delivery engine/diag engine/eval engine/phone engine/price engine/rows engine/secret engine/wording", // nouns: knows no WhatsApp, no SQL, no terminal
	"engine/audience":                "engine engine/diag engine/eval engine/phone engine/rows",                                                    // who may be written to, and who is who
	"engine/spill":                   "engine",                                                                                                     // what is remembered of each row, out of memory
	"engine/source":                  "engine/diag engine/eval engine/pattern",
	"engine/sources":                 "engine engine/diag engine/eval engine/rows engine/sources/fetch engine/sources/query engine/sources/xlsx",
	"engine/sources/fetch":           "", // readers that know no jobs
	"engine/sources/query":           "",
	"engine/sources/xlsx":            "",
	"engine/jobfile":                 "engine engine/diag engine/eval engine/leftover engine/phone engine/price engine/rows engine/secret engine/source schemas",
	"engine/runner":                  "engine engine/audience engine/delivery engine/diag engine/eval engine/leftover engine/mould engine/pattern engine/phone engine/price engine/rows engine/secret engine/spill engine/wording",
	"engine/ledger":                  "engine engine/delivery engine/audience engine/ledger/internal/care engine/ledger/internal/erase engine/ledger/internal/form engine/ledger/internal/group engine/ledger/internal/watch engine/ledger/internal/witness engine/ledger/transfer", // adapters: know engine, not each other
	"engine/ledger/internal/care":    "engine engine/delivery",                                                                                                                                                                                                                      // what grows old, and how rows stand to each other
	"engine/ledger/internal/erase":   "engine engine/audience engine/delivery engine/ledger/internal/form engine/mould",                                                                                                                                                             // how people are forgotten
	"engine/ledger/internal/form":    "engine engine/delivery engine/mould",                                                                                                                                                                                                         // what ledgers keep, in the form in which they keep it
	"engine/ledger/internal/group":   "engine",                                                                                                                                                                                                                                      // how changes gather into groups
	"engine/ledger/internal/watch":   "engine",                                                                                                                                                                                                                                      // who waits for what is committed
	"engine/ledger/internal/witness": "",                                                                                                                                                                                                                                            // how far a ledger had come, outside of it
	"engine/ledger/transfer":         "",                                                                                                                                                                                                                                            // how a ledger becomes another
	"engine/ledger/postgres":         "engine engine/delivery engine/audience engine/ledger/internal/care engine/ledger/internal/erase engine/ledger/internal/form engine/ledger/internal/group engine/ledger/internal/watch engine/ledger/internal/witness engine/ledger/transfer",
	"engine/ledger/postgres/pgtest":  "",                                                    // real servers for tests
	"engine/ledger/ledgertest":       "engine engine/audience engine/delivery engine/mould", // the conformance suite of ledgers
	"engine/schedule":                "engine",
	"engine/report":                  "engine engine/delivery engine/diag engine/price engine/wording",
	"engine/notify":                  "engine engine/pattern engine/wording",
	"engine/proof":                   "engine engine/delivery",
	"engine/dashboard":               "engine engine/audience engine/delivery engine/wording",
	"engine/dashboard/metrics":       "engine engine/delivery",
	"engine/bench":                   "engine/ledger/postgres/pgtest",                                                                                                      // measurements: a command of its own
	"whatsapp/sandbox":               "whatsapp/webhook",                                                                                                                   // for Sign alone: two sides that share a struct agree on every typo
	"steps":                          "engine engine/audience engine/delivery engine/diag engine/eval engine/phone engine/secret steps/template whatsapp whatsapp/webhook", // the only place where the two meet
	"steps/template":                 "engine/diag engine/source whatsapp",                                                                                                 // what templates are, as files say it
	"engine/deploy":                  "",                                                                                                                                   // what runs playbooks elsewhere: files

	// Commands of their own beside the product.
	"engine/reliability":       "engine/reliability/tally", // proofs at length, and what they came to
	"engine/reliability/tally": "",
	"engine/mutations":         "", // each safety taken out

	// Products, made of the above. serve gets webhooks through steps, and knows no client.
	"engine/serve": "engine/notify engine engine/audience engine/dashboard engine/dashboard/metrics engine/diag engine/report engine/runner engine/schedule steps",
	"steps/doctor": "engine engine/diag engine/eval engine/runner engine/secret engine/wording steps whatsapp",

	"engine/cli": "*", // wires everything
	"":           "engine/cli",
}

func TestLayers(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "go", "list", "-e", "-json=ImportPath,Imports", "./...")
	cmd.Dir = root(t)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for dec := json.NewDecoder(bytes.NewReader(out)); dec.More(); {
		var pkg struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&pkg); err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(strings.TrimPrefix(pkg.ImportPath, "waybill"), "/")
		allowed, known := layers[name]
		if !known {
			t.Errorf("package %q is not in the table of layers", name)
			continue
		}
		for _, imported := range pkg.Imports {
			ours, isOurs := strings.CutPrefix(imported, "waybill/")
			if isOurs && allowed != "*" && !slices.Contains(strings.Fields(allowed), ours) {
				t.Errorf("%q imports %q, and may import only %q", name, ours, allowed)
			}
		}
	}
}

// TestTemporalStaysApart keeps the module of engine/temporal and all that it needs out of the program's.
func TestTemporalStaysApart(t *testing.T) {
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(root(t), name))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(text, []byte("go.temporal.io")) {
			t.Errorf("%s names go.temporal.io", name)
		}
	}
}

// TestFileLength holds the house to its tripwire: no file of the program has more than 400 lines.
func TestFileLength(t *testing.T) {
	const most = 400
	err := filepath.WalkDir(root(t), func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && strings.HasPrefix(entry.Name(), "."):
			return filepath.SkipDir
		case entry.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		lines := 0
		for scan := bufio.NewScanner(file); scan.Scan(); {
			lines++
		}
		if err := file.Close(); err != nil {
			return err
		}
		if lines > most {
			t.Errorf("%s has %d lines, and at most %d are one idea", path, lines, most)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestDocNamesPackages holds engine/doc.go to the house: a reader who begins there is told of every package below it.
func TestDocNamesPackages(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root(t), "engine", "doc.go"))
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(filepath.Join(root(t), "engine"))
	if err != nil {
		t.Fatal(err)
	}
	words := strings.FieldsFunc(string(text), func(r rune) bool { return !unicode.IsLower(r) })
	for _, e := range entries {
		if e.IsDir() && !slices.Contains(words, e.Name()) {
			t.Errorf("engine/doc.go does not say what engine/%s is for", e.Name())
		}
	}
}
