#!/usr/bin/env bash
# PapaParse 5.7.1: whether a file of two columns ends in a line break decides at what its lines are cut. The last record of a file may or
# may not end in one (RFC 4180, 2.2). With one, the empty rest counts as a line of one field, which makes the comma uneven and lets the
# semicolons in a quoted text win: the column "name,note" holds Ana,"red. No error is told. skipEmptyLines or a delimiter cures it.
set -euo pipefail
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error papaparse@5.7.1 >/dev/null
cat >ask.mjs <<'JS'
import Papa from "papaparse";
const text = 'name,note\r\nAna,"red;green;blue"\r\nEva,"one;two;three"';
for (const end of ["", "\r\n"]) {
  const { data, meta, errors } = Papa.parse(text + end);
  console.log(JSON.stringify(end), meta.delimiter, JSON.stringify(data[1]), errors.map((error) => error.code).join(" "));
}
JS
seen=$(node ask.mjs | sed 's/ *$//')
echo "version: papaparse 5.7.1"
echo "source: https://github.com/mholt/PapaParse"
echo "behaviour: a line break at the end of a file changes the delimiter that is found"
echo "input: two columns at commas, semicolons in the quoted texts, without and with a line break at the end"
echo "seen: the delimiter and the second line:"
echo "$seen"
want='"" , ["Ana","red;green;blue"]
"\r\n" ; ["Ana,\"red","green","blue\""]'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
