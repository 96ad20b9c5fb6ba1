package engine

// Pruned says what was taken out of a ledger because it is old. The zero value: nothing was.
type Pruned struct {
	Statuses int   // of messages: what they made of deliveries stays
	Webhooks int   // bodies of them
	Inbound  int   // messages that people wrote
	Notices  int   // reports about templates, numbers and accounts
	Attempts int   // requests that the same run followed by another
	Texts    int   // of messages that were sent, word for word
	Rows     int   // texts of rows that became no request
	Runs     int   // texts of what failed first in a run: its rows and deliveries say it, too
	Freed    int64 // bytes that the disk has more
	Kept     bool  // the room was not given back: somebody sends, or it is the database's own to give
}
