#!/usr/bin/env bash
# xlsx 0.18.5, the newest on npm, beside other readers: an address of two lines, as a form in a browser sends it (with \r\n), is written with the
# letters _x000d_ at the end of the first line. ECMA-376, 22.9.2.19 has a \r be escaped so; Excel and XlsxWriter write _x000D_, and
# excelize v2.11.1, ExcelJS 4.4.0 and openpyxl (3.0.9 here) show the small letters as they stand. Of _x000D_ excelize and ExcelJS make a line
# break, openpyxl does not, nor xlsx-populate 1.21.0. SheetJS itself and read-excel-file 9.3.17 read both.
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
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error xlsx@0.18.5 exceljs@4.4.0 xlsx-populate@1.21.0 read-excel-file@9.3.17 >/dev/null
cat >ask.mjs <<'JS'
import { readFileSync } from "node:fs";
import ExcelJS from "exceljs";
import readExcelFile from "read-excel-file/node";
import XLSX from "xlsx";
import populate from "xlsx-populate";
const file = process.argv[2];
if (!file) {
  const book = XLSX.utils.book_new();
  XLSX.utils.book_append_sheet(book, XLSX.utils.aoa_to_sheet([["Calle Mayor 1\r\nMadrid"]]), "Sheet1");
  XLSX.writeFile(book, "sheetjs.xlsx");
} else {
  const show = (name, value) => console.log(`  ${name}: ${JSON.stringify(value)}`);
  show("SheetJS", XLSX.read(readFileSync(file)).Sheets.Sheet1.A1.v);
  show("read-excel-file", (await readExcelFile(file))[0].data[0][0]);
  show("ExcelJS", (await new ExcelJS.Workbook().xlsx.readFile(file)).worksheets[0].getCell("A1").value);
  show("xlsx-populate", (await populate.fromFileAsync(file)).sheet(0).cell("A1").value());
}
JS
node ask.mjs
"$python" - <<'PY'
import xlsxwriter
book = xlsxwriter.Workbook("xlsxwriter.xlsx")
book.add_worksheet().write_string("A1", "Calle Mayor 1\r\nMadrid")
book.close()
PY
go mod init finding 2>/dev/null
go get github.com/xuri/excelize/v2@v2.11.1 2>/dev/null
cat >main.go <<'GO'
package main

import (
	"fmt"
	"log"
	"os"

	"github.com/xuri/excelize/v2"
)

func main() {
	file, err := excelize.OpenFile(os.Args[1])
	check(err)
	value, err := file.GetCellValue("Sheet1", "A1")
	check(err)
	fmt.Printf("  excelize: %q\n", value)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
GO
GOFLAGS=-mod=mod go build -o excelize .
seen=$(for writer in sheetjs xlsxwriter; do
	echo "$writer"
	node ask.mjs $writer.xlsx
	./excelize $writer.xlsx
	"$python" -c 'import json, openpyxl, sys; print("  openpyxl:", json.dumps(openpyxl.load_workbook(sys.argv[1]).active["A1"].value))' $writer.xlsx
done)
echo "version: xlsx 0.18.5, $("$python" -c 'import openpyxl, xlsxwriter; print("openpyxl", openpyxl.__version__ + ", XlsxWriter", xlsxwriter.__version__)'), github.com/xuri/excelize/v2 v2.11.1, exceljs 4.4.0, xlsx-populate 1.21.0, read-excel-file 9.3.17"
echo "source: https://www.npmjs.com/package/xlsx"
echo "behaviour: a line break of \\r\\n is written as _x000d_, which other readers show"
echo "input: Calle Mayor 1, \\r\\n, Madrid in a cell"
echo "seen: what each reader gives, as JSON"
echo "$seen"
want='sheetjs
  SheetJS: "Calle Mayor 1\r\nMadrid"
  read-excel-file: "Calle Mayor 1\r\nMadrid"
  ExcelJS: "Calle Mayor 1_x000d_\nMadrid"
  xlsx-populate: "Calle Mayor 1_x000d_\nMadrid"
  excelize: "Calle Mayor 1_x000d_\nMadrid"
  openpyxl: "Calle Mayor 1_x000d_\nMadrid"
xlsxwriter
  SheetJS: "Calle Mayor 1\r\nMadrid"
  read-excel-file: "Calle Mayor 1\r\nMadrid"
  ExcelJS: "Calle Mayor 1\r\nMadrid"
  xlsx-populate: "Calle Mayor 1_x000D_\nMadrid"
  excelize: "Calle Mayor 1\r\nMadrid"
  openpyxl: "Calle Mayor 1_x000D_\nMadrid"'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
