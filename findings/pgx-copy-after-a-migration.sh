#!/usr/bin/env bash
# pgx v5.12.0: a connection that copied into a table once goes on writing its columns as they were then. After a migration from timestamp to
# timestamptz CopyFrom stores every time wrong by the zone's offset, two hours in a summer in Madrid, and after one from text to integer
# the year "2026" is 842019382, its four letters as one number; no error tells. The columns' types are asked for once and kept under the
# statement's text. Of what is kept the documentation says that after a change of schema an execution "may fail"; this one does not, and INSERT beside
# it is right. So is a new connection, and half a pool. Way around: DeallocateAll, or a new connection, after a migration.
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
	row := []any{"2026", time.Date(2026, time.July, 25, 10, 30, 0, 0, madrid)}
	connect := func() *pgx.Conn {
		conn, err := pgx.Connect(ctx, os.Args[1])
		check(err)
		return conn
	}
	old := connect()
	_, err = old.Exec(ctx, "CREATE TABLE visits (year text, at timestamp)")
	check(err)
	copyInto := func(conn *pgx.Conn) error {
		_, err := conn.CopyFrom(ctx, pgx.Identifier{"visits"}, []string{"year", "at"}, pgx.CopyFromRows([][]any{row}))
		return err
	}
	insert := func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, "INSERT INTO visits VALUES ($1, $2)", row...)
		return err
	}
	show := func(what string, err error) {
		check(err)
		conn := connect()
		var year, at string
		check(conn.QueryRow(ctx, "SELECT year::text, at::text FROM visits").Scan(&year, &at))
		_, err = conn.Exec(ctx, "TRUNCATE visits")
		check(err)
		check(conn.Close(ctx))
		fmt.Printf("%s: %s, %s\n", what, year, at)
	}
	show("before, CopyFrom", copyInto(old))
	migrator := connect()
	_, err = migrator.Exec(ctx, "ALTER TABLE visits ALTER year TYPE integer USING year::integer, ALTER at TYPE timestamptz")
	check(err)
	show("after, CopyFrom", copyInto(old))
	show("after, CopyFrom again", copyInto(old))
	show("after, INSERT", insert(old))
	show("after, CopyFrom by a new connection", copyInto(migrator))
	check(old.DeallocateAll(ctx))
	show("after DeallocateAll, CopyFrom", copyInto(old))
	check(old.Close(ctx))
	check(migrator.Close(ctx))
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
echo "behaviour: CopyFrom encodes for the columns as they were at its first time"
echo "input: the year \"2026\" and 2026-07-25 10:30 in Europe/Madrid, before and after the columns became integer and timestamptz"
echo "seen:"
echo "$seen"
want='before, CopyFrom: 2026, 2026-07-25 10:30:00
after, CopyFrom: 842019382, 2026-07-25 12:30:00+02
after, CopyFrom again: 842019382, 2026-07-25 12:30:00+02
after, INSERT: 2026, 2026-07-25 10:30:00+02
after, CopyFrom by a new connection: 2026, 2026-07-25 10:30:00+02
after DeallocateAll, CopyFrom: 2026, 2026-07-25 10:30:00+02'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
