#!/usr/bin/env bash
# PostgreSQL: to_regclass, asked right after a wait for an advisory lock, says that a table is not there which was committed during the
# wait. It answers from the backend's catalog cache, and taking an advisory lock takes in no news about the catalog. In the same
# transaction a query of pg_class sees the table, and behind that query to_regclass does, too. Programs whose first action is "wait for
# the lock, then look whether the schema is there" (migrations) make it a second time, and fail.
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
sql -c "BEGIN; SELECT pg_advisory_xact_lock(1); SELECT pg_sleep(3); CREATE SCHEMA shop; CREATE TABLE shop.orders (id int); COMMIT" >/dev/null &
maker=$!
until [ "$(sql -c "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")" = 1 ]; do sleep 0.1; done
seen=$(sql <<'SQL'
SELECT 'before the wait: ' || coalesce(to_regclass('shop.orders')::text, 'none');
BEGIN;
SELECT 'waited' FROM (SELECT pg_advisory_xact_lock(1)) AS wait;
SELECT 'to_regclass: ' || coalesce(to_regclass('shop.orders')::text, 'none');
SELECT 'pg_class: ' || count(*) FROM pg_class WHERE relname = 'orders';
SELECT 'to_regclass again: ' || coalesce(to_regclass('shop.orders')::text, 'none');
COMMIT;
SQL
)
wait "$maker"
echo "version: $("$bin/postgres" --version)"
echo "source: https://git.postgresql.org/gitweb/?p=postgresql.git"
echo "behaviour: after a wait for an advisory lock to_regclass does not know a table that pg_class has"
echo "input: a table that another session commits while this one waits for the lock"
echo "seen:"
echo "$seen"
want=$'before the wait: none\nwaited\nto_regclass: none\npg_class: 1\nto_regclass again: shop.orders'
[ "$seen" = "$want" ] || { echo "CHANGED" >&2; exit 1; }
