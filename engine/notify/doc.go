// Package notify tells people and programs how a run ended, that a schedule missed an occurrence, and that no webhook comes.
//
// An Event is what is told: nine fields as JSON to an https address, one text to Slack, Teams, a mailbox and the like. It holds
// counts and codes, and no data of recipients: digits that could be a number are taken out of its reason and scope. A Target is where
// to tell it, and never shows its address, which is a secret. A Sender tries several times and for MaxDelay at most. What could
// not be told waits in an Outbox, for the next command of that job or for serve. Something may be told twice, when a process ends
// between telling it and writing that down: run and status together say whether a program has it already.
//
// Like a client's base address, a target's may lie in a private network; plain http is for loopback alone. Of https addresses no
// redirect is followed. The services of shoutrrr have HTTP clients of their own, which do follow redirects.
//
// # What this package must not know
//
// It knows no WhatsApp, no job file and no ledger: whoever calls it has redacted secrets, and keeps what the Outbox is given.
//
// Start reading at event.go; sender.go tells, target.go says to whom, outbox.go what is told later.
package notify
