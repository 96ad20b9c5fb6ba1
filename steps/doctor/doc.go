// Package doctor asks WhatsApp about the accounts that jobs send with, and the ledgers about themselves: what would keep a
// run from sending, before it runs. It only reads; nobody is messaged.
//
// # What this package must not know
//
// It reads no command line and no environment, and prints nothing: jobs come loaded, ledgers ready to open, and the Report
// is the caller's to show. Of flags and commands it knows the names that hints suggest. How names are bound and
// connections rendered is the runner's to say: see runner.Preview.
//
// Start reading at doctor.go: Options and Run. target.go finds the accounts; account.go, templates.go and ledger.go check.
package doctor
