package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"waybill/engine/diag"
	"waybill/engine/source"
)

// readInputs reads a file of inputs: NAME=VALUE as .env files have it, YAML, or JSON. Its name says which, else what it holds.
func readInputs(path string, given map[string]string) error {
	text, err := os.ReadFile(path) //nolint:gosec // the user names it
	if err != nil {
		return usageError(fmt.Sprintf("--input-file: %v", err), "")
	}
	src := &diag.Source{Name: filepath.ToSlash(path), Text: text}
	plain := strings.TrimPrefix(string(text), "\ufeff")
	switch strings.ToLower(filepath.Ext(path)) {
	case ".yaml", ".yml", ".json":
		return readInputTree(src, given)
	case ".env":
		return readInputLines(src.Name, plain, given)
	}
	if isInputLines(plain) {
		return readInputLines(src.Name, plain, given)
	}
	return readInputTree(src, given)
}

// assignment begins a line of a .env file.
var assignment = regexp.MustCompile(`^(?:export[ \t]+)?([^\s=:{"'#][^\s=]*)[ \t]*=`)

// isInputLines says whether the first line that says something assigns a value, or nothing does.
func isInputLines(text string) bool {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			return assignment.MatchString(line)
		}
	}
	return true
}

// readInputTree reads YAML or JSON: names with texts, numbers or truths. A value that is a list or an object is taken as JSON.
func readInputTree(src *diag.Source, given map[string]string) error {
	documents, findings := source.Read(src)
	if err := findings.List.Err(); err != nil {
		return err
	}
	if len(documents) == 0 || len(documents) == 1 && documents[0] == nil {
		return nil // it says nothing
	}
	if top := documents[0]; len(documents) > 1 || top.Kind != source.Map {
		findings.Fault("bad-input", src.Range(0, 0), "a file of inputs is one object, NAME: VALUE a line", "", "")
		return findings.List.Err()
	}
	for _, f := range documents[0].Fields {
		switch f.Kind {
		case source.Null:
		case source.Text, source.Number, source.Bool:
			given[f.Name] = f.Text
		case source.List, source.Map:
			raw, err := json.Marshal(f.Value())
			if err != nil {
				return fmt.Errorf("read the input %s: %w", f.Name, err)
			}
			given[f.Name] = string(raw)
		}
	}
	return nil
}

// readInputLines reads a .env file: NAME=VALUE a line, with export before it or not. A value in single quotes is as it stands; in double
// quotes \n, \r, \t, \", \\ and \$ are what they are elsewhere; both may go over several lines. Without quotes it ends at a # behind white
// space. Nothing is put in the place of $NAME: prices are written so, too. All that is wrong is told at once, and no value is shown.
func readInputLines(name, text string, given map[string]string) error {
	r := inputLines{rest: text, line: 1}
	for r.rest != "" {
		at := r.line
		if wrong := r.next(given); wrong != "" {
			r.wrong = append(r.wrong, fmt.Sprintf("%s:%d: %s", name, at, wrong))
		}
	}
	if len(r.wrong) == 0 {
		return nil
	}
	return usageError("--input-file "+strings.Join(r.wrong, "\n"), `write NAME=VALUE, and a value with quotes or # in it in quotes: NAME='5" # 3'`)
}

// inputLines is what is left of a .env file.
type inputLines struct {
	rest  string
	line  int
	wrong []string
}

// cut takes so many bytes.
func (r *inputLines) cut(n int) string {
	taken := r.rest[:n]
	r.line += strings.Count(taken, "\n")
	r.rest = r.rest[n:]
	return taken
}

// restOfLine takes what is left of a line, and its end.
func (r *inputLines) restOfLine() string {
	if end := strings.IndexByte(r.rest, '\n'); end >= 0 {
		return strings.TrimSuffix(r.cut(end + 1)[:end], "\r")
	}
	return r.cut(len(r.rest))
}

// next reads an assignment, or a line that says nothing, and tells what is wrong with it.
func (r *inputLines) next(given map[string]string) (wrong string) {
	r.cut(len(r.rest) - len(strings.TrimLeft(r.rest, " \t")))
	line, _, _ := strings.Cut(r.rest, "\n")
	if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
		r.restOfLine()
		return ""
	}
	found := assignment.FindStringSubmatch(r.rest)
	if found == nil {
		r.restOfLine()
		return "no NAME=VALUE"
	}
	r.cut(len(found[0]))
	r.cut(len(r.rest) - len(strings.TrimLeft(r.rest, " \t")))
	value := ""
	if r.rest != "" && (r.rest[0] == '"' || r.rest[0] == '\'') {
		var closed bool
		if value, closed = r.quoted(); !closed {
			return fmt.Sprintf("the quotes of %s are not closed", found[1])
		}
		if behind := strings.TrimSpace(r.restOfLine()); behind != "" && behind[0] != '#' {
			return fmt.Sprintf("something stands behind the closing quotes of %s", found[1])
		}
	} else {
		value = strings.TrimSpace(withoutComment(r.restOfLine()))
	}
	if _, twice := given[found[1]]; twice {
		return found[1] + " is there twice"
	}
	given[found[1]] = value
	return ""
}

// withoutComment is a value without quotes up to a # that stands at its beginning or behind white space.
func withoutComment(value string) string {
	for i := range len(value) {
		if value[i] == '#' && (i == 0 || value[i-1] == ' ' || value[i-1] == '\t') {
			return value[:i]
		}
	}
	return value
}

// quoted takes a value in quotes. Where they are not closed, what is left of the line is passed over.
func (r *inputLines) quoted() (value string, closed bool) {
	quote := r.rest[0]
	var b strings.Builder
	for i := 1; i < len(r.rest); i++ {
		c := r.rest[i]
		switch {
		case c == quote:
			r.cut(i + 1)
			return b.String(), true
		case quote == '"' && c == '\\' && i+1 < len(r.rest):
			i++
			b.WriteString(unescaped(r.rest[i]))
		case c == '\r' && i+1 < len(r.rest) && r.rest[i+1] == '\n':
		default:
			b.WriteByte(c)
		}
	}
	r.restOfLine()
	return "", false
}

// unescaped is what a backslash and a byte stand for in double quotes. What has no such meaning stays as it is.
func unescaped(c byte) string {
	switch c {
	case 'n':
		return "\n"
	case 'r':
		return "\r"
	case 't':
		return "\t"
	case '"', '\\', '$':
		return string([]byte{c})
	}
	return string([]byte{'\\', c})
}
