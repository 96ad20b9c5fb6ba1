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
		{"UTF-8 with a broken row", "a;b\nJosé;x\nJos\xE9;y\nñ;z\n", rows.CSVOptions{}, "2 a=\"José\" b=\"x\"\n3! is not UTF-8, and other lines are: mend it, or save the whole file as UTF-8\n4 a=\"ñ\" b=\"z\"\n"},
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
		{"white space around values is none of them", " a , b\n x  z ,\" y\u00A0\nw\r\n\"\n", rows.CSVOptions{}, "2 a=\"x  z\" b=\"y\\u00a0\\nw\"\n"},
		{"columns between others without any value", "a,,b, ,c\n1,,2,\u200B,3\n4,,5,,\n", rows.CSVOptions{}, "2 a=\"1\" b=\"2\" c=\"3\"\n3 a=\"4\" b=\"5\" c=\"\"\n"},
		{"columns before the first that has a name", ",,a,b\n1,x,2,3\n", rows.CSVOptions{}, "2 a=\"2\" b=\"3\"\n"},
		{"names that several columns have", "\u00E9,a,e\u0301,b,a, a\n1,2,3,4,5,6\n", rows.CSVOptions{}, "2 b=\"4\"\n"},
		{"a name over several lines in the first column", "\"a\nb\";\"c\nd\"\n1;2\n", rows.CSVOptions{}, "4 a b=\"1\" c d=\"2\"\n"},
		{"the same of an old Mac", "\"a\rb\";c,d;e\r1;2;3\r", rows.CSVOptions{}, "3 a b=\"1\" c,d=\"2\" e=\"3\"\n"},
		{"a value in a column without a name between others", "a,,c\n1,x,2\n3,,4\n", rows.CSVOptions{}, "2! has a value in column 2, which has no name in the header\n3 a=\"3\" c=\"4\"\n"},
		{"rows of invisible characters", "a,b\n\u200B\u2060,\u00AD\n1,2\n", rows.CSVOptions{}, "3 a=\"1\" b=\"2\"\n"},
		{"blank lines", "\n\na,b\n\n1,2\n  \n3,4\n\n", rows.CSVOptions{}, "5 a=\"1\" b=\"2\"\n7 a=\"3\" b=\"4\"\n"},
		{"ragged", "a,b\n1\n2,3\n4,5,6\n", rows.CSVOptions{}, "2! has 1 field, and the header has 2\n3 a=\"2\" b=\"3\"\n4! has 3 fields, and the header has 2\n"},
		{"another delimiter than the header's", "a,b\n1;2\n3;4;5\n", rows.CSVOptions{}, "2! has 1 field, and the header has 2: its fields are parted by ';', and the names of the columns by ','\n3! has 1 field, and the header has 2\n"},
		{"rows without any value", "a,b\n,\n1,\n , \u00A0\n\"\",\"\n\"\n,,,\n2,3\n", rows.CSVOptions{}, "3 a=\"1\" b=\"\"\n8 a=\"2\" b=\"3\"\n"},
		{"rows without any value before the header", ",,\n;\na;b\n1;2\n", rows.CSVOptions{}, "4 a=\"1\" b=\"2\"\n"},
		{"columns at the end without any value", "a,b,, \n1,2,,\n3,4\n5,6,,,,\n", rows.CSVOptions{}, "2 a=\"1\" b=\"2\"\n3 a=\"3\" b=\"4\"\n4 a=\"5\" b=\"6\"\n"},
		{"cells behind the header without any value", "a,b\n1,2,\n3,,\n4,5,,6\n", rows.CSVOptions{}, "2 a=\"1\" b=\"2\"\n3 a=\"3\" b=\"\"\n4! has 4 fields, and the header has 2\n"},
		{"a value in a column without a name", "a,b,,\n1,2,,x\n3,4,,\n", rows.CSVOptions{}, "2! has a value in column 4, which has no name in the header\n3 a=\"3\" b=\"4\"\n"},
		{"a quote inside", "a,b\n5\" pipe,x\n1,2\n", rows.CSVOptions{}, "2! field 1 has a quote inside: put the whole field in quotes, and write \"\" for the one inside\n3 a=\"1\" b=\"2\"\n"},
		{"text after a quote", "a,b\n\"x\"y,z\n1,2\n", rows.CSVOptions{}, "2! field 1 goes on after its closing quote: write \"\" for a quote inside\n3 a=\"1\" b=\"2\"\n"},
		{"two quotes that make a row of two", "a,b,c,d\n1,\"Ana,612345678,y\n2,Leo\",612345679,w\n3,p,q,r\n", rows.CSVOptions{}, "2! field 2 has a quote that is not closed on its line: it holds the beginning of another row; it goes on to line 3, and what stands there is no row of its own\n4 a=\"3\" b=\"p\" c=\"q\" d=\"r\"\n"},
		{"the same, at the end of a row", "a,b,c\n1,612 345 678,\"Ana\r\n3,612 345 679,Leo\"\r\n", rows.CSVOptions{}, "2! field 3 has a quote that is not closed on its line: it holds the beginning of another row; it goes on to line 3, and what stands there is no row of its own\n"},
		{"an address of several lines", "a,b,c,d\n1,612345678,\"Mayor 3,2\n28001,Madrid,Spain\",x\n", rows.CSVOptions{}, "2 a=\"1\" b=\"612345678\" c=\"Mayor 3,2\\n28001,Madrid,Spain\" d=\"x\"\n"},
		{"a text of several lines", "a,b,c\n1,2,\"Ana\nx, y, z\"\n", rows.CSVOptions{}, "2 a=\"1\" b=\"2\" c=\"Ana\\nx, y, z\"\n"},
		{"a header of another order", "a,b,c\n1,2,3\na,c,b\n4,5,6\n", rows.CSVOptions{}, "2 a=\"1\" b=\"2\" c=\"3\"\nend: line 3: names columns, and in another way than the header: two tables were put together, and of the second nothing is read\n"},
		{"a header with other columns", "a,b,c\n1,2,3\nx,b,c,a\n4,5,6,7\n", rows.CSVOptions{}, "2 a=\"1\" b=\"2\" c=\"3\"\nend: line 3: names columns, and in another way than the header: two tables were put together, and of the second nothing is read\n"},
		{"a cell that is called as a column", "name,phone,kind\nphone,2,x\n", rows.CSVOptions{}, "2 kind=\"x\" name=\"phone\" phone=\"2\"\n"},
		{"Git's marks", "a,b\n1,2\n<<<<<<< HEAD\n3,4\n=======\n3,5\n>>>>>>> other\n", rows.CSVOptions{}, "2 a=\"1\" b=\"2\"\nend: line 3: is where Git could not decide between two versions of the file: settle that first\n"},
		{"an unclosed quote at the end", "a,b\n1,2\n3,\"4\n", rows.CSVOptions{}, "2 a=\"1\" b=\"2\"\n3! a quote that opens here is not closed\n"},
		{"an unclosed quote", "a,b\n3,\"4\n5,6\n7,8\n", rows.CSVOptions{}, "end: line 2: a quote that opens here is not closed: 2 lines after it: not read\n"},
		{"a NUL byte", "a,b\n1,\x00\n3,4\n", rows.CSVOptions{}, "2! has a NUL byte: this is not text\n3 a=\"3\" b=\"4\"\n"},
		{"a long line", "a,b\n" + strings.Repeat("x", 2<<20) + "\n1,2\n", rows.CSVOptions{}, "2! is longer than 1 MiB\n3 a=\"1\" b=\"2\"\n"},
		{"a long quote", "a,b\n\"" + strings.Repeat("x\n", 1<<20) + "1,2\n", rows.CSVOptions{}, "end: line 2: a quote that opens here is not closed within 1 MiB: what follows is not read\n"},
		{"a UTF-8 file whose first line beyond ASCII is broken", "a;b\nJos\xE9;y\n1;2\nñ;z\n", rows.CSVOptions{}, "2! is not UTF-8, and other lines are: mend it, or save the whole file as UTF-8\n3 a=\"1\" b=\"2\"\n4 a=\"ñ\" b=\"z\"\n"},
		{"more broken lines than whole ones", "a;b\nJos\xE9;\xE9\xE8\n\xE9\xE9;\xFA\xFA\nñ;z\n", rows.CSVOptions{}, "2! is not UTF-8, and other lines are: mend it, or save the whole file as UTF-8\n3! is not UTF-8, and other lines are: mend it, or save the whole file as UTF-8\n4 a=\"ñ\" b=\"z\"\n"},
		{"a mark and a broken line", "\xEF\xBB\xBFa;b\nJos\xE9;y\n1;2\n", rows.CSVOptions{}, "2! is not UTF-8, and other lines are: mend it, or save the whole file as UTF-8\n3 a=\"1\" b=\"2\"\n"},
		{"a mark wins over what is told", "\xEF\xBB\xBFa;b\nñ;y\n", rows.CSVOptions{Encoding: "windows-1252"}, "2 a=\"ñ\" b=\"y\"\n"},
		{"told UTF-8", "a;b\nJos\xE9;y\n1;2\n", rows.CSVOptions{Encoding: "UTF8"}, "2! is not UTF-8, which is the encoding that is set: mend it, or set the file's own\n3 a=\"1\" b=\"2\"\n"},
		{"Mac Roman", "a;b\nJos\x8E;x\n", rows.CSVOptions{Encoding: "macintosh"}, "2 a=\"José\" b=\"x\"\n"},
		{"cp850", "a;b\nJos\x82;x\n", rows.CSVOptions{Encoding: "cp850"}, "2 a=\"José\" b=\"x\"\n"},
		{"Cyrillic", "a;b\n\xC0\xED\xED\xE0;x\n", rows.CSVOptions{Encoding: "windows-1251"}, "2 a=\"Анна\" b=\"x\"\n"},
		{"Greek", "a;b\n\xC1\xED\xED\xE1;x\n", rows.CSVOptions{Encoding: "ISO-8859-7"}, "2 a=\"Αννα\" b=\"x\"\n"},
		{"Turkish", "a;b\n\xDDlk;x\n", rows.CSVOptions{Encoding: "iso-8859-9"}, "2 a=\"İlk\" b=\"x\"\n"},
		{"Japanese", "a,b\n\x8D\x82\x8B\xB4,x\n", rows.CSVOptions{Encoding: "shift_jis"}, "2 a=\"高橋\" b=\"x\"\n"},
		{"a byte that the encoding does not have", "a,b\n\xFF\xFF,x\n1,2\n", rows.CSVOptions{Encoding: "shift_jis"}, "2! has a letter that is not in shift_jis, or was lost (U+FFFD)\n3 a=\"1\" b=\"2\"\n"},
		{"what a spreadsheet shows", "a,b\n=\"+34600\",\"=\"\"0034\"\"\"\n'+34,'0034\n'=1,'-1\n'@x,\"'5\"\n", rows.CSVOptions{}, "2 a=\"+34600\" b=\"0034\"\n3 a=\"+34\" b=\"0034\"\n4 a=\"=1\" b=\"-1\"\n5 a=\"@x\" b=\"5\"\n"},
		{"apostrophes that are letters", "a,b\n'tis,''+1\n',d'5\n", rows.CSVOptions{}, "2 a=\"'tis\" b=\"''+1\"\n3 a=\"'\" b=\"d'5\"\n"},
		{"texts of formulas", "a,b\n=\"x,y\",=\"say \"\"hi\"\"\"\n=\"\",\"=\"\"\"\"\"\"\"\"\"\n", rows.CSVOptions{}, "2 a=\"x,y\" b=\"say \\\"hi\\\"\"\n3 a=\"\" b=\"\\\"\"\n"},
		{"formulas", "a,b\n\"=A2&\"\" \"\"&B2\",=A1\n=\"a\"&\"b\",x\n", rows.CSVOptions{}, "2 a=\"=A2&\\\" \\\"&B2\" b=\"=A1\"\n3! field 1 is a formula, and only =\"text\" is read: export the table with its values\n"},
		{"texts of formulas without a value", "a,b\n=\"\",=\" \"\n1,2\n", rows.CSVOptions{}, "3 a=\"1\" b=\"2\"\n"},
		{"names of formulas", "=\"a\",'+b\n1,2\n", rows.CSVOptions{}, "2 +b=\"2\" a=\"1\"\n"},
		{"composed", "Tele\u0301fono,b\nJose\u0301,\u1112\u1161\u11AB\n", rows.CSVOptions{}, "2 Teléfono=\"José\" b=\"한\"\n"},
		{"a letter of a name is left as it is", "a\n\uFA19\n", rows.CSVOptions{}, "2 a=\"\uFA19\"\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := rows.CSV(strings.NewReader(tt.text), tt.options)
			if err != nil {
				t.Fatal(err)
			}
			got := told(t, c)
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
		{"no value at all", ",,\n;\n", "the file is empty: its first line has to name the columns"},
		{"a page", "\r\n <!DOCTYPE html>\n<html>", "this is an HTML page, not a table: export the table as CSV; what a browser saves may be the page of a login"},
		{"a PDF", "%PDF-1.7", "this is a PDF, not text: export the table as CSV"},
		{"JSON Lines", "{\"id\": 1, \"x\": 2}\n", "line 1: this is JSON, not CSV: write jsonl: FILE, with one value a line"},
		{"a JSON array", "\xEF\xBB\xBF[\n{\"id\": 1}]\n", "line 1: this is JSON, not CSV: write jsonl: FILE, with one value a line"},
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
	if _, err := rows.CSV(strings.NewReader("a,b\n"), rows.CSVOptions{Encoding: "utf-9"}); err == nil || !strings.Contains(err.Error(), "unknown encoding") {
		t.Errorf("got %v, want an unknown encoding", err)
	}
	if _, err := rows.CSV(strings.NewReader("a,b\n"), rows.CSVOptions{Delimiter: '"'}); err == nil {
		t.Error("a quote was taken as delimiter")
	}
}

