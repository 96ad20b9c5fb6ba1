package jobfile

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/eval"
	"waybill/engine/source"
)

// surroundings are what is around a sequence of steps.
type surroundings struct {
	scope eval.Scope            // names; without steps, which differ from step to step
	known map[string]eval.Type  // outputs of the steps before, by id
	later map[string]diag.Range // steps that exist around it and run afterwards
	ids   map[string]diag.Range // ids that the file gives to the steps around it
	path  string                // of the group: "patients"
	items bool                  // a forEach is around it
	rows  []string              // the names of items that are rows of a file, or made of one
}

// sequence reads a list of steps. It returns them with the types of their outputs once all of them ran.
func (d *document) sequence(list *source.Node, around surroundings) ([]*engine.Step, map[string]eval.Type) {
	known := maps.Clone(around.known)
	if list == nil || list.Kind != source.List {
		return nil, known
	}
	entries, ids := d.nameSteps(list, around)
	d.orderPart(strings.TrimSuffix(around.path, "/"), list, ids)
	later := maps.Clone(around.later)
	for i, n := range entries {
		later[ids[i]] = n.Range
	}
	inner := around
	inner.known, inner.later = known, later
	inner.ids = maps.Clone(around.ids)
	for _, n := range entries {
		id := n.At("id")
		if _, known := inner.ids[id.AsText()]; id.AsText() != "" && !known {
			inner.ids[id.Text] = id.Range
		}
	}
	steps := make([]*engine.Step, 0, len(entries))
	for i, n := range entries {
		s := d.step(n, ids[i], inner)
		steps = append(steps, s)
		delete(later, s.ID)
		known[s.ID] = outputType(s)
		if d.misnamed[n] { // what it was meant to be, and to give, is not known
			known[s.ID] = eval.Any()
		}
	}
	return steps, known
}

// nameSteps returns the steps of a list with their ids, and refuses ids that are taken.
func (d *document) nameSteps(list *source.Node, around surroundings) (entries []*source.Node, ids []string) {
	taken := map[string]diag.Range{}
	for i, n := range list.Items {
		if n.Kind != source.Map || d.steps >= maxEntries {
			if d.steps == maxEntries {
				d.Fault("too-many-values", n.Head(), fmt.Sprintf("the job has more than %d steps", maxEntries), "", "use a forEach")
				d.steps++
			}
			continue
		}
		d.steps++
		id, place := "step"+strconv.Itoa(i+1), n.Head()
		if given := n.At("id"); given.AsText() != "" {
			id, place = given.Text, given.Range
		}
		first, twice := taken[id]
		if !twice && n.At("id").AsText() != "" {
			first, twice = around.ids[id]
		}
		if twice {
			d.Fault("duplicate-id", place, fmt.Sprintf("a second step has the id %q", id),
				fmt.Sprintf("The first stands at line %d, column %d.", first.Start.Line, first.Start.Column), "give each its own")
		} else {
			taken[id] = place
		}
		entries, ids = append(entries, n), append(ids, id)
	}
	return entries, ids
}

// step reads one entry of a sequence.
func (d *document) step(n *source.Node, id string, around surroundings) *engine.Step {
	s := &engine.Step{
		ID: id, Path: around.path + id, Range: n.Range, NameRange: n.Head(),
		ContinueOnError: n.At("continueOnError").AsBool(), Retry: d.retry(n.At("retry")),
	}
	d.stepParts(s.Path, n)
	scope := around.scope.WithSteps(around.known, around.later)
	s.If = d.condition(n.Field("if"), scope)
	inside := around
	if f := n.Field("forEach"); f != nil && f.Kind == source.Map && !f.Broken {
		s.ForEach, inside.scope = d.forEach(f, scope, around.scope)
		inside.items, inside.rows = true, rowNames(s.ForEach, around.rows)
		if around.items && s.ForEach.Rollout != nil {
			d.Fault("bad-rollout", f.Field("rollout").NameRange, "the rollout is inside another forEach",
				"Its waves are of people, and those are the items of the outermost forEach.", "")
		}
		scope = inside.scope.WithSteps(around.known, around.later)
	}
	operation := d.whatItDoes(n)
	switch {
	case operation == nil:
	case operation.Name == "steps":
		s.NameRange = operation.NameRange
		inside.path = s.Path + "/"
		s.Steps, _ = d.sequence(operation.Node, inside)
	default:
		s.NameRange = operation.NameRange
		d.operation(s, operation, scope, inside.rows)
	}
	if s.ForEach != nil {
		d.wants(s)
	}
	return s
}

