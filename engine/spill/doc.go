// Package spill remembers places: 64-bit hashes, each with the row in which it was met. A file of a million rows is looked at without
// keeping a million of anything in memory. What does not fit into a small buffer goes to a private file that has no name, and a
// Bloom filter of four bits a place or a few more keeps most questions about a new place away from that file.
//
// It knows no jobs and no deliveries. Start reading at Table.
package spill
