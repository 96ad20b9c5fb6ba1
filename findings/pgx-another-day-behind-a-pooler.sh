#!/usr/bin/env bash
# pgx v5.12.0: which day a time.Time is in a column of type date depends on how the statement is executed. Half past midnight in Madrid is
# 25 March with the modes that ask the server for the types of the arguments, and 24 March with exec and simple_protocol, which are for
# poolers that keep no statements: these write it in UTC. A column timestamp is an hour off likewise, and WHERE day = $1 finds nothing.
# Of the change to exec the documentation says that other behaviour "should not occur with types pgx supports directly". timestamptz is
# the same in all. Whoever puts a PgBouncer before a database changes its clients' mode, and their days.
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
go get github.com/jackc/pgx/v5@v5.12.0 2>/dev/null
cat >main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"
	_ "time/tzdata"

	"github.com/jackc/pgx/v5"
)

func main() {
	ctx := context.Background()
	madrid, err := time.LoadLocation("Europe/Madrid")
	check(err)
	when := time.Date(2026, time.March, 25, 0, 30, 0, 0, madrid)
	for _, mode := range []string{"cache_statement", "cache_describe", "describe_exec", "exec", "simple_protocol"} {
		conn, err := pgx.Connect(ctx, os.Args[1]+" default_query_exec_mode="+mode)
		check(err)
		_, err = conn.Exec(ctx, "CREATE TEMP TABLE visits (day date, at timestamp, met timestamptz)")
		check(err)
		_, err = conn.Exec(ctx, "INSERT INTO visits VALUES ($1, $2, $3)", when, when, when)
		check(err)
		var day, at, met string
		check(conn.QueryRow(ctx, "SELECT day::text, at::text, met::text FROM visits").Scan(&day, &at, &met))
		var found bool
		check(conn.QueryRow(ctx, "SELECT date '2026-03-25' = $1", when).Scan(&found))
		fmt.Printf("%s: date %s, timestamp %s, timestamptz %s, date '2026-03-25' = $1 %v\n", mode, day, at, met, found)
		check(conn.Close(ctx))
	}
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
"${as[@]}" "$bin/pg_ctl" -D "$dir/data" -o "-c listen_addresses= -c unix_socket_directories=$dir -c timezone=Europe/Madrid" -l "$dir/log" -w start >/dev/null
seen=$("$dir/go/ask" "host=$dir user=$("${as[@]}" id -un) dbname=postgres")
echo "version: github.com/jackc/pgx/v5 v5.12.0, $("$bin/postgres" --version)"
echo "source: https://github.com/jackc/pgx"
echo "behaviour: a time.Time is another day in a date column when the statement is not described first"
echo "input: 2026-03-25 00:30 in Europe/Madrid as an argument, in each mode of execution; the server's zone is Europe/Madrid"
echo "seen:"
echo "$seen"
kept="date 2026-03-25, timestamp 2026-03-25 00:30:00, timestamptz 2026-03-25 00:30:00+01, date '2026-03-25' = \$1 true"
moved="date 2026-03-24, timestamp 2026-03-24 23:30:00, timestamptz 2026-03-25 00:30:00+01, date '2026-03-25' = \$1 false"
want="cache_statement: $kept
cache_describe: $kept
describe_exec: $kept
exec: $moved
simple_protocol: $moved"
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
