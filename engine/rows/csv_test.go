package rows_test

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"waybill/engine/rows"
)

// told writes a stream as lines: the number of each row and its cells in the order of their names, or its error.
func told(t *testing.T, c *rows.CSVReader) string {
	t.Helper()
	var out strings.Builder
	for row, err := range c.Rows() {
		var bad *rows.RowError
		switch {
		case errors.As(err, &bad):
			fmt.Fprintf(&out, "%d! %v\n", bad.Number, bad.Err)
		case err != nil:
			fmt.Fprintf(&out, "end: %v\n", err)
		default:
			cells, _ := row.Value.(map[string]any)
			fmt.Fprintf(&out, "%d", row.Number)
			for _, name := range slices.Sorted(maps.Keys(cells)) {
				fmt.Fprintf(&out, " %s=%q", name, cells[name])
			}
			out.WriteString("\n")
		}
	}
	return out.String()
}

// utf16 encodes text with its mark.
func utf16(text string, high int) string {
	out := []byte{0xFF, 0xFE}
	if high == 0 {
		out = []byte{0xFE, 0xFF}
	}
	for _, r := range text {
		pair := [2]byte{byte(r), byte(r >> 8)}
		out = append(out, pair[1-high], pair[high])
	}
	return string(out)
}

func TestCSV(t *testing.T) {
	tests := []struct {
		name, text string
		options    rows.CSVOptions
		want       string
	}{
		{"plain", "a,b\n1,2\n3,4\n", rows.CSVOptions{}, "2 a=\"1\" b=\"2\"\n3 a=\"3\" b=\"4\"\n"},
		{"no line end at the end", "a,b\n1,2", rows.CSVOptions{}, "2 a=\"1\" b=\"2\"\n"},
		{"header alone", "a,b\n", rows.CSVOptions{}, ""},
		{"mark of UTF-8", "\xEF\xBB\xBFa,b\n1,2\n", rows.CSVOptions{}, "2 a=\"1\" b=\"2\"\n"},
		{"mark before a quoted name", "\xEF\xBB\xBF\"a\",b\n1,2\n", rows.CSVOptions{}, "2 a=\"1\" b=\"2\"\n"},
		{"UTF-16, little end", utf16("a;b\nñ;2\n", 1), rows.CSVOptions{}, "2 a=\"ñ\" b=\"2\"\n"},
		{"UTF-16, big end", utf16("a;b\nñ;2\n", 0), rows.CSVOptions{}, "2 a=\"ñ\" b=\"2\"\n"},
		{"UTF-16 without mark, told", utf16("a;b\nx;2\n", 1)[2:], rows.CSVOptions{Encoding: "utf-16"}, "2 a=\"x\" b=\"2\"\n"},
		{"Windows-1252", "a;b\nJos\xE9;\x80\n", rows.CSVOptions{}, "2 a=\"José\" b=\"€\"\n"},
		{"Windows-1252, told", "a;b\nJos\xE9;x\n", rows.CSVOptions{Encoding: "Windows-1252"}, "2 a=\"José\" b=\"x\"\n"},
		{"UTF-8 with a broken row", "a;b\nJosé;x\nJos\xE9;y\nñ;z\n", rows.CSVOptions{}, "2 a=\"José\" b=\"x\"\n3! is not UTF-8: if the file comes from Excel, set encoding: windows-1252\n4 a=\"ñ\" b=\"z\"\n"},
		{"not of Windows-1252", "a;b\nJos\xE9;\x81\n", rows.CSVOptions{}, "2! has a letter that was lost (U+FFFD): set the file's encoding, or export it again as UTF-8\n"},
		{"a letter lost before", "a\nJos\uFFFD\nx\n", rows.CSVOptions{Encoding: "utf-8"}, "2! has a letter that is not in utf-8, or was lost (U+FFFD)\n3 a=\"x\"\n"},
		{"semicolons", "a;b\n1,5;2\n", rows.CSVOptions{}, "2 a=\"1,5\" b=\"2\"\n"},
		{"tabs", "a\tb\n1\t2\n", rows.CSVOptions{}, "2 a=\"1\" b=\"2\"\n"},
		{"a delimiter in a quoted name", "\"a;x;y\",b\n1,2\n", rows.CSVOptions{}, "2 a;x;y=\"1\" b=\"2\"\n"},
		{"a delimiter that is told", "a|b\n1|2\n", rows.CSVOptions{Delimiter: '|'}, "2 a=\"1\" b=\"2\"\n"},
		{"Excel's sep line", "sep=;\na;b\n1;2\n", rows.CSVOptions{}, "3 a=\"1\" b=\"2\"\n"},
		{"CRLF", "a,b\r\n1,2\r\n\r\n3,4\r\n", rows.CSVOptions{}, "2 a=\"1\" b=\"2\"\n4 a=\"3\" b=\"4\"\n"},
		{"CR alone", "a,b\r1,2\r3,4", rows.CSVOptions{}, "2 a=\"1\" b=\"2\"\n3 a=\"3\" b=\"4\"\n"},
		{"quotes", "a,b\n\"x, \"\"y\"\"\",\"\"\n", rows.CSVOptions{}, "2 a=\"x, \\\"y\\\"\" b=\"\"\n"},
		{"lines in a cell", "a,b\r\n\"one\r\ntwo\",2\r\n3,4\r\n", rows.CSVOptions{}, "2 a=\"one\\ntwo\" b=\"2\"\n4 a=\"3\" b=\"4\"\n"},
		{"white space is kept in values", " a , b\n x , y \n", rows.CSVOptions{}, "2 a=\" x \" b=\" y \"\n"},
		{"blank lines", "\n\na,b\n\n1,2\n  \n3,4\n\n", rows.CSVOptions{}, "5 a=\"1\" b=\"2\"\n7 a=\"3\" b=\"4\"\n"},
		{"ragged", "a,b\n1\n2,3\n4,5,6\n", rows.CSVOptions{}, "2! has 1 field, and the header has 2\n3 a=\"2\" b=\"3\"\n4! has 3 fields, and the header has 2\n"},
		{"rows without any value", "a,b\n,\n1,\n , \u00A0\n\"\",\"\n\"\n,,,\n2,3\n", rows.CSVOptions{}, "3 a=\"1\" b=\"\"\n8 a=\"2\" b=\"3\"\n"},
		{"rows without any value before the header", ",,\n;\na;b\n1;2\n", rows.CSVOptions{}, "4 a=\"1\" b=\"2\"\n"},
		{"columns at the end without any value", "a,b,, \n1,2,,\n3,4\n5,6,,,,\n", rows.CSVOptions{}, "2 a=\"1\" b=\"2\"\n3 a=\"3\" b=\"4\"\n4 a=\"5\" b=\"6\"\n"},
		{"cells behind the header without any value", "a,b\n1,2,\n3,,\n4,5,,6\n", rows.CSVOptions{}, "2 a=\"1\" b=\"2\"\n3 a=\"3\" b=\"\"\n4! has 4 fields, and the header has 2\n"},
		{"a value in a column without a name", "a,b,,\n1,2,,x\n3,4,,\n", rows.CSVOptions{}, "2! has a value in column 4, which has no name in the header\n3 a=\"3\" b=\"4\"\n"},
		{"a quote inside", "a,b\n5\" pipe,x\n1,2\n", rows.CSVOptions{}, "2! field 1 has a quote inside: put the whole field in quotes, and write \"\" for the one inside\n3 a=\"1\" b=\"2\"\n"},
		{"text after a quote", "a,b\n\"x\"y,z\n1,2\n", rows.CSVOptions{}, "2! field 1 goes on after its closing quote: write \"\" for a quote inside\n3 a=\"1\" b=\"2\"\n"},
		{"an unclosed quote at the end", "a,b\n1,2\n3,\"4\n", rows.CSVOptions{}, "2 a=\"1\" b=\"2\"\n3! a quote that opens here is not closed\n"},
		{"an unclosed quote", "a,b\n3,\"4\n5,6\n7,8\n", rows.CSVOptions{}, "end: line 2: a quote that opens here is not closed: 2 lines after it: not read\n"},
		{"a NUL byte", "a,b\n1,\x00\n3,4\n", rows.CSVOptions{}, "2! has a NUL byte: this is not text\n3 a=\"3\" b=\"4\"\n"},
		{"a long line", "a,b\n" + strings.Repeat("x", 2<<20) + "\n1,2\n", rows.CSVOptions{}, "2! is longer than 1 MiB\n3 a=\"1\" b=\"2\"\n"},
		{"a long quote", "a,b\n\"" + strings.Repeat("x\n", 1<<20) + "1,2\n", rows.CSVOptions{}, "end: line 2: a quote that opens here is not closed within 1 MiB: what follows is not read\n"},
		{"a late letter of Windows-1252", "a,b\n" + strings.Repeat("1,2\n", 20_000) + "Jos\xE9,2\n", rows.CSVOptions{}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := rows.CSV(strings.NewReader(tt.text), tt.options)
			if err != nil {
				t.Fatal(err)
			}
			got := told(t, c)
			if tt.want == "" && strings.HasPrefix(tt.name, "a late") {
				got = strings.Join(strings.SplitAfter(got, "\n")[20_000:], "")
				tt.want = "20002! is not UTF-8: if the file comes from Excel, set encoding: windows-1252\n"
			}
			if got != tt.want {
				t.Errorf("got:\n%swant:\n%s", got, tt.want)
			}
		})
	}
}

