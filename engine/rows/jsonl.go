package rows

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"unicode/utf8"
)

// maxDepth is how deep the values of a row may be nested.
const maxDepth = 100

// JSONL streams a file of JSON Lines: one JSON value a line; lines that are blank, or whose value is empty, are passed over. A *RowError is about one
// row, and the stream goes on; any other error is the last: a *HeaderError when this is another kind of file. keepLines: rows have their Text.
func JSONL(r io.Reader, keepLines bool) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		text, _, err := decode(r, "")
		if err != nil {
			yield(Row{}, err)
			return
		}
		in := newLines(text)
		for first := true; ; {
			line, err := in.next()
			row := Row{Number: in.number}
			switch {
			case errors.Is(err, io.EOF):
				return
			case errors.Is(err, errLongLine):
				err = &RowError{Number: in.number, Err: err}
			case err != nil:
				yield(row, &ReadError{Number: in.number, Err: err})
				return
			case len(bytes.TrimSpace(line)) == 0:
				continue
			default:
				row, err = jsonRow(in.number, line, first)
				if keepLines {
					row.Text, err = string(line), withLine(err, line)
				}
				if err == nil && IsEmpty(row.Value) {
					first = false
					continue
				}
			}
			first = false
			var bad *RowError
			if !yield(row, err) || err != nil && !errors.As(err, &bad) {
				return
			}
		}
	}
}

// CheckJSONL reads the beginning of a file of JSON Lines. A *HeaderError says that it is another kind of file; any other error is of r.
func CheckJSONL(r io.Reader) error {
	for _, err := range JSONL(r, false) {
		if _, ok := errors.AsType[*RowError](err); !ok {
			return err
		}
		break // what is wrong with a row is said when it is needed
	}
	return nil
}

// jsonRow makes a row of a line. The first one tells whether this is JSON Lines at all.
func jsonRow(number int, line []byte, first bool) (Row, error) {
	row := Row{Number: number}
	value, err := parseLine(line)
	if first && err != nil && csvAsJSON(line) {
		return row, &HeaderError{Line: number, Message: "this is CSV, not JSON Lines", Hint: "write csv: FILE"}
	}
	if first {
		if other := otherJSON(line, value, err); other != "" {
			hint := "write one value a line, as jq -c '.[]' FILE does"
			if other == objectOverLines { // its own values are no rows
				hint = "write one value a line, as jq -c . FILE does; of a list in it, jq -c '.NAME[]' FILE"
			}
			return row, &HeaderError{Line: number, Message: other, Hint: hint}
		}
	}
	if err != nil {
		return row, &RowError{Number: number, Err: err}
	}
	row.Value = value
	return row, nil
}

const objectOverLines = "this is a JSON object over several lines, not JSON Lines"

// otherJSON recognises a file that is one JSON document.
func otherJSON(line []byte, value any, err error) string {
	start := bytes.TrimSpace(line)
	if list, ok := value.([]any); ok && err == nil {
		for _, element := range list {
			if _, isObject := element.(map[string]any); isObject {
				return "this is a JSON array, not JSON Lines"
			}
		}
		return ""
	}
	switch {
	case err == nil || !errors.Is(err, errCutOff):
	case start[0] == '[':
		return "this is a JSON array, not JSON Lines"
	case len(start) == 1 && start[0] == '{', start[0] == '{' && bytes.IndexByte([]byte("[{,:"), start[len(start)-1]) >= 0:
		return objectOverLines
	}
	return ""
}

var errCutOff = errors.New("is not JSON: the value does not end on its line")

// parseLine reads the one value of a line.
func parseLine(line []byte) (any, error) {
	switch {
	case !utf8.Valid(line):
		return nil, errors.New("is not UTF-8: export it again as UTF-8")
	case bytes.IndexByte(line, 0) >= 0:
		return nil, errors.New("has a NUL byte: this is not text")
	}
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.UseNumber()
	value, err := parseValue(decoder, 0)
	switch {
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return nil, errCutOff
	case err != nil:
		return nil, placed(line, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("has more than one value: what follows begins at column %d", column(line, decoder.InputOffset()))
	}
	return value, nil
}

// placed says where a line is wrong. The decoder's offsets mean one thing between tokens and another inside them;
// those of a whole parse do not.
func placed(line []byte, err error) error {
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return err
	}
	var whole any
	if again := json.Unmarshal(line, &whole); errors.As(again, &syntax) {
		return fmt.Errorf("is not JSON: %w at column %d", again, column(line, syntax.Offset))
	}
	return fmt.Errorf("is not JSON: %w", err)
}

// column counts the letters before byte offset at, from 1.
func column(line []byte, at int64) int {
	return utf8.RuneCount(line[:min(max(at-1, 0), int64(len(line)))]) + 1
}

// parseValue reads a value token by token: encoding/json by itself takes the last of two equal names.
func parseValue(decoder *json.Decoder, depth int) (any, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("is nested more than %d levels deep", maxDepth)
	}
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	switch token := token.(type) {
	case json.Delim:
		if token == '[' {
			return parseList(decoder, depth)
		}
		return parseObject(decoder, depth)
	case json.Number:
		return Number(token.String()), nil
	case string:
		text, err := whole(token)
		return trimmed(text), err
	}
	return token, nil
}

func parseList(decoder *json.Decoder, depth int) (any, error) {
	list := []any{}
	for decoder.More() {
		element, err := parseValue(decoder, depth+1)
		if err != nil {
			return nil, err
		}
		list = append(list, element)
	}
	_, err := decoder.Token()
	return list, err
}

func parseObject(decoder *json.Decoder, depth int) (any, error) {
	object := map[string]any{}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		name, ok := token.(string)
		if !ok {
			return nil, errors.New("is not JSON: a name is no text")
		}
		if name, err = whole(name); err != nil {
			return nil, err
		}
		if _, twice := object[name]; twice {
			return nil, fmt.Errorf("has the name %q twice in one object", name)
		}
		if object[name], err = parseValue(decoder, depth+1); err != nil {
			return nil, err
		}
	}
	_, err := decoder.Token()
	return object, err
}

// whole returns text composed, and refuses one that lost a letter: half a surrogate pair, which encoding/json makes U+FFFD of.
func whole(text string) (string, error) {
	if strings.ContainsRune(text, utf8.RuneError) {
		return "", errors.New("has a letter that was lost (U+FFFD, or half a surrogate pair): export it again")
	}
	return Composed(text), nil
}

// withLine gives the error of a row its line.
func withLine(err error, line []byte) error {
	if bad, ok := errors.AsType[*RowError](err); ok {
		bad.Text = string(line)
	}
	return err
}
