// Package sources holds the ways in which a forEach gets its items: csv, jsonl, xlsx, sql and items. Each is an engine.Source.
//
// Where bytes come from (a file, an https address, standard input) is decided in content.go, and what they mean by the source that
// was named: any of csv, jsonl and xlsx can come from any of them. What can be read only once, or slowly, is kept in the command's
// Spool and read from there: an address is fetched once, a query asked once, a workbook taken apart once. Nothing is held in memory
// but the row at hand.
//
// # What this package must not know
//
// It knows no WhatsApp, no ledger, no terminal and no environment. Keys of items, limits and what becomes of a bad row are the
// runner's.
//
// Start reading at sources.go for the list of them, then at content.go. Below are the readers that know nothing of jobs: fetch gets
// an address, xlsx reads a workbook, query asks a database.
package sources
