#!/usr/bin/env bash
# xlsx2csv (0.7.8 here): of a date's format the letters of its words are replaced, too. 25 March 2026, which Spanish and Portuguese sheets show as
# 25 de marzo de 2026 (d "de" mmmm "de" yyyy), comes out as 25 "25e" March "25e" 2026. Text in quotes stands for itself (ECMA-376, part 1,
# 18.8.31), and so does what follows a backslash. Of 10:30 h, hh:mm "h", the word becomes 10. Of 36 hours in Excel's own [h]:mm:ss
# (format 46) the day is left out, 12:00, and its mm:ss (45) shows hours and minutes. Nothing is said; excelize v2.11.1 shows them as
# Excel does. --dateformat, one for all cells, is the way around.
set -euo pipefail
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
if ! command -v xlsx2csv >/dev/null && command -v apt-get >/dev/null; then
	apt-get update -qq && apt-get install -qq -y --no-install-recommends xlsx2csv >/dev/null
fi
command -v xlsx2csv >/dev/null || { echo "needs xlsx2csv" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
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
	book := excelize.NewFile()
	set := func(cell string, value float64, style *excelize.Style) {
		check(book.SetCellValue("Sheet1", cell, value))
		id, err := book.NewStyle(style)
		check(err)
		check(book.SetCellStyle("Sheet1", cell, cell, id))
	}
	const day = 46106.4375 // 25 March 2026, 10:30
	formats := []string{"dd/mm/yyyy hh:mm", `d "de" mmmm "de" yyyy`, `d \d\e mmmm`, `hh:mm "h"`, "mm:ss"}
	for i, format := range formats {
		set(fmt.Sprintf("A%d", i+1), day, &excelize.Style{CustomNumFmt: &format})
	}
	set("A6", 1.5, &excelize.Style{NumFmt: 46}) // 36 hours
	check(book.SaveAs("dates.xlsx"))
	for i, format := range append(formats, "[h]:mm:ss, built in") {
		text, err := book.GetCellValue("Sheet1", fmt.Sprintf("A%d", i+1))
		check(err)
		fmt.Printf("%s: excelize %s; xlsx2csv\n", format, text)
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
GO
GOFLAGS=-mod=mod go run . >go
xlsx2csv -d tab -q minimal dates.xlsx csv 2>/dev/null
seen=$(paste -d ' ' go csv)
echo "version: xlsx2csv $(xlsx2csv --version), github.com/xuri/excelize/v2 v2.11.1"
echo "source: https://github.com/dilshod/xlsx2csv"
echo "behaviour: letters of quoted text are taken for parts of a date, and the days of a duration are left out"
echo "input: 25 March 2026, 10:30, in five formats, and 36 hours"
echo "seen:"
echo "$seen"
want='dd/mm/yyyy hh:mm: excelize 25/03/2026 10:30; xlsx2csv 25/03/2026 10:30
d "de" mmmm "de" yyyy: excelize 25 de March de 2026; xlsx2csv "25 ""25e"" March ""25e"" 2026"
d \d\e mmmm: excelize 25 de March; xlsx2csv 25 25e March
hh:mm "h": excelize 10:30 h; xlsx2csv "10:30 ""10"""
mm:ss: excelize 30:00; xlsx2csv 10:30
[h]:mm:ss, built in: excelize 36:00:00; xlsx2csv 12:00'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
