package jobfile

import (
	"fmt"
	"maps"
	"strconv"

	"waybill/engine"
	"waybill/engine/eval"
	"waybill/engine/source"
)

// inputs reads the inputs of a run.
func (d *document) inputs() {
	types := map[string]eval.Type{}
	for _, f := range d.entries("inputs") {
		in := engine.Input{
			Name: f.Name, Type: inputType(f.At("type").AsText()), Description: f.At("description").AsText(),
			Required: f.At("required").AsBool(), Range: f.NameRange,
		}
		if given := f.Field("default"); given != nil && given.Kind != source.Null {
			in.Default = d.inputDefault(in, given)
		}
		d.job.Inputs = append(d.job.Inputs, in)
		types[in.Name] = in.Type
	}
	d.scope = d.scope.With("inputs", eval.Object(types))
}

func inputType(word string) eval.Type {
	switch word {
	case "integer":
		return eval.Integer()
	case "number":
		return eval.Number()
	case "boolean":
		return eval.Boolean()
	case "string":
		return eval.String()
	}
	return eval.Any()
}

// inputDefault returns the default in the input's type; nil when it is not of that type.
func (d *document) inputDefault(in engine.Input, given *source.Field) any {
	if given.Broken || in.Type.IsAny() || given.Kind == source.List || given.Kind == source.Map {
		return nil
	}
	if in.Required {
		d.Fault("bad-input", given.NameRange, fmt.Sprintf("%s is required, so its default is never used", in.Name), "",
			"leave one of the two out")
	}
	switch {
	case in.Type.Fits(eval.String()) && given.Kind == source.Text:
		return given.Text
	case in.Type.Fits(eval.Boolean()) && given.Kind == source.Bool:
		return given.AsBool()
	case in.Type.Fits(eval.Integer()) && given.Kind == source.Number:
		if i, err := strconv.Atoi(given.Text); err == nil {
			return i
		}
	case in.Type.Fits(eval.Number()) && given.Kind == source.Number:
		if f, err := strconv.ParseFloat(given.Text, 64); err == nil {
			return f
		}
	}
	hint := ""
	if in.Type.Fits(eval.String()) {
		hint = "put quotes around it: " + source.Quote(given.Text)
	}
	d.Fault("bad-input", given.Range,
		fmt.Sprintf("the default of %s is %s, and the input is of type %s", in.Name, describe(given.Node), in.Type), "", hint)
	return nil
}

// describe returns a scalar as it stands, anything else by its kind.
func describe(n *source.Node) string {
	switch n.Kind {
	case source.Text:
		return source.Quote(n.Text)
	case source.Bool, source.Number:
		return n.Text
	case source.List, source.Map, source.Null:
	}
	return n.Kind.String()
}

// entries returns the entries of a map at the top of the job, and refuses more than maxEntries.
func (d *document) entries(name string) []source.Field {
	f := d.root.Field(name)
	if f == nil {
		return nil
	}
	if len(f.Fields) > maxEntries {
		d.Fault("too-many-values", f.NameRange, fmt.Sprintf("%s has more than %d entries", name, maxEntries), "", "")
		return f.Fields[:maxEntries]
	}
	return f.Fields
}

// vars compiles the named values, in their order: each can use the earlier ones.
func (d *document) vars() {
	types := map[string]eval.Type{}
	scope := d.scope.With("vars", eval.Object(nil))
	for _, f := range d.entries("vars") {
		value := d.tree(f.Node, scope)
		d.leftoversIn(f.Node, true)
		d.job.Vars = append(d.job.Vars, engine.Var{Name: f.Name, Value: value, Range: f.NameRange})
		types[f.Name] = value.Type()
		if len(d.job.Vars) < maxEntries {
			scope = d.scope.With("vars", eval.Object(maps.Clone(types)))
		}
	}
	d.scope = d.scope.With("vars", eval.Object(types))
}

// outputs compiles the named results of the job, which can use the outputs of every step.
func (d *document) outputs(known map[string]eval.Type) {
	scope := d.scope.WithSteps(known, nil)
	for _, f := range d.entries("outputs") {
		d.job.Outputs = append(d.job.Outputs, engine.Output{Name: f.Name, Value: d.tree(f.Node, scope), Range: f.NameRange})
	}
}
