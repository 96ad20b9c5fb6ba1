// Package eval says what `$<NAME>`, `${NAME}` and `${{ … }}` mean in a value of the job file.
//
// A scalar of the file becomes a Template, with its findings, before anything runs; a Template and the run's
// Names become a value, as often as there are items. The text that comes out is never read again: neither a
// variable nor a row can add an expression, a key or a quote.
//
// Expressions are expr-lang's, and each goes through five hands:
//
//	scan.go      the scalar's text is cut into literal text, variables and expressions
//	names.go     every name in the expression is looked up in the Scope: all findings at once, with suggestions
//	check.go     expr's own checker, against the types of the Scope
//	derive.go    what is made of a secret is made known as one (flow.go says what is)
//	patch.go     what could run away, cut a letter in half or trip over an empty cell becomes a call of ours
//
// The file's author is trusted, so the limits are there against accidents: an expression has 4 KiB and 500 nodes,
// a text 64 KiB, and one rendering about a million steps, which is well under 100 ms.
//
// The package knows no YAML, no jobs and no steps: whoever reads the file brings Anchors and a Scope. It also
// keeps the secrets (Variables, Secret) and takes them out of whatever is printed (Redactor).
//
// Start reading at template.go; funcs.go is the manual of the functions.
package eval
