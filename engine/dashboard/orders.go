package dashboard

import (
	"context"
	"log/slog"
	"net/http"

	"waybill/engine"
)

// orderPage asks whether an order is meant.
type orderPage struct {
	Run     engine.Run
	RunPath string
	Path    string // where the form goes
	Button  string
	Effect  string // what the order does
	Command string // how it is undone; empty: it is not
}

// orderable is an order that a person may give to a run now.
type orderable struct {
	Kind   engine.OrderKind
	Button string
	URL    string // of the page that asks for confirmation

	effect, command string
	give            func(ctx context.Context, run string) error
}

// orders returns what may be ordered of a run; given is what was ordered last.
func (d *dashboard) orders(run engine.Run, given *engine.Order) []orderable {
	var all []orderable
	was := func(kind engine.OrderKind) bool { return given != nil && given.Kind == kind }
	if d.Stop != nil && run.Status == engine.RunRunning && given == nil {
		all = append(all, orderable{
			Kind: engine.OrderStop, Button: "Stop this run", give: d.Stop, command: d.command("resume", run.ID),
			effect: "It ends within a second: nothing new is sent, and what is under way ends. What was sent stays sent. " +
				"Only a person takes it up again:",
		})
	}
	if d.Cancel != nil && run.Counts.Waiting > 0 && !was(engine.OrderCancel) {
		all = append(all, orderable{
			Kind: engine.OrderCancel, Button: "Drop what waits", give: d.Cancel,
			effect: "The messages of this run that wait are dropped: they are not sent later. What was sent stays sent.",
		})
	}
	for i := range all {
		all[i].URL = runPath(run.ID) + "/" + string(all[i].Kind)
	}
	return all
}

// findOrder returns the run and the order that the address names, when it may be given.
func (d *dashboard) findOrder(r *http.Request, kind engine.OrderKind) (engine.Run, orderable, error) {
	run, err := d.Ledger.Run(r.Context(), r.PathValue("id"))
	if err != nil {
		return run, orderable{}, err
	}
	given, err := d.Ledger.Ordered(r.Context(), run.ID)
	if err != nil {
		return run, orderable{}, err
	}
	for _, o := range d.orders(run, given) {
		if o.Kind == kind {
			return run, o, nil
		}
	}
	return run, orderable{}, addressError("This cannot be ordered of this run: it is over, was ordered before, or nothing waits in it.")
}

// confirm shows the page that asks whether an order is meant.
func (d *dashboard) confirm(kind engine.OrderKind) view {
	return func(r *http.Request, f *frame) (any, error) {
		run, o, err := d.findOrder(r, kind)
		if err != nil {
			return nil, err
		}
		f.Title = o.Button
		return &orderPage{Run: run, RunPath: runPath(run.ID), Path: o.URL, Button: o.Button, Effect: o.effect, Command: o.command}, nil
	}
}

// give gives an order, and shows the run.
func (d *dashboard) give(kind engine.OrderKind) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), pageBudget)
		defer cancel()
		run, o, err := d.findOrder(r.WithContext(ctx), kind)
		if err == nil {
			err = o.give(ctx, run.ID)
		}
		if err != nil {
			d.writeError(w, r, err)
			return
		}
		d.Log.InfoContext(ctx, "an order was given on the dashboard", slog.String("order", string(kind)), slog.String("run", run.ID))
		http.Redirect(w, r, runPath(run.ID), http.StatusSeeOther)
	}
}

// orderRoutes adds what changes a run. A browser's request must come from a page of this dashboard: the cookie alone would
// come along with a form on any page of the same site, and on loopback no cookie is asked for.
func (d *dashboard) orderRoutes(mux *http.ServeMux) {
	own := http.NewCrossOriginProtection()
	own.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f := d.frame()
		f.Title = "Not from another page"
		d.pages.writeNote(w, r, http.StatusForbidden, f, "A run is stopped from its own page on this dashboard alone.")
	}))
	for kind, on := range map[engine.OrderKind]bool{engine.OrderStop: d.Stop != nil, engine.OrderCancel: d.Cancel != nil} {
		if on {
			mux.Handle("POST /runs/{id}/"+string(kind), requireToken(d.Options, d.pages, own.Handler(d.give(kind))))
		}
	}
}