func TestTwice(t *testing.T) {
	c, err := rows.CSV(strings.NewReader("\n\u00E9,a,e\u0301,b,a, a\n"), rows.CSVOptions{})
	if err != nil {
		t.Fatal(err)
	}
	const want = `[columns 1 and 3 (A and C) are both called "é" columns 2, 5 and 6 (B, E and F) are all called "a"]`
	if got := fmt.Sprint(c.Twice()); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := fmt.Sprint(c.Columns()); got != "[b]" {
		t.Errorf("columns: got %s, want [b]", got)
	}
	for column, want := range map[int]string{1: "A", 26: "Z", 27: "AA", 702: "ZZ", 703: "AAA"} {
		if got := rows.Letters(column); got != want {
			t.Errorf("column %d: got %s, want %s", column, got, want)
		}
	}
}

func TestCSVCheck(t *testing.T) {
	for text, want := range map[string]string{
		"a,b,,\n1,2,,\n,,,\n3,4\n":               "<nil> <nil>",
		"a,,b\n1,,2\n":                           "<nil> <nil>",
		"a,,b\n1,,2\n3,x,4\n":                    "<nil> line 1: column 2 has no name: name it there, or take it out; where another row names the columns, say headerRow: with its number",
		",\u00A0,b\n1,,2\n":                      "<nil> <nil>",
		"a,b\n1,2,3\n":                           "<nil> <nil>", // the row is wrong, not the header
		"\na,b,,\n1,2,,\n3,4,,x\n":               "<nil> line 2: column 4 has no name: name it there, or take it out; where another row names the columns, say headerRow: with its number",
		"a\nñ\nJos\xE9\n":                        "<nil> <nil>",
		"a\nJos\xE9\nñ\n":                        "<nil> <nil>",
		"a,b\n1,2\n1,\"Jos\x8E, \x84and\x9C\"\n": "JosŽ:3 <nil>",
		"a,b,\n1,\x84and\x9C,\n":                 "„andœ:2 <nil>",
		"Tel\xE9fono\n1\n":                       "Teléfono:1 <nil>",
	} {
		for name, r := range map[string]io.Reader{"file": strings.NewReader(text), "stream": io.MultiReader(strings.NewReader(text))} {
			c, err := rows.CSV(r, rows.CSVOptions{})
			if err != nil {
				t.Fatal(err)
			}
			guess, err := c.Check()
			word := "<nil>"
			if guess != nil {
				word = fmt.Sprintf("%s:%d", guess.Word, guess.Line)
			}
			if got := fmt.Sprint(word, " ", err); got != want {
				t.Errorf("%s %q: got %s, want %s", name, text, got, want)
			}
		}
	}
}

