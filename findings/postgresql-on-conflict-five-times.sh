#!/usr/bin/env bash
# PostgreSQL (15.18): INSERT … ON CONFLICT (phone) WHERE state = $2, prepared, works five times and fails the sixth: "there is no unique or
# exclusion constraint matching the ON CONFLICT specification". The partial index that is meant is looked for when the statement is
# planned; while it is planned for its arguments, $2 is 'active' and the index fits. After five executions a plan for all arguments is
# tried (PREPARE, notes), to which $2 is unknown. Nothing of ON CONFLICT says that its WHERE must have no parameter. pgx v5.12.0 and
# postgres.js 3.4.9 prepare what they are asked: a test of one insert passes, and then pgx, which prepares anew after an error, fails for each
# sixth customer, and postgres.js for all from the sixth on. The value in the statement's text, or plan_cache_mode = force_custom_plan, is the way around.
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
npm install --ignore-scripts --no-audit --no-fund --loglevel=error postgres@3.4.9 >/dev/null
cat >ask.mjs <<'JS'
import postgres from "postgres";
const sql = postgres({ host: process.argv[2], user: process.argv[3], database: "postgres", max: 1 });
const seen = [];
for (let n = 1; n <= 7; n++) {
  try {
    await sql`INSERT INTO subscribers VALUES (${`js${n}`}, 'active') ON CONFLICT (phone) WHERE state = ${"active"} DO NOTHING`;
    seen.push("stored");
  } catch (error) {
    seen.push(error.code);
  }
}
console.log("postgres.js:", seen.join(" "));
await sql.end();
JS
go mod init finding 2>/dev/null
go get github.com/jackc/pgx/v5@v5.12.0 2>/dev/null
cat >main.go <<'GO'
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

func main() {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	ask := func(name, statement string, more ...any) {
		fmt.Print(name, ":")
		for n := range 7 {
			_, err := conn.Exec(ctx, statement, append([]any{fmt.Sprint(name, n)}, more...)...)
			var refused *pgconn.PgError
			switch {
			case err == nil:
				fmt.Print(" stored")
			case errors.As(err, &refused):
				fmt.Print(" ", refused.Code)
			default:
				log.Fatal(err)
			}
		}
		fmt.Println()
	}
	const insert = "INSERT INTO subscribers VALUES ($1, 'active') ON CONFLICT (phone) WHERE state = "
	ask("pgx", insert+"$2 DO NOTHING", "active")
	ask("pgx, the value in the text", insert+"'active' DO NOTHING")
	if _, err := conn.Exec(ctx, "SET plan_cache_mode = force_custom_plan"); err != nil {
		log.Fatal(err)
	}
	ask("pgx, force_custom_plan", insert+"$2 DO UPDATE SET state = 'active'", "active")
}
GO
GOFLAGS=-mod=mod go build -o ask .
cd /
"${as[@]}" "$bin/initdb" -D "$dir/data" -A trust -N >/dev/null
"${as[@]}" "$bin/pg_ctl" -D "$dir/data" -o "-c listen_addresses= -c unix_socket_directories=$dir" -l "$dir/log" -w start >/dev/null
user=$("${as[@]}" id -un)
"$bin/psql" -h "$dir" -U "$user" -d postgres -Atq <<'SQL'
CREATE TABLE subscribers (phone text, state text);
CREATE UNIQUE INDEX ON subscribers (phone) WHERE state = 'active';
SQL
seen=$("$dir/go/ask" "host=$dir user=$user dbname=postgres" && timeout 60 node "$dir/go/ask.mjs" "$dir" "$user")
echo "version: $("$bin/postgres" --version), github.com/jackc/pgx/v5 v5.12.0, postgres 3.4.9 (npm)"
echo "source: https://git.postgresql.org/gitweb/?p=postgresql.git"
echo "behaviour: ON CONFLICT with a parameter in its WHERE works five times"
echo "input: seven different people, each stored by the same statement"
echo "seen: what came of each:"
echo "$seen"
want='pgx: stored stored stored stored stored 42P10 stored
pgx, the value in the text: stored stored stored stored stored stored stored
pgx, force_custom_plan: stored stored stored stored stored stored stored
postgres.js: stored stored stored stored stored 42P10 42P10'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
