// Package tally is what proofs of reliability count, and how a long one goes on where it was interrupted.
//
// A proof is a test of many worlds, each with dice of its own, made of a seed and the world's number. In a check it runs a
// few of them. Where WAYBILL_PROOFS names a folder, as engine/reliability does, it appends a line to a file there after
// each world, goes on behind the last one it finds, and ends when it has done as much as WAYBILL_PROOF_AMOUNT says.
//
// It knows nothing of what is proved. Start reading at worlds.go.
package tally
