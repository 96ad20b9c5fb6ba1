// Package transfer copies a ledger to another place, whole, and moves the right to send there. It knows what ledgers hold, in a form that is
// neither's own, and no SQL: package ledger and package postgres read and write their tables in that form.
//
// At each moment one of the two may be sent from, at most. The copy is made complete, durable and unusable; then the ledger that it was made
// of is marked as moved, in the transaction in which it was read; then the copy is made usable. A process that is killed before the mark
// leaves the first as it was, and one that is killed after it a copy that is to be finished (To.Finish).
//
// Start reading at Copy.
package transfer
