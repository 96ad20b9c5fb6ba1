package rows_test

import (
	"bytes"
	"errors"
	"iter"
	"strings"
	"testing"
	"unicode"

	"waybill/engine/rows"
)

// follow checks what every stream keeps: numbers that grow, errors with a number, and nothing after the last error.
func follow(t *testing.T, stream iter.Seq2[rows.Row, error], most int) {
	t.Helper()
	before, ended := 0, false
	for row, err := range stream {
		number := row.Number
		var bad *rows.RowError
		var header *rows.HeaderError
		switch {
		case errors.As(err, &bad):
			number = bad.Number
		case errors.As(err, &header):
			number = before + 1
		}
		switch {
		case ended:
			t.Fatal("the stream went on after its last error")
		case number <= before:
			t.Fatalf("line %d came after line %d", number, before)
		case number > most:
			t.Fatalf("line %d of a file of %d", number, most)
		}
		before, ended = number, err != nil && bad == nil
	}
}

func FuzzCSV(f *testing.F) {
	for _, text := range []string{
		"a,b\n1,2\n", "a;b\r\n\"x\r\ny\";2\r\n", "a\tb\r1\t2\r", "\xEF\xBB\xBFa\n\"\n", "sep=;\na;b\n", "a,b\n\"x\"y,2\n",
		"a\nJos\xE9\n", "a\nJos\xE9\nñ\n", "=\"a\",'+b\n=\"1\"\"\",'2\n", "\xFF\xFEa\x00\n\x00b\x00\n\x00", "PK\x03\x04", "a,a\n", ",\n", "a\n\x00\n", "a,b\n\"\"\"\",\"\"\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := rows.CSV(bytes.NewReader(text), rows.CSVOptions{})
		if err != nil {
			var header *rows.HeaderError
			if !errors.As(err, &header) || header.Message == "" {
				t.Fatalf("%v is no HeaderError", err)
			}
			return
		}
		if len(c.Columns())+len(c.Twice()) == 0 {
			t.Fatal("a header without columns")
		}
		follow(t, c.Rows(), 2+bytes.Count(text, []byte("\n"))+bytes.Count(text, []byte("\r")))
	})
}

// FuzzCSVWhole holds a well-formed file against what was written: no record may be dropped, changed or split.
func FuzzCSVWhole(f *testing.F) {
	f.Add("x", "a,b", "line\nbreak", uint8(3))
	f.Add("", `"`, ";", uint8(0))
	f.Fuzz(func(t *testing.T, a, b, c string, count uint8) {
		cells := [3]string{a, b, c}
		var text bytes.Buffer
		text.WriteString("\xEF\xBB\xBF\"a\",\"b\",\"c\"\n")
		for range count {
			for i, cell := range cells {
				if i > 0 {
					text.WriteByte(',')
				}
				text.WriteString(`"` + string(bytes.ReplaceAll([]byte(cell), []byte(`"`), []byte(`""`))) + `"`)
			}
			text.WriteByte('\n')
		}
		stream, err := rows.CSV(&text, rows.CSVOptions{Encoding: "utf-8"})
		if err != nil {
			t.Fatal(err)
		}
		got := 0
		for row, err := range stream.Rows() {
			got++
			if err != nil {
				continue
			}
			object, _ := row.Value.(map[string]any)
			for i, name := range []string{"a", "b", "c"} {
				want := rows.Composed(string(bytes.ReplaceAll([]byte(cells[i]), []byte("\r\n"), []byte("\n"))))
				if strings.HasPrefix(want, "=\"") || strings.HasPrefix(want, "'") {
					continue // what a spreadsheet shows of it may be another
				}
				if object[name] != want {
					t.Fatalf("%s is %q, want %q", name, object[name], want)
				}
			}
		}
		want := int(count)
		if strings.TrimFunc(a+b+c, func(r rune) bool { return unicode.IsSpace(r) || r == '\uFEFF' || r == '\u200B' }) == "" {
			want = 0 // rows without any value are none
		}
		if got != want {
			t.Fatalf("%d rows, want %d", got, want)
		}
	})
}

func FuzzJSONL(f *testing.F) {
	for _, text := range []string{"1\n2\n", "{\"a\":1}\r\n\r\n[1]\n", "[\n1\n]", "{", "\"\\ud800\"", "{\"a\":1,\"a\":2}", "\xFF\xFE1\x00", "1 2", "[[[[", "\r1\r2"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		follow(t, rows.JSONL(bytes.NewReader(text), false), 2+bytes.Count(text, []byte("\n"))+bytes.Count(text, []byte("\r")))
	})
}
