package pgtest

import (
	"errors"
	"fmt"
	"os"
	"testing"
)

// Missing says whether a test does without a server that did not start, for err: PostgreSQL is not installed. It says so on standard error.
// With WAYBILL_TEST_POSTGRES=required no test does without.
func Missing(tb testing.TB, err error) bool {
	tb.Helper()
	missing := errors.Is(err, ErrMissing) && os.Getenv("WAYBILL_TEST_POSTGRES") != "required"
	if missing {
		fmt.Fprintln(os.Stderr, "SKIPPED, and not tested:", tb.Name()+":", err)
	}
	return missing
}

// Need skips a test whose server is Missing, and ends it for any other err.
func Need(tb testing.TB, err error) {
	tb.Helper()
	if Missing(tb, err) {
		tb.Skip(err)
	}
	if err != nil {
		tb.Fatal(err)
	}
}
