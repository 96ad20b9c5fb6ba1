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
// # The packages
//
// Pure: no storage, no network, no clock.
//
//	delivery   the core of "at most once": the states of a delivery, and what moves it from one to the next
//	audience   which ids are one person's, who left, when it is quiet
//	price      what messages cost, by a rate card
//	phone      numbers as people write them, their country and their time zones
//
// From a file to a run:
//
//	source     bytes of a YAML or JSON file → nodes with places
//	jobfile    nodes → *Job, with all findings
//	eval       expressions of a job file
//	sources    where items come from: files, workbooks, queries, addresses, standard input
//	runner     plans, runs and counts a job
//	ledger     the Ledger: SQLite, in one file. Below it: postgres, the Ledger in a database; transfer, how one becomes another
//
// What people and programs see:
//
//	cli        the command line
//	serve      the receiver, the scheduler and the dashboard in one process
//	schedule   when serve runs a job
//	dashboard  what a browser shows; metrics, below it, is what Prometheus reads
//	report     what commands print
//	notify     tells people and programs how a run ended
//	proof      a file that shows others what became of a run
//	deploy     the files that run a playbook elsewhere
//
// Small ones that the others stand on:
//
//	diag       findings with their places; codes.md has the story of each
//	rows       CSV and JSON lines as streams
//	secret     what must not be printed
//	leftover   what another program left in a text by mistake
//	mould      what bodies of requests have in common, so that it is kept once
//	spill      what is remembered of each row, out of memory
//	wording    numbers, plurals and durations as people read them
//	pattern    regular expressions that are compiled when they are needed
//
// Commands of their own, beside the program: bench measures it, reliability proves it at length, mutations takes its safeties out one by
// one. temporal is a module of its own: the program with Temporal as its --engine.
//
// Outside of this folder: steps holds the operations, and is the only place where the engine and WhatsApp meet; whatsapp is the client;
// schemas the manual of the job file; jobs the playbooks of waybill init.
//
// # What this package must not know
//
// It knows no WhatsApp, no SQL, no terminal and no environment.
//
// Start reading at job.go for the nouns of the file, at operation.go for what a step does, at source.go for where its items
// come from, at ledger.go for the store.
package engine
