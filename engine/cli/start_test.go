package cli_test

import (
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestLittleIsMadeBeforeTheBeginning bounds what our packages allocate before main, which every command pays for: tables and regular
// expressions that few commands need are made when they are needed.
func TestLittleIsMadeBeforeTheBeginning(t *testing.T) {
	const most = 48 << 10 // bytes of one package
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	trace, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, trace)
	}
	seen := 0
	for _, line := range regexp.MustCompile(`(?m)^init waybill/(\S+) .* (\d+) bytes, \d+ allocs$`).FindAllStringSubmatch(string(trace), -1) {
		if strings.HasSuffix(line[1], "_test") {
			continue
		}
		seen++
		if bytes, err := strconv.Atoi(line[2]); err != nil || bytes > most {
			t.Errorf("%s allocates %s bytes before the program begins, and at most %d are fair: see engine/pattern", line[1], line[2], most)
		}
	}
	if seen == 0 {
		t.Errorf("no package of ours was traced:\n%s", trace)
	}
}

// TestNoLibraryOfWorkbooks keeps one out of the program whose tables take as long to begin with as a job takes to check.
func TestNoLibraryOfWorkbooks(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", ".")
	cmd.Dir = root(t)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(out), "excelize") {
		t.Error("the program imports excelize: only tests do")
	}
}
