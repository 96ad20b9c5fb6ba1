package engine

import (
	"fmt"
	"strconv"

	"waybill/engine/eval"
)

// inputs reads what is to be given when a run starts.
func (d *document) inputs() {
	types := map[string]eval.Type{}
	for _, f := range d.entries("inputs") {
		in := Input{
			Name: f.name, Type: inputType(f.at("type").words()), Description: f.at("description").words(),
			Required: f.at("required").boolean(), Range: f.rng,
		}
		if given := f.field("default"); given != nil && given.kind != isNull {
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

// inputDefault gives the default in the input's type.
func (d *document) inputDefault(in Input, given *field) any {
	if given.broken || in.Type.IsAny() || given.kind == isList || given.kind == isMap {
		return nil
	}
	if in.Required {
		d.fault("bad-input", given.rng, fmt.Sprintf("%s is required, so its default is never used", in.Name), "", "leave one of the two out")
	}
	switch {
	case in.Type.Fits(eval.String()) && given.kind == isText:
		return given.text
	case in.Type.Fits(eval.Boolean()) && given.kind == isBool:
		return given.boolean()
	case in.Type.Fits(eval.Integer()) && given.kind == isNumber:
		if i, err := strconv.Atoi(given.text); err == nil {
			return i
		}
	case in.Type.Fits(eval.Number()) && given.kind == isNumber:
		if f, err := strconv.ParseFloat(given.text, 64); err == nil {
			return f
		}
	}
	hint := ""
	if in.Type.Fits(eval.String()) {
		hint = "put quotes around it: " + quote(given.text)
	}
	d.fault("bad-input", given.node.rng, fmt.Sprintf("the default of %s is %s, and the input is of type %s", in.Name, shown(given.node), in.Type), "", hint)
	return nil
}

// shown gives a scalar as it stands, anything else by its kind.
func shown(n *node) string {
	switch n.kind {
	case isText:
		return quote(n.text)
	case isBool, isNumber:
		return n.text
	case isList, isMap, isNull:
	}
	return n.kind.String()
}

// entries gives the entries of a map on top of the job, and refuses more of them than an expression can see.
func (d *document) entries(name string) []field {
	f := d.root.field(name)
	if f == nil {
		return nil
	}
	if len(f.fields) > maxEntries {
		d.fault("too-many-values", f.rng, fmt.Sprintf("%s has more than %d entries", name, maxEntries), "", "")
		return f.fields[:maxEntries]
	}
	return f.fields
}

// vars compiles the named values, in their order: a later one sees the earlier ones.
func (d *document) vars() {
	types := map[string]eval.Type{}
	scope := d.scope.With("vars", eval.Object(nil))
	for _, f := range d.entries("vars") {
		value := d.tree(f.node, scope)
		d.job.Vars = append(d.job.Vars, Var{Name: f.name, Value: value, Range: f.rng})
		types[f.name] = value.Type()
		if len(d.job.Vars) < maxEntries {
			scope = d.scope.With("vars", eval.Object(cloneTypes(types)))
		}
	}
	d.scope = d.scope.With("vars", eval.Object(types))
}

// outputs compiles the named results of the job, which see what every step left.
func (d *document) outputs(known map[string]eval.Type) {
	scope := d.scope.WithSteps(known, nil)
	for _, f := range d.entries("outputs") {
		d.job.Outputs = append(d.job.Outputs, Output{Name: f.name, Value: d.tree(f.node, scope), Range: f.rng})
	}
}
