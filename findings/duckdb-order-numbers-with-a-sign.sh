#!/usr/bin/env bash
# DuckDB 1.5.6: of a list of orders those whose number has the sign that shops put before it, #1003, are not there. Where the first column becomes a
# number without them, the reader takes # for the beginning of a comment, drops the lines, and tells nobody. CSV has no comments (RFC 4180), and
# auto detection is documented as finding delimiter, quotes, escape, types and header. When all numbers have the sign, or one of them stands
# in quotes, every row is there: an export is read whole until somebody adds an order by hand. comment = '' is the way around;
# all_varchar = true is none.
set -euo pipefail
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error @duckdb/node-api@1.5.6-r.1 >/dev/null
cat >ask.mjs <<'JS'
import { writeFileSync } from "node:fs";
import { DuckDBInstance } from "@duckdb/node-api";
const connection = await (await DuckDBInstance.create(":memory:")).connect();
const rows = async (options) => {
  const result = await connection.runAndReadAll(`SELECT * FROM read_csv('orders.csv'${options})`);
  return result.getRowsJson().map(([order, name]) => `${order} ${name}`).join(", ");
};
for (const [what, orders] of [["two of three", ["#1001", "1002", "#1003"]], ["all", ["#1001", "#1002", "#1003"]], ["in quotes", ['"#1001"', "1002", "#1003"]]]) {
  writeFileSync("orders.csv", `order,name\n${orders.map((order, i) => `${order},${["Ana", "Eva", "Leo"][i]}\n`).join("")}`);
  console.log(`${what}: ${await rows("")} | comment = '': ${await rows(", comment = ''")} | all_varchar: ${await rows(", all_varchar = true")}`);
}
JS
seen=$(node ask.mjs)
echo "version: DuckDB 1.5.6 (@duckdb/node-api 1.5.6-r.1)"
echo "source: https://github.com/duckdb/duckdb"
echo "behaviour: rows that begin with # are taken for comments where the others begin with a number"
echo "input: three orders, of which two, or all, have the sign #"
echo "seen: the rows that are read"
echo "$seen"
want=$(cat <<'TEXT'
two of three: 1002 Eva | comment = '': #1001 Ana, 1002 Eva, #1003 Leo | all_varchar: 1002 Eva
all: #1001 Ana, #1002 Eva, #1003 Leo | comment = '': #1001 Ana, #1002 Eva, #1003 Leo | all_varchar: #1001 Ana, #1002 Eva, #1003 Leo
in quotes: #1001 Ana, 1002 Eva, #1003 Leo | comment = '': #1001 Ana, 1002 Eva, #1003 Leo | all_varchar: #1001 Ana, 1002 Eva, #1003 Leo
TEXT
)
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
