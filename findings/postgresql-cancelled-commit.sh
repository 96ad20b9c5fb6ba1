#!/usr/bin/env bash
# PostgreSQL (15.18): a COMMIT that waits for a synchronous standby and is cancelled succeeds. Instead of error 57014 whoever waits gets
# COMMIT and a WARNING, which most drivers put aside, though no standby has the transaction: who counts on two copies after COMMIT has
# one. The warning has no code of its own; its text alone tells. The row is there for all to see.
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
sql -c "CREATE TABLE orders (id int)" -c "ALTER SYSTEM SET synchronous_standby_names = 'none'" -c "SELECT pg_reload_conf()" >/dev/null
until [ "$(sql -c 'SHOW synchronous_standby_names')" = none ]; do sleep 0.1; done
sql >"$dir/said" 2>&1 <<'SQL' &
\set VERBOSITY terse
BEGIN;
INSERT INTO orders VALUES (1);
COMMIT;
\echo error :ERROR, SQLSTATE :SQLSTATE
SQL
waiter=$!
for _ in $(seq 100); do
	pid=$(sql -c "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
	[ -n "$pid" ] && break
	sleep 0.1
done
sql -c "SELECT pg_cancel_backend($pid)" >/dev/null
wait "$waiter"
seen="$(cat "$dir/said")
rows: $(sql -c 'SELECT count(*) FROM orders')"
echo "version: $("$bin/postgres" --version)"
echo "source: https://git.postgresql.org/gitweb/?p=postgresql.git"
echo "behaviour: a commit that is cancelled while it waits for a standby succeeds"
echo "input: synchronous_standby_names with a standby that is not there; COMMIT, and pg_cancel_backend"
echo "seen:"
echo "$seen"
want='WARNING:  canceling wait for synchronous replication due to user request
error false, SQLSTATE 00000
rows: 1'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