func TestCSVHeader(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"empty", "", "the file is empty: its first line has to name the columns"},
		{"blank", "\n \n", "the file is empty: its first line has to name the columns"},
		{"mark alone", "\xEF\xBB\xBF", "the file is empty: its first line has to name the columns"},
		{"no name", "a,,c\n", "line 1: column 2 has no name: name it in the first line, or take it out"},
		{"no value at all", ",,\n;\n", "the file is empty: its first line has to name the columns"},
		{"a name of white space", "a,\u00A0,b\n", "line 1: column 2 has no name: name it in the first line, or take it out"},
		{"twice", "\na,b, a\n", `line 2: columns 1 and 3 are both called "a": give one of them another name`},
		{"a workbook", "PK\x03\x04rest", "this is an Excel workbook (or another zip file), not text: save it as CSV: File, Save As, CSV UTF-8"},
		{"an old workbook", "\xD0\xCF\x11\xE0rest", "this is an old Excel workbook (.xls), not text: save it as CSV: File, Save As, CSV UTF-8"},
		{"compressed", "\x1F\x8B\x08", "this is a compressed file (gzip), not text: uncompress it first: gunzip FILE"},
		{"UTF-16 without mark", utf16("phone;name\n", 1)[2:], "this looks like UTF-16 without its mark: set encoding: utf-16, or save it as UTF-8"},
		{"bytes", "a,\x01\x02\n", "line 1: the name of column 2 has characters that cannot be printed: is this a CSV file?"},
		{"NUL", "a,\x00\n", "line 1: in the header: has a NUL byte: this is not text"},
		{"an unclosed quote", "a,\"b\n1,2\n", "line 1: in the header: a quote that opens here is not closed: 1 line after it: not read"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := rows.CSV(strings.NewReader(tt.text), rows.CSVOptions{})
			var header *rows.HeaderError
			if !errors.As(err, &header) || err.Error() != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
	if _, err := rows.CSV(strings.NewReader("a,b\n"), rows.CSVOptions{Encoding: "ebcdic"}); err == nil || !strings.Contains(err.Error(), "unknown encoding") {
		t.Errorf("got %v, want an unknown encoding", err)
	}
	if _, err := rows.CSV(strings.NewReader("a,b\n"), rows.CSVOptions{Delimiter: '"'}); err == nil {
		t.Error("a quote was taken as delimiter")
	}
}

