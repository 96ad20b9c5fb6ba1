// Package ledger keeps engine.Ledger in one SQLite file, so that what was sent is known whatever killed the
// program that sent it.
//
// One process sends at a time and holds the Lock; others record webhooks and read beside it. All that a process
// writes goes through one goroutine, which gathers whatever arrived during the last commit into the next: the
// intents of one group and the outcomes of the group before share a transaction and its fsync. Nobody is told
// that something is written before the commit that holds it returned.
//
// # What is in the file
//
// A delivery is one row with its current attempt inline; an attempt that was followed by another moves to a table
// of its own. Webhooks are kept as they came, with the statuses, inbound messages and notices that they hold. What
// a delivery is follows from these facts: accept.go says how they are weighed.
//
// # What keeps it whole
//
// WAL with synchronous=FULL, read back at open, because NORMAL may lose a committed intent with the power, which
// would be a message sent twice. Before a request is allowed there must be room on the disk to write its outcome;
// a ballast file gives room once more when there is none. While somebody else keeps the file, outcomes wait for it longer
// than anything else. A file that is damaged, newer, or no ledger is refused
// and left as it is, never made anew. A quick_check runs in Lock, after a sender that did not get to release it
// and up to 256 MiB: opening stays fast, and a reader is not kept from what can still be read.
//
// # What this package must not know
//
// It knows no WhatsApp, no HTTP and no job file: deliveries are keys, contents are digests.
//
// Start reading at ledger.go for Open, then writer.go for the group commit, intend.go, settle.go and record.go for
// what goes through it. The schema is migrations/0001_init.sql.
package ledger
