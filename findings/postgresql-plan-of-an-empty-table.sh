#!/usr/bin/env bash
# PostgreSQL (15.18): a query in PL/pgSQL that was called six times on a table just analyzed while empty reads the whole table from then
# on, whatever comes into it: its plan is kept (43.11.2), filling a table makes no new one, and within one transaction nothing else does.
# The same query beside the function takes the index. Five calls would not have done it; the sixth plans for all arguments. A load that
# looks before it inserts, from the first row on, grows slower with each row, until ANALYZE.
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
CREATE TABLE before (n bigint);
INSERT INTO before VALUES (0);
CREATE TABLE people (id int, phone text);
CREATE INDEX ON people (phone);
ANALYZE people;
CREATE FUNCTION known(wanted text) RETURNS bigint LANGUAGE plpgsql AS
  'DECLARE n bigint; BEGIN SELECT count(*) INTO n FROM people WHERE phone = wanted; RETURN n; END';
SELECT sum(known('0')) FROM generate_series(1, 6);
BEGIN;
INSERT INTO people SELECT n, n::text FROM generate_series(1, 100000) AS n;
UPDATE before SET n = (SELECT seq_tup_read FROM pg_stat_xact_user_tables WHERE relname = 'people');
SELECT known('7');
SELECT 'the function read ' || seq_tup_read - n || ' rows' FROM before, pg_stat_xact_user_tables WHERE relname = 'people';
UPDATE before SET n = (SELECT seq_tup_read FROM pg_stat_xact_user_tables WHERE relname = 'people');
SELECT count(*) FROM people WHERE phone = '7';
SELECT 'the query read ' || seq_tup_read - n || ' rows' FROM before, pg_stat_xact_user_tables WHERE relname = 'people';
ANALYZE people;
UPDATE before SET n = (SELECT seq_tup_read FROM pg_stat_xact_user_tables WHERE relname = 'people');
SELECT known('7');
SELECT 'after ANALYZE the function read ' || seq_tup_read - n || ' rows' FROM before, pg_stat_xact_user_tables WHERE relname = 'people';
COMMIT;
SQL
)
seen=$(grep read <<<"$seen")
echo "version: $("$bin/postgres" --version)"
echo "source: https://git.postgresql.org/gitweb/?p=postgresql.git"
echo "behaviour: the plan that a function made for an empty table stays when the table fills"
echo "input: six calls of a function on an empty table, 100000 rows, one call more and the same query"
echo "seen: rows read one after the other, without the index:"
echo "$seen"
want=$'the function read 100000 rows\nthe query read 0 rows\nafter ANALYZE the function read 0 rows'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
