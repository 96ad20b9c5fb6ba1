package jobfile

import (
	"fmt"
	"slices"
	"strings"

	"waybill/engine/source"
	"waybill/schemas"
)

// validateSchema checks the job by the schema, and reports each breach at its place.
func (d *document) validateSchema() {
	for _, v := range d.loader.schema.Validate(d.root.Value()) {
		n, f := d.root.Find(v.Path)
		if d.broken(v.Path) {
			continue
		}
		if v.Keyword != "additionalProperties" && v.Keyword != "required" && v.Keyword != "propertyNames" && n.Refers() {
			continue // known once it is rendered
		}
		switch v.Keyword {
		case "additionalProperties":
			d.unknownKey(v, n)
			continue
		case "required":
			d.missingKey(v, n, f)
			continue
		}
		d.wrongValue(v, n, f)
	}
}

// broken says whether the value at a path, or one around it, was found wrong already.
func (d *document) broken(path []string) bool {
	n := d.root
	for i := 0; ; i++ {
		if n.Broken {
			return true
		}
		if i == len(path) {
			return false
		}
		n, _ = n.Find(path[i : i+1])
	}
}

// unknownKey reports a name that means nothing where it stands. A step in which one may have been meant as its operation is not
// reported again for having none.
func (d *document) unknownKey(v schemas.Violation, n *source.Node) {
	entry := n.Field(v.Property)
	if entry == nil {
		return
	}
	d.unknown[n] = append(d.unknown[n], v.Property)
	near := d.meant(v.Property, v.Allowed, v.Path)
	if isStep(v.Path) && entry.Kind == source.Map && near == "" {
		d.misnamed[n] = true
		d.unknownOperation(entry, "")
		return
	}
	d.reportUnknown(entry, v.Allowed, v.Path, near)
}

// misplacedKey returns a hint about a key that stands at the wrong level.
func (d *document) misplacedKey(name string, path []string) string {
	if len(path) > 2 && isStep(path[:len(path)-1]) && slices.Contains(d.loader.step.Keys(), name) {
		return fmt.Sprintf("%s belongs to the step, beside %s: indent it less", name, lastName(path))
	}
	for _, home := range d.homes() {
		if slices.Contains(home.place.Keys(), name) {
			return name + " belongs to " + home.name
		}
	}
	return ""
}

// home is a map of a job file, as hints call it.
type home struct {
	name  string
	place *schemas.Place
}

// homes are the maps in which a key is looked for that stands elsewhere.
func (d *document) homes() []home {
	job := d.loader.schema.At()
	list := []home{{"the job, on top", job}, {"forEach", d.loader.step.Child("forEach")}}
	for _, name := range job.Keys() {
		list = append(list, home{name, job.Child(name)})
	}
	return append(list, home{"a step", d.loader.step})
}

func didYouMean(near string) string {
	if near == "" {
		return ""
	}
	return "did you mean " + near + "?"
}

func (d *document) operationNames() []string {
	names := make([]string, 0, len(d.loader.Operations))
	for _, op := range d.loader.Operations {
		names = append(names, op.Name())
	}
	return names
}

// missingKey reports a name that must stand in a map and does not, unless it is there by another spelling, or may be in what
// a << was to bring: that was reported.
func (d *document) missingKey(v schemas.Violation, n *source.Node, f *source.Field) {
	reported := n.Merged || slices.Contains(d.missing[n], v.Property)
	d.missing[n] = append(d.missing[n], v.Property)
	if reported {
		return
	}
	place, at := "the job", n.Head()
	if f != nil {
		place, at = f.Name, f.NameRange
	} else if len(v.Path) > 0 {
		place = lastName(v.Path)
	}
	about := d.loader.schema.At(append(slices.Clone(v.Path), v.Property)...)
	hint := ""
	if values := slices.Concat(about.Examples, about.Enum); len(values) > 0 {
		hint = fmt.Sprintf("add %s: %s", v.Property, exampleOf(values[0]))
	}
	d.Fault("missing-key", at, fmt.Sprintf("%s lacks %s", place, v.Property), firstSentence(about.Description), hint)
}

// exampleOf writes an example of the schema as it would stand in a job file.
func exampleOf(v any) string {
	if list, ok := v.([]any); ok {
		items := make([]string, len(list))
		for i, item := range list {
			items[i] = exampleOf(item)
		}
		return "[" + strings.Join(items, ", ") + "]"
	}
	text, ok := v.(string)
	if !ok {
		return fmt.Sprint(v)
	}
	if strings.ContainsAny(text, "+${#:") {
		return source.Quote(text)
	}
	return text
}

func firstSentence(text string) string {
	if i := strings.Index(text, ". "); i >= 0 {
		return text[:i+1]
	}
	return text
}
