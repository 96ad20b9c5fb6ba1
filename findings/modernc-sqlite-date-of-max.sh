#!/usr/bin/env bash
# modernc.org/sqlite v1.62.0: the Go type of a value depends on whether the query names the column or computes with it. A column
# declared DATE comes as time.Time at midnight UTC, max() of it as the string 2026-03-25, and so does a coalesce. The driver goes by
# the declared type of the result's column, which SQLite has for bare columns alone. A view over a date column, with one function
# put around it, changes what a program sends: 2026-03-25 00:00:00 +0000 UTC here, 2026-03-25 there.
set -euo pipefail
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
go mod init finding 2>/dev/null
go get modernc.org/sqlite@v1.62.0 2>/dev/null
cat >main.go <<'GO'
package main

import (
	"database/sql"
	"fmt"
	"log"

	_ "modernc.org/sqlite"
)

func main() {
	db, err := sql.Open("sqlite", ":memory:")
	check(err)
	db.SetMaxOpenConns(1)
	_, err = db.Exec("CREATE TABLE visits (day DATE, kept BOOLEAN); INSERT INTO visits VALUES ('2026-03-25', true)")
	check(err)
	for _, q := range []string{"day", "max(day)", "coalesce(day, '')"} {
		var v any
		check(db.QueryRow("SELECT " + q + " FROM visits").Scan(&v))
		fmt.Printf("%s: %T %v\n", q, v, v)
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
GO
go mod tidy 2>/dev/null
seen=$(go run .)
echo "version: modernc.org/sqlite v1.62.0"
echo "source: https://gitlab.com/cznic/sqlite"
echo "behaviour: a DATE comes as time.Time from a column and as string from a function of it"
echo "input: a column of type DATE that holds 2026-03-25"
echo "seen:"
echo "$seen"
[ "$seen" = $'day: time.Time 2026-03-25 00:00:00 +0000 UTC\nmax(day): string 2026-03-25\ncoalesce(day, \'\'): string 2026-03-25' ] || { echo "CHANGED" >&2; exit 1; }
