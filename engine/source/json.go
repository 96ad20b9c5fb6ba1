package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"golang.org/x/text/unicode/norm"

	"waybill/engine/diag"
)

// isJSON says whether a file is to be read as JSON: its name says so, or it is valid JSON and more than a scalar.
func isJSON(name string, text []byte) bool {
	if strings.HasSuffix(strings.ToLower(name), ".json") {
		return true
	}
	text = bytes.TrimLeft(text, " \t\r\n")
	return len(text) > 0 && (text[0] == '{' || text[0] == '[') && json.Valid(text)
}

// readJSON reads a JSON file, whose text begins at base: one value, nil when there is none.
func (f *Findings) readJSON(src *diag.Source, base int) *Node {
	if len(bytes.TrimSpace(src.Text[base:])) == 0 {
		return nil
	}
	r := &jsonReader{Findings: f, source: src, base: base, positions: positions{source: src}, budget: maxNodes}
	r.decoder = json.NewDecoder(bytes.NewReader(src.Text[base:]))
	r.decoder.UseNumber()
	root, err := r.node(0)
	if err == nil {
		if _, more := r.decoder.Token(); !errors.Is(more, io.EOF) {
			at := r.skip(r.end())
			r.Fault("bad-json", src.Range(at, at+1), "something follows the end of the value", "A JSON file holds one job.", "")
		}
		return root
	}
	if !errors.Is(err, errStop) {
		r.report(err)
	}
	return nil
}

// errStop ends the reading of a file after a finding that ends it.
var errStop = errors.New("stop")

// jsonReader makes nodes of JSON tokens.
type jsonReader struct {
	*Findings
	source    *diag.Source
	base      int // bytes of the byte order mark
	decoder   *json.Decoder
	positions positions
	budget    int // values that may still come
}

// end returns the offset behind the last token.
func (r *jsonReader) end() int { return r.base + int(r.decoder.InputOffset()) }

// skip returns the offset of the next token from an offset on.
func (r *jsonReader) skip(offset int) int {
	for offset < len(r.source.Text) && strings.IndexByte(" \t\r\n,:", r.source.Text[offset]) >= 0 {
		offset++
	}
	return offset
}

// token reads the next token and returns where it stands.
func (r *jsonReader) token() (json.Token, span, error) {
	from := r.skip(r.end())
	token, err := r.decoder.Token()
	return token, span{from, r.end()}, err
}

func (r *jsonReader) node(depth int) (*Node, error) {
	token, at, err := r.token()
	if err != nil {
		return nil, err
	}
	n := &Node{size: 1, Range: r.positions.rangeOf(at.from, at.to)}
	if r.budget--; r.budget < 0 {
		r.tooMany(n.Range)
		return nil, errStop
	}
	if depth > maxDepth {
		r.tooDeep(n.Range)
		return nil, errStop
	}
	switch token := token.(type) {
	case nil:
		n.Kind = Null
	case bool:
		n.Kind, n.Text = Bool, fmt.Sprint(token)
	case json.Number:
		n.Kind, n.Text = Number, token.String()
	case string:
		r.text(n, token, at)
	case json.Delim:
		if token == '[' {
			n.Kind = List
			err = r.list(n, depth)
		} else {
			n.Kind = Map
			err = r.fields(n, depth)
		}
	}
	return n, err
}

// text reads a string. Without escapes its runes stand side by side.
func (r *jsonReader) text(n *Node, text string, at span) {
	n.Kind, n.Text = Text, text
	raw := r.source.Text[at.from:at.to]
	if len(raw) == len(text)+2 {
		n.TextStart = n.Range.Start
		n.TextStart.Column++
	} else {
		n.RunePos = runePositions(r.source, raw[1:], text, doubleQuoted, func(offset int) int { return at.from + 1 + offset })
	}
	if half := loneSurrogate(raw); half >= 0 {
		r.Fault("bad-json", r.source.Range(at.from+half, at.from+half+6), "half of a character in an escape",
			"A \\uD83D is followed by a second escape, as in \\uD83D\\uDE00.", "")
		n.Broken = true
	}
}

// loneSurrogate returns the offset of a \u escape that is half of a character, -1 when there is none. The decoder would
// replace it by U+FFFD and report nothing.
func loneSurrogate(raw []byte) int {
	for i := 0; i+6 <= len(raw); i++ {
		if raw[i] != '\\' {
			continue
		}
		if raw[i+1] == 'u' && (raw[i+2] == 'd' || raw[i+2] == 'D') && raw[i+3] >= '8' {
			if surrogates(raw[i:]) == 0 {
				return i
			}
			i += 10
		}
		i++
	}
	return -1
}

func (r *jsonReader) list(n *Node, depth int) error {
	for r.decoder.More() {
		child, err := r.node(depth + 1)
		if err != nil {
			return err
		}
		n.Items = append(n.Items, child)
	}
	return r.close(n)
}

func (r *jsonReader) fields(n *Node, depth int) error {
	seen := map[string]diag.Range{}
	for r.decoder.More() {
		token, at, err := r.token()
		if err != nil {
			return err
		}
		name, ok := token.(string)
		if !ok {
			return errors.New("a name is text in double quotes")
		}
		name = norm.NFC.String(name) // names are compared so
		rng := r.positions.rangeOf(at.from, at.to)
		child, err := r.node(depth + 1)
		if err != nil {
			return err
		}
		if first, twice := seen[name]; twice {
			r.duplicate(name, rng, first)
			continue
		}
		seen[name] = rng
		n.Fields = append(n.Fields, Field{Name: name, NameRange: rng, Node: child})
	}
	return r.close(n)
}

// close reads the closing bracket.
func (r *jsonReader) close(n *Node) error {
	_, at, err := r.token()
	n.Range.End = r.positions.position(at.to)
	return err
}

// report reports text that is not JSON.
func (r *jsonReader) report(err error) {
	at := r.skip(r.end())
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		at = r.base + int(syntax.Offset) - 1
	}
	text := r.source.Text
	at = min(max(at, r.base), len(text))
	summary := strings.TrimPrefix(err.Error(), "json: ")
	detail := "JSON has names and text in double quotes, no comments, and no comma after the last entry."
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || strings.Contains(summary, "unexpected end") {
		at = len(bytes.TrimRight(text, " \t\r\n"))
		summary, detail = "the file ends within a value", "A closing bracket or quote is missing."
	} else if m := badCharacter.FindStringSubmatch(summary); m != nil {
		// The decoder counts to the character or to the one before it.
		for at < len(text)-1 && strings.IndexByte(" \t\r\n", text[at]) >= 0 {
			at++
		}
		summary = m[1] + " cannot stand here"
	}
	r.Fault("bad-json", r.source.Range(at, min(at+1, len(text))), "not well-formed JSON: "+summary, detail, "")
}

// badCharacter matches what encoding/json says of a character that does not fit.
var badCharacter = regexp.MustCompile(`^invalid character ('.*?')(?: |$)`)
