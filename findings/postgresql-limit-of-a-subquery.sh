#!/usr/bin/env bash
# PostgreSQL (15.18): UPDATE … WHERE part IN (SELECT … LIMIT 2 FOR UPDATE SKIP LOCKED), the common way to take work from a table, can take
# all of it. Where the plan is a nested loop without a memory of the inner side, the subquery runs anew for each row of the outer one,
# skips what this command has changed already, and finds two more. The same statement takes two under another plan: here the table was
# analyzed while it was empty, as after a migration, and the rows came later. A subquery that is not correlated reads as if it ran once;
# WITH taken AS MATERIALIZED (SELECT …), or = ANY (ARRAY(SELECT …)), does.
set -euo pipefail
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
cd /
"${as[@]}" "$bin/initdb" -D "$dir/data" -A trust -N >/dev/null
"${as[@]}" "$bin/pg_ctl" -D "$dir/data" -o "-c listen_addresses= -c unix_socket_directories=$dir" -l "$dir/log" -w start >/dev/null
sql() { "$bin/psql" -h "$dir" -U "$("${as[@]}" id -un)" -d postgres -Atq "$@"; }
seen=$(sql <<'SQL'
CREATE TABLE shares (run text, part int, holder text, PRIMARY KEY (run, part));
ANALYZE shares;
INSERT INTO shares SELECT 'a', generate_series(1, 10);
BEGIN;
WITH taken AS (UPDATE shares SET holder = 'me' WHERE run = 'a' AND part IN
  (SELECT part FROM shares WHERE run = 'a' AND holder IS NULL ORDER BY part LIMIT 2 FOR UPDATE SKIP LOCKED) RETURNING part)
SELECT 'IN, analyzed while empty: ' || count(*) FROM taken;
ROLLBACK;
BEGIN;
WITH chosen AS MATERIALIZED
  (SELECT part FROM shares WHERE run = 'a' AND holder IS NULL ORDER BY part LIMIT 2 FOR UPDATE SKIP LOCKED),
taken AS (UPDATE shares SET holder = 'me' WHERE run = 'a' AND part IN (SELECT part FROM chosen) RETURNING part)
SELECT 'MATERIALIZED: ' || count(*) FROM taken;
ROLLBACK;
BEGIN;
WITH taken AS (UPDATE shares SET holder = 'me' WHERE run = 'a' AND part = ANY (ARRAY
  (SELECT part FROM shares WHERE run = 'a' AND holder IS NULL ORDER BY part LIMIT 2 FOR UPDATE SKIP LOCKED)) RETURNING part)
SELECT 'ANY (ARRAY): ' || count(*) FROM taken;
ROLLBACK;
ANALYZE shares;
BEGIN;
WITH taken AS (UPDATE shares SET holder = 'me' WHERE run = 'a' AND part IN
  (SELECT part FROM shares WHERE run = 'a' AND holder IS NULL ORDER BY part LIMIT 2 FOR UPDATE SKIP LOCKED) RETURNING part)
SELECT 'IN, analyzed now: ' || count(*) FROM taken;
ROLLBACK;
SQL
)
echo "version: $("$bin/postgres" --version)"
echo "source: https://git.postgresql.org/gitweb/?p=postgresql.git"
echo "behaviour: a LIMIT in a subquery of IN holds for each row of the outer side"
echo "input: ten free rows; an UPDATE of those that a subquery with LIMIT 2 FOR UPDATE SKIP LOCKED names"
echo "seen: rows that were changed:"
echo "$seen"
want=$'IN, analyzed while empty: 10\nMATERIALIZED: 2\nANY (ARRAY): 2\nIN, analyzed now: 2'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
