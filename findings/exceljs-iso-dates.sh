#!/usr/bin/env bash
# ExcelJS 4.4.0: a date that a workbook holds in ISO 8601 (t="d", ECMA-376, 18.18.11) is read as a number as far as it is one: of
# 2026-03-25 the 2026, which is 18 July 1905, the 2026th day. Every date of a year is the same day, and no error tells.
# xlsx-populate 1.21.0 gives NaN. openpyxl writes such files (Workbook(iso_dates=True)) and reads them back.
set -euo pipefail
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
python=/usr/bin/python3
if ! "$python" -c 'import openpyxl' 2>/dev/null && command -v apt-get >/dev/null; then
	apt-get update -qq && apt-get install -qq -y --no-install-recommends python3-openpyxl >/dev/null
fi
"$python" -c 'import openpyxl' 2>/dev/null || { echo "needs openpyxl" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error exceljs@4.4.0 xlsx-populate@1.21.0 >/dev/null
"$python" - <<'PY'
import datetime, openpyxl
book = openpyxl.Workbook(iso_dates=True)
book.active.append([datetime.date(2026, 3, 25), datetime.datetime(2026, 12, 1, 10, 30)])
book.save("dates.xlsx")
PY
cat >ask.mjs <<'JS'
import ExcelJS from "exceljs";
import populate from "xlsx-populate";
const book = await new ExcelJS.Workbook().xlsx.readFile("dates.xlsx");
console.log("ExcelJS", ...["A1", "B1"].map((cell) => book.worksheets[0].getCell(cell).value.toISOString()));
const sheet = (await populate.fromFileAsync("dates.xlsx")).sheet(0);
console.log("xlsx-populate", ...["A1", "B1"].map((cell) => sheet.cell(cell).value()));
JS
seen=$(node ask.mjs && "$python" -c '
import openpyxl
print("openpyxl", *(v.isoformat() for v in next(openpyxl.load_workbook("dates.xlsx").active.values)))')
echo "version: exceljs 4.4.0, xlsx-populate 1.21.0, openpyxl $("$python" -c 'import openpyxl; print(openpyxl.__version__)')"
echo "source: https://github.com/exceljs/exceljs, https://github.com/dtjohnson/xlsx-populate"
echo "behaviour: dates in ISO 8601 are read as the day with the number of their year, or as NaN"
echo "input: 2026-03-25 and 2026-12-01T10:30:00, written by openpyxl with iso_dates"
echo "seen:"
echo "$seen"
want='ExcelJS 1905-07-18T00:00:00.000Z 1905-07-18T00:00:00.000Z
xlsx-populate NaN NaN
openpyxl 2026-03-25 2026-12-01T10:30:00'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
