package jobfile

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/eval"
	"waybill/engine/phone"
	"waybill/engine/rows"
	"waybill/engine/source"
)

// recipients reads what the job says of the people it sends to.
func (d *document) recipients() {
	f := d.root.Field("recipients")
	if f == nil || f.Kind != source.Map || f.Broken {
		return
	}
	d.job.Recipients = engine.Recipients{
		Range: f.Range, Country: d.country(f.Field("country")),
		Once: f.At("once").AsBool(), IgnoreOptOuts: f.At("optOut").AsText() == "ignore",
		Exclude: d.exclusions(f.Field("exclude")), QuietHours: d.quietHours(f.Field("quietHours")), AtMost: d.atMost(f.Field("atMost")),
	}
}

// exclusions reads which lists of people get nothing.
func (d *document) exclusions(f *source.Field) []engine.Exclusion {
	if f == nil || f.Kind != source.List || f.Broken {
		return nil
	}
	var all []engine.Exclusion
	for _, n := range f.Items {
		if n.Kind != source.Map || n.Broken {
			continue
		}
		entry := &source.Field{Node: n, Name: "exclude", NameRange: n.Head()}
		e := &engine.ForEach{As: "item", Range: n.Range}
		d.items(entry, e, reader{"A list of people", "the list of people who get nothing", "entries"}, d.scope)
		if e.Source == nil {
			continue // it was reported
		}
		if origin := e.Source.Origin(e); origin.Once {
			d.Fault("bad-source", e.FromRange, "a list of people who get nothing cannot come by standard input", "Standard input is read once, "+
				"and by a forEach; a resume of the run would not know the list any more.", "name a file, an address or a query")
			continue
		}
		x := engine.Exclusion{Source: e, Column: n.At("column").AsText(), SkipInvalid: n.At("skipInvalid").AsBool(), Range: n.Range}
		d.exclusionColumn(n, x)
		all = append(all, x)
	}
	return all
}

// exclusionColumn looks whether the column of an exclusion is there, once.
func (d *document) exclusionColumn(n *source.Node, x engine.Exclusion) {
	e, column, place := x.Source, n.Field("column"), n.Head()
	if column != nil {
		e.Wants.Columns = map[string]diag.Range{x.Column: column.Range}
	} else {
		e.Wants.Whole = &place
	}
	d.judgeTwice(e)
	switch {
	case column != nil && slices.ContainsFunc(e.Twice, func(t rows.Twice) bool { return t.Name == x.Column }):
	case column != nil && e.Columns != nil && !slices.Contains(e.Columns, x.Column):
		d.Fault("unknown-column", column.Range, fmt.Sprintf("%s has no column %s", e.Source.Origin(e).Name, source.Quote(x.Column)),
			"It has "+enumerate(e.Columns, "and")+".", didYouMean(diag.Suggest(x.Column, e.Columns)))
	case column == nil && len(e.Columns) > 1:
		d.Fault("unknown-column", place, fmt.Sprintf("%s has %d columns, and nothing says which of them names the people", e.Source.Origin(e).Name, len(e.Columns)),
			"It has "+enumerate(e.Columns, "and")+".", "add column: with the name of one")
	}
}

// quietHours reads in which hours nobody is messaged; nil for none.
func (d *document) quietHours(f *source.Field) *engine.QuietHours {
	if f == nil || f.Kind != source.Map || f.Broken {
		return nil
	}
	q := &engine.QuietHours{From: minutes(f.At("from").AsText()), To: minutes(f.At("to").AsText()), Skip: f.At("then").AsText() == "skip", Range: f.Range}
	if q.From == q.To && q.From >= 0 {
		d.Fault("bad-value", f.Range, "the quiet hours begin and end at the same time", "Nobody would know whether all hours are meant, or none.", "")
	}
	if zone := f.At("timezone"); zone != nil && zone.Kind == source.Text && !zone.Broken && zone.Text != "recipient" {
		q.Zone = d.zone(zone)
	}
	return q
}

// minutes reads a time of day such as 21:00, whose form the schema has checked; -1 for anything else.
func minutes(text string) int {
	at, err := time.Parse("15:04", text)
	if err != nil || len(text) != len("15:04") {
		return -1
	}
	return at.Hour()*60 + at.Minute()
}

// atMost reads how often one person is messaged at most; nil for any number.
func (d *document) atMost(f *source.Field) *engine.AtMost {
	if f == nil || f.Kind != source.Map || f.Broken {
		return nil
	}
	return &engine.AtMost{
		Messages: f.At("messages").AsInt(), Per: d.duration(f.Field("per")), Skip: f.At("then").AsText() == "skip", Range: f.Range,
	}
}

// country compiles the country of numbers; nil where the file says nothing. It stands outside of every forEach and may name the
// items of each: what it says of them is checked at the steps that send (countryIn).
func (d *document) country(f *source.Field) *eval.Tree {
	if f == nil || f.Kind != source.Text {
		return nil
	}
	scope := d.scope
	for _, name := range itemNames(d.root.At("steps")) {
		scope = scope.With(name, eval.Any())
	}
	tree := d.tree(f.Node, scope)
	if value, constant := tree.Constant(); constant && !f.Broken && !d.faulty[f.Node] {
		if _, err := engine.Country(value); err != nil {
			d.badCountry(f, err)
		}
	}
	return tree
}

// badCountry reports what names no country.
func (d *document) badCountry(f *source.Field, err error) {
	summary, hint := err.Error(), ""
	if wrong, ok := errors.AsType[*phone.CountryError](err); ok {
		summary, hint = wrong.Summary(), wrong.Hint
	}
	d.Fault("bad-country", f.Range, summary, "It says how numbers are read that are written without + and 00.", hint)
}

// countryIn gives a step what decides how its numbers are read, and checks the country against what the expressions of the step see.
// Where they do not see all of what it names, as outside of a forEach, it says nothing about the step.
func (d *document) countryIn(s *engine.Step, scope eval.Scope, rows []string) {
	for _, parameter := range s.Params.Fields() {
		if slices.ContainsFunc(rows, parameter.Value.Uses) {
			s.FromRows = append(s.FromRows, parameter.Name)
		}
	}
	tree := d.job.Recipients.Country
	s.Country = tree
	if tree == nil || tree.Template() == nil || !tree.OnlyUses(scope.Names()...) {
		return
	}
	f := d.root.At("recipients").Field("country")
	_, found := d.compiler.Template(f.Text, anchorOf(f.Node), scope)
	for _, finding := range found {
		known := slices.ContainsFunc(d.List, func(k diag.Diagnostic) bool {
			return k.Range == finding.Range && k.Summary == finding.Summary
		})
		if !known { // several steps may find the same
			d.List = append(d.List, finding)
		}
	}
}

// rowNames returns which names hold rows of a file, or what is made of them, inside of a forEach.
func rowNames(e *engine.ForEach, around []string) []string {
	inside := slices.DeleteFunc(slices.Clone(around), func(name string) bool { return name == e.As })
	if e.Source == nil || e.Source.Key() != "items" || slices.ContainsFunc(around, e.From.Uses) {
		inside = append(inside, e.As)
	}
	return inside
}

// itemNames returns the names under which expressions know the items of all forEachs in a list of steps.
func itemNames(steps *source.Node) []string {
	if steps == nil || steps.Kind != source.List {
		return nil
	}
	var names []string
	for _, n := range steps.Items {
		if f := n.Field("forEach"); f != nil {
			name := "item"
			if as := f.At("as").AsText(); as != "" {
				name = as
			}
			names = append(names, name, "index")
		}
		names = append(names, itemNames(n.At("steps"))...)
	}
	return names
}
