// Package ledger keeps engine.Ledger in one SQLite file, so that what was sent is known after the program that sent it was
// killed.
//
// It decides nothing about a delivery: it loads a delivery.Record, calls one of its functions, and saves what changed. Three
// fast ways do the same without loading (insertIntents, settleUnread and takeOver); slow_test.go holds them to it.
//
// One process sends at a time and holds the Lock; others record webhooks and read beside it. All that a process writes goes
// through one goroutine, which gathers what arrived during the last commit into the next: the intents of one group and the
// outcomes of the group before share a transaction and its fsync. No call returns before the commit that holds its change.
//
// # What is in the file
//
// A delivery is one row with its current attempt inline; an attempt that was followed by another moves to a table of its own.
// Webhooks are kept as they came, with the statuses, inbound messages and notices that they hold. What an intent is lies in the
// file alone: the memory of the sender is a cache.
//
// What became of the messages of each run is counted in the transaction that changes it (run_count), so that a list of runs reads
// no delivery. What an apply met and left is a set of ids (met) with counts of its own, which runs that met the same share.
//
// What a request said is in the row of its delivery, in what its mould leaves open (package mould); what an attempt before it said is with
// that attempt, where it was something else.
//
// # What keeps it whole
//
// WAL with synchronous=FULL, read back at open, because NORMAL may lose a committed intent with the power, which
// would be a message sent twice. Before a request is allowed there must be room on the disk to write its outcome;
// a ballast file gives room once more when there is none. While another process keeps the file, outcomes wait for it
// longer than anything else. A file that is damaged, newer, or no ledger is refused
// and left as it is, never made anew. A quick_check runs in Lock, after a sender that did not get to release it
// and up to 256 MiB: opening stays fast, and a reader is not kept from what can still be read.
//
// # Who was forgotten
//
// The table forgotten has keyed digests of ids and keys of people who asked to be forgotten. What comes in (intents, webhooks, words,
// rows) has those put in place of the ids within the transaction that writes it, and so do questions of readers: the rest of the package
// knows no difference. Package erase takes people out of all tables; wipe then makes the file anew, so that no byte of them is left.
//
// # A file that was put back, or moved
//
// The epoch rises while the file is written, and a witness beside it keeps the latest: a file that was put back to an earlier time is
// refused until it is adopted (epoch.go, adopt.go). One that was moved by package transfer takes nothing any more (copy.go, copy_to.go).
//
// # What this package must not know
//
// It knows no WhatsApp, no HTTP and no job file: deliveries are keys, contents are digests.
//
// Start reading at ledger.go for Open, then writer.go for the group commit, intend.go, settle.go, webhook.go and resolve.go for
// what goes through it, load.go and save.go for the record in between, counts.go for what is
// counted. The schema is migrations/0001_init.sql.
package ledger
