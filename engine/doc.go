// Package engine holds the nouns of Waybill: what a job is, what a run is, and what an operation and a ledger must be able
// to do.
//
// A job goes one way through the house, and each value is made in one place and handed on:
//
//	bytes of a file      diag.Source        source.Read makes a tree of nodes that know their places
//	findings             diag.List          all at once, or none and an engine.Job
//	the playbook         engine.Job         jobfile compiles and types its expressions; positions inside
//	rows                 Rows of a Source   streamed, never a list of all of them
//	what should happen   delivery.Delivery  its Key; the Ledger says whether it happened already
//	the intent           delivery.Ticket    durable before the first byte of a request leaves
//	one try              Outcome, or a Verdict on the error
//	what it meant        delivery.Attempt   settled in the Ledger
//	what came later      delivery.Status    recorded by the webhook receiver, as is Inbound
//	the story            Run                read back from the Ledger, never the live one
//
// # The rooms
//
//	delivery   the pure core: states and what moves a delivery from one to the next
//	audience   who is who, who left, when it is quiet: pure, too
//	price      what messages cost, by a rate card: pure, too
//	source     bytes of a file → nodes with places
//	jobfile    nodes → *Job, with all findings
//	runner     plans, runs and counts a job
//	eval       expressions; secret: what must not be printed; diag: findings; rows: CSV and JSON lines
//	sources    where items come from: files, workbooks, queries, addresses, standard input
//	ledger     the Ledger in one SQLite file
//	mould      what bodies of requests have in common, apart from what is one message's own
//	report     what commands print; dashboard: what a browser shows; schedule: when serve runs a job
//	pattern    regular expressions, compiled when they are needed
//	wording    numbers, plurals and durations as both of them write them
//	serve      the receiver, the scheduler and the dashboard in one process
//	cli        the command line
//
// # What this package must not know
//
// It knows no WhatsApp, no SQL, no terminal and no environment.
//
// Start reading at job.go for the nouns of the file, at operation.go for what a step does, at source.go for where its items
// come from, at ledger.go for the store.
package engine
