package dashboard

import (
	"context"
	"fmt"
	"io"
)

// troubleInFile is how many failed deliveries and deliveries in doubt a report lists: as many as are kept.
const troubleInFile = mostTrouble

// WriteReport writes the page of a run as one HTML file that needs nothing else: style and charts are inside, and its
// own Content-Security-Policy lets nothing in. It prints well. Token, Schedules, Stop, Cancel and Log of the options are
// not used.
// engine.ErrNotFound: there is no such run.
func WriteReport(ctx context.Context, w io.Writer, o Options, runID string) error {
	d := newDashboard(o)
	f := d.frame()
	f.Section = "run"
	d.pages.inlineStyle(f)
	p, err := d.readRun(ctx, runID, f, troubleInFile, looksOfFile)
	if err != nil {
		return fmt.Errorf("report on run %s: %w", runID, err)
	}
	p.Standalone = true
	f.Main = p
	page, err := d.pages.render("run", f)
	if err != nil {
		return err
	}
	if _, err := w.Write(page); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}