func TestCSVCheckUnnamed(t *testing.T) {
	for text, want := range map[string]string{
		"a,b,,\n1,2,,\n,,,\n3,4\n": "",
		"a,b\n1,2,3\n":             "", // the row is wrong, not the header
		"\na,b,,\n1,2,,\n3,4,,x\n": "line 2: column 4 has no name: name it in the first line, or take it out",
	} {
		c, err := rows.CSV(strings.NewReader(text), rows.CSVOptions{})
		if err != nil {
			t.Fatal(err)
		}
		err = c.CheckUnnamed()
		if got := fmt.Sprint(err); got != want && (err != nil || want != "") {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

// failing gives some text and then an error.
type failing struct{ text io.Reader }

func (f failing) Read(p []byte) (int, error) {
	n, err := f.text.Read(p)
	if errors.Is(err, io.EOF) {
		err = errors.New("the disk is gone")
	}
	return n, err
}

func TestCSVReaderFails(t *testing.T) {
	text := "a,b\n" + strings.Repeat("1,2\n", 40_000)
	c, err := rows.CSV(failing{strings.NewReader(text)}, rows.CSVOptions{})
	if err != nil {
		t.Fatal(err)
	}
	count, last := 0, error(nil)
	for _, err := range c.Rows() {
		if count++; err != nil {
			last = err
		}
	}
	var fatal *rows.ReadError
	if !errors.As(last, &fatal) || fatal.Number != 40_002 || count != 40_001 {
		t.Errorf("got %d rows, last error %v", count, last)
	}
}