// A file is looked at to its end before it is taken for Windows-1252, from where it was when it was given; of a stream only what is read
// already can be looked at, and a letter that comes later ends it.
func TestCSVEncodingOfAllLines(t *testing.T) {
	text := "before\na,b\n" + strings.Repeat("1,2\n", 20_000) + "Jos\xE9,2\n" + strings.Repeat("1,2\n", 40_000)
	broken := "20002! is not UTF-8, and other lines are: mend it, or save the whole file as UTF-8\n"
	for _, tt := range []struct {
		text, want, stream string
	}{
		{text, "20002 a=\"José\" b=\"2\"\n", "20002 a=\"José\" b=\"2\"\n"},
		{text + "ñ,2\n", broken, "20002 a=\"José\" b=\"2\"\nend: line 60003: is UTF-8, and line 20002 is not: set the file's encoding, or save it as UTF-8\n"},
		{text + strings.Repeat("x", 2<<20) + "ñ,2\nñ,2\n", broken, ""},
	} {
		for name, want := range map[string]string{"file": tt.want, "stream": tt.stream} {
			file := strings.NewReader(tt.text)
			if _, err := file.Seek(7, io.SeekStart); err != nil {
				t.Fatal(err)
			}
			from := io.Reader(file)
			if name == "stream" {
				from = io.MultiReader(file)
			}
			c, err := rows.CSV(from, rows.CSVOptions{})
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, line := range strings.SplitAfter(told(t, c), "\n") {
				if strings.HasPrefix(line, "20002") || strings.HasPrefix(line, "end") {
					got += line
				}
			}
			if want != "" && got != want {
				t.Errorf("%s: got\n%s, want\n%s", name, got, want)
			}
		}
	}
}

// The row after a guess carries it, once.
func TestCSVGuessIsTold(t *testing.T) {
	c, err := rows.CSV(strings.NewReader("a\nx\nJos\xE9\n\xE9\n"), rows.CSVOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for row, err := range c.Rows() {
		if err != nil {
			t.Fatal(err)
		}
		if row.Guess != nil {
			got = append(got, fmt.Sprintf("%d %s:%d", row.Number, row.Guess.Word, row.Guess.Line))
		}
	}
	if want := []string{"3 José:3"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestEncodings(t *testing.T) {
	for _, name := range append(rows.Encodings(), "UTF8", "utf_16", "latin-1", "ISO 8859-15", "mac roman", "x-mac-roman", "IBM850", "850", "dos-437", "ansi", "win1252", "ascii", "Shift-JIS", "sjis", "koi8", "cp1251", "windows1250") {
		if !rows.KnownEncoding(name) {
			t.Errorf("%q is not known", name)
		}
	}
	for _, name := range []string{"utf-9", "utf", "ebcdic", "iso-2022-kr", "cp", "cp9999", "excel"} {
		if rows.KnownEncoding(name) {
			t.Errorf("%q is known", name)
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
