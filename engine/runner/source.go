package runner

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/eval"
	"waybill/engine/rows"
)

// openSource opens a source. step is the path of what it is for; names are those around it.
func (x *execution) openSource(
	ctx context.Context, step string, f *engine.ForEach, names eval.Names, skips engine.Skips, lines bool,
) (engine.Rows, error) {
	value, err := f.From.Render(ctx, names)
	if err != nil {
		return nil, err
	}
	call := &engine.SourceCall{
		ForEach: f, Step: step, Value: value, Open: x.req.Open, Spool: x.req.Spool, Inner: !fixed(f), Skips: skips, Lines: lines,
	}
	if x.req.pins != nil {
		call.Open = x.req.pins.opener
	}
	x.given.prepare(x, step, f, call)
	call.Pin = x.req.pins != nil || x.changes.read != nil
	return f.Source.Open(ctx, call)
}

// fixed says whether a source is the same for the whole run: it depends on no item and on no answer.
func fixed(f *engine.ForEach) bool { return f.From.OnlyUses("inputs", "vars", "run", "job") }

// rowsOf streams the elements of a source, before they have keys. Findings about the source are told as far as they refuse nothing.
func (x *execution) rowsOf(
	ctx context.Context, step string, f *engine.ForEach, names eval.Names, skips engine.Skips, lines bool,
) iter.Seq2[rows.Row, error] {
	return func(yield func(rows.Row, error) bool) {
		from, err := x.openSource(ctx, step, f, names, skips, lines)
		if err != nil {
			yield(rows.Row{}, err)
			return
		}
		defer func() { _ = from.Close() }() // opened for reading
		if err := x.tellFindings(from.Findings()); err != nil {
			yield(rows.Row{}, err)
			return
		}
		pins := x.req.pins != nil && from.Name() != ""
		enough := false // who reads wants no more, and may not be given any
		more := func(row rows.Row, err error) bool {
			if row.Below != nil {
				x.warn(engine.BelowTable(from.Name(), f.FromRange, row.Below))
				return true
			}
			enough = !yield(row, err)
			return !enough
		}
		if !forward(from.All(), from.Name(), more) || !pins && x.changes.read == nil {
			return
		}
		digest, err := from.Digest()
		switch {
		case err != nil && enough:
			x.fail(err)
			return
		case err != nil:
			yield(rows.Row{}, err)
			return
		}
		x.changes.pin(step, digest)
		if pins {
			x.req.pins.add(from.Name(), digest)
		}
	}
}

// tellFindings tells findings about a source. Its error are those that refuse a run; a plan says that of them.
func (x *execution) tellFindings(found diag.List) error {
	var refusing diag.List
	for _, d := range found {
		switch {
		case d.Severity != diag.Error:
			x.warn(d)
		case x.looking:
			x.warn(willRefuse(d))
		default:
			refusing = append(refusing, d)
		}
	}
	return refusing.Err()
}

// willRefuse is the finding of a plan about what a run would be refused for.
func willRefuse(d diag.Diagnostic) diag.Diagnostic {
	if d.Severity == diag.Error {
		d.Detail += " apply will refuse it."
	}
	return d
}

// forward passes rows on and says from where a bad one comes. It returns false when no more are wanted, or there was an error.
func forward(from iter.Seq2[rows.Row, error], name string, yield func(rows.Row, error) bool) bool {
	wanted := true
	for row, err := range from {
		if row.Guess != nil {
			row.Guess.File = name
		}
		if bad, ok := errors.AsType[*rows.RowError](err); ok {
			row.Number = bad.Number
			err = &rows.RowError{Number: bad.Number, Err: fmt.Errorf("%s:%d: %w", name, bad.Number, bad.Err)}
		} else if _, told := errors.AsType[*diag.ListError](err); err != nil && !told {
			err = fmt.Errorf("%s: %w", name, err)
			wanted = false
		}
		if !yield(row, err) {
			return wanted
		}
	}
	return wanted
}

// pins are the digests of what a saved plan was made of.
type pins struct {
	opener engine.Opener // of the job's files

	mu   sync.Mutex
	seen map[string]map[string]bool // name → the digests that were seen under it
}

// add notes a digest. A name that was read twice has one, if it did not change meanwhile; one query that was asked for
// several items has several.
func (p *pins) add(name, digest string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.seen[name] == nil {
		p.seen[name] = map[string]bool{}
	}
	p.seen[name][digest] = true
}
