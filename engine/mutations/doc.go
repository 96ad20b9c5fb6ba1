// Command mutations takes each safety of the program out, each alone, and requires that a test goes red: a suite that cannot
// fail proves nothing.
//
//	go run ./engine/mutations                      all of them
//	go run ./engine/mutations -only merge,redact   these
//	go run ./engine/mutations -quick               those whose tests take a moment
//	go run ./engine/mutations -quick -parallel 2   two of them at a time
//	go run ./engine/mutations -dir DIR             passes over what went red before, and notes it in DIR
//	go run ./engine/mutations -dir DIR -readme     writes the README's table of what went red, and runs nothing
//
// The tree is not touched: the go command reads the changed files in place of its own. A change that no longer fits its file, one
// that does not compile, and one that stays green are errors, and the status is 1.
//
// It must not know the engine: it runs tests. Start reading at main.go; safeties.go and promises.go are what is taken out.
package main
