package sources

import (
	"net/http"
	"net/url"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/eval"
	"waybill/engine/rows"
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

// columnsOf is the type of an item that has these columns, each of them text; of one that is there twice the shape says what is wrong
// with reading it. Without columns nothing is known of an item.
func columnsOf(columns []string, twice []rows.Twice) engine.Shape {
	if columns == nil {
		return engine.Shape{Item: eval.OpenObject(nil)}
	}
	fields := make(map[string]eval.Type, len(columns)+len(twice))
	for _, column := range columns {
		fields[column] = eval.String()
	}
	for _, t := range twice {
		fields[t.Name] = eval.String()
	}
	return engine.Shape{Columns: columns, Twice: twice, Item: eval.Object(fields)}
}

// twice judges the names that several columns of a source have, when its rows are asked for. What is no error of a file that the job
// names, loading the job has told.
func twice(c *engine.SourceCall, name string, found []rows.Twice) (diag.List, error) {
	list := c.ForEach.JudgeTwice(name, found)
	switch {
	case list.HasErrors():
		return nil, list.Err()
	case originOf(c.ForEach).File:
		return nil, nil
	}
	return list, nil
}

// fault is the one finding about a source.
func fault(code string, at diag.Range, summary, detail, hint string) diag.List {
	return diag.List{{Severity: diag.Error, Code: code, Range: at, Summary: summary, Detail: detail, Hint: hint}}
}
