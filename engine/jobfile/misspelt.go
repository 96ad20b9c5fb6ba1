package jobfile

import (
	"fmt"
	"slices"

	"waybill/engine/diag"
	"waybill/engine/source"
	"waybill/schemas"
)

// misspelt reports the names that mean nothing where they stand, but are near to one that does and is not there. From here on
// the file is read as if that one were written: one misspelt name is one finding, and what is wrong behind it is found too.
func (d *document) misspelt(n *source.Node, place *schemas.Place, path []string) {
	for i, item := range n.Items {
		d.misspelt(item, place.Child("0"), append(path, fmt.Sprint(i)))
	}
	for i := range n.Fields {
		entry := &n.Fields[i]
		if place.Closed() && place.Properties[entry.Name] == nil {
			if near := d.meant(entry.Name, place.Keys(), path); near != "" && n.Field(near) == nil {
				d.reportUnknown(entry, place.Keys(), path, near)
				entry.Name = near
			}
		}
		d.misspelt(entry.Node, place.Child(entry.Name), append(path, entry.Name))
	}
}

// meant is the name that an unknown one is near to; "" when none is. In a step an operation is meant rather than another key.
func (d *document) meant(name string, allowed, path []string) string {
	if isStep(path) {
		if operation := diag.Suggest(name, d.operationNames()); operation != "" {
			return operation
		}
	}
	return diag.Suggest(name, allowed)
}

// reportUnknown reports a name that means nothing where it stands. near is the one that was probably meant; "" when none is known.
func (d *document) reportUnknown(entry *source.Field, allowed, path []string, near string) {
	if isStep(path) && slices.Contains(d.operationNames(), near) {
		d.unknownOperation(entry, near)
		return
	}
	place := lastName(path)
	if isStep(path) {
		place = "a step"
	}
	hint := didYouMean(near)
	if hint == "" {
		hint = d.misplacedKey(entry.Name, path)
	}
	d.Fault("unknown-key", entry.NameRange, fmt.Sprintf("unknown key %q in %s", entry.Name, place),
		"Allowed are "+enumerate(allowed, "and")+".", hint)
}

// unknownOperation reports a step's entry that was meant as its operation, and is none.
func (d *document) unknownOperation(entry *source.Field, near string) {
	d.Fault("unknown-operation", entry.NameRange, fmt.Sprintf("unknown operation %q", entry.Name),
		"A step is one of "+enumerate(d.operationNames(), "or")+", or a group of steps.", didYouMean(near))
}
