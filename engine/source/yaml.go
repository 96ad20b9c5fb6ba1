package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"gopkg.in/yaml.v3"

	"waybill/engine/diag"
)

// manyBytes is from where on the values of a file are counted before yaml.v3 makes a node of each.
const manyBytes = 256 << 10

// readYAML reads the documents of a YAML file, whose text begins at base: see Read. Nothing is ever decoded into Go values:
// yaml.v3 would read phone numbers as octal and dates as times.
func (f *Findings) readYAML(src *diag.Source, base int) []*Node {
	text := src.Text[base:]
	r := &yamlReader{
		Findings: f, source: src, base: base,
		positions: positions{source: src}, text: editedText{text: text, marks: []mark{{0, 0}}},
	}
	if len(text) > manyBytes {
		switch s := scan(text, maxNodes); {
		case s.deep != (span{}):
			f.tooDeep(src.Range(base+s.deep.from, base+s.deep.to))
			return nil
		case s.tokens > maxNodes:
			f.tooMany(src.Range(base, base))
			return nil
		}
	}
	if at := directive(text); at >= 0 {
		f.Fault("yaml-directive", src.Range(base+at, base+lineEnd(text, at)), "directives are not supported", "", "leave the line out")
		return nil
	}
	trees, err := decodeYAML(text)
	var scanned *lenientScanner
	if err != nil {
		if scanned = scan(text, len(text)); len(scanned.edits) > 0 {
			mended := apply(text, scanned.edits)
			if again, e := decodeYAML(mended.text); e == nil {
				trees, err, r.text = again, nil, mended
			}
		}
	}
	r.lines = indexLines(r.text.text)
	documents := make([]*Node, 0, len(trees))
	for _, tree := range trees {
		documents = append(documents, r.document(tree))
	}
	if err == nil {
		return documents
	}
	known := len(f.List)
	f.syntax(src, base, scanned, err)
	if next := nextDocument(src, base, f.List[known:]); next >= 0 && f.broken < mostBroken {
		f.broken++
		documents = append(documents, f.readYAML(src, next)...)
	}
	return documents
}

// mostBroken is how many documents of a file may be no YAML before what follows them is left unread.
const mostBroken = 20

// nextDocument returns the offset of the document that follows those with mistakes; -1: none does. A line of --- begins one wherever it stands,
// also within a quote that is never closed.
func nextDocument(src *diag.Source, base int, mistakes diag.List) int {
	last := 0
	for _, d := range mistakes {
		last = max(last, d.Range.Start.Line)
	}
	number, offset := 0, 0
	for line := range bytes.Lines(src.Text) {
		if number++; number > last && offset > base && bytes.HasPrefix(line, []byte("---")) && (len(line) == 3 || bytes.IndexByte([]byte(" \t\r\n"), line[3]) >= 0) {
			return offset
		}
		offset += len(line)
	}
	return -1
}

// decodeYAML returns the documents that could be read, and why no more could be.
func decodeYAML(text []byte) (documents []*yaml.Node, err error) {
	defer func() {
		// A panic of yaml.v3 is a finding about the file: a file must never end the program.
		if p := recover(); p != nil {
			err = fmt.Errorf("yaml: %v", p)
		}
	}()
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	for {
		document := &yaml.Node{}
		switch err := decoder.Decode(document); {
		case errors.Is(err, io.EOF):
			return documents, nil
		case err != nil:
			return documents, err
		}
		documents = append(documents, document)
	}
}

// directive returns the offset of a %YAML or %TAG line at the head of a file, -1 when there is none.
func directive(text []byte) int {
	offset := 0
	for line := range bytes.Lines(text) {
		trimmed := bytes.TrimSpace(line)
		switch {
		case bytes.HasPrefix(line, []byte("%")):
			return offset
		case len(trimmed) > 0 && trimmed[0] != '#':
			return -1
		}
		offset += len(line)
	}
	return -1
}

// tooMany reports more values than a job file may have.
func (f *Findings) tooMany(r diag.Range) {
	f.Fault("too-many-values", r, fmt.Sprintf("more than %d values, aliases followed", maxNodes),
		"Long lists belong into a CSV or JSON lines file.", "forEach: { csv: people.csv }")
}

// tooDeep reports values that are nested too deeply.
func (f *Findings) tooDeep(r diag.Range) {
	f.Fault("too-deep", r, fmt.Sprintf("values are nested more than %d levels deep", maxDepth), "", "")
}

