#!/usr/bin/env bash
# excelize v2.11.1: of a number format's sections the first is taken where Excel takes another. Zero has the third (ECMA-376,
# 18.8.31): 0 with "yes";;"no" reads "yes". A number that fails the condition of a section has the next one:
# a telephone number of ten digits in Excel's own format Special > Phone Number, of which the first section is for seven digits, reads
# 650555-1234. GetCellValue and GetRows give it so, and what comes from a sheet is not what people see there.
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
	f := excelize.NewFile()
	for i, c := range []struct {
		value  any
		format string
	}{
		{0, `"yes";;"no"`},
		{0, `#,##0.00;-#,##0.00;"none"`},
		{6505551234, `[<=9999999]###\-####;\(###\)\ ###\-####`},
		{2, `[=1]0" day";0" days"`},
	} {
		cell := fmt.Sprintf("A%d", i+1)
		style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &c.format})
		check(err)
		check(f.SetCellValue("Sheet1", cell, c.value))
		check(f.SetCellStyle("Sheet1", cell, cell, style))
		value, err := f.GetCellValue("Sheet1", cell)
		check(err)
		fmt.Printf("%v as %s: %s\n", c.value, c.format, value)
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
echo "behaviour: zero, and what fails a condition, are shown by the first section of a number format"
echo "input: numbers with formats of several sections"
echo 'expected: no, none, (650) 555-1234, 2 days'
echo "seen:"
echo "$seen"
want='0 as "yes";;"no": yes
0 as #,##0.00;-#,##0.00;"none": 0.00
6505551234 as [<=9999999]###\-####;\(###\)\ ###\-####: 650555-1234
2 as [=1]0" day";0" days": 2 day'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
