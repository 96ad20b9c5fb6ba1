// Package manifests holds the files that `waybill init --with` writes, and those of this repository that are of their kind, to the linters
// and parsers of the tools that read them. It is a module of its own, so that these stay out of the program's.
//
// Run it with go test; SKIPPED names what could not be asked on this machine.
package manifests