// yamlReader makes nodes of yaml.Nodes.
type yamlReader struct {
	*Findings
	source    *diag.Source
	base      int                  // bytes of the byte order mark
	text      editedText           // what yaml.v3 read
	lines     *lineIndex           // of text
	positions positions            // of the source
	read      map[*yaml.Node]*Node // nil: being read
	budget    int                  // values that may still come
	stop      bool                 // a limit is exceeded: nothing more is read
}

func (r *yamlReader) document(tree *yaml.Node) *Node {
	r.read, r.budget, r.stop = map[*yaml.Node]*Node{}, maxNodes, false
	if len(tree.Content) == 0 {
		return nil
	}
	root := r.node(tree.Content[0], 0)
	if root.Kind == Null && root.Text == "" {
		return nil // a line of --- with nothing behind it
	}
	root.Broken = root.Broken || r.stop
	return root
}

// origin returns the offset in the source of an offset in the text that yaml.v3 read.
func (r *yamlReader) origin(offset int) int { return r.base + r.text.origin(offset) }

// node reads a value and what is in it. It never returns nil.
func (r *yamlReader) node(y *yaml.Node, depth int) *Node {
	if y.Kind == yaml.AliasNode {
		return r.alias(y)
	}
	offset := r.lines.offset(y.Line, y.Column)
	n := &Node{Kind: Null, size: 1, Range: r.positions.rangeOf(r.origin(offset), r.origin(offset))}
	r.budget--
	switch {
	case r.stop:
		return n
	case r.budget < 0:
		r.stop = true
		r.tooMany(n.Range)
		return n
	case depth > maxDepth:
		r.stop = true
		r.tooDeep(n.Range)
		return n
	}
	r.tag(y, n)
	r.read[y] = nil // while it is being read: an alias to it would be inside of itself
	switch y.Kind {
	case yaml.ScalarNode:
		r.scalar(y, n, offset)
	case yaml.SequenceNode:
		n.Kind = List
		for _, item := range y.Content {
			child := r.node(item, depth+1)
			n.Items = append(n.Items, child)
			n.size += child.size
		}
		r.close(y, n, offset)
	case yaml.MappingNode:
		n.Kind = Map
		r.mapping(y, n, depth)
		r.close(y, n, offset)
	case yaml.DocumentNode, yaml.AliasNode:
	}
	r.read[y] = n
	return n
}

// alias returns the value that was read at the anchor. It is the same one, so that nested aliases that multiply cost no memory;
// they count as often as they stand.
func (r *yamlReader) alias(y *yaml.Node) *Node {
	offset := r.lines.offset(y.Line, y.Column)
	rng := r.positions.rangeOf(r.origin(offset), r.origin(offset)+1+len(y.Value))
	n := r.read[y.Alias]
	switch {
	case n == nil && !r.stop:
		r.Fault("too-deep", rng, fmt.Sprintf("the alias *%s stands inside of the value that it repeats", y.Value), "", "")
		fallthrough
	case n == nil:
		return &Node{Kind: Null, size: 1, Range: rng, Broken: true}
	}
	if r.budget -= n.size; r.budget < 0 && !r.stop {
		r.stop = true
		r.tooMany(rng)
	}
	return n
}

// tag refuses all tags but !!str, which means the same as quotes.
func (r *yamlReader) tag(y *yaml.Node, n *Node) {
	if y.Style&yaml.TaggedStyle == 0 || y.Tag == "!!str" && y.Kind == yaml.ScalarNode {
		return
	}
	n.Broken = true
	at := n.Range
	at.End.Column = min(at.End.Column+utf8.RuneCountInString(y.Tag), utf8.RuneCountInString(r.source.Line(at.End.Line))+1)
	r.Fault("unknown-tag", at, fmt.Sprintf("the tag %s has no meaning here", y.Tag),
		"Values have the types of JSON.", "leave it out")
}

