// Package form is the form in which ledgers keep things, whatever they keep them in: the codes of callbacks, digests, packed message
// ids, sets of deliveries, and what a transition changes of the counts of runs. A ledger that is copied from one store to another
// means the same there.
//
// It knows no store: no SQL, no file and no clock.
package form
