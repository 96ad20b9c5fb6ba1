#!/usr/bin/env bash
# xlsx 0.18.5, the newest on npm: a date with points, as German, Polish, Czech and Swiss sheets have it, is read as its number. dd.mm.yyyy of
# 25 March 2026 is 46106 in sheet_to_csv, and in sheet_to_json with raw: false, which is said to give formatted text; with cellDates it
# is the American 3/25/26. Excel, and excelize v2.11.1, show 25.03.2026. SheetJS takes a point for the beginning of the fractions of a second,
# does not get on where none follow, and keeps the number without a word. Escaped, dd\.mm\.yyyy, it is read; which of the two stands in
# a file is up to the program that wrote it, and openpyxl and ExcelJS write the format as it was given to them.
set -euo pipefail
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error exceljs@4.4.0 xlsx@0.18.5 >/dev/null
cat >ask.mjs <<'JS'
import ExcelJS from "exceljs";
import XLSX from "xlsx";
const made = new ExcelJS.Workbook();
const sheet = made.addWorksheet("Visits");
const formats = ["dd/mm/yyyy", "dd\\.mm\\.yyyy", "dd.mm.yyyy", "d. mmmm yyyy", "dd.mm.yyyy hh:mm", "hh.mm"];
for (const format of formats) sheet.addRow([new Date("2026-03-25T10:30:00Z")]).getCell(1).numFmt = format;
const file = await made.xlsx.writeBuffer();
const texts = (options) => XLSX.utils.sheet_to_json(XLSX.read(file, options).Sheets.Visits, { header: 1, raw: false }).flat();
const [plain, dates] = [texts({}), texts({ cellDates: true })];
formats.forEach((format, i) => console.log(`${format}: ${plain[i]}; with cellDates ${dates[i]}`));
JS
seen=$(TZ=UTC node ask.mjs)
echo "version: xlsx 0.18.5"
echo "source: https://git.sheetjs.com/sheetjs/sheetjs"
echo "behaviour: a date whose format has a point that is not escaped is read as a number"
echo "input: 25 March 2026, 10:30, in six formats"
echo "seen:"
echo "$seen"
want='dd/mm/yyyy: 25/03/2026; with cellDates 25/03/2026
dd\.mm\.yyyy: 25.03.2026; with cellDates 25.03.2026
dd.mm.yyyy: 46106.4375; with cellDates 3/25/26
d. mmmm yyyy: 46106.4375; with cellDates 3/25/26
dd.mm.yyyy hh:mm: 46106.4375; with cellDates 3/25/26
hh.mm: 46106.4375; with cellDates 3/25/26'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
