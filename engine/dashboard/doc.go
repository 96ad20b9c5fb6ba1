// Package dashboard shows a ledger in a browser: runs with their progress, a run's funnel, its pace, its errors with
// what they mean, rows that were not sent, deliveries with search and paging, one search over all runs and people, the inbox,
// schedules and notices. WriteReport writes a run's
// page as one file that needs nothing else. Health answers probes; metrics, below, answers Prometheus.
//
// Everything is made on the server: html/template, charts as SVG, no script anywhere, and a Content-Security-Policy
// that would stop one.
//
// # Figures
//
// What became of a run's messages is Run.Counts, which the ledger makes: nothing here counts for itself. Lists of deliveries
// show how each stands now, whichever run decided it last, and so may differ from a run's figures.
//
// # What it changes
//
// It reads, and answers GET and HEAD alone, but for one thing: a person may order a run to stop, or what waits in it to be
// dropped (orders.go), by POST, behind the same door as the pages, and from a page of this dashboard alone.
//
// # Who may look
//
// The pages show phone numbers and what people wrote, in full: they are the operator's own, on a page that is open to
// the operator alone. (They are never in metrics or logs.) Hence auth.go: without a token the pages answer only on
// loopback, to a loopback name, and not through a proxy or a tunnel; beyond that a token is asked for.
//
// # What is shown of whose text
//
// Names, texts and keys come from outside. They are escaped by html/template, stand in <bdi> so that their
// direction stays theirs, and lose the characters that would turn or hide the text around them: see text.go.
//
// # Large ledgers
//
// A page reads counts and a bounded number of deliveries: never all of a million. Runs and counts are kept for a time that
// grows with what they cost (cache.go). The chart of requests over time is read piece by piece, a piece at each look, and says
// until then that it is estimated (pace.go).
//
// # What this package must not know
//
// It knows no WhatsApp: what a code means is asked of a Meaning that is given. It knows no SQL and no job file: it
// reads an engine.Reader, to which the id of a delivery is a name and a place to go on from, no number to calculate with.
// Schedules are given to it, and so is how an order is given.
//
// Start reading at dashboard.go for the routes, then run.go and templates/run.html for the page that matters most.
package dashboard
