// Package doctor asks WhatsApp about the accounts that jobs send with, and the ledgers about themselves: what would keep a
// run from sending, before it runs. It only reads; nobody is messaged.
//
// # What this package must not know
//
// It knows no command line, no environment and no terminal: jobs come loaded, ledgers ready to open, and the Report is
// printed by the caller. How names are bound and connections rendered is the runner's to say: see runner.Preview.
//
// Start reading at doctor.go: Options and Run. target.go finds the accounts; account.go, templates.go and ledger.go check.
package doctor
