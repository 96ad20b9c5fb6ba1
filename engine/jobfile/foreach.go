package jobfile

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"waybill/engine"
	"waybill/engine/eval"
	"waybill/engine/source"
)

// forEach reads where items come from. It returns also the names that expressions inside can use: those outside, the item and
// its index.
func (d *document) forEach(f *source.Field, scope, outside eval.Scope) (*engine.ForEach, eval.Scope) {
	e := &engine.ForEach{
		As: "item", Range: f.Range, Encoding: f.At("encoding").AsText(),
		Concurrency: f.At("concurrency").AsInt(), StopAfter: d.threshold(f.Field("stopAfter")),
		MaxAge: d.duration(f.Field("maxAge")), Rollout: d.rollout(f.Field("rollout")),
	}
	e.Delimiter = delimiter(f.At("delimiter"))
	if as := f.At("as"); as.AsText() != "" {
		e.As = as.Text
		if reserved(e.As) {
			d.Fault("name-taken", as.Range, fmt.Sprintf("%q means something else in expressions", e.As), "", "choose another name")
		}
	}
	item := d.items(f, e, scope)
	inside := outside.With(e.As, item).With("index", eval.Integer())
	d.key(f.Field("key"), e, inside)
	e.Where = d.condition(f.Field("where"), inside)
	if option := f.Field("maxAge"); option != nil && e.Kind == engine.FromItems {
		d.Fault("bad-source", option.NameRange, "maxAge is for csv and jsonl files alone", "A list has no age.", "leave it out")
	}
	for _, name := range [...]string{"encoding", "delimiter"} {
		if option := f.Field(name); option != nil && e.Kind != engine.FromCSV && e.Kind != 0 {
			d.Fault("bad-source", option.NameRange, name+" is for csv files alone", "", "leave it out")
		}
	}
	return e, inside
}

// delimiter reads what parts the columns of a csv file; 0: to be found out.
func delimiter(n *source.Node) rune {
	r, _ := utf8.DecodeRuneInString(n.AsText())
	if r == utf8.RuneError {
		return 0
	}
	return r
}

// items reads the one source and returns the type of an item.
func (d *document) items(f *source.Field, e *engine.ForEach, scope eval.Scope) eval.Type {
	var given *source.Field
	for i := range f.Fields {
		entry := &f.Fields[i]
		switch entry.Name {
		case "csv", "jsonl", "items":
		default:
			continue
		}
		if given != nil {
			d.Fault("bad-source", entry.NameRange, fmt.Sprintf("items come from %s already", given.Name),
				"A forEach has one source.", "leave one of the two out")
			continue
		}
		given = entry
	}
	if given == nil {
		d.Fault("bad-source", f.NameRange, "the forEach does not say where its items come from", "",
			"add csv: FILE, jsonl: FILE, or items: a list")
		return eval.Any()
	}
	e.PathRange = given.Range
	switch given.Name {
	case "csv":
		e.Kind = engine.FromCSV
		return d.csv(given, e, scope)
	case "jsonl":
		e.Kind = engine.FromJSONL
		if e.Path = d.template(given, scope); e.Path != nil {
			d.columns(e)
		}
		return eval.Any()
	}
	e.Kind = engine.FromItems
	return d.listItems(given, e, scope)
}

// csv returns the type of a row: with its columns alone where the header can be read already.
func (d *document) csv(given *source.Field, e *engine.ForEach, scope eval.Scope) eval.Type {
	if e.Path = d.template(given, scope); e.Path == nil {
		return eval.OpenObject(nil)
	}
	if e.Columns = d.columns(e); e.Columns == nil {
		return eval.OpenObject(nil)
	}
	fields := make(map[string]eval.Type, len(e.Columns))
	for _, column := range e.Columns {
		fields[column] = eval.String()
	}
	return eval.Object(fields)
}

// listItems returns the type of an element of a list in the file, or of the list that an expression returns.
func (d *document) listItems(given *source.Field, e *engine.ForEach, scope eval.Scope) eval.Type {
	if given.Broken || given.Kind != source.List && given.Kind != source.Text {
		return eval.Any()
	}
	e.Items = d.tree(given.Node, scope)
	t := e.Items.Type()
	if t.IsAny() {
		return t
	}
	if !t.IsList() {
		hint := ""
		if lower := strings.ToLower(given.Text); strings.HasSuffix(lower, ".csv") || strings.HasSuffix(lower, ".jsonl") {
			hint = fmt.Sprintf("write %s: %s", lower[strings.LastIndex(lower, ".")+1:], given.Text)
		}
		d.Fault("type-mismatch", given.Range, fmt.Sprintf("items must be a list, and this is of type %s", t), "", hint)
		return eval.Any()
	}
	return t.Elem()
}

// key compiles what identifies an item in all runs.
func (d *document) key(f *source.Field, e *engine.ForEach, inside eval.Scope) {
	before := len(d.List)
	if e.Key = d.template(f, inside); e.Key == nil || d.List[before:].HasErrors() {
		return
	}
	switch {
	case e.Key.Uses("index"):
		d.Fault("index-in-key", f.Range, "the key depends on the item's place",
			"With another order of the items everything would be sent again.", fmt.Sprintf("use what makes it itself: ${{ %s.id }}", e.As))
	case !e.Key.Uses(e.As):
		d.Fault("constant-key", f.Range, "every item would have the same key",
			"Items of one key are one delivery: only the first would be sent.",
			fmt.Sprintf("use something of the item: ${{ %s.id }}", e.As))
	}
}

// reserved says whether a name has another meaning in expressions.
func reserved(name string) bool {
	switch name {
	case "inputs", "vars", "env", "steps", "run", "job", "index",
		"true", "false", "nil", "null", "not", "in", "and", "or", "let", "if", "else",
		"matches", "contains", "startsWith", "endsWith", "failed", "always", "success":
		return true
	}
	return false
}
