// Package schemas holds the JSON Schema of a job file, and checks values by it.
//
// The descriptions in the .json files are the manual of the job file: editors show them while one types. They are written by
// hand in draft-07, without oneOf and its like, whose messages are hard to understand; what a schema cannot say well (exactly one
// operation a step) jobfile says in Go. One file an operation, job.json for the rest; Job puts them together into the one
// document that job files are checked by, and Editor makes of that the one that editors take.
//
// Marks say what no keyword of JSON Schema does. See Place for their meaning:
//
//	x-digits   "phone", "id" or "text": a number here is text, with its own digits
//	x-file     true: the path of a file beside the job, which is checked before anything runs
//	x-message  true: a person receives this text, and all text inside it
//	x-one      of these keys exactly one stands in the map, for Editor
//	x-secret   true: is never shown
//
// The package knows no positions and no YAML: it takes plain values and returns paths.
//
// Start reading at job.json, then place.go.
package schemas
