// Package schemas holds the JSON Schema of a job file, and judges values by it.
//
// The descriptions in the .json files are the manual of the job file: editors show them while one types. They are
// written by hand in draft-07, without oneOf and its like, whose messages cannot be understood; what a schema
// cannot say well (exactly one operation a step) the engine says in Go. One file an operation, job.json for the rest;
// Job puts them together into the one document that editors take.
//
// The package knows no positions and no YAML: it is given plain values and answers with paths.
//
// Start reading at job.json.
package schemas
