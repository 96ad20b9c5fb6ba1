package dashboard

import (
	"log/slog"
	"net/http"
	"time"
)

// download answers with the deliveries of a run, as narrowed to, as a table for a spreadsheet.
func (d *dashboard) download(w http.ResponseWriter, r *http.Request) {
	run, err := d.find(r.Context(), r.PathValue("id"))
	if err != nil {
		d.writeError(w, r, err)
		return
	}
	form, err := readForm(r)
	if err != nil {
		d.writeError(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="deliveries-`+run.ID+`.csv"`)
	if r.Method == http.MethodHead {
		return
	}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Time{}) // a long table takes as long as it takes; a client that goes away ends it
	if err := d.CSV(r.Context(), w, run, form.filter(run)); err != nil {
		if r.Context().Err() == nil {
			d.Log.ErrorContext(r.Context(), "cannot write a table", slog.String("path", r.URL.Path), slog.Any("error", err))
		}
		panic(http.ErrAbortHandler) // a table that was cut looks like a whole one: the connection is cut instead
	}
}
