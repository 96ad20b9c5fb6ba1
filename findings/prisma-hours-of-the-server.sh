#!/usr/bin/env bash
# @prisma/adapter-pg 7.10.1, by which Prisma 7 talks to PostgreSQL: a timestamptz is wrong by the offset of the session's zone. What the server says,
# 2026-07-25 11:00:00+02, is read as 11:00 in UTC, for the offset is cut off and +00:00 put in its place; and 9:00 in UTC is written
# without an offset, so that the server takes it for 9:00 of its zone. Both together give back what was written, and hide it: every
# other program, and now() in a query, are off by an hour or two, and once the zone is set otherwise (ALTER ROLE, a pooler, a move to a server in UTC) all
# that was written moves. Negative money loses its sign, the first letter of -$19.90. timezone=UTC in the connection's options cures the hours.
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
npm install --ignore-scripts --no-audit --no-fund --loglevel=error @prisma/adapter-pg@7.10.1 pg@8.23.1 >/dev/null
cat >ask.mjs <<'JS'
import { PrismaPg } from "@prisma/adapter-pg";
const [host, user] = process.argv.slice(2);
const server = { host, user, database: "postgres" };
const ask = async (options, sql, args = []) => {
  const database = await new PrismaPg({ ...server, options }).connect();
  const types = args.map(() => ({ scalarType: "datetime", dbType: "TIMESTAMPTZ", arity: "scalar" }));
  const { rows } = await database.queryRaw({ sql, args, argTypes: types });
  await database.dispose();
  return rows[0].join(", ");
};
const madrid = "-c timezone=Europe/Madrid";
const utc = "-c timezone=UTC";
console.log("read, 9:00 in UTC:", await ask(madrid, "SELECT timestamptz '2026-07-25 09:00+00'"));
console.log("written, 9:00 in UTC:", await ask(madrid, "INSERT INTO visits VALUES ($1) RETURNING at, at::text", ["2026-07-25T09:00:00.000Z"]));
console.log("read where the zone is UTC:", await ask(utc, "SELECT at, at::text FROM visits"));
console.log("money:", await ask(utc, "SELECT 19.90::numeric::money, (-19.90)::numeric::money"));
JS
cd /
"${as[@]}" "$bin/initdb" -D "$dir/data" -A trust -N --locale=C >/dev/null
"${as[@]}" "$bin/pg_ctl" -D "$dir/data" -o "-c listen_addresses= -c unix_socket_directories=$dir" -l "$dir/log" -w start >/dev/null
user=$("${as[@]}" id -un)
"$bin/psql" -h "$dir" -U "$user" -d postgres -Atq -c "CREATE TABLE visits (at timestamptz)"
seen=$(timeout 60 node "$dir/js/ask.mjs" "$dir" "$user")
echo "version: @prisma/adapter-pg 7.10.1, pg 8.23.1, $("$bin/postgres" --version)"
echo "source: https://github.com/prisma/orm"
echo "behaviour: the offset of a timestamptz is left out when it is written, and not looked at when it is read"
echo "input: 9:00 in UTC of 25 July 2026, in a session whose zone is Europe/Madrid"
echo "seen: what the adapter says, and the server's own text:"
echo "$seen"
want='read, 9:00 in UTC: 2026-07-25T11:00:00+00:00
written, 9:00 in UTC: 2026-07-25T09:00:00+00:00, 2026-07-25 09:00:00+02
read where the zone is UTC: 2026-07-25T07:00:00+00:00, 2026-07-25 07:00:00+00
money: 19.90, $19.90'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
