// Package pattern compiles regular expressions when a text first asks for them. Those of a package are compiled before the program
// begins otherwise, all of them, each time: a command that ends in a moment reads few texts.
//
// It knows nothing else. An expression that most commands need is better compiled at once.
package pattern

import (
	"regexp"
	"sync"
)

// Lazy returns what compiles an expression once, when it is first called; it is safe for concurrent use. That call panics when the
// text is no expression.
func Lazy(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}