func (r *yamlReader) mapping(y *yaml.Node, n *Node, depth int) {
	seen := make(map[string]diag.Range, len(y.Content)/2)
	for i := 0; i+1 < len(y.Content) && !r.stop; i += 2 {
		name, rng, ok := r.key(y.Content[i])
		child := r.node(y.Content[i+1], depth+1)
		n.size += child.size + 1
		r.budget--
		if !ok {
			n.Broken = n.Broken || y.Content[i].Kind == yaml.MappingNode || misread(y.Content[i].Value)
			n.Merged = n.Merged || y.Content[i].Tag == "!!merge"
			continue
		}
		name = norm.NFC.String(name) // names are compared so
		if first, twice := seen[name]; twice {
			r.duplicate(name, rng, first)
			continue
		}
		seen[name] = rng
		if child.Kind == Null && child.Range.Start == child.Range.End && child.Text == "" {
			child.Range = rng // nothing stands there: show the name
		}
		n.Fields = append(n.Fields, Field{Name: name, NameRange: rng, Node: child})
	}
}

// duplicate reports a name that stands twice, at the second place.
func (f *Findings) duplicate(name string, second, first diag.Range) {
	f.Fault("duplicate-key", second, fmt.Sprintf("%q stands twice", name),
		fmt.Sprintf("It stands first at line %d, column %d.", first.Start.Line, first.Start.Column), "keep one of them")
}

// key reads a name of a map; false when it is none.
func (r *yamlReader) key(y *yaml.Node) (string, diag.Range, bool) {
	offset := r.lines.offset(y.Line, y.Column)
	k := &Node{Kind: Null, size: 1, Range: r.positions.rangeOf(r.origin(offset), r.origin(offset))}
	switch {
	case y.Kind == yaml.MappingNode && y.Style&yaml.FlowStyle != 0:
		r.unquotedBraces(r.source, span{r.origin(offset) - 1, r.origin(offset) - 1}, span{})
		return "", k.Range, false
	case y.Kind != yaml.ScalarNode:
		r.Fault("bad-key", k.Range, "a name is text", "Lists, maps and aliases cannot be names.", "")
		return "", k.Range, false
	}
	r.scalar(y, k, offset)
	switch {
	case y.Tag == "!!merge" && y.Style == 0:
		r.Fault("merge-key", k.Range, "<< merges are not supported", "They hide where a value comes from.",
			"repeat the entries, or use an alias for the whole map")
		return "", k.Range, false
	case y.Style == 0 && oddBlanks([]byte(k.Text)) > 0:
		k.Range.End = k.Range.Start
		k.Range.End.Column += utf8.RuneCount([]byte(k.Text)[:oddBlanks([]byte(k.Text))])
		r.oddBlank(k.Range)
		return "", k.Range, false
	case y.Style == 0 && bulletLine().MatchString(k.Text):
		r.bullet(k)
		return "", k.Range, false
	case k.Kind != Text:
		r.Fault("bad-key", k.Range, fmt.Sprintf("a name is text, and %s is %s to YAML", y.Value, k.Kind), "",
			"put quotes around it: "+Quote(y.Value))
		return "", k.Range, false
	}
	return k.Text, k.Range, true
}

// misread says that a name begins with what people take for the indentation or the dash of an entry, and YAML for letters of the name: what
// should be a list is a map then.
func misread(name string) bool { return oddBlanks([]byte(name)) > 0 || bulletLine().MatchString(name) }

// bullet reports a name that begins with a word processor's dash.
func (r *yamlReader) bullet(k *Node) {
	sign, _, _ := strings.Cut(k.Text, " ")
	at := k.Range
	at.End = at.Start
	at.End.Column += utf8.RuneCountInString(sign)
	r.Fault("bad-yaml", at, notAnEntry(sign), "", dashHint)
}

// close sets where a list or a map ends: behind its last value, or behind the bracket of an empty one.
func (r *yamlReader) close(y *yaml.Node, n *Node, offset int) {
	last := n.Range
	for _, item := range n.Items {
		last = later(last, item.Range)
	}
	for _, f := range n.Fields {
		last = later(last, later(f.NameRange, f.Range))
	}
	n.Range.End = last.End
	if y.Style&yaml.FlowStyle == 0 || len(n.Items) > 0 || len(n.Fields) > 0 {
		return
	}
	line := r.source.Text[min(r.origin(offset), len(r.source.Text)):]
	if end := bytes.IndexAny(line, "]}\r\n"); end >= 0 && (line[end] == ']' || line[end] == '}') {
		n.Range.End.Column += utf8.RuneCount(line[:end+1])
	}
}

// later returns the range that ends later.
func later(a, b diag.Range) diag.Range {
	if b.End.Compare(a.End) > 0 {
		return b
	}
	return a
}

// Quote writes text as it is to stand in YAML and JSON alike.
func Quote(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`, "\r", `\r`).Replace(text) + `"`
}
