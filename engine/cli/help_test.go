package cli_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestHelpFitsATerminal: 80 columns, of every command. Examples are not broken: they are there to be copied.
func TestHelpFitsATerminal(t *testing.T) {
	_, list, _ := call(t, nil, "help")
	names := regexp.MustCompile(`(?m)^  ([a-z]+)  `).FindAllStringSubmatch(list, -1)
	if len(names) < 20 {
		t.Fatalf("the list of commands has %d:\n%s", len(names), list)
	}
	for _, name := range append(names, []string{"", ""}) {
		status, help, stderr := call(t, nil, "help", name[1])
		if name[1] == "" {
			status, help, stderr = call(t, nil)
		}
		if status != 0 || stderr != "" {
			t.Errorf("help %s: status %d, %q", name[1], status, stderr)
		}
		for line := range strings.Lines(help) {
			if line = strings.TrimRight(line, "\n"); utf8.RuneCountInString(line) > 80 && !strings.HasPrefix(line, "  waybill ") {
				t.Errorf("help %s has a line of %d columns: %s", name[1], utf8.RuneCountInString(line), line)
			}
		}
		if _, flag, _ := call(t, nil, name[1], "--help"); name[1] != "" && flag != help {
			t.Errorf("%s --help and help %s differ", name[1], name[1])
		}
	}
}
