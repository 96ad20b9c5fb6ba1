package cli_test

import (
	"testing"
	"time"
)

// patience is how long a test waits for what another process or goroutine is to do. Only a failing test waits so long.
const patience = 2 * time.Minute

// met waits until a condition holds, and says whether it came to that.
func met(condition func() bool) bool {
	for limit := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		if condition() {
			return true
		}
		if time.Now().After(limit) {
			return false
		}
	}
}

// eventually waits until a condition holds, and ends the test if it never does. more is told then.
func eventually(tb testing.TB, what string, condition func() bool, more ...any) {
	tb.Helper()
	if !met(condition) {
		tb.Fatalf("it never came to this: %s\n%s", what, more)
	}
}
