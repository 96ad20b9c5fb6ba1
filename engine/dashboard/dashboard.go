package dashboard

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"waybill/engine"
	"waybill/engine/wording"
)

// pageBudget is how long the ledger may be read for one page.
const pageBudget = 15 * time.Second

// Options says what is shown, and to whom.
type Options struct {
	Ledger    engine.Reader
	People    engine.Persons // nil: nothing is shown of who is who and who left
	Now       func() time.Time
	Zone      *time.Location                              // of the times on pages; nil is UTC
	Meaning   func(code int) (title, action string)       // what an error code means and what to do; nil or empty: not known
	Reads     func(jobFile, body string) string           // how a message that was kept reads; nil or empty: not known
	Schedules func() []Schedule                           // nil: no scheduler runs beside this dashboard
	Token     string                                      // that a request must have; empty: none, and only loopback is answered
	Sandbox   bool                                        // the ledger is the sandbox's: nothing in it was sent to people
	Where     string                                      // what a command needs to find this ledger: " --state x --sandbox"; may be empty
	Stop      func(ctx context.Context, run string) error // orders a run to end; nil: there is no button
	Cancel    func(ctx context.Context, run string) error // orders what waits to be dropped; nil: there is no button
	// CSV writes deliveries of a run as a table; nil: there is none to be had.
	CSV     func(ctx context.Context, w io.Writer, run engine.Run, filter engine.DeliveryFilter) error
	Version string       // of the program; may be empty
	Log     *slog.Logger // nil: silence
}

// Schedule is one scheduled job as the dashboard lists it.
type Schedule struct {
	Job     string    // empty: none of the File is in force, see Problem
	File    string    // the job file; may be empty
	Cron    string    // as in the file: "0 9 * * 1-5"
	Zone    string    // as in the file: "Europe/Madrid"
	Missed  string    // what becomes of missed occurrences: "run", "skip"; may be empty
	Next    time.Time // in the schedule's own zone; zero: never again, or not while Problem lasts
	LastRun string    // id of its latest run; empty: none yet
	Running bool      // an occurrence runs now
	Waits   string    // for whom an occurrence waits that is due; empty: for nobody
	Problem string    // why it does not run, or why an older version of the file does; empty: nothing is wrong
}

func (o Options) withDefaults() Options {
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Meaning == nil {
		o.Meaning = func(int) (string, string) { return "", "" }
	}
	if o.Reads == nil {
		o.Reads = func(string, string) string { return "" }
	}
	return o
}

// dashboard answers the routes.
type dashboard struct {
	Options

	pages  *pages
	totals *cache[int]          // of lists of deliveries
	found  *cache[engine.Run]   // by id
	listed *cache[[]engine.Run] // by filter
	stats  *cache[runStats]
}

// New returns the handler of all pages, to be mounted at "/". Ledger and Now must be given.
func New(o Options) http.Handler {
	d := newDashboard(o)
	mux := http.NewServeMux()
	mux.HandleFunc("/{$}", d.page("runs", d.runs))
	mux.HandleFunc("/runs/{id}", d.page("run", d.run))
	mux.HandleFunc("/runs/{id}/deliveries", d.page("deliveries", d.deliveries))
	if o.CSV != nil {
		mux.HandleFunc("/runs/{id}/deliveries.csv", d.download)
	}
	mux.HandleFunc("/runs/{id}/unsent", d.page("unsent", d.unsent))
	mux.HandleFunc("/runs/{id}/stop", d.page("order", d.confirm(engine.OrderStop)))
	mux.HandleFunc("/runs/{id}/cancel", d.page("order", d.confirm(engine.OrderCancel)))
	mux.HandleFunc("/deliveries/{id}", d.page("delivery", d.delivery))
	mux.HandleFunc("/search", d.page("search", d.search))
	mux.HandleFunc("/inbox", d.page("inbox", d.inbox))
	if o.People != nil {
		mux.HandleFunc("/opt-outs", d.page("optouts", d.optOuts))
	}
	mux.HandleFunc("/schedules", d.page("schedules", d.schedules))
	mux.HandleFunc("/notices", d.page("notices", d.notices))
	mux.HandleFunc("/", d.page("runs", func(*http.Request, *frame) (any, error) { return nil, engine.ErrNotFound }))

	all := http.NewServeMux()
	all.HandleFunc(d.pages.stylePath(), d.pages.serveStyle) // before the token: the page that asks for it has a style, too
	all.Handle("/", readOnly(requireToken(d.Options, d.pages, mux)))
	d.orderRoutes(all)
	return withHeaders(loopbackOnly(d.Options, d.pages, all))
}

func newDashboard(o Options) *dashboard {
	o = o.withDefaults()
	return &dashboard{
		Options: o, pages: newPages(o), totals: newCache[int](o.Now), found: newCache[engine.Run](o.Now),
		listed: newCache[[]engine.Run](o.Now), stats: newCache[runStats](o.Now),
	}
}

// view reads the ledger for one page: what it returns is given to the page's template. It may set the frame's title,
// notes and the like.
type view func(r *http.Request, f *frame) (any, error)

// page makes a handler of a view and the template of that name.
func (d *dashboard) page(name string, v view) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), pageBudget)
		defer cancel()
		f := d.frame()
		f.Section = name
		content, err := v(r.WithContext(ctx), f)
		if err == nil {
			err = d.readWebhookTime(ctx, f)
		}
		if err != nil {
			d.writeError(w, r, err)
			return
		}
		f.Main = content
		d.pages.write(w, r, http.StatusOK, name, f)
	}
}

func (d *dashboard) frame() *frame {
	return &frame{Version: d.Version, Zone: d.Zone.String(), Now: d.Now(), Sandbox: d.Sandbox, People: d.People != nil}
}

// readWebhookTime notes in the frame when the last webhook came.
func (d *dashboard) readWebhookTime(ctx context.Context, f *frame) error {
	at, err := d.Ledger.Receiving(ctx)
	f.Webhook = at
	return err
}

// writeError answers an error with a page.
func (d *dashboard) writeError(w http.ResponseWriter, r *http.Request, err error) {
	f := d.frame()
	var wrong addressError
	switch {
	case errors.Is(err, engine.ErrNotFound):
		f.Title = "Not in the ledger"
		d.pages.writeNote(w, r, http.StatusNotFound, f, "There is no such page, run or delivery in this ledger.")
	case errors.As(err, &wrong):
		f.Title = "Not understood"
		d.pages.writeNote(w, r, http.StatusBadRequest, f, wrong.Error())
	case errors.Is(err, context.DeadlineExceeded):
		f.Title = "This takes too long"
		d.pages.writeNote(w, r, http.StatusServiceUnavailable, f,
			"The ledger was read for "+wording.Spaced(pageBudget)+" without an end. "+
				"Narrow the search, or ask the command line: "+d.command("deliveries", "RUN")+".")
	case r.Context().Err() != nil:
		// The client closed the connection: no answer would arrive.
	default:
		d.Log.ErrorContext(r.Context(), "cannot show a page", slog.String("path", r.URL.Path), slog.Any("error", err))
		f.Title = "The ledger cannot be read"
		d.pages.writeNote(w, r, http.StatusInternalServerError, f, "What went wrong stands in the log of waybill serve.")
	}
}

// command is a command line for the ledger that is shown.
func (o Options) command(words ...string) string {
	return clean("waybill " + strings.Join(words, " ") + o.Where)
}
