#!/usr/bin/env bash
# ExcelJS 4.4.0 (its WorkbookReader) and xlsxreader v1.2.8: of a text with a bold word that stands in its cell and not among the shared
# strings, a part is read. ExcelJS gives what comes after the bold word, xlsxreader what comes before it; ECMA-376, 18.4.4 has the text
# be all runs together. XlsxWriter writes so with constant_memory, which it advises for large files. ExcelJS's other reader, and
# openpyxl, give the whole text.
set -euo pipefail
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
python=/usr/bin/python3
if ! "$python" -c 'import openpyxl, xlsxwriter' 2>/dev/null && command -v apt-get >/dev/null; then
	apt-get update -qq && apt-get install -qq -y --no-install-recommends python3-openpyxl python3-xlsxwriter >/dev/null
fi
"$python" -c 'import openpyxl, xlsxwriter' 2>/dev/null || { echo "needs openpyxl and XlsxWriter" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
"$python" - <<'PY'
import xlsxwriter
book = xlsxwriter.Workbook("text.xlsx", {"constant_memory": True})
book.add_worksheet().write_rich_string("A1", "Come at ", book.add_format({"bold": True}), "nine", ", please")
book.close()
PY
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error exceljs@4.4.0 >/dev/null
cat >ask.mjs <<'JS'
import ExcelJS from "exceljs";
const book = await new ExcelJS.Workbook().xlsx.readFile("text.xlsx");
console.log("ExcelJS Workbook:", book.worksheets[0].getCell("A1").text);
for await (const sheet of new ExcelJS.stream.xlsx.WorkbookReader("text.xlsx")) {
  for await (const row of sheet) console.log("ExcelJS WorkbookReader:", row.getCell(1).text);
}
JS
go mod init finding 2>/dev/null
go get github.com/thedatashed/xlsxreader@v1.2.8 2>/dev/null
cat >main.go <<'GO'
package main

import (
	"fmt"
	"log"

	"github.com/thedatashed/xlsxreader"
)

func main() {
	book, err := xlsxreader.OpenFile("text.xlsx")
	if err != nil {
		log.Fatal(err)
	}
	for row := range book.ReadRows(book.Sheets[0]) {
		fmt.Println("xlsxreader:", row.Cells[0].Value)
	}
}
GO
seen=$("$python" -c '
import openpyxl
print("openpyxl:", openpyxl.load_workbook("text.xlsx").active["A1"].value)' && node ask.mjs && GOFLAGS=-mod=mod go run .)
# The part that xlsxreader gives ends in a blank.
seen=$(sed 's/ *$//' <<<"$seen")
echo "version: exceljs 4.4.0, github.com/thedatashed/xlsxreader v1.2.8, $("$python" -c '
import openpyxl, xlsxwriter
print("openpyxl", openpyxl.__version__ + ", XlsxWriter", xlsxwriter.__version__)')"
echo "source: https://github.com/exceljs/exceljs, https://github.com/thedatashed/xlsxreader"
echo "behaviour: of a formatted text in its cell one part is read"
echo "input: Come at nine, please with nine in bold, written by XlsxWriter with constant_memory"
echo "seen:"
echo "$seen"
want='openpyxl: Come at nine, please
ExcelJS Workbook: Come at nine, please
ExcelJS WorkbookReader: , please
xlsxreader: Come at'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
