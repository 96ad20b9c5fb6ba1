#!/usr/bin/env bash
# xlsx 0.18.5, the newest on npm: a time in the last half second of a minute is shown a minute early. 10:29:59.6 in the format hh:mm:ss
# reads 10:29:00: the seconds are rounded to 60, which is written 00, and the minute stays. Neither the time cut (10:29:59) nor the time
# rounded (10:30:00) is so far off. One of 120 values of NOW() is such a time.
set -euo pipefail
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error xlsx@0.18.5 >/dev/null
cat >ask.mjs <<'JS'
import XLSX from "xlsx";
const day = 46106; // 25 March 2026
const at = (h, m, s) => day + (h * 3600 + m * 60 + s) / 86400;
const sheet = XLSX.utils.aoa_to_sheet([[at(10, 29, 59.4)], [at(10, 29, 59.6)], [at(10, 30, 0)]], {});
for (const cell of ["A1", "A2", "A3"]) sheet[cell].z = "yyyy-mm-dd hh:mm:ss";
const made = XLSX.write({ SheetNames: ["times"], Sheets: { times: sheet } }, { type: "buffer", bookType: "xlsx" });
const read = XLSX.read(made).Sheets.times;
console.log(["A1", "A2", "A3"].map((cell) => read[cell].w).join("\n"));
JS
seen=$(node ask.mjs)
echo "version: xlsx 0.18.5"
echo "source: https://www.npmjs.com/package/xlsx"
echo "behaviour: a time whose seconds round to 60 is shown a minute early"
echo "input: 10:29:59.4, 10:29:59.6 and 10:30:00 of 25 March 2026 in the format yyyy-mm-dd hh:mm:ss"
echo "seen:"
echo "$seen"
want=$'2026-03-25 10:29:59\n2026-03-25 10:29:00\n2026-03-25 10:30:00'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
