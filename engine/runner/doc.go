// Package runner does jobs: it plans them, runs them and counts whom they would reach.
//
// # What this package must not know
//
// It knows no WhatsApp, no SQL, no terminal and no environment. Operations, the Ledger, the clock and the variables are given
// to it. Nothing below it retries; the one retry loop is in retry.go.
//
// # What is waited for
//
// An intent is durable before its request leaves. What became of it is durable before anything that follows for its item: the next try, the
// next step, the end of its forEach. Where nothing follows, an acceptance is handed to the ledger and the next item begins (outcomes.go).
//
// # Several processes
//
// In a ledger that many send from, a run whose rows can be divided is one for all processes that ask for it (share.go). They go through
// the job together, stage by stage (stages.go): the steps outside of every forEach are done by one of them, and what came of them is told
// to the others (outcome.go), as is what an if said, how far a rollout has come, and how many items failed. Of the items of a forEach each
// process does those of its parts, in passes over all rows (divided.go, portion.go); the others' are passed over before they are looked
// up. A ledger with one sender has no share, and nothing of this is asked.
//
// Any of them may die at any moment. What it had to say of a part that it ended is in the ledger with that part (portion.endAll): how its
// rows fared, until when some of them wait, and what it met. What it noted of a part that it did not end (notes.go), and what stopAfter
// counts of it, is dropped when another takes the part, and made anew. Rows of a stage that was stopped are counted by whoever takes their
// part; those of a run that was stopped are counted last, by those that live, who go through the stages once more for that (left.go). Who
// tells how the run ended is asked of the ledger at the very end (telling.go), also by a process alone.
//
// Start reading at engine.go for what a command asks for, then at execute.go for the way of a run.
package runner
