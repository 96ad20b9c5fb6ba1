package source

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strconv"
	"unicode/utf8"

	"waybill/engine/diag"
)

// MaxFile is how many bytes a job file may have. It says what to do, not for whom: long lists live in files of their own.
const MaxFile = 8 << 20

// The other bounds of a job file.
const (
	maxDepth = 100     // levels of nesting
	maxNodes = 100_000 // values, after aliases are followed
)

// Kind is what a value of the file is. The zero value is none.
type Kind uint8

// The kinds, which are the types of JSON.
const (
	Null Kind = iota + 1
	Bool
	Number
	Text
	List
	Map
)

// String returns the word for messages: "a list".
func (k Kind) String() string {
	switch k {
	case Null:
		return "null"
	case Bool:
		return "true or false"
	case Number:
		return "a number"
	case Text:
		return "text"
	case List:
		return "a list"
	case Map:
		return "a map"
	}
	return "nothing"
}

// Node is one value of the file and where it stands. YAML and JSON both become nodes, and no reader of them can tell which it
// was. A value that is repeated by an alias is one Node, which stands in the tree more than once. Nil is no value: Field, At and
// the methods that begin with As take it.
type Node struct {
	Kind   Kind       // a reader may make Text of a Number whose digits are meant
	Text   string     // of a scalar: text as it is meant, a number as it is written, "true" or "false"
	Range  diag.Range // with the quotes
	Items  []*Node    // of a List
	Fields []Field    // of a Map, in the order of the file; no name stands twice

	// Where the runes of Text stand. TextStart is the position of the first when they stand side by side on one line, and zero
	// otherwise; then RunePos returns the position of each rune and of the end, zero when it is unknown. Both may be missing.
	TextStart diag.Pos
	RunePos   func(rune int) diag.Pos

	Broken bool // something was found wrong with it: nothing more is to be said
	Merged bool // a map with a << that was refused: names that seem to be missing may be in there

	plain bool // a scalar without quotes
	size  int  // how many values it consists of, itself included
}

// Field is one entry of a Map.
type Field struct {
	Name      string
	NameRange diag.Range // with the quotes
	*Node
}

// Read reads a YAML or JSON file. It returns a node for each YAML document, nil for an empty one, and what is wrong with the
// file. A document in which something is wrong is returned as far as it could be read; its root is Broken when not all of it
// was. A file named .json, or that is valid JSON, is one document and read as JSON.
func Read(src *diag.Source) ([]*Node, *Findings) {
	f := &Findings{}
	if !f.checkText(src) {
		return nil, f
	}
	base := 0
	if mark := []byte("\ufeff"); bytes.HasPrefix(src.Text, mark) {
		base = len(mark)
	}
	if isJSON(src.Name, src.Text[base:]) {
		return []*Node{f.readJSON(src, base)}, f
	}
	return f.readYAML(src, base), f
}

// Field finds an entry by its name; nil when there is none.
func (n *Node) Field(name string) *Field {
	if n == nil {
		return nil
	}
	for i := range n.Fields {
		if n.Fields[i].Name == name {
			return &n.Fields[i]
		}
	}
	return nil
}

// At returns the value of an entry, nil when there is none.
func (n *Node) At(name string) *Node {
	if f := n.Field(name); f != nil {
		return f.Node
	}
	return nil
}

// Find follows a path of names and indexes. It returns the last value there is, and the entry that it is the value of; nil
// where it is none of a map.
func (n *Node) Find(path []string) (*Node, *Field) {
	var entry *Field
	for _, step := range path {
		switch n.Kind {
		case Map:
			if entry = n.Field(step); entry == nil {
				return n, nil
			}
			n = entry.Node
		case List:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(n.Items) {
				return n, nil
			}
			n, entry = n.Items[i], nil
		case Null, Bool, Number, Text:
			return n, entry
		}
	}
	return n, entry
}

// Value returns the plain value, for a schema: nil, bool, string, json.Number, []any and map[string]any. A number that JSON
// cannot write is its text.
func (n *Node) Value() any {
	switch n.Kind {
	case Bool:
		return n.AsBool()
	case Number:
		if n.Portable() {
			return json.Number(n.Text)
		}
		return n.Text
	case Text:
		return n.Text
	case List:
		items := make([]any, len(n.Items))
		for i, item := range n.Items {
			items[i] = item.Value()
		}
		return items
	case Map:
		fields := make(map[string]any, len(n.Fields))
		for _, f := range n.Fields {
			fields[f.Name] = f.Value()
		}
		return fields
	case Null:
	}
	return nil
}

// jsonNumber matches a number as JSON writes it.
var jsonNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

// Portable says whether Text is a number that every reader of YAML and JSON reads alike, digit by digit.
func (n *Node) Portable() bool { return jsonNumber.MatchString(n.Text) }

// reference matches an expression or a variable of the environment.
var reference = regexp.MustCompile(`\$\{\{|\$<|\$\{`)

// Refers says whether n is text that is known only once something in it is evaluated.
func (n *Node) Refers() bool { return n.Kind == Text && reference.MatchString(n.Text) }

// AsBool returns a Bool; false for anything else.
func (n *Node) AsBool() bool { return n != nil && n.Kind == Bool && n.Text == "true" }

// AsText returns the text of a Text; "" for anything else, and for what is Broken.
func (n *Node) AsText() string {
	if n == nil || n.Kind != Text || n.Broken {
		return ""
	}
	return n.Text
}

// AsInt returns a whole number; 0 for anything else, for what is too big, and for what is Broken.
func (n *Node) AsInt() int {
	if n == nil || n.Kind != Number || n.Broken {
		return 0
	}
	if i, err := strconv.Atoi(n.Text); err == nil {
		return i
	}
	// "5.0" and "1e3" are whole numbers to JSON Schema, too.
	f, err := strconv.ParseFloat(n.Text, 64)
	if err != nil || f != float64(int(f)) {
		return 0
	}
	return int(f)
}

// Head returns the Range, or only its start where it has several lines: for findings about all of a value.
func (n *Node) Head() diag.Range {
	r := n.Range
	if r.End.Line != r.Start.Line {
		r.End = r.Start
	}
	return r
}

// Comment is the comment that follows a value without quotes on the same line; the zero Range where there is none.
func (n *Node) Comment() diag.Range {
	end := n.Range.End
	if n.RunePos != nil {
		end = n.RunePos(utf8.RuneCountInString(n.Text))
	}
	if !n.plain || end.Line == 0 {
		return diag.Range{}
	}
	line := []rune(n.Range.Source.Line(end.Line))
	at := min(end.Column-1, len(line))
	for at < len(line) && (line[at] == ' ' || line[at] == '\t') {
		at++
	}
	if at == end.Column-1 || at >= len(line) || line[at] != '#' {
		return diag.Range{}
	}
	return diag.Range{Source: n.Range.Source, Start: diag.Pos{Line: end.Line, Column: at + 1}, End: diag.Pos{Line: end.Line, Column: len(line) + 1}}
}
