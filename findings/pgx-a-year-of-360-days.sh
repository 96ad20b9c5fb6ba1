#!/usr/bin/env bash
# pgx v5.12.0: an interval of a year, scanned into a time.Duration, is 360 days; a month is 30. A guarantee, a subscription or a blocked number ends
# five days early, and by another day than PostgreSQL's own now() + interval, which keeps the day of the month (9.9). No error says that
# years and months have no one length; pgtype.Interval keeps them apart, and a Duration written back is hours for good. PostgreSQL has no one answer
# either: extract(epoch …) makes a year 365.25 days, and a comparison, interval '1 year' = interval '360 days', is true.
# lib/pq v1.12.3 refuses to make a Duration of an interval; pg 8.23.1 (npm) gives { years: 1 }.
set -euo pipefail
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
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
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error pg@8.23.1 >/dev/null
cat >ask.mjs <<'JS'
import pg from "pg";
const client = new pg.Client({ host: process.argv[2], user: process.argv[3], database: "postgres" });
await client.connect();
console.log("pg:", JSON.stringify((await client.query("SELECT interval '1 year' AS it")).rows[0].it));
await client.end();
JS
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
	"time"

	"github.com/jackc/pgx/v5"
	_ "github.com/lib/pq"
)

func main() {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, os.Args[1])
	check(err)
	start := time.Date(2026, time.March, 25, 9, 0, 0, 0, time.UTC)
	for _, text := range []string{"1 year", "12 months", "1 month", "30 days"} {
		var lasts time.Duration
		var epoch float64
		var end time.Time
		check(conn.QueryRow(ctx, "SELECT $1::text::interval", text).Scan(&lasts))
		check(conn.QueryRow(ctx, "SELECT extract(epoch FROM $1::text::interval)::float8 / 86400, $2::timestamptz + $1::text::interval", text, start).Scan(&epoch, &end))
		fmt.Printf("%s: pgx %v days, ends %s; PostgreSQL %v days, ends %s\n",
			text, lasts.Hours()/24, start.Add(lasts).Format("02 Jan 2006"), epoch, end.UTC().Format("02 Jan 2006"))
	}
	var same bool
	check(conn.QueryRow(ctx, "SELECT interval '1 year' = interval '360 days'").Scan(&same))
	fmt.Println("PostgreSQL, 1 year = 360 days:", same)
	db, err := sql.Open("postgres", os.Args[1])
	check(err)
	var lasts time.Duration
	fmt.Println("lib/pq fails:", db.QueryRow("SELECT interval '1 year'").Scan(&lasts) != nil)
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
"${as[@]}" "$bin/pg_ctl" -D "$dir/data" -o "-c listen_addresses= -c unix_socket_directories=$dir -c timezone=UTC" -l "$dir/log" -w start >/dev/null
user=$("${as[@]}" id -un)
seen=$("$dir/go/ask" "host=$dir user=$user dbname=postgres sslmode=disable" && timeout 60 node "$dir/go/ask.mjs" "$dir" "$user")
echo "version: github.com/jackc/pgx/v5 v5.12.0, github.com/lib/pq v1.12.3, pg 8.23.1, $("$bin/postgres" --version)"
echo "source: https://github.com/jackc/pgx"
echo "behaviour: an interval of a year is a time.Duration of 360 days"
echo "input: four intervals, from 25 March 2026"
echo "seen:"
echo "$seen"
want='1 year: pgx 360 days, ends 20 Mar 2027; PostgreSQL 365.25 days, ends 25 Mar 2027
12 months: pgx 360 days, ends 20 Mar 2027; PostgreSQL 365.25 days, ends 25 Mar 2027
1 month: pgx 30 days, ends 24 Apr 2026; PostgreSQL 30 days, ends 25 Apr 2026
30 days: pgx 30 days, ends 24 Apr 2026; PostgreSQL 30 days, ends 24 Apr 2026
PostgreSQL, 1 year = 360 days: true
lib/pq fails: true
pg: {"years":1}'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
