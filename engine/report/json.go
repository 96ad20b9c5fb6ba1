package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"strings"
)

// WriteJSON prints one document, indented, without turning < and > into escapes.
func WriteJSON(w io.Writer, document any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(document)
}

// writeJSONList prints a list as it is read, one element to a line, so that a list of any length needs the memory of one element. It ends at
// the first error, with the list left open.
func writeJSONList[T any](w io.Writer, list iter.Seq2[T, error]) error {
	before := "["
	for element, err := range list {
		if err != nil {
			return err
		}
		line, err := json.Marshal(element)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "%s\n  %s", before, line); err != nil {
			return err
		}
		before = ","
	}
	end := "\n]\n"
	if before == "[" {
		end = "[]\n"
	}
	_, err := io.WriteString(w, end)
	return err
}

// jsonWidth is how wide a line of JSON may be before it is broken.
const jsonWidth = 96

// compactJSON sets JSON so that it can be read at a glance: what fits in one line stands in one line. Keys keep their
// order, and no byte of a value changes. What is no JSON is given back as it is.
func compactJSON(text json.RawMessage) string {
	var flat bytes.Buffer
	if err := json.Compact(&flat, text); err != nil {
		return string(text)
	}
	var b strings.Builder
	setJSON(&b, flat.String(), "", 0)
	return b.String()
}

// setJSON writes one value; used is how far the line is filled already.
func setJSON(b *strings.Builder, value, indent string, used int) {
	if used+len(indent)+len(value) <= jsonWidth || len(value) < 2 || value[0] != '{' && value[0] != '[' {
		b.WriteString(spaced(value))
		return
	}
	inner := indent + "  "
	b.WriteByte(value[0])
	for i, part := range parts(value[1 : len(value)-1]) {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("\n" + inner)
		name := ""
		if value[0] == '{' {
			at := stringEnd(part) + 1
			name, part = part[:at], part[at:]
			b.WriteString(name + " ")
		}
		setJSON(b, part, inner, len(name)+1)
	}
	b.WriteString("\n" + indent + value[len(value)-1:])
}

// parts splits the inside of a compact object or list at its own commas.
func parts(inside string) []string {
	var list []string
	depth, from := 0, 0
	for i := 0; i < len(inside); i++ {
		switch inside[i] {
		case '"':
			i += stringEnd(inside[i:]) - 1
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case ',':
			if depth == 0 {
				list, from = append(list, inside[from:i]), i+1
			}
		}
	}
	if from < len(inside) {
		list = append(list, inside[from:])
	}
	return list
}

// stringEnd is the length of the JSON string that text begins with.
func stringEnd(text string) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}

// spaced puts a blank behind the commas and colons of compact JSON, outside of its strings.
func spaced(value string) string {
	var b strings.Builder
	for i := 0; i < len(value); i++ {
		switch value[i] {
		case '"':
			end := i + stringEnd(value[i:])
			b.WriteString(value[i:end])
			i = end - 1
		case ',', ':':
			b.WriteByte(value[i])
			b.WriteByte(' ')
		default:
			b.WriteByte(value[i])
		}
	}
	return b.String()
}
