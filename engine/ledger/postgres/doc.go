// Package postgres keeps engine.Ledger in PostgreSQL, so that many processes on many machines send from one ledger: each message once.
//
// As package ledger it decides nothing about a delivery: it loads a delivery.Record with its row locked, calls one of its functions, and
// saves what changed. Nearly all intents and outcomes go a quick way that reads nothing (quick.go): a group of them is one round trip and
// one fsync. What does not fit it goes the slow way (transaction.go), one change after the other in a transaction. A group of webhooks is two
// round trips: what all of them need is read as it begins (begin.go, ahead_webhooks.go), and what they write is sent with its commit (writes.go),
// each delivery once, whatever many statuses tell of it.
//
// What is done for each message is a function in the database (migrations/0004_groups.sql, 0011_webhooks.sql, 0012_look_up.sql): its plan stays with the server's
// connection, also behind a pooler, where a statement of ours is parsed and planned each time, which takes longer than to do what it says. So
// does each statement, however small: a group has few.
//
// # How a message is found
//
// A status finds its delivery by the callback that it brings back: there is its number. One without finds it by the message's id. That stands in
// no index where it need not, for then an outcome changes none (migrations/0010_number.sql): the id tells the number that the message went to,
// and of the deliveries to that, which have an index entry since their intent, the row tells which it is. An id that tells no number, or
// another one, is found by its hash, and so is a message to a number that has 16 others already (migrations/0013_often.sql): a status reads
// few rows, also one of a message that another program sent.
//
// # Many senders
//
// Each sender has a row in the table process: its lease, and the count of its groups. Every group begins with an update of that row, which
// fails when the process was taken for dead, when another connection writes for it, or when the database does not have the group before;
// and which keeps the row locked, so that whoever takes over sees what was written before and nothing is written after. What a sender that
// is gone had under way becomes in doubt, never sendable: so no clock and no lease carries the promise.
//
// When the answer to a commit is lost, the next connection waits for what the last one may still be doing, and the count tells whether
// it was written. A request that was allowed by a group of which nobody was told is taken back as not sent.
//
// # Runs that processes share
//
// A run under way is one for all that ask for the same (enter.go). Its parts are rows that a process has by its lease (parts.go), and are
// free when that ends. How each process fared is kept with its parts, so that whoever ends the last knows how the run ended
// (finish_share.go). One that ended though some of it is left goes on with whoever has those parts (go_on.go).
//
// # What keeps two processes apart
//
// The row of a delivery, and advisory locks that end with their transaction (a pooler lends the connection to others): a message id, for an
// answer and a status that know only that; callbacks that find nothing, against intents; people, against messages that are counted; sets
// of what applies met, against all that changes outcomes. Each group takes those of one kind at once, in order. Counts are spread over
// shards, and what each webhook would write into a shared row stands in the row of its receiver.
//
// Nothing is told by numbers of rows, which are not in the order of commits: news are what was not visible in a snapshot before, and the
// numbers of opt-outs are made under a lock.
//
// # Who was forgotten
//
// As in package ledger. Nobody is forgotten while anybody sends: so a sender knows who was, from the moment of its Lock, and the quick way
// need not look. Other groups look after their row in the table process is theirs, for which forgetting waits and is waited for.
//
// # Time travel
//
// A database that was restored, copied, or failed over with loss is refused: by whoever opens it (identity.go), by a process that wrote what it
// lacks (session.go), and by one that saw others write that (others.go). adopt.go is the way on.
//
// # What this package must not know
//
// It knows no WhatsApp, no HTTP and no job file.
//
// Start reading at ledger.go for Open, then writer.go and session.go for the groups, quick.go and transaction.go for how they are written,
// lock.go for senders, pace.go, enter.go and parts.go for what they share. The schema is in migrations.
package postgres
