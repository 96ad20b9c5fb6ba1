package cli_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"waybill/engine/deploy"
)

// TestWrittenCommandsExist holds the command lines that stand in the README, and in what init --with writes, to the commands and flags that
// there are.
func TestWrittenCommandsExist(t *testing.T) {
	lines := readmeCommands(t)
	for _, p := range deploy.Platforms() {
		files, err := p.Files(deploy.Use{Playbook: "reminders.yaml", Repository: "clinic/waybill", Version: "v1.0.0"})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			lines = append(lines, unitCommands(f)...)
		}
	}
	if len(lines) < 40 {
		t.Fatalf("found %d command lines", len(lines))
	}
	helps := map[string]string{}
	for _, line := range lines {
		words := strings.Fields(line)
		for i, word := range words {
			if name, _, _ := strings.Cut(word, "="); strings.HasPrefix(word, "-") {
				help := helpOf(t, helps, words[:i])
				if !regexp.MustCompile(`(?m)(^|[ ,])` + regexp.QuoteMeta(name) + `\b`).MatchString(help) {
					t.Errorf("waybill %s: there is no %s", line, name)
				}
			}
		}
		helpOf(t, helps, words)
	}
}

// helpOf is the help of the command that words begin with.
func helpOf(t *testing.T, helps map[string]string, words []string) string {
	t.Helper()
	command := words[:1]
	if len(words) > 1 && slices.Contains([]string{"ledger", "optouts", "templates"}, words[0]) {
		command = words[:2]
	}
	key := strings.Join(command, " ")
	if _, known := helps[key]; !known {
		status, help, stderr := call(t, nil, append([]string{"help"}, command...)...)
		if status != 0 {
			t.Errorf("waybill %s: %s", strings.Join(words, " "), stderr)
		}
		helps[key] = help
	}
	return helps[key]
}

// readmeCommands are the lines of the README's blocks of commands, without waybill.
func readmeCommands(t *testing.T) (lines []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root(t), "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	inBlock, ofCommands := false, false
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if kind, fence := strings.CutPrefix(line, "```"); fence {
			inBlock = !inBlock
			ofCommands = inBlock && (kind == "" || kind == "console")
			continue
		}
		for one := range strings.SplitSeq(strings.TrimPrefix(line, "$ "), " && ") {
			if rest, ours := strings.CutPrefix(strings.TrimPrefix(one, "sudo "), "waybill "); ours && ofCommands {
				lines = append(lines, plainWords(rest))
			}
		}
	}
	return lines
}

// unitCommands are those of a file that init --with writes.
func unitCommands(f deploy.File) (lines []string) {
	text := string(f.Text)
	for _, m := range regexp.MustCompile(`(?m)(?:ExecStart=/usr/bin/|^ +- |WAYBILL_STATE=postgres://… )waybill ([a-z].*)$`).FindAllStringSubmatch(text, -1) {
		lines = append(lines, plainWords(m[1]))
	}
	for _, m := range regexp.MustCompile(`(?m)^ +(?:args|command): \[(.*)\]$`).FindAllStringSubmatch(text, -1) {
		lines = append(lines, plainWords(strings.ReplaceAll(m[1], ",", "")))
	}
	return lines
}

// plainWords leaves out what the shell takes, and what is quoted.
func plainWords(line string) string {
	line = regexp.MustCompile(`"[^"]*"|'[^']*'`).ReplaceAllString(line, "X")
	for _, end := range []string{" #", "   ", " | ", " > "} {
		line, _, _ = strings.Cut(line, end)
	}
	return line
}
