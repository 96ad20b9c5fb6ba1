#!/usr/bin/env bash
# PostgreSQL (15.18): SELECT … FOR UPDATE SKIP LOCKED passes over a row that nobody changes. A transaction that inserts into a table with a
# foreign key holds the row it refers to FOR KEY SHARE until it ends (13.3.2), and FOR UPDATE cannot be had beside that: a worker that takes
# jobs so does not see the one to which somebody just writes a note, takes those behind it, or finds the queue empty and ends. UPDATE of
# the same row goes through at once, for it takes FOR NO KEY UPDATE, where no key changes. FOR NO KEY UPDATE SKIP LOCKED sees the row;
# examples of such queues have FOR UPDATE.
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
# A prepared transaction stands for the other session: it holds its locks until it is committed.
"${as[@]}" "$bin/pg_ctl" -D "$dir/data" -o "-c listen_addresses= -c unix_socket_directories=$dir -c max_prepared_transactions=1" -l "$dir/log" -w start >/dev/null
sql() { "$bin/psql" -h "$dir" -U "$("${as[@]}" id -un)" -d postgres -Atq "$@"; }
seen=$(sql <<'SQL'
CREATE TABLE jobs (id int PRIMARY KEY, state text NOT NULL DEFAULT 'new');
CREATE TABLE notes (job int NOT NULL REFERENCES jobs, text text NOT NULL);
INSERT INTO jobs SELECT generate_series(1, 3);
BEGIN;
INSERT INTO notes VALUES (1, 'call first');
PREPARE TRANSACTION 'note';
SET lock_timeout = '5s';
SELECT 'FOR UPDATE SKIP LOCKED: ' || string_agg(id::text, ' ') FROM (SELECT id FROM jobs WHERE state = 'new' ORDER BY id FOR UPDATE SKIP LOCKED) AS taken;
SELECT 'FOR NO KEY UPDATE SKIP LOCKED: ' || string_agg(id::text, ' ') FROM (SELECT id FROM jobs WHERE state = 'new' ORDER BY id FOR NO KEY UPDATE SKIP LOCKED) AS taken;
UPDATE jobs SET state = 'taken' WHERE id = 1;
SELECT 'UPDATE of job 1 beside it: ' || state FROM jobs WHERE id = 1;
COMMIT PREPARED 'note';
SQL
)
echo "version: $("$bin/postgres" --version)"
echo "source: https://git.postgresql.org/gitweb/?p=postgresql.git"
echo "behaviour: FOR UPDATE SKIP LOCKED passes over rows that a new row elsewhere refers to"
echo "input: three new jobs, and a transaction under way that inserted a note to the first"
echo "seen: jobs that are taken:"
echo "$seen"
want='FOR UPDATE SKIP LOCKED: 2 3
FOR NO KEY UPDATE SKIP LOCKED: 1 2 3
UPDATE of job 1 beside it: taken'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