// condition compiles `if`.
func (d *document) condition(f *source.Field, s eval.Scope) *eval.Template {
	if f == nil || f.Broken || f.Kind != source.Text && f.Kind != source.Bool {
		return nil
	}
	t, found := d.compiler.Condition(f.Text, anchorOf(f.Node), s)
	d.List = append(d.List, found...)
	return t
}

// whatItDoes returns the one entry that says what a step does: an operation or steps; nil when it is not there.
func (d *document) whatItDoes(n *source.Node) *source.Field {
	var found *source.Field
	for i := range n.Fields {
		f := &n.Fields[i]
		if _, ok := d.operations[f.Name]; !ok && f.Name != "steps" {
			continue
		}
		if found != nil {
			d.Fault("several-operations", f.NameRange, fmt.Sprintf("the step has both %s and %s", found.Name, f.Name),
				"A step is one operation, or a group of steps.", "begin another step before it: - "+f.Name)
			continue
		}
		found = f
	}
	if found == nil && !d.misnamed[n] && !n.Broken && !n.Merged {
		d.Fault("no-operation", n.Head(), "the step does nothing",
			"It needs one of "+enumerate(d.operationNames(), "or")+", or steps of its own.", "")
	}
	return found
}

// operation compiles the parameters of an operation and lets it check them. What was reported already is passed on as if it
// were known only to a run, so that the operation checks the rest and repeats nothing.
func (d *document) operation(s *engine.Step, f *source.Field, scope eval.Scope, rows []string) {
	s.Operation = d.operations[f.Name]
	if f.Kind != source.Map {
		return
	}
	for i := range f.Fields {
		if isConnectionKey(f.Fields[i].Name) {
			d.connectionKey(&s.Connection, &f.Fields[i])
		}
	}
	s.Numbers = cmp.Or(s.Connection.Numbers, d.job.Connection.Numbers)
	d.writtenToken(f.Node, cmp.Or(s.Connection.BaseURL, d.job.Connection.BaseURL))
	if expires := f.Field("expires"); expires != nil && !slices.Contains(d.unknown[f.Node], "expires") {
		s.Expires = d.expires(expires, scope)
	}
	s.Params = eval.NewMap(d.compiledFields(d.compiler, f.Node, scope, isNoParameter), f.Range)
	d.countryIn(s, scope, rows)
	d.require(s, f)
	d.leftovers(f)
	if f.Broken {
		return // not all of it was read
	}
	d.List = append(d.List, s.Operation.Check(s)...)
	d.literalFiles(s, s.Params, d.loader.step.Child(f.Name), "")
}

// isNoParameter says whether a key inside an operation is none of its parameters.
func isNoParameter(name string) bool { return name == "expires" || isConnectionKey(name) }

// expires compiles the moment after which a message is not sent any more, and checks it where it is literal.
func (d *document) expires(f *source.Field, scope eval.Scope) *eval.Tree {
	tree := d.tree(f.Node, scope)
	value, ok := tree.Constant()
	if !ok || f.Broken || d.faulty[f.Node] || f.Kind != source.Text && f.Kind != source.Number {
		return tree
	}
	if _, err := engine.Expiry(value, time.Unix(0, 0)); err != nil {
		d.Fault("bad-duration", f.Range, fmt.Sprintf("expires: %v", err), "", "")
	}
	return tree
}

// outputType returns what expressions can use of a step that ran.
func outputType(s *engine.Step) eval.Type {
	fields := map[string]eval.Type{
		"success": eval.Boolean(), "skipped": eval.Boolean(), "errorMessage": eval.String(),
		"errorCode": eval.Integer(), "attempts": eval.Integer(),
	}
	switch {
	case s.ForEach != nil || s.Operation == nil:
		for _, name := range [...]string{"total", "succeeded", "failed", "inDoubt", "waiting", "notSent"} {
			fields[name] = eval.Integer()
		}
		fields["skipped"] = eval.Any() // how many were; true when the group itself was
	default:
		maps.Copy(fields, s.Operation.Outputs())
	}
	return eval.Object(fields)
}
