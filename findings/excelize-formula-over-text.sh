#!/usr/bin/env bash
# excelize v2.11.1: a formula set over a cell that held text reads as a number that is nowhere in the sheet. SetCellFormula keeps
# the old <v>, which for text is its place in the table of shared strings, and marks the cell as a formula's text (t="str"), so that
# the place becomes the text: GetCellValue, and any program that shows what was last calculated, gives "2" for the third string.
# A list of people with a formula over a name sends to "Dear 2". Saving and opening again does not mend it.
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
	check(f.SetSheetRow("Sheet1", "A1", &[]any{"Ana", "Luis", "Eva"}))
	check(f.SetCellFormula("Sheet1", "C1", `UPPER("eva")`))
	buffer, err := f.WriteToBuffer()
	check(err)
	f, err = excelize.OpenReader(buffer)
	check(err)
	value, err := f.GetCellValue("Sheet1", "C1")
	check(err)
	calculated, err := f.CalcCellValue("Sheet1", "C1")
	check(err)
	fmt.Printf("GetCellValue %q, CalcCellValue %q\n", value, calculated)
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
echo "behaviour: a formula set over text reads as the place of that text among the shared strings"
echo 'input: Ana, Luis, Eva in A1:C1, then C1 is the formula UPPER("eva"); saved and opened again'
echo "seen: $seen"
[ "$seen" = 'GetCellValue "2", CalcCellValue "EVA"' ] || { echo 'CHANGED: expected GetCellValue "2", CalcCellValue "EVA"' >&2; exit 1; }
