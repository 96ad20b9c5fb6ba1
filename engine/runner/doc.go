// Package runner does jobs: it plans them, runs them and counts whom they would reach.
//
// # What this package must not know
//
// It knows no WhatsApp, no SQL, no terminal and no environment. Operations, the Ledger, the clock and the variables are given
// to it. Nothing below it retries; the one retry loop is in retry.go.
//
// # Where things are
//
//	a request and its run     engine.go, execute.go, execution.go, identify.go, bind.go; settle.go, watch.go and finish.go for its end
//	the way through a job     walker.go, sequence.go; foreach.go with source.go, items.go, lookup.go, crew.go and semaphore.go
//	what is done at a step    perform.go (it is done), plan.go (planned), count.go (counted): the three visitors of the walker
//	one message               deliver.go, admission.go (may it go now?), render.go, attempt.go, retry.go, earlier.go (it may not)
//	the rules of admission    admission.go lists them; again.go, corrected.go, expiry.go, people.go, quiet_hours.go, reach.go, cost.go, …
//	what stops or delays      tally.go, alike.go, cancel.go, order.go; waiting.go, waits.go
//	rollouts                  rollout.go, rollout_checks.go, waves.go
//	several processes         share.go, stages.go, divided.go, portion.go, steps_outcome.go, left.go, telling.go, placement.go
//	what is said besides      remarks.go, values.go, mixed_dates.go, doubts.go, odd_numbers.go, near_values.go, left_all.go, new_rows.go, renamed_step.go
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
// to the others (steps_outcome.go), as is what an if said, how far a rollout has come, and how many items failed. Of the items of a forEach each
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
