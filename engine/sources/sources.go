package sources

import (
	"net/http"
	"net/url"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/eval"
)

// World is what sources need of the process. The zero value fetches from nowhere.
type World struct {
	AllowURLs []string // hosts that may be asked: "files.example.org", "localhost:8080"
	UserAgent string
	Proxy     func(*http.Request) (*url.URL, error) // nil: none
	Hide      func(secret string)                   // is told of passwords that stand in an address or a DSN; nil: not wanted
}

// All lists the sources.
func All(w World) []engine.Source {
	return []engine.Source{&csv{w}, &jsonl{w}, &workbook{w}, &database{w}, &items{}}
}

// columnsOf is the type of an item that has these columns, each of them text. Without columns nothing is known of it.
func columnsOf(columns []string) engine.Shape {
	if columns == nil {
		return engine.Shape{Item: eval.OpenObject(nil)}
	}
	fields := make(map[string]eval.Type, len(columns))
	for _, column := range columns {
		fields[column] = eval.String()
	}
	return engine.Shape{Columns: columns, Item: eval.Object(fields)}
}

// fault is the one finding about a source.
func fault(code string, at diag.Range, summary, detail, hint string) diag.List {
	return diag.List{{Severity: diag.Error, Code: code, Range: at, Summary: summary, Detail: detail, Hint: hint}}
}
