package rows_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"waybill/engine/rows"
)

func TestJSONL(t *testing.T) {
	type row struct {
		number int
		value  any
		err    string
	}
	tests := []struct {
		name, text string
		want       []row
	}{
		{"empty", "", nil},
		{"objects", "{\"a\":1}\n{\"a\":\"x\"}\n", []row{{1, map[string]any{"a": int64(1)}, ""}, {2, map[string]any{"a": "x"}, ""}}},
		{"mark, CRLF, blank lines", "\xEF\xBB\xBF\r\n1\r\n\r\n2", []row{{2, int64(1), ""}, {4, int64(2), ""}}},
		{"UTF-16", utf16("{\"a\":\"ñ\"}\n", 1), []row{{1, map[string]any{"a": "ñ"}, ""}}},
		{"numbers", `[34600111222, 0.5, 1.0, 1e3, 123456789012345678901234567890, -0]`, []row{{1, []any{int64(34600111222), 0.5, 1.0, 1000.0, json.Number("123456789012345678901234567890"), int64(0)}, ""}}},
		{"scalars", "true\nfalse\n0\n\"x\"\n", []row{{1, true, ""}, {2, false, ""}, {3, int64(0), ""}, {4, "x", ""}}},
		{"values that hold nothing", "{}\nnull\n{\"a\":null,\"b\":\" \\u200b\",\"c\":[{}]}\n[]\n{\"a\":\"\",\"b\":\" x\\r\\n\"}\n", []row{{5, map[string]any{"a": "", "b": "x"}, ""}}},
		{"surrogates", `"\ud83d\ude00"`, []row{{1, "😀", ""}}},
		{"half a surrogate", "\"\\ud83d\"\n1\n", []row{{1, nil, "has a letter that was lost (U+FFFD, or half a surrogate pair): export it again"}, {2, int64(1), ""}}},
		{"a bad line", "{\"a\":1}\n{\"a\":}\n{\"a\":2}\n", []row{{1, map[string]any{"a": int64(1)}, ""}, {2, nil, "is not JSON: invalid character '}' looking for beginning of value at column 6"}, {3, map[string]any{"a": int64(2)}, ""}}},
		{"not JSON", "hello\n1\n", []row{{1, nil, "is not JSON: invalid character 'h' looking for beginning of value at column 1"}, {2, int64(1), ""}}},
		{"cut off", "1\n{\"a\":\n2\n", []row{{1, int64(1), ""}, {2, nil, "is not JSON: the value does not end on its line"}, {3, int64(2), ""}}},
		{"two values", "{} {}\n", []row{{1, nil, "has more than one value: what follows begins at column 4"}}},
		{"a name twice", "{\"a\":1,\"b\":2,\"a\":3}\n{\"b\":{\"a\":1,\"\\u0061\":1}}\n", []row{{1, nil, `has the name "a" twice in one object`}, {2, nil, `has the name "a" twice in one object`}}},
		{"not UTF-8", "\"Jos\xE9\"\n1\n", []row{{1, nil, "is not UTF-8: export it again as UTF-8"}, {2, int64(1), ""}}},
		{"too deep", strings.Repeat("[", 200) + strings.Repeat("]", 200), []row{{1, nil, "is nested more than 100 levels deep"}}},
		{"a long line", "\"" + strings.Repeat("x", 2<<20) + "\"\n1\n", []row{{1, nil, "is longer than 1 MiB"}, {2, int64(1), ""}}},
		{"an array of lists is not taken for a document", "[1,2]\n[3]\n", []row{{1, []any{int64(1), int64(2)}, ""}, {2, []any{int64(3)}, ""}}},
		{"an array", "[\n{\"a\":1}\n]\n", []row{{1, nil, "end: line 1: this is a JSON array, not JSON Lines: write one value a line, as jq -c '.[]' FILE does"}}},
		{"an array on one line", "[{\"a\":1}]\n", []row{{1, nil, "end: line 1: this is a JSON array, not JSON Lines: write one value a line, as jq -c '.[]' FILE does"}}},
		{"an object over lines", "{\n\"a\":1\n}\n", []row{{1, nil, "end: line 1: this is a JSON object over several lines, not JSON Lines: write one value a line, as jq -c . FILE does; of a list in it, jq -c '.NAME[]' FILE"}}},
		{"a list in an object", "{\"people\":[\n{\"a\":1}\n]}\n", []row{{1, nil, "end: line 1: this is a JSON object over several lines, not JSON Lines: write one value a line, as jq -c . FILE does; of a list in it, jq -c '.NAME[]' FILE"}}},
		{"composed", "{\"e\u0301\":\"e\u0301\"}\n", []row{{1, map[string]any{"é": "é"}, ""}}},
		{"a name twice in two forms", "{\"e\u0301\":1,\"\u00E9\":2}\n", []row{{1, nil, `has the name "é" twice in one object`}}},
		{"CSV", "id;name\n1;x\n", []row{{1, nil, "end: line 1: this is CSV, not JSON Lines: write csv: FILE"}}},
		{"CSV in quotes", "\"id\",\"name\"\n", []row{{1, nil, "end: line 1: this is CSV, not JSON Lines: write csv: FILE"}}},
		{"a page", "<html>", []row{{0, nil, "end: this is an HTML page, not a table: export the table as CSV; what a browser saves may be the page of a login"}}},
		{"a workbook", "PK\x03\x04", []row{{0, nil, "end: this is an Excel workbook (or another zip file), not text: save it as CSV: File, Save As, CSV UTF-8"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []row
			for r, err := range rows.JSONL(strings.NewReader(tt.text), false) {
				next := row{number: r.Number, value: r.Value}
				if bad, ok := errors.AsType[*rows.RowError](err); ok {
					next = row{number: bad.Number, err: bad.Err.Error()}
				} else if err != nil {
					next.err = fmt.Sprint("end: ", err)
				}
				got = append(got, next)
			}
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got  %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

func TestJSONLStops(t *testing.T) {
	count := 0
	for _, err := range rows.JSONL(strings.NewReader("1\n2\n3\n"), false) {
		if count++; err != nil {
			t.Error(err)
		}
		break
	}
	if count != 1 {
		t.Errorf("%d rows after a break", count)
	}
}

func TestJSONLReaderFails(t *testing.T) {
	var last error
	for _, err := range rows.JSONL(failing{strings.NewReader(strings.Repeat("1\n", 100_000))}, false) {
		last = err
	}
	var fatal *rows.ReadError
	if !errors.As(last, &fatal) || fatal.Number != 100_001 {
		t.Errorf("last error %v", last)
	}
}
