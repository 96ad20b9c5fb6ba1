// Package engine is what Waybill is: it reads a job file, finds everything wrong with it, and makes it so
// that every message it asks for goes out once.
//
// A job goes one way through the house, and each value is made in one place and handed on:
//
//	bytes of a file      diag.Source     Load reads them into a tree that knows its places
//	findings             diag.List       all at once, or none and a *Job
//	the playbook         *Job            expressions compiled and typed; positions inside
//	rows                 Item            streamed by items.go, never a list of all of them
//	what should happen   Delivery        its Key; the Ledger says whether it happened already
//	the intent           Ticket          durable before the first byte of a request leaves
//	one try              Outcome, or a Verdict on the error
//	what it meant        Attempt         settled in the Ledger
//	what came later      Status, Inbound recorded by the webhook receiver
//	the story            Run             read back from the Ledger, never the live one
//
// # The state machine of a Delivery
//
//	planned ──Intend──▶ intended ──answer with an id──────▶ accepted ─▶ sent ─▶ delivered ─▶ read
//	   ▲                   │ ├─────refused───────────────▶ rejected               └▶ failed
//	   │                   │ └─────no answer, a crash────▶ in doubt ──status, resolve──▶ accepted
//	   └──nothing was sent─┘      (after the last try: rejected)
//
// A delivery that was rejected, failed or is in doubt may be intended once more: action.go says when, for plan, run and
// Intend alike. Ledger.Intend is the one place where a delivery is decided: a conditional change to intended that is
// on disk before the request leaves. Whoever did not get a Ticket does not send.
//
// # What this package must not know
//
// It knows no WhatsApp, no SQL, no terminal and no environment. Operations, the Ledger, the clock and the
// variables are given to it. Nothing below it retries; the one retry loop is in retry.go.
//
// Start reading at job.go for the nouns of the file, at delivery.go for the promise, at execute.go for the way
// of a run.
package engine
