package jobfile

import (
	"fmt"
	"regexp"
	"slices"
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
		As: "item", Range: f.Range,
		Concurrency: f.At("concurrency").AsInt(), StopAfter: d.threshold(f.Field("stopAfter")), Rollout: d.rollout(f.Field("rollout")),
	}
	if as := f.At("as"); as.AsText() != "" {
		e.As = as.Text
		if reserved(e.As) {
			d.Fault("name-taken", as.Range, fmt.Sprintf("%q means something else in expressions", e.As), "", "choose another name")
		}
	}
	item := d.items(f, e, reader{"A forEach", "the forEach", "items"}, scope)
	inside := outside.With(e.As, item).With("index", eval.Integer())
	d.key(f.Field("key"), e, inside)
	e.Where = d.condition(f.Field("where"), inside)
	return e, inside
}

// wants notes what a step reads of its items, and reports what nobody can read.
func (d *document) wants(s *engine.Step) {
	s.ForEach.Wants = engine.WantsOf(s)
	d.judgeTwice(s.ForEach)
}

func (d *document) judgeTwice(e *engine.ForEach) {
	if e.Source != nil {
		d.List = append(d.List, e.JudgeTwice(e.Source.Origin(e).Name, e.Twice)...)
	}
}

// delimiter reads what parts the columns of a csv file; 0: to be found out.
func delimiter(text string) rune {
	r, _ := utf8.DecodeRuneInString(text)
	if r == utf8.RuneError {
		return 0
	}
	return r
}

// reader is what has a source, as findings call it.
type reader struct{ what, the, rows string }

// items reads the one source and returns the type of an item.
func (d *document) items(f *source.Field, e *engine.ForEach, w reader, scope eval.Scope) eval.Type {
	var given *source.Field
	for i := range f.Fields {
		entry := &f.Fields[i]
		kind := d.sourceKind(entry.Name)
		if kind == nil {
			continue
		}
		if given != nil {
			d.Fault("bad-source", entry.NameRange, fmt.Sprintf("%s come from %s already", w.rows, given.Name),
				w.what+" has one source.", "leave one of the two out")
			continue
		}
		given, e.Source = entry, kind
	}
	if given == nil {
		d.Fault("bad-source", f.NameRange, w.the+" does not say where its "+w.rows+" come from", "",
			"add csv: FILE, jsonl: FILE, xlsx: FILE, sql: a query, or items: a list")
		return eval.Any()
	}
	e.FromRange = given.Range
	before := len(d.List)
	e.From = d.tree(given.Node, scope)
	if given.Name == "items" {
		d.leftoversIn(given.Node, true)
	}
	wrong := given.Broken || d.faulty[given.Node] || d.List[before:].HasErrors()
	d.sourceOptions(f, given, e)
	if wrong {
		return eval.Any()
	}
	shape, found := e.Source.Check(&engine.SourceCheck{ForEach: e, Job: d.job, Open: d.files, Thorough: d.loader.Thorough})
	d.List = append(d.List, found...)
	e.Columns, e.Twice = shape.Columns, shape.Twice
	return shape.Item
}

func (d *document) sourceKind(key string) engine.Source {
	for _, kind := range d.loader.Sources {
		if kind.Key() == key {
			return kind
		}
	}
	return nil
}

// sourceOptions reads the keys that say how a source is to be read. They stand beside the source's key; those of a source that is a
// map may stand in it.
func (d *document) sourceOptions(f, given *source.Field, e *engine.ForEach) {
	option := func(name string) *source.Field {
		beside, inside := f.Field(name), given.Field(name)
		if beside != nil && inside != nil {
			d.Fault("bad-source", beside.NameRange, name+" stands here and in "+given.Name, "", "leave one of the two out")
		}
		if beside != nil && !slices.Contains(e.Source.Options(), name) {
			d.Fault("bad-source", beside.NameRange, name+" is for "+enumerate(d.sourcesWith(name), "and")+" alone", "", "leave it out")
		}
		if inside != nil {
			return inside
		}
		return beside
	}
	text := func(name string) string {
		if o := option(name); o != nil {
			return o.AsText()
		}
		return ""
	}
	e.Encoding, e.Sheet, e.Hidden = d.encoding(option("encoding")), text("sheet"), engine.Hidden(text("hidden"))
	e.Delimiter = delimiter(text("delimiter"))
	if row := option("headerRow"); row != nil {
		e.HeaderRow = row.AsInt()
	}
	age := option("maxAge")
	e.MaxAge = d.duration(age)
	origin := e.Source.Origin(e)
	if origin.Once && d.root.Field("schedule") != nil {
		d.Fault("bad-source", given.Range, "a job with a schedule cannot read standard input", "It runs when nobody is there to give it any.",
			"name a file, an address or a query")
	}
	if age != nil && slices.Contains(e.Source.Options(), "maxAge") && !origin.Dated {
		d.Fault("bad-source", age.NameRange, "maxAge is for files and addresses alone: "+origin.Name+" has no age", "", "leave it out")
	}
}

// sourcesWith lists the sources that understand an option.
func (d *document) sourcesWith(option string) []string {
	var keys []string
	for _, kind := range d.loader.Sources {
		if slices.Contains(kind.Options(), option) {
			keys = append(keys, kind.Key())
		}
	}
	return keys
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
	default:
		d.changingKey(f)
	}
}

// changing is what is another in each run. A part of it that stays for a day, run.startedAt[0:10] or now().Format(…), is none.
var changing = regexp.MustCompile(`\bnow\(\)\s*[^.\s]|\brun\.(?:id|startedAt)\s*[^\w\[\s]`)

// changingKey refuses a key that no later run finds again.
func (d *document) changingKey(f *source.Field) {
	at := changing.FindStringIndex(f.Text)
	if at == nil {
		return
	}
	name := strings.TrimSpace(f.Text[at[0] : at[1]-1])
	d.Fault("changing-key", f.Range, fmt.Sprintf("the key is another in each run, for it holds %s", name),
		"Each apply would send every message again.", `use what stays; for one message a day, now().Format("2006-01-02")`)
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
