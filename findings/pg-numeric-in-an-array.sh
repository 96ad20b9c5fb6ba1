#!/usr/bin/env bash
# pg 8.23.1 (npm): a numeric of PostgreSQL is text, for a JavaScript number would lose digits, and in an array it is a number that loses them. The
# order number 12345678901234567890 stands in ARRAY[…] as 12345678901234567000, and the price 19.90 as 19.9. array_agg over a column so
# gives other values than the column itself; bigint keeps its digits in both. postgres 3.4.9 and pglite 0.5.17 give text in both.
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
as=()
if [ "$(id -u)" = 0 ]; then chown postgres "$dir"; as=(runuser -u postgres --); fi
stop() { "${as[@]}" "$bin/pg_ctl" -D "$dir/data" -m fast -w stop >/dev/null 2>&1 || true; rm -rf "$dir"; }
trap stop EXIT
mkdir "$dir/npm"
cd "$dir/npm"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error pg@8.23.1 postgres@3.4.9 @electric-sql/pglite@0.5.17 >/dev/null
"${as[@]}" "$bin/initdb" -D "$dir/data" -A trust -N >/dev/null
"${as[@]}" "$bin/pg_ctl" -D "$dir/data" -o "-c listen_addresses= -c unix_socket_directories=$dir" -l "$dir/log" -w start >/dev/null
cat >ask.mjs <<'JS'
import { PGlite } from "@electric-sql/pglite";
import pg from "pg";
import postgres from "postgres";
const [host, user] = process.argv.slice(2);
const client = new pg.Client({ host, user, database: "postgres" });
await client.connect();
const sql = postgres({ host: undefined, path: `${host}/.s.PGSQL.5432`, user, database: "postgres" });
const lite = await PGlite.create();
const query = `SELECT value AS alone, ARRAY[value] AS among, big, ARRAY[big] AS bigs
  FROM (VALUES (12345678901234567890::numeric, 9007199254740993), (19.90, 1)) AS rows (value, big)`;
const show = (name, rows) => {
  const text = (value) => JSON.stringify(value, (_, part) => (typeof part === "bigint" ? `${part}n` : part));
  for (const row of rows) console.log(`${name}: numeric ${text(row.alone)} ${text(row.among)}, bigint ${text(row.big)} ${text(row.bigs)}`);
};
show("pg", (await client.query(query)).rows);
show("postgres", await sql.unsafe(query));
show("pglite", (await lite.query(query)).rows);
await Promise.all([client.end(), sql.end(), lite.close()]);
JS
seen=$(node ask.mjs "$dir" "$("${as[@]}" id -un)")
echo "version: pg 8.23.1, postgres 3.4.9, @electric-sql/pglite 0.5.17, $("$bin/postgres" --version)"
echo "source: https://github.com/brianc/node-postgres"
echo "behaviour: numeric is text alone and a number in an array"
echo "input: 12345678901234567890 and 19.90 as numeric, 9007199254740993 and 1 as bigint, each alone and in an array"
echo "seen:"
echo "$seen"
want='pg: numeric "12345678901234567890" [12345678901234567000], bigint "9007199254740993" ["9007199254740993"]
pg: numeric "19.90" [19.9], bigint "1" ["1"]
postgres: numeric "12345678901234567890" ["12345678901234567890"], bigint "9007199254740993" ["9007199254740993"]
postgres: numeric "19.90" ["19.90"], bigint "1" ["1"]
pglite: numeric "12345678901234567890" ["12345678901234567890"], bigint "9007199254740993n" ["9007199254740993n"]
pglite: numeric "19.90" ["19.90"], bigint 1 [1]'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
