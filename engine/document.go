package engine

import (
	"encoding/json"
	"regexp"
	"strconv"

	"waybill/engine/diag"
)

// The bounds of a job file. It says what to do, not for whom: long lists live in files of their own.
const (
	maxFile  = 8 << 20 // bytes
	maxDepth = 100     // levels of nesting
	maxNodes = 100_000 // values, after aliases are followed
)

// kind is what a value of the file is.
type kind uint8

const (
	isNull kind = iota + 1
	isBool
	isNumber
	isText
	isList
	isMap
)

// String gives the word for messages.
func (k kind) String() string {
	switch k {
	case isNull:
		return "null"
	case isBool:
		return "true or false"
	case isNumber:
		return "a number"
	case isText:
		return "text"
	case isList:
		return "a list"
	case isMap:
		return "a map"
	}
	return "nothing"
}

// node is one value of the file and its place. YAML and JSON both become nodes; nothing after them knows which it was.
type node struct {
	kind   kind
	text   string // of a scalar: text as it is meant, a number as it stands
	plain  bool   // neither in quotes nor a block: other YAML readers may take the text for something else
	rng    diag.Range
	first  diag.Pos // of the first character of text, see eval.Anchor; zero when places inside cannot be told
	items  []*node
	fields []field
	size   int  // values in it, itself included
	broken bool // something was found wrong with it; nothing more is said
	faulty bool // the schema found something wrong with it; its operation is not asked about it

	place   func(rune int) diag.Pos // where first does not tell, see eval.Anchor; may be nil
	merged  bool                    // a map with a << that was refused: what seems to be missing may be in there
	missing []string                // names that a map lacks or has misspelt; that was said
}

// field is one entry of a map.
type field struct {
	name string
	rng  diag.Range // of the name
	*node
	unknown bool // the name means nothing where it stands
}

// field finds an entry by name; nil when there is none.
func (n *node) field(name string) *field {
	if n == nil {
		return nil
	}
	for i := range n.fields {
		if n.fields[i].name == name {
			return &n.fields[i]
		}
	}
	return nil
}

// at gives the value of an entry, nil when there is none.
func (n *node) at(name string) *node {
	if f := n.field(name); f != nil {
		return f.node
	}
	return nil
}

// find follows a path of names and indexes. It gives the last value there is, and the entry that it was reached by.
func (n *node) find(path []string) (*node, *field) {
	var last *field
	for _, step := range path {
		switch n.kind {
		case isMap:
			last = n.field(step)
			if last == nil {
				return n, nil
			}
			n = last.node
		case isList:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(n.items) {
				return n, nil
			}
			n, last = n.items[i], nil
		case isNull, isBool, isNumber, isText:
			return n, last
		}
	}
	return n, last
}

// value gives the plain value that a schema judges.
func (n *node) value() any {
	switch n.kind {
	case isBool:
		return n.text == "true"
	case isNumber:
		if !jsonNumber.MatchString(n.text) {
			return n.text // found wrong already
		}
		return json.Number(n.text)
	case isText:
		return n.text
	case isList:
		items := make([]any, len(n.items))
		for i, item := range n.items {
			items[i] = item.value()
		}
		return items
	case isMap:
		fields := make(map[string]any, len(n.fields))
		for _, f := range n.fields {
			fields[f.name] = f.value()
		}
		return fields
	case isNull:
	}
	return nil
}

// jsonNumber is a number that every reader reads alike, digit by digit.
var jsonNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

// reference is what makes text more than text: an expression or a variable of the environment.
var reference = regexp.MustCompile(`\$\{\{|\$<|\$\{`)

// refers says whether the text of n is not known before something is evaluated.
func (n *node) refers() bool { return n.kind == isText && reference.MatchString(n.text) }

// boolean gives the value of true or false; false for anything else.
func (n *node) boolean() bool { return n != nil && n.kind == isBool && n.text == "true" }

// words gives the text of n, "" when it is none.
func (n *node) words() string {
	if n == nil || n.kind != isText || n.broken {
		return ""
	}
	return n.text
}

// whole gives a whole number; 0 when n is none, or too big.
func (n *node) whole() int {
	if n == nil || n.kind != isNumber || n.broken {
		return 0
	}
	if i, err := strconv.Atoi(n.text); err == nil {
		return i
	}
	// "5.0" and "1e3" are whole numbers to JSON Schema, too.
	f, err := strconv.ParseFloat(n.text, 64)
	if err != nil || f != float64(int(f)) {
		return 0
	}
	return int(f)
}

// findings collects what is wrong with a file.
type findings struct {
	list diag.List
}

// maxFindings is more than anybody reads.
const maxFindings = 1000

// fault adds an Error. Detail and hint may be empty.
func (f *findings) fault(code string, r diag.Range, summary, detail, hint string) {
	if len(f.list) >= maxFindings {
		return
	}
	f.list = append(f.list, diag.Diagnostic{
		Severity: diag.Error, Code: code, Summary: summary, Detail: detail, Hint: hint, Range: r,
	})
}
