// Package eval says what `$<NAME>`, `${NAME}` and `${{ … }}` mean in a value of the job file.
//
// A scalar of the file becomes a Template, with its findings, before anything runs; a Template and the run's
// Names become a value, as often as there are items. The text that comes out is never read again: neither a
// variable nor a row can add an expression, a key or a quote. A value has one text (Text), or none.
//
// Expressions are expr-lang's, and each goes through five stages:
//
//	scan.go      the scalar's text is cut into literal text, variables and expressions
//	names.go     every name in the expression is looked up in the Scope: all findings at once, with suggestions
//	check.go     expr's own checker, against the types of the Scope
//	taint.go     what is made of a secret is made known as one
//	patch.go     what could run away, cut a letter in half or trip over an empty cell becomes a call of ours
//
// The file's author is trusted, so the limits are there against accidents, and against rows that are larger than
// they were thought to be: an expression has 4 KiB and 500 nodes, a text 64 KiB, and one rendering about a million
// steps, which is well under 100 ms. A loop pays before it begins, and a call by the size of what it is given
// (budget.go, call.go); no function pays by itself unless it walks through a whole value.
//
// Messages are in the words of the job file. Those of expr are translated (words.go when a file is read, fault.go when
// it runs), and each translation is held by a test, because expr may word them differently in its next version.
//
// The package knows no YAML, no jobs and no steps: its caller brings Anchors and a Scope. What may not be shown is kept
// by package secret, and Variables tells it what that is.
//
// Start reading at template.go; funcs.go is the manual of the functions.
package eval
