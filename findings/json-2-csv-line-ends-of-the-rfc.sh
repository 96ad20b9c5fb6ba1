#!/usr/bin/env bash
# json-2-csv 5.6.0 (npm): of a CSV whose fields are all in quotes, with the line ends that RFC 4180, 2.1 has and Excel writes, csv2json gives no row
# at all, and no error. Without the quotes the last column is called "name\r". With delimiter: { eol: "\r\n" } there is one person more than in
# the file, whose number is empty: the line end of the last record, which 2.2 allows, counts as the beginning of a row. And of a file with \n alone the
# last cell is "Eva\n", unless it is in quotes. The README has "RFC 4180 Compliance (as of 3.0.0)" among what it supports.
set -euo pipefail
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error json-2-csv@5.6.0 >/dev/null
cat >ask.mjs <<'JS'
import { csv2json } from "json-2-csv";
const quoted = '"phone","name"\r\n"+34600000001","Ana"\r\n"+34600000002","Eva"\r\n';
const bare = quoted.replaceAll('"', "");
console.log("quoted:", JSON.stringify(csv2json(quoted)));
console.log("bare:", JSON.stringify(csv2json(bare)));
console.log("bare, with eol:", JSON.stringify(csv2json(bare, { delimiter: { eol: "\r\n" } })));
console.log("bare, \\n alone:", JSON.stringify(csv2json(bare.replaceAll("\r", ""))));
console.log("quoted, \\n alone:", JSON.stringify(csv2json(quoted.replaceAll("\r", ""))));
JS
seen=$(node ask.mjs)
echo "version: json-2-csv 5.6.0"
echo "source: https://github.com/mrodrig/json-2-csv"
echo "behaviour: line ends are read into cells and rows, or no row is read"
echo "input: phone,name and two people, each line ended by CR LF or by LF"
echo "seen:"
echo "$seen"
want=$(cat <<'TEXT'
quoted: []
bare: [{"phone":"+34600000001","name\r":"Ana\r"},{"phone":"+34600000002","name\r":"Eva\r\n"}]
bare, with eol: [{"phone":"+34600000001","name":"Ana"},{"phone":"+34600000002","name":"Eva"},{"phone":""}]
bare, \n alone: [{"phone":"+34600000001","name":"Ana"},{"phone":"+34600000002","name":"Eva\n"}]
quoted, \n alone: [{"phone":"+34600000001","name":"Ana"},{"phone":"+34600000002","name":"Eva"}]
TEXT
)
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
