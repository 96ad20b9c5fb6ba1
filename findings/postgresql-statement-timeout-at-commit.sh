#!/usr/bin/env bash
# PostgreSQL (15.18): statement_timeout, which ends "any statement that takes more than the specified amount of time" (19.11), does not end
# COMMIT, nor the commit of a statement by itself. The clock is stopped before it: checks that are deferred to the end of a transaction
# run as long as they like, and so does the wait for a synchronous standby that is gone. Programs that bound each statement by it, and
# expect error 57014 at the latest, hang here. SET CONSTRAINTS ALL IMMEDIATE before COMMIT brings the checks under it.
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
seen=$(sql 2>&1 <<'SQL'
CREATE TABLE orders (id int);
CREATE FUNCTION checked() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(2); RETURN NULL; END';
CREATE CONSTRAINT TRIGGER checked AFTER INSERT ON orders DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION checked();
\set VERBOSITY sqlstate
SET statement_timeout = '300ms';
\echo a statement of two seconds:
SELECT pg_sleep(2);
\echo a check of two seconds at COMMIT:
BEGIN;
INSERT INTO orders VALUES (1);
COMMIT;
\echo a check of two seconds at the end of INSERT:
INSERT INTO orders VALUES (2);
\echo the check before COMMIT:
BEGIN;
INSERT INTO orders VALUES (3);
SET CONSTRAINTS ALL IMMEDIATE;
COMMIT;
SELECT 'orders: ' || string_agg(id::text, ' ') FROM orders;
SQL
)
echo "version: $("$bin/postgres" --version)"
echo "source: https://git.postgresql.org/gitweb/?p=postgresql.git"
echo "behaviour: statement_timeout does not end a commit"
echo "input: statement_timeout of 300 ms; a statement, and deferred checks, of two seconds"
echo "seen:"
echo "$seen"
want='a statement of two seconds:
ERROR:  57014
a check of two seconds at COMMIT:
a check of two seconds at the end of INSERT:
the check before COMMIT:
ERROR:  57014
orders: 1 2'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
