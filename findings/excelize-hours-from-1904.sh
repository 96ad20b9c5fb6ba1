#!/usr/bin/env bash
# excelize v2.11.1: in a workbook that counts days from 1904, as those from older Excel for Mac do, 30 hours in the format [h]:mm read as
# 35118:00. The 1462 days between 1900 and 1904 are added, as they are to a date; but a duration has no first day, and [h] shows the
# hours there are (ECMA-376, 18.8.31). In a workbook that counts from 1900 the same cell reads 30:00.
set -euo pipefail
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
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
	for _, from1904 := range []bool{false, true} {
		f := excelize.NewFile()
		check(f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &from1904}))
		format := "[h]:mm"
		style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
		check(err)
		check(f.SetCellValue("Sheet1", "A1", 1.25))
		check(f.SetCellStyle("Sheet1", "A1", "A1", style))
		value, err := f.GetCellValue("Sheet1", "A1")
		check(err)
		fmt.Printf("date1904 %v: %s\n", from1904, value)
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
GO
seen=$(GOFLAGS=-mod=mod go run .)
echo "version: github.com/xuri/excelize/v2 v2.11.1"
echo "source: https://github.com/qax-os/excelize"
echo "behaviour: elapsed hours are 35088 more in a workbook that counts from 1904"
echo "input: 1.25 with the format [h]:mm, in a workbook of each kind"
echo "seen:"
echo "$seen"
[ "$seen" = $'date1904 false: 30:00\ndate1904 true: 35118:00' ] || { echo "CHANGED" >&2; exit 1; }
