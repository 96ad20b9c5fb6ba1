package runner

import (
	"context"

	"waybill/engine"
	"waybill/engine/eval"
)

// Preview is what can be said of a job before it runs. Use NewPreview.
type Preview struct {
	job   *engine.Job
	names eval.Names
}

// NewPreview binds the names that expressions see before a run: inputs, job, and vars when all of them are known.
func NewPreview(ctx context.Context, j *engine.Job, inputs map[string]any) *Preview {
	p := &Preview{job: j, names: jobNames(j, inputs)}
	vars := map[string]any{}
	p.names["vars"] = vars // each var sees those before it
	for _, v := range j.Vars {
		value, ok := p.Value(ctx, v.Value)
		if !ok {
			delete(p.names, "vars")
			break
		}
		vars[v.Name] = value
	}
	return p
}

// jobNames are the names whose values are the same for every run with these inputs.
func jobNames(j *engine.Job, inputs map[string]any) eval.Names {
	return eval.Names{"inputs": inputs, "job": map[string]any{"name": j.Name}}
}

// Value renders what is the same for the whole run; false when an item, a step's answer or the run itself decides it, or
// when it cannot be rendered.
func (p *Preview) Value(ctx context.Context, t *eval.Tree) (any, bool) {
	if value, ok := t.Constant(); ok {
		return value, true
	}
	for _, root := range t.Roots() {
		if _, ok := p.names[root]; !ok && root != "env" {
			return nil, false
		}
	}
	value, err := t.Render(ctx, p.names)
	return value, err == nil
}

// Connections renders where and as whom a step calls, one for each number that it names, with both ids, also where its operation needs
// none of them. varies are the keys whose value is not known before the run. A value that cannot be used leaves its key at the default:
// the run says what is wrong with it.
func (p *Preview) Connections(ctx context.Context, s *engine.Step) (list []engine.Connection, varies []string) {
	var unused engine.Connection
	values := map[string]any{}
	for _, part := range connectionParts(p.job, s, &unused, new(string)) {
		if part.tree == nil {
			continue
		}
		value, ok := p.Value(ctx, part.tree)
		if !ok {
			varies = append(varies, part.name)
			continue
		}
		values[part.name] = value
	}
	list, _ = connectionsOf(p.job, s, values) // what is wrong is said by the run
	return list, varies
}
