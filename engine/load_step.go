package engine

import (
	"fmt"
	"maps"
	"strconv"

	"waybill/engine/diag"
	"waybill/engine/eval"
)

// surroundings are what a sequence of steps finds around it.
type surroundings struct {
	scope eval.Scope            // names; without steps, which differ from step to step
	known map[string]eval.Type  // outputs of the steps before, by id
	later map[string]diag.Range // steps that exist around it and run afterwards
	ids   map[string]diag.Range // ids that the file gives to the steps around it
	path  string                // of the group: "patients"
}

// sequence reads a list of steps. It gives also what their outputs are once all of them ran.
func (d *document) sequence(list *node, around surroundings) ([]*Step, map[string]eval.Type) {
	known := cloneTypes(around.known)
	if list == nil || list.kind != isList {
		return nil, known
	}
	entries, ids := d.name(list, around)
	later := maps.Clone(around.later)
	if later == nil {
		later = map[string]diag.Range{}
	}
	for i, n := range entries {
		later[ids[i]] = n.rng
	}
	inner := around
	inner.known, inner.later = known, later
	inner.ids = maps.Clone(around.ids)
	if inner.ids == nil {
		inner.ids = map[string]diag.Range{}
	}
	for _, n := range entries {
		id := n.at("id")
		if _, known := inner.ids[id.words()]; id.words() != "" && !known {
			inner.ids[id.text] = id.rng
		}
	}
	steps := make([]*Step, 0, len(entries))
	for i, n := range entries {
		s := d.step(n, ids[i], inner)
		steps = append(steps, s)
		delete(later, s.ID)
		known[s.ID] = outputType(s)
	}
	return steps, known
}

// name gives each step of a list its id, and refuses those that are taken.
func (d *document) name(list *node, around surroundings) (entries []*node, ids []string) {
	taken := map[string]diag.Range{}
	for i, n := range list.items {
		if n.kind != isMap || d.steps >= maxEntries {
			if d.steps == maxEntries {
				d.fault("too-many-values", n.head(), fmt.Sprintf("the job has more than %d steps", maxEntries), "", "use a forEach")
				d.steps++
			}
			continue
		}
		d.steps++
		id, place := "step"+strconv.Itoa(i+1), n.head()
		if given := n.at("id"); given.words() != "" {
			id, place = given.text, given.rng
		}
		first, twice := taken[id]
		if !twice && n.at("id").words() != "" {
			first, twice = around.ids[id]
		}
		if twice {
			d.fault("duplicate-id", place, fmt.Sprintf("a second step has the id %q", id),
				fmt.Sprintf("The first stands at line %d, column %d.", first.Start.Line, first.Start.Column), "give each its own")
		} else {
			taken[id] = place
		}
		entries, ids = append(entries, n), append(ids, id)
	}
	return entries, ids
}

// step reads one entry of a sequence.
func (d *document) step(n *node, id string, around surroundings) *Step {
	s := &Step{
		ID: id, Path: around.path + id, Range: n.rng, NameRange: n.head(),
		ContinueOnError: n.at("continueOnError").boolean(), Retry: d.retry(n.at("retry")),
	}
	scope := around.scope.WithSteps(around.known, around.later)
	s.If = d.condition(n.field("if"), scope)
	inside := around
	if f := n.field("forEach"); f != nil && f.kind == isMap && !f.broken {
		s.ForEach, inside.scope = d.forEach(f, scope, around.scope)
		scope = inside.scope.WithSteps(around.known, around.later)
	}
	operation := d.kindOf(n)
	switch {
	case operation == nil:
	case operation.name == "steps":
		s.NameRange = operation.rng
		inside.path = s.Path + "/"
		s.Steps, _ = d.sequence(operation.node, inside)
	default:
		s.NameRange = operation.rng
		d.operation(s, operation, scope)
	}
	return s
}

// condition compiles `if`.
func (d *document) condition(f *field, s eval.Scope) *eval.Template {
	if f == nil || f.broken || f.kind != isText && f.kind != isBool {
		return nil
	}
	t, found := d.compiler.Condition(f.text, f.anchor(), s)
	d.list = append(d.list, found...)
	return t
}

// kindOf finds the one thing that a step does: an operation or steps.
func (d *document) kindOf(n *node) *field {
	var found *field
	for i := range n.fields {
		f := &n.fields[i]
		if _, ok := d.operations[f.name]; !ok && f.name != "steps" {
			continue
		}
		if found != nil {
			d.fault("several-operations", f.rng, fmt.Sprintf("the step has both %s and %s", found.name, f.name),
				"A step is one operation, or a group of steps.", "begin another step before it: - "+f.name)
			continue
		}
		found = f
	}
	if found == nil && !d.unknown[n] && !n.broken && !n.merged {
		d.fault("no-operation", n.head(), "the step does nothing",
			"It needs one of "+enumerate(d.operationNames(), "or")+", or steps of its own.", "")
	}
	return found
}

// operation compiles the parameters of an operation and asks it what it thinks of them. What has a finding already is
// to the operation as what only a run knows: it judges the rest, and repeats nothing.
func (d *document) operation(s *Step, f *field, scope eval.Scope) {
	s.Operation = d.operations[f.name]
	if f.kind != isMap {
		return
	}
	for i := range f.fields {
		if isConnectionKey(f.fields[i].name) {
			d.connectionKey(&s.Connection, &f.fields[i])
		}
	}
	s.Params = eval.NewMap(d.compiledFields(d.compiler, f.node, scope, isConnectionKey), f.node.rng)
	d.demand(s, f)
	d.literalBraces(f)
	if f.broken {
		return // not all of it was read
	}
	d.list = append(d.list, s.Operation.Check(s)...)
	d.literalFiles(s)
}

// outputType is what expressions can use of a step that ran.
func outputType(s *Step) eval.Type {
	fields := map[string]eval.Type{
		"success": eval.Boolean(), "skipped": eval.Boolean(), "errorMessage": eval.String(),
		"errorCode": eval.Integer(), "attempts": eval.Integer(),
	}
	switch {
	case s.ForEach != nil || s.Operation == nil:
		for _, name := range [...]string{"total", "succeeded", "failed", "inDoubt"} {
			fields[name] = eval.Integer()
		}
		fields["skipped"] = eval.Any() // how many were; true when the group itself was
	default:
		maps.Copy(fields, s.Operation.Outputs())
	}
	return eval.Object(fields)
}

func cloneTypes(types map[string]eval.Type) map[string]eval.Type {
	clone := make(map[string]eval.Type, len(types)+1)
	maps.Copy(clone, types)
	return clone
}
