#!/usr/bin/env bash
# ExcelJS 4.4.0 (its WorkbookReader) and xlsxreader v1.2.8: a Japanese name is read as its reading: 東京 is トウキョウ. Excel keeps how a text
# was typed, for sorting and furigana, in an rPh beside it (ECMA-376, 18.4.6), which is no part of the text; both take the last <t>
# of a shared string. A column holds names of both kinds: those typed, and those pasted, which have no reading. ExcelJS's other reader,
# SheetJS 0.18.5, read-excel-file 9.3.17 and excelize v2.11.1 give 東京.
set -euo pipefail
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error exceljs@4.4.0 xlsx@0.18.5 read-excel-file@9.3.17 fflate@0.8.3 >/dev/null
cat >write.mjs <<'JS'
import { writeFileSync } from "node:fs";
import ExcelJS from "exceljs";
import { strFromU8, strToU8, unzipSync, zipSync } from "fflate";
const book = new ExcelJS.Workbook();
book.addWorksheet("list").addRow(["東京", "大阪"]);
const files = unzipSync(new Uint8Array(await book.xlsx.writeBuffer()));
const name = "xl/sharedStrings.xml";
const reading = '<t>東京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh><phoneticPr fontId="0"/>';
files[name] = strToU8(strFromU8(files[name]).replace("<t>東京</t>", reading));
writeFileSync("list.xlsx", zipSync(files));
JS
node write.mjs
cat >read.mjs <<'JS'
import { readFileSync } from "node:fs";
import ExcelJS from "exceljs";
import readExcelFile from "read-excel-file/node";
import XLSX from "xlsx";
for await (const sheet of new ExcelJS.stream.xlsx.WorkbookReader("list.xlsx")) {
  for await (const row of sheet) console.log("ExcelJS, streamed:", ...row.values.slice(1));
}
console.log("ExcelJS:", ...(await new ExcelJS.Workbook().xlsx.readFile("list.xlsx")).worksheets[0].getRow(1).values.slice(1));
console.log("SheetJS:", ...XLSX.utils.sheet_to_json(XLSX.read(readFileSync("list.xlsx")).Sheets.list, { header: 1 })[0]);
console.log("read-excel-file:", ...(await readExcelFile("list.xlsx"))[0].data[0]);
JS
go mod init finding 2>/dev/null
go get github.com/thedatashed/xlsxreader@v1.2.8 github.com/xuri/excelize/v2@v2.11.1 2>/dev/null
cat >main.go <<'GO'
package main

import (
	"fmt"
	"log"

	"github.com/thedatashed/xlsxreader"
	"github.com/xuri/excelize/v2"
)

func main() {
	book, err := xlsxreader.OpenFile("list.xlsx")
	check(err)
	for row := range book.ReadRows("list") {
		check(row.Error)
		fmt.Println("xlsxreader:", row.Cells[0].Value, row.Cells[1].Value)
	}
	file, err := excelize.OpenFile("list.xlsx")
	check(err)
	rows, err := file.GetRows("list")
	check(err)
	fmt.Println("excelize:", rows[0][0], rows[0][1])
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
GO
seen=$(node read.mjs; GOFLAGS=-mod=mod go run .)
echo "version: exceljs 4.4.0, github.com/thedatashed/xlsxreader v1.2.8"
echo "source: https://github.com/exceljs/exceljs, https://github.com/thedatashed/xlsxreader"
echo "behaviour: the reading of a Japanese text is read in the place of the text"
echo "input: 東京 with its reading, and 大阪 without, among the shared strings"
echo "seen:"
echo "$seen"
want='ExcelJS, streamed: トウキョウ 大阪
ExcelJS: 東京 大阪
SheetJS: 東京 大阪
read-excel-file: 東京 大阪
xlsxreader: トウキョウ 大阪
excelize: 東京 大阪'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
