#!/usr/bin/env bash
# ExcelJS 4.4.0: a date in one of the formats that Excel offers in Chinese, Japanese and Korean is a number: 2026年3月25日 is 46106. The formats 27 to
# 36 and 50 to 58 are built in, and a file has their number alone (ECMA-376, part 1, 18.8.30, under zh-tw, zh-cn, ja-jp and ko-kr).
# ExcelJS lists what they are in each language, and looks for what they are in all. A sheet of appointments that is right with the
# format 14 loses its days once somebody chooses the one with 年月日. excelize v2.11.1 shows the number, too, as long as no CultureInfo is
# given; xlsx 0.18.5 reads a date.
set -euo pipefail
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error exceljs@4.4.0 jszip@3.10.1 xlsx@0.18.5 >/dev/null
cat >ask.mjs <<'JS'
import { writeFileSync } from "node:fs";
import ExcelJS from "exceljs";
import JSZip from "jszip";
import XLSX from "xlsx";
for (const id of [14, 30, 31, 57]) {
  const made = new ExcelJS.Workbook();
  made.addWorksheet("Visits").addRow([new Date("2026-03-25T00:00:00Z")]).getCell(1).numFmt = "dd/mm/yyyy";
  const zip = await JSZip.loadAsync(await made.xlsx.writeBuffer());
  const styles = await zip.file("xl/styles.xml").async("string");
  const [, own] = styles.match(/<numFmt numFmtId="(\d+)" formatCode="dd\/mm\/yyyy"/);
  zip.file("xl/styles.xml", styles.replace(/<numFmts.*<\/numFmts>/, "").replaceAll(`<xf numFmtId="${own}"`, `<xf numFmtId="${id}"`));
  const file = await zip.generateAsync({ type: "nodebuffer" });
  writeFileSync(`${id}.xlsx`, file);
  const book = new ExcelJS.Workbook();
  await book.xlsx.load(file);
  const { v } = XLSX.read(file, { cellDates: true }).Sheets.Visits.A1;
  console.log(`${id}: ExcelJS ${JSON.stringify(book.worksheets[0].getCell("A1").value)}; xlsx ${JSON.stringify(v)};`);
}
JS
go mod init finding 2>/dev/null
go get github.com/xuri/excelize/v2@v2.11.1 2>/dev/null
cat >main.go <<'GO'
package main

import (
	"fmt"
	"log"

	"github.com/xuri/excelize/v2"
)

func main() {
	for _, id := range []string{"14", "30", "31", "57"} {
		texts := make([]string, 2)
		for i, culture := range []excelize.CultureName{excelize.CultureNameUnknown, excelize.CultureNameZhCN} {
			book, err := excelize.OpenFile(id+".xlsx", excelize.Options{CultureInfo: culture})
			check(err)
			texts[i], err = book.GetCellValue("Visits", "A1")
			check(err)
		}
		fmt.Printf("excelize %s, as zh-CN %s\n", texts[0], texts[1])
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
GO
TZ=UTC node ask.mjs >js
GOFLAGS=-mod=mod go run . >go
seen=$(paste -d ' ' js go)
echo "version: exceljs 4.4.0, xlsx 0.18.5, github.com/xuri/excelize/v2 v2.11.1"
echo "source: https://github.com/exceljs/exceljs"
echo "behaviour: dates in the built-in formats of East Asia are numbers"
echo "input: 25 March 2026 in the built-in formats 14, 30, 31 (in Japanese yyyy年m月d日) and 57"
echo "seen:"
echo "$seen"
want='14: ExcelJS "2026-03-25T00:00:00.000Z"; xlsx "2026-03-25T00:00:00.000Z"; excelize 03-25-26, as zh-CN 03-25-26
30: ExcelJS 46106; xlsx "2026-03-25T00:00:00.000Z"; excelize 46106, as zh-CN 3/25/26
31: ExcelJS 46106; xlsx "2026-03-25T00:00:00.000Z"; excelize 46106, as zh-CN 2026年3月25日
57: ExcelJS 46106; xlsx "2026-03-25T00:00:00.000Z"; excelize 46106, as zh-CN 2026年3月'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
