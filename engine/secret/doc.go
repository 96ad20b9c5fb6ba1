// Package secret keeps the secrets, and takes them out of whatever is printed.
//
// A Secret is text that no way of formatting shows. A Redactor knows the values that may not be shown and replaces
// them in text, and a Writer does so in a stream. Looked for are the value and its encodings: what JSON, Go's %q, a
// URL, base64, hex, HTML, CSV, YAML, a shell and the commands of a workflow make of it. A text that is changed
// on purpose (another case, written backwards) is not found; what an expression makes of a secret is, because eval
// tells it (AddDerived).
//
// The package knows no files, no expressions and no environment. Start reading at redactor.go; forms.go says what is
// looked for, index.go how.
package secret
