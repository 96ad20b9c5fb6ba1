package source

import (
	"encoding/json"
	"regexp"
	"strconv"

	"waybill/engine/diag"
)

// The bounds of a job file. It says what to do, not for whom: long lists live in files of their own.
const (
	maxFile  = 8 << 20 // bytes
	MaxDepth = 100     // levels of nesting
	maxNodes = 100_000 // values, after aliases are followed
)

// kind is what a value of the file is.
type kind uint8

const (
	Null kind = iota + 1
	Bool
	Number
	Text
	List
	Map
)

// String gives the word for messages.
func (k kind) String() string {
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

// node is one value of the file and its place. YAML and JSON both become nodes; nothing after them knows which it was.
type Node struct {
	Kind   kind
	Text   string // of a scalar: text as it is meant, a number as it stands
	Plain  bool   // neither in quotes nor a block: other YAML readers may take the text for something else
	Range  diag.Range
	First  diag.Pos // of the first character of text, see eval.Anchor; zero when places inside cannot be told
	Items  []*Node
	Fields []Field
	size   int  // values in it, itself included
	Broken bool // something was found wrong with it; nothing more is said
	Faulty bool // the schema found something wrong with it; its operation is not asked about it

	Place   func(rune int) diag.Pos // where first does not tell, see eval.Anchor; may be nil
	Merged  bool                    // a map with a << that was refused: what seems to be missing may be in there
	Missing []string                // names that a map lacks or has misspelt; that was said
}

// field is one entry of a map.
type Field struct {
	Name      string
	NameRange diag.Range // of the name
	*Node
	Unknown bool // the name means nothing where it stands
}

// field finds an entry by name; nil when there is none.
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

// at gives the value of an entry, nil when there is none.
func (n *Node) At(name string) *Node {
	if f := n.Field(name); f != nil {
		return f.Node
	}
	return nil
}

// find follows a path of names and indexes. It gives the last value there is, and the entry that it was reached by.
func (n *Node) Find(path []string) (*Node, *Field) {
	var last *Field
	for _, step := range path {
		switch n.Kind {
		case Map:
			last = n.Field(step)
			if last == nil {
				return n, nil
			}
			n = last.Node
		case List:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(n.Items) {
				return n, nil
			}
			n, last = n.Items[i], nil
		case Null, Bool, Number, Text:
			return n, last
		}
	}
	return n, last
}

// value gives the plain value that a schema judges.
func (n *Node) Value() any {
	switch n.Kind {
	case Bool:
		return n.Text == "true"
	case Number:
		if !JsonNumber.MatchString(n.Text) {
			return n.Text // found wrong already
		}
		return json.Number(n.Text)
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

// jsonNumber is a number that every reader reads alike, digit by digit.
var JsonNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

// reference is what makes text more than text: an expression or a variable of the environment.
var reference = regexp.MustCompile(`\$\{\{|\$<|\$\{`)

// refers says whether the text of n is not known before something is evaluated.
func (n *Node) Refers() bool { return n.Kind == Text && reference.MatchString(n.Text) }

// boolean gives the value of true or false; false for anything else.
func (n *Node) Boolean() bool { return n != nil && n.Kind == Bool && n.Text == "true" }

// words gives the text of n, "" when it is none.
func (n *Node) Words() string {
	if n == nil || n.Kind != Text || n.Broken {
		return ""
	}
	return n.Text
}

// whole gives a whole number; 0 when n is none, or too big.
func (n *Node) Whole() int {
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

// head is the place of a value's beginning, for findings about all of it.
func (n *Node) Head() diag.Range {
	r := n.Range
	if r.End.Line != r.Start.Line {
		r.End = r.Start
	}
	return r
}
