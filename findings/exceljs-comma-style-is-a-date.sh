#!/usr/bin/env bash
# ExcelJS 4.4.0, openpyxl (3.0.9 here) and xlsxreader v1.2.8: a price in the comma style of a country whose currency is written with
# letters is a date. Germany's ended in _D_M before the euro: _ leaves room as wide as the letter behind it (ECMA-376, 18.8.31) and
# shows none. They take the D and the M for day and month: 1,234.50 is noon of 18 May 1903.
# ExcelJS does so with a letter behind \ too: 5 with the format 0\d. A price that it wrote itself comes back as a Date.
set -euo pipefail
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
python=/usr/bin/python3
if ! "$python" -c 'import openpyxl' 2>/dev/null && command -v apt-get >/dev/null; then
	apt-get update -qq && apt-get install -qq -y --no-install-recommends python3-openpyxl >/dev/null
fi
"$python" -c 'import openpyxl' 2>/dev/null || { echo "needs openpyxl" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error exceljs@4.4.0 >/dev/null
cat >ask.mjs <<'JS'
import ExcelJS from "exceljs";
const made = new ExcelJS.Workbook();
const sheet = made.addWorksheet("prices");
[[1234.5, "#,##0.00"], [1234.5, "#,##0.00\\ _D_M"], [5, "0\\d"]].forEach(([value, numFmt], i) => {
  Object.assign(sheet.getCell(1, i + 1), { value, numFmt });
});
await made.xlsx.writeFile("prices.xlsx");
const read = await new ExcelJS.Workbook().xlsx.readFile("prices.xlsx");
console.log("ExcelJS:", read.worksheets[0].getRow(1).values.slice(1).map((v) => (v instanceof Date ? v.toISOString().slice(0, 16) : v)).join(", "));
JS
go mod init finding 2>/dev/null
go get github.com/thedatashed/xlsxreader@v1.2.8 2>/dev/null
cat >main.go <<'GO'
package main

import (
	"fmt"
	"log"
	"strings"

	"github.com/thedatashed/xlsxreader"
)

func main() {
	book, err := xlsxreader.OpenFile("prices.xlsx")
	if err != nil {
		log.Fatal(err)
	}
	var values []string
	for row := range book.ReadRows(book.Sheets[0]) {
		for _, cell := range row.Cells {
			values = append(values, cell.Value)
		}
	}
	fmt.Println("xlsxreader:", strings.Join(values, ", "))
}
GO
seen=$(node ask.mjs && "$python" -c '
import openpyxl
print("openpyxl:", ", ".join(str(v) for v in next(openpyxl.load_workbook("prices.xlsx").active.values)))' && GOFLAGS=-mod=mod go run .)
echo "version: exceljs 4.4.0, openpyxl $("$python" -c 'import openpyxl; print(openpyxl.__version__)'), github.com/thedatashed/xlsxreader v1.2.8"
echo "source: https://github.com/exceljs/exceljs, https://foss.heptapod.net/openpyxl/openpyxl, https://github.com/thedatashed/xlsxreader"
echo "behaviour: a number whose format leaves the room of letters is a date"
echo 'input: 1234.5 as #,##0.00 and as #,##0.00\ _D_M, and 5 as 0\d'
echo "seen:"
echo "$seen"
want='ExcelJS: 1234.5, 1903-05-18T12:00, 1900-01-04T00:00
openpyxl: 1234.5, 1903-05-18 12:00:00, 5
xlsxreader: 1234.5, 1903-05-18T12:00:00Z, 5'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
