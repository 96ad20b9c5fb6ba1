// Package pgtest starts real servers for tests: PostgreSQL, and PgBouncer before it, from the programs of the system, on loopback and in
// a folder of their own. Nothing stands in for them; where they are not installed, a test says so aloud and is skipped.
//
// PostgreSQL refuses to run as root: then the servers run as the user postgres, or nobody.
package pgtest
