// Package fetch gets a file from an https address that somebody allowed by name.
//
// A job file may come from elsewhere than the command line, so the job says what is fetched and the command line from where it may
// be: only hosts that are allowed are asked, over https (plain http is for loopback), and no redirect leads to another. An address
// inside a private network is dialled only where that address is allowed itself, whatever a name resolves to: an allowed name cannot
// be pointed at a machine that trusts its neighbours. Where a proxy of the environment is used, the proxy dials, and decides.
//
// The package knows no jobs. Start reading at fetch.go.
package fetch
