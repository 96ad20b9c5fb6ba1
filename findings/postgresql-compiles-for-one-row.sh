#!/usr/bin/env bash
# PostgreSQL up to 17: enable_seqscan = off, which programs say so that a look-up never reads a table from its beginning, makes the server
# compile statements that take microseconds. Where no index fits, the scan is done all the same, and its plan counts as ten thousand
# million dearer; jit_above_cost, a hundred thousand, takes that for the size of the work. To change the one row of a table so costs as
# long as the compiler needs. In PostgreSQL 18 a plan counts its disabled scans apart from its cost, and nothing is compiled.
set -euo pipefail
bin=$(ls -d /usr/lib/postgresql/1[5-7]/bin 2>/dev/null | sort -V | tail -1 || true)
if [ -z "$bin" ] && command -v apt-get >/dev/null; then
	mkdir -p /etc/postgresql-common && echo create_main_cluster=false >/etc/postgresql-common/createcluster.conf
	apt-get update -qq && apt-get install -qq -y --no-install-recommends postgresql >/dev/null
	bin=$(ls -d /usr/lib/postgresql/1[5-7]/bin 2>/dev/null | sort -V | tail -1 || true)
fi
[ -n "$bin" ] || { echo "needs PostgreSQL 15 to 17" >&2; exit 2; }
dir=$(mktemp -d)
as=()
if [ "$(id -u)" = 0 ]; then chown postgres "$dir"; as=(runuser -u postgres --); fi
stop() { "${as[@]}" "$bin/pg_ctl" -D "$dir/data" -m fast -w stop >/dev/null 2>&1 || true; rm -rf "$dir"; }
trap stop EXIT
cd /
"${as[@]}" "$bin/initdb" -D "$dir/data" -A trust -N >/dev/null
"${as[@]}" "$bin/pg_ctl" -D "$dir/data" -o "-c listen_addresses= -c unix_socket_directories=$dir" -l "$dir/log" -w start >/dev/null
sql() { "$bin/psql" -h "$dir" -U "$("${as[@]}" id -un)" -d postgres -Atq "$@"; }
[ "$(sql -c "SELECT pg_jit_available()")" = t ] || { echo "needs a PostgreSQL with its compiler (llvmjit)" >&2; exit 2; }
sql -c "CREATE TABLE counter (n int); INSERT INTO counter VALUES (0)"
plan() { # how a statement ran, with a setting before it
	sql -c "$1" -c "EXPLAIN (ANALYZE, FORMAT JSON) UPDATE counter SET n = n + 1"
}
say() { # what of it is told
	python3 -c '
import json, sys
told = json.load(sys.stdin)[0]
jit, took = told.get("JIT"), told["Execution Time"]
print(sys.argv[1] + ":", "rows read", told["Plan"]["Plans"][0]["Actual Rows"], "and functions compiled", jit["Functions"] if jit else 0)
print("  it took", round(took, 1), "ms, the compiler", round(jit["Timing"]["Total"], 1) if jit else 0, file=sys.stderr)' "$1"
}
seen=$(
	plan "SET enable_seqscan = on" | say "as it is"
	plan "SET enable_seqscan = off" | say "enable_seqscan = off"
	sql -c "SET enable_seqscan = off" -c "SET jit = off" -c "EXPLAIN (ANALYZE, FORMAT JSON) UPDATE counter SET n = n + 1" | say "and jit = off"
)
echo "version: $("$bin/postgres" --version)"
echo "source: https://git.postgresql.org/gitweb/?p=postgresql.git"
echo "behaviour: a statement that reads one row is compiled where enable_seqscan is off and no index fits"
echo "input: UPDATE counter SET n = n + 1, of a table of one row"
echo "seen:"
echo "$seen"
[ "$(grep -o 'functions compiled.*' <<<"$seen" | awk '{print ($3 > 0)}' | tr -d '\n')" = 010 ] || { echo "CHANGED" >&2; exit 1; }
