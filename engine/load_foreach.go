package engine

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"waybill/engine/eval"
)

// forEach reads where items come from. It gives also the names that stand inside of it: those outside, the item
// and its index.
func (d *document) forEach(f *field, scope, outside eval.Scope) (*ForEach, eval.Scope) {
	e := &ForEach{
		As: "item", Range: f.node.rng, Encoding: f.at("encoding").words(),
		Concurrency: f.at("concurrency").whole(), StopAfter: d.threshold(f.at("stopAfter")),
	}
	e.Delimiter, _ = utf8.DecodeRuneInString(f.at("delimiter").words())
	if e.Delimiter == utf8.RuneError {
		e.Delimiter = 0
	}
	if as := f.at("as"); as.words() != "" {
		e.As = as.text
		if taken(e.As) {
			d.fault("name-taken", as.rng, fmt.Sprintf("%q means something else in expressions", e.As), "", "choose another name")
		}
	}
	item := d.items(f, e, scope)
	inside := outside.With(e.As, item).With("index", eval.Integer())
	d.key(f.field("key"), e, inside)
	for _, name := range [...]string{"encoding", "delimiter"} {
		if option := f.field(name); option != nil && e.Kind != FromCSV && e.Kind != 0 {
			d.fault("bad-source", option.rng, name+" is for csv files alone", "", "leave it out")
		}
	}
	return e, inside
}

// items reads the one source and gives the type of an item.
func (d *document) items(f *field, e *ForEach, scope eval.Scope) eval.Type {
	var source *field
	for i := range f.fields {
		entry := &f.fields[i]
		switch entry.name {
		case "csv", "jsonl", "items":
		default:
			continue
		}
		if source != nil {
			d.fault("bad-source", entry.rng, fmt.Sprintf("items come from %s already", source.name), "A forEach has one source.", "leave one of the two out")
			continue
		}
		source = entry
	}
	if source == nil {
		d.fault("bad-source", f.rng, "the forEach does not say where its items come from", "", "add csv: FILE, jsonl: FILE, or items: a list")
		return eval.Any()
	}
	e.PathRange = source.node.rng
	switch source.name {
	case "csv":
		e.Kind = FromCSV
		return d.csv(source, e, scope)
	case "jsonl":
		e.Kind = FromJSONL
		if e.Path = d.template(source, scope); e.Path != nil {
			d.columns(e)
		}
		return eval.Any()
	}
	e.Kind = FromItems
	return d.listed(source, e, scope)
}

// csv gives the type of a row: closed where the header can be read already.
func (d *document) csv(source *field, e *ForEach, scope eval.Scope) eval.Type {
	if e.Path = d.template(source, scope); e.Path == nil {
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

// listed gives the type of an element of a list in the file, or of what an expression gives.
func (d *document) listed(source *field, e *ForEach, scope eval.Scope) eval.Type {
	if source.broken || source.kind != isList && source.kind != isText {
		return eval.Any()
	}
	e.Items = d.tree(source.node, scope)
	t := e.Items.Type()
	if t.IsAny() {
		return t
	}
	if !t.IsList() {
		hint := ""
		if lower := strings.ToLower(source.text); strings.HasSuffix(lower, ".csv") || strings.HasSuffix(lower, ".jsonl") {
			hint = fmt.Sprintf("write %s: %s", lower[strings.LastIndex(lower, ".")+1:], source.text)
		}
		d.fault("type-mismatch", source.node.rng, fmt.Sprintf("items must be a list, and this is of type %s", t), "", hint)
		return eval.Any()
	}
	return t.Elem()
}

// key compiles what makes an item the same item in another run.
func (d *document) key(f *field, e *ForEach, inside eval.Scope) {
	before := len(d.list)
	if e.Key = d.template(f, inside); e.Key == nil || d.list[before:].HasErrors() {
		return
	}
	switch {
	case e.Key.Uses("index"):
		d.fault("index-in-key", f.node.rng, "the key depends on the item's place",
			"With another order of the items everything would be sent again.", fmt.Sprintf("use what makes it itself: ${{ %s.id }}", e.As))
	case !e.Key.Uses(e.As):
		d.fault("constant-key", f.node.rng, "every item would have the same key",
			"Items of one key are one delivery: only the first would be sent.", fmt.Sprintf("use something of the item: ${{ %s.id }}", e.As))
	}
}

// taken says whether a name has a meaning in expressions already.
func taken(name string) bool {
	switch name {
	case "inputs", "vars", "env", "steps", "run", "job", "index",
		"true", "false", "nil", "null", "not", "in", "and", "or", "let", "if", "else",
		"matches", "contains", "startsWith", "endsWith", "failed", "always", "success":
		return true
	}
	return false
}

// threshold reads stopAfter: a count, or a share such as 5%.
func (d *document) threshold(n *node) Threshold {
	share, ok := strings.CutSuffix(n.words(), "%")
	if !ok {
		return Threshold{Count: n.whole()}
	}
	percent, err := strconv.ParseFloat(share, 64)
	if err != nil {
		return Threshold{}
	}
	if percent <= 0 || percent > 100 {
		d.fault("bad-value", n.rng, "stopAfter must be more than 0% and at most 100%", "", "stopAfter: 1 ends the group with the first failure")
	}
	return Threshold{Share: percent / 100}
}
