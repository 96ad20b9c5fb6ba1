#!/usr/bin/env bash
# postgres 3.4.9 (npm): a NULL within an array arrives as something else: in text as "NULL", not to be told from the four letters, in
# numbers as NaN, in booleans as false, in dates as an invalid Date. PostgreSQL writes an element that is null as NULL without quotes
# (8.15.6). Of a list of names the one that is not there is greeted as NULL, and "not asked yet" becomes "no". pg 8.23.1 gives null.
set -euo pipefail
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1 || true)
if [ -z "$bin" ] && command -v apt-get >/dev/null; then
	mkdir -p /etc/postgresql-common && echo create_main_cluster=false >/etc/postgresql-common/createcluster.conf
	apt-get update -qq && apt-get install -qq -y --no-install-recommends postgresql >/dev/null
	bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)
fi
[ -n "$bin" ] || { echo "needs PostgreSQL" >&2; exit 2; }
dir=$(mktemp -d)
mkdir "$dir/js"
as=()
if [ "$(id -u)" = 0 ]; then chown postgres "$dir"; as=(runuser -u postgres --); fi
stop() { "${as[@]}" "$bin/pg_ctl" -D "$dir/data" -m fast -w stop >/dev/null 2>&1 || true; rm -rf "$dir"; }
trap stop EXIT
cd "$dir/js"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error postgres@3.4.9 pg@8.23.1 >/dev/null
cat >ask.mjs <<'JS'
import { inspect } from "node:util";
import pg from "pg";
import postgres from "postgres";
const [host, user] = process.argv.slice(2);
const text = `SELECT ARRAY['Ana', NULL, 'NULL'] AS names, ARRAY[1, NULL] AS numbers, ARRAY[true, NULL] AS answers, ARRAY[date '2026-03-25', NULL] AS days`;
const show = (row) => Object.values(row).forEach((list) => console.log(" ", inspect(list[0] instanceof Date ? list.slice(1) : list)));
const sql = postgres({ host, user, database: "postgres" });
console.log("postgres");
show((await sql.unsafe(text))[0]);
await sql.end();
const client = new pg.Client({ host, user, database: "postgres" });
await client.connect();
console.log("pg");
show((await client.query(text)).rows[0]);
await client.end();
JS
cd /
"${as[@]}" "$bin/initdb" -D "$dir/data" -A trust -N >/dev/null
"${as[@]}" "$bin/pg_ctl" -D "$dir/data" -o "-c listen_addresses= -c unix_socket_directories=$dir" -l "$dir/log" -w start >/dev/null
seen=$(cd "$dir/js" && node ask.mjs "$dir" "$("${as[@]}" id -un)")
echo "version: postgres 3.4.9, pg 8.23.1, $("$bin/postgres" --version)"
echo "source: https://github.com/porsager/postgres"
echo "behaviour: a NULL in an array comes as NULL in letters, NaN, false or an invalid Date"
echo "input: arrays of texts, numbers, booleans and dates that hold a NULL (of the dates what follows the first)"
echo "seen:"
echo "$seen"
want="postgres
  [ 'Ana', 'NULL', 'NULL' ]
  [ 1, NaN ]
  [ true, false ]
  [ Invalid Date ]
pg
  [ 'Ana', null, 'NULL' ]
  [ 1, null ]
  [ true, null ]
  [ null ]"
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
