#!/usr/bin/env bash
# go-sql-driver/mysql v1.10.1 and MariaDB (10.11.19): the same SELECT of a FLOAT gives 1234570 without an argument and 1234567 with one.
# Without, the server answers in text, which has six digits of a FLOAT; with one the statement is prepared, and the answer binary and
# whole. Somebody adds "WHERE id = ?", and the balance is another; interpolateParams=true makes it six digits again. CAST(… AS DOUBLE) and
# DOUBLE columns have all digits either way.
set -euo pipefail
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
if ! command -v mariadbd >/dev/null && command -v apt-get >/dev/null; then
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends mariadb-server >/dev/null
fi
command -v mariadbd >/dev/null || { echo "needs MariaDB" >&2; exit 2; }
dir=$(mktemp -d)
server=
stop() {
	[ -z "$server" ] || { kill "$server" && wait "$server" || true; }
	rm -rf "$dir"
}
trap stop EXIT
mkdir "$dir/go"
cd "$dir/go"
go mod init finding 2>/dev/null
go get github.com/go-sql-driver/mysql@v1.10.1 2>/dev/null
cat >main.go <<'GO'
package main

import (
	"database/sql"
	"fmt"
	"log"
	"os"

	_ "github.com/go-sql-driver/mysql"
)

func main() {
	for _, option := range []string{"?interpolateParams=false", "?interpolateParams=true"} {
		db, err := sql.Open("mysql", os.Args[1]+option)
		check(err)
		_, err = db.Exec("CREATE TABLE IF NOT EXISTS accounts (id int PRIMARY KEY, balance float) AS SELECT 1 AS id, 1234567 AS balance")
		check(err)
		var without, with, wide float64
		check(db.QueryRow("SELECT balance FROM accounts WHERE id = 1").Scan(&without))
		check(db.QueryRow("SELECT balance FROM accounts WHERE id = ?", 1).Scan(&with))
		check(db.QueryRow("SELECT CAST(balance AS DOUBLE) FROM accounts WHERE id = 1").Scan(&wide))
		fmt.Printf("%s: without %.0f, with an argument %.0f, as DOUBLE %.0f\n", option, without, with, wide)
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
GO
GOFLAGS=-mod=mod go build -o ask .
mariadb-install-db --no-defaults --datadir="$dir/data" --auth-root-authentication-method=normal --skip-test-db --user="$(id -un)" >/dev/null
mariadbd --no-defaults --datadir="$dir/data" --socket="$dir/s" --skip-networking --user="$(id -un)" >"$dir/log" 2>&1 &
server=$!
for _ in $(seq 150); do
	mariadb-admin --no-defaults -S "$dir/s" -u root ping >/dev/null 2>&1 && break
	sleep 0.2
done
seen=$(./ask "root@unix($dir/s)/mysql")
echo "version: github.com/go-sql-driver/mysql v1.10.1, $(mariadbd --version)"
echo "source: https://github.com/go-sql-driver/mysql"
echo "behaviour: a FLOAT has six digits in a query without arguments, and all in one with"
echo "input: 1234567 in a column of type FLOAT"
echo "seen:"
echo "$seen"
want='?interpolateParams=false: without 1234570, with an argument 1234567, as DOUBLE 1234567
?interpolateParams=true: without 1234570, with an argument 1234570, as DOUBLE 1234567'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
