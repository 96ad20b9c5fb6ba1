package jobfile

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"waybill/engine/source"
	"waybill/schemas"
)

// digitsForm matches a number whose digits are text as they stand: a phone number, an id, an amount.
var digitsForm = regexp.MustCompile(`^[+-]?[0-9]+(\.[0-9]+)?$`)

// numbersAsText makes text of the numbers of f, and of those inside, that the schema marks as digits. The digits are those of
// the file, never those of a number that a reader made of them.
func (d *document) numbersAsText(f source.Field, place *schemas.Place) {
	if f.Kind == source.Number && place.Digits != "" {
		d.makeText(f, place.Digits)
	}
	for _, item := range f.Items {
		d.numbersAsText(source.Field{Name: f.Name, Node: item}, place.Child("0"))
	}
	for _, entry := range f.Fields {
		inside := place.Child(entry.Name)
		_, operation := d.operations[entry.Name]
		if place == d.loader.step && entry.Kind == source.Map && (operation || inside.Properties == nil) {
			inside = d.loader.parameters // also where the operation is misspelt
		}
		d.numbersAsText(entry, inside)
	}
}

// makeText makes text of a number's own digits.
func (d *document) makeText(f source.Field, digits schemas.Digits) {
	if !digitsForm.MatchString(f.Text) {
		use := asDigits
		if digits == schemas.Phone {
			use = asPhone
		}
		d.lostDigits(f.Name, f.Node, use)
	}
	f.Kind = source.Text
}

// checkScalars looks for numbers that readers of YAML disagree about, for numbers where text is wanted, and for expressions
// where only literal values are read. A bare date, a time of day, yes and no are text as they stand.
func (d *document) checkScalars(n *source.Node, path []string) {
	switch n.Kind {
	case source.Map:
		for _, f := range n.Fields {
			d.checkScalars(f.Node, append(path, f.Name))
		}
	case source.List:
		for i, item := range n.Items {
			d.checkScalars(item, append(path, fmt.Sprint(i)))
		}
	case source.Text:
		d.checkLiteral(n, path)
	case source.Number:
		d.checkAmbiguous(n, path)
	case source.Null, source.Bool:
	}
}

// checkAmbiguous refuses a number that readers of YAML disagree about.
func (d *document) checkAmbiguous(n *source.Node, path []string) {
	if n.Broken || n.Portable() {
		return
	}
	types := d.loader.schema.At(path...).Types
	if slices.Contains(types, "string") && !slices.Contains(types, "boolean") && !numeric(types) {
		n.Broken = true
		d.quoteIt(path, n)
		return
	}
	use := asNumber
	if len(types) == 0 && !strings.Contains(n.Text, "_") {
		use = asAnything
	}
	d.lostDigits(lastName(path), n, use)
}

// quoteIt reports text that needs quotes.
func (d *document) quoteIt(path []string, n *source.Node) {
	d.Fault("quote-it", n.Range, fmt.Sprintf("%s is text, and %s is %s to YAML", lastName(path), n.Text, n.Kind), "",
		"put quotes around it: "+source.Quote(n.Text))
}
