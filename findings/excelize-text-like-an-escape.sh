#!/usr/bin/env bash
# excelize v2.11.1: a text set into a cell comes back as another where it looks like an escape. In plan_x1200_y800.png the part _x1200_ is read as
# one letter, U+1200. Workbooks write so what XML cannot hold (ECMA-376, 22.9.2.19), and an underscore that begins such a thing is itself to be
# written as _x005F_; excelize reads so, and SetCellValue writes the text as it stands. Its StreamWriter escapes it. ExcelJS 4.4.0 reads
# what it wrote itself otherwise, too, and of the StreamWriter's file the escape, for it undoes none in a text that stands in its cell.
set -euo pipefail
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
python=/usr/bin/python3
if ! "$python" -c 'import xlsxwriter' 2>/dev/null && command -v apt-get >/dev/null; then
	apt-get update -qq && apt-get install -qq -y --no-install-recommends python3-xlsxwriter >/dev/null
fi
"$python" -c 'import xlsxwriter' 2>/dev/null || { echo "needs XlsxWriter" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error exceljs@4.4.0 >/dev/null
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

const text = "plan_x1200_y800.png"

func main() {
	if len(os.Args) == 1 {
		file := excelize.NewFile()
		check(file.SetCellValue("Sheet1", "A1", text))
		check(file.SaveAs("excelize.xlsx"))
		file = excelize.NewFile()
		writer, err := file.NewStreamWriter("Sheet1")
		check(err)
		check(writer.SetRow("A1", []any{text}))
		check(writer.Flush())
		check(file.SaveAs("excelize-streamed.xlsx"))
		return
	}
	file, err := excelize.OpenFile(os.Args[1])
	check(err)
	value, err := file.GetCellValue(file.GetSheetName(0), "A1")
	check(err)
	fmt.Printf("%+q\n", value)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
GO
GOFLAGS=-mod=mod go build -o ask .
./ask
cat >ask.mjs <<'JS'
import ExcelJS from "exceljs";
const book = new ExcelJS.Workbook();
if (process.argv[2]) {
  await book.xlsx.readFile(process.argv[2]);
  console.log(JSON.stringify(book.worksheets[0].getCell("A1").value).replaceAll("\u1200", "\\u1200"));
} else {
  book.addWorksheet("Sheet1").getCell("A1").value = "plan_x1200_y800.png";
  await book.xlsx.writeFile("exceljs.xlsx");
}
JS
node ask.mjs
"$python" - <<'PY'
import xlsxwriter
book = xlsxwriter.Workbook("xlsxwriter.xlsx")
book.add_worksheet().write_string("A1", "plan_x1200_y800.png")
book.close()
PY
seen=$(for file in excelize excelize-streamed exceljs xlsxwriter; do
	echo "$file: excelize $(./ask $file.xlsx), ExcelJS $(node ask.mjs $file.xlsx)"
done)
echo "version: github.com/xuri/excelize/v2 v2.11.1, exceljs 4.4.0, $("$python" -c 'import xlsxwriter; print("XlsxWriter", xlsxwriter.__version__)')"
echo "source: https://github.com/qax-os/excelize, https://github.com/exceljs/exceljs"
echo "behaviour: a text with _x and four hexadecimal digits between underscores is written as it stands and read as an escape"
echo "input: plan_x1200_y800.png, in workbooks of four writers"
echo "seen: what is read by each"
echo "$seen"
want='excelize: excelize "plan\u1200y800.png", ExcelJS "plan\u1200y800.png"
excelize-streamed: excelize "plan_x1200_y800.png", ExcelJS "plan_x005F_x1200_y800.png"
exceljs: excelize "plan\u1200y800.png", ExcelJS "plan\u1200y800.png"
xlsxwriter: excelize "plan_x1200_y800.png", ExcelJS "plan_x1200_y800.png"'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
