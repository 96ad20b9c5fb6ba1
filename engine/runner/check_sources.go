package runner

import (
	"context"
	"errors"
	"fmt"
	"time"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/wording"
)

// checkSources opens each source that is the same for the whole run, before anything is sent, and returns what a run is refused for:
// an address or a query that does not answer, a sheet with hidden rows, an old export. A plan only tells of what it can go on
// with. What stands behind an `if` is looked at when it comes to that, and so is a plain file that cannot be read.
func (x *execution) checkSources(ctx context.Context, steps []*engine.Step) (refusing diag.List) {
	for _, s := range steps {
		if !x.selected(s) || s.If != nil {
			continue
		}
		if s.ForEach != nil && fixed(s.ForEach) {
			found, err := x.lookInto(ctx, s)
			if err == nil {
				err = x.tellFindings(found)
			}
			if list, ok := errors.AsType[*diag.ListError](err); ok {
				refusing = append(refusing, list.List...)
			}
		}
		refusing = append(refusing, x.checkSources(ctx, s.Steps)...)
	}
	return refusing
}

// lookInto opens a source, and returns the findings about it as a whole. Its error is a *diag.ListError about one that does not
// answer.
func (x *execution) lookInto(ctx context.Context, s *engine.Step) (diag.List, error) {
	origin := s.ForEach.Source.Origin(s.ForEach)
	if !origin.Spooled && s.ForEach.MaxAge == 0 {
		return nil, nil
	}
	from, err := x.openSource(ctx, s.Path, s.ForEach, x.names, engine.Skips{}, false)
	switch {
	case err != nil && origin.Spooled:
		return nil, unreadable(s, err)
	case err != nil:
		if found, ok := errors.AsType[*diag.ListError](err); ok {
			return nil, found
		}
		return nil, nil // said where its rows are read
	}
	found := append(from.Findings(), x.tooOld(s, from)...)
	return found, from.Close()
}

// tooOld refuses what is older than its forEach allows: yesterday's export, when today's did not come. A file whose time says
// nothing of its content (Request.Tracked) is a warning.
func (x *execution) tooOld(s *engine.Step, from engine.Rows) diag.List {
	most := s.ForEach.MaxAge
	if most == 0 {
		return nil
	}
	d := diag.Diagnostic{
		Severity: diag.Error, Code: "too-old", Range: s.ForEach.FromRange,
		Summary: fmt.Sprintf("%s does not say when it was changed, and maxAge is %s", from.Name(), wording.Spaced(most)),
		Detail:  "Nobody can tell whether it is an earlier export.",
		Hint:    "have its server send Last-Modified, or leave maxAge out",
	}
	if changed := from.Modified(); !changed.IsZero() {
		age := x.engine.Now().Sub(changed)
		if age <= most {
			return nil
		}
		d.Summary = fmt.Sprintf("%s was written %s ago, and maxAge is %s", from.Name(), wording.Spaced(age.Round(time.Minute)), wording.Spaced(most))
		d.Detail, d.Hint = "It is probably an earlier export.", "look why the new one did not come"
	}
	if origin := s.ForEach.Source.Origin(s.ForEach); origin.File && x.req.Tracked != nil && x.req.Tracked(origin.Name) {
		d.Severity, d.Detail = diag.Warning, "Git tracks it, and a checkout changes its time, so that the time says little."
	}
	return diag.List{d}
}
