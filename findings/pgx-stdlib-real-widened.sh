#!/usr/bin/env bash
# pgx v5.12.0 by database/sql: a real of PostgreSQL has digits that the server does not show. 19.99 is scanned into a string, or any, as
# 19.989999771118164, in every mode of execution: the four bytes are widened to a float64 before anybody asks for text. psql, lib/pq v1.12.3,
# and pgx by its own interface give 19.99. A price that comes so stands in a letter with all its digits. A cast to text, or numeric, cures it.
set -euo pipefail
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1 || true)
if [ -z "$bin" ] && command -v apt-get >/dev/null; then
	mkdir -p /etc/postgresql-common && echo create_main_cluster=false >/etc/postgresql-common/createcluster.conf
	apt-get update -qq && apt-get install -qq -y --no-install-recommends postgresql >/dev/null
	bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)
fi
[ -n "$bin" ] || { echo "needs PostgreSQL" >&2; exit 2; }
dir=$(mktemp -d)
mkdir "$dir/go"
as=()
if [ "$(id -u)" = 0 ]; then chown postgres "$dir"; as=(runuser -u postgres --); fi
stop() { "${as[@]}" "$bin/pg_ctl" -D "$dir/data" -m fast -w stop >/dev/null 2>&1 || true; rm -rf "$dir"; }
trap stop EXIT
cd "$dir/go"
go mod init finding 2>/dev/null
go get github.com/jackc/pgx/v5@v5.12.0 github.com/lib/pq@v1.12.3 2>/dev/null
cat >main.go <<'GO'
package main

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"os"

	"github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "github.com/lib/pq"
)

const query = "SELECT 19.99::real"

func main() {
	dsn := os.Args[1]
	for _, how := range []struct{ driver, option string }{{"pgx", ""}, {"pgx", " default_query_exec_mode=simple_protocol"}, {"postgres", ""}} {
		db, err := sql.Open(how.driver, dsn+how.option)
		check(err)
		var price string
		check(db.QueryRow(query).Scan(&price))
		fmt.Printf("database/sql, %s%s: %s\n", how.driver, how.option, price)
	}
	conn, err := pgx.Connect(context.Background(), dsn)
	check(err)
	var price any
	check(conn.QueryRow(context.Background(), query).Scan(&price))
	fmt.Printf("pgx itself: %T %v\n", price, price)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
GO
GOFLAGS=-mod=mod go build -o ask .
cd /
"${as[@]}" "$bin/initdb" -D "$dir/data" -A trust -N >/dev/null
"${as[@]}" "$bin/pg_ctl" -D "$dir/data" -o "-c listen_addresses= -c unix_socket_directories=$dir" -l "$dir/log" -w start >/dev/null
user=$("${as[@]}" id -un)
seen="psql: $("$bin/psql" -h "$dir" -U "$user" -d postgres -Atqc 'SELECT 19.99::real')
$("$dir/go/ask" "host=$dir user=$user dbname=postgres sslmode=disable")"
echo "version: github.com/jackc/pgx/v5 v5.12.0, github.com/lib/pq v1.12.3, $("$bin/postgres" --version)"
echo "source: https://github.com/jackc/pgx"
echo "behaviour: a real read by database/sql has the digits of a float64"
echo "input: SELECT 19.99::real, scanned into a string"
echo "seen:"
echo "$seen"
want='psql: 19.99
database/sql, pgx: 19.989999771118164
database/sql, pgx default_query_exec_mode=simple_protocol: 19.989999771118164
database/sql, postgres: 19.99
pgx itself: float32 19.99'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
