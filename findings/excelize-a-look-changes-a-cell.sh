#!/usr/bin/env bash
# excelize v2.11.1: GetCellValue changes the cell that it is asked for. A number of more than 15 digits, such as a SIM card's or an order's, is shown
# rounded, as Excel would, and what is shown replaces what the sheet holds: asked again with RawCellValue, which is said to "get the raw
# value", the digits are gone, and Save writes the file without them. A program that logs a cell, or looks for a row, and then saves a mark in another column,
# so spoils the numbers it looked at and no others. GetRows leaves them, and RawCellValue alone does. 15 digits are not touched.
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

var raw = excelize.Options{RawCellValue: true}

func main() {
	file := excelize.NewFile()
	for cell, number := range map[string]uint64{"A1": 8934071100012345678, "A2": 8934071100012345679, "A3": 123456789012345} {
		check(file.SetCellValue("Sheet1", cell, number))
	}
	check(file.SaveAs("cards.xlsx"))
	for name, read := range map[string]func(*excelize.File) error{
		"1 GetRows": func(f *excelize.File) error { _, err := f.GetRows("Sheet1"); return err },
		"2 GetCellValue of A1 and A3": look,
	} {
		file, err := excelize.OpenFile("cards.xlsx")
		check(err)
		check(read(file))
		after, err := file.GetCellValue("Sheet1", "A1", raw)
		check(err)
		check(file.SaveAs("saved.xlsx"))
		file, err = excelize.OpenFile("saved.xlsx")
		check(err)
		fmt.Printf("%s: raw %s, saved", name, after)
		for _, cell := range []string{"A1", "A2", "A3"} {
			text, err := file.GetCellValue("Sheet1", cell, raw)
			check(err)
			fmt.Print(" ", text)
		}
		fmt.Println()
	}
}

func look(file *excelize.File) error {
	for _, cell := range []string{"A1", "A3"} {
		if _, err := file.GetCellValue("Sheet1", cell); err != nil {
			return err
		}
	}
	return nil
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
GO
seen=$(GOFLAGS=-mod=mod go run . | sort)
echo "version: github.com/xuri/excelize/v2 v2.11.1"
echo "source: https://github.com/qax-os/excelize"
echo "behaviour: reading a cell as it is shown rounds what it holds"
echo "input: A1 8934071100012345678, A2 8934071100012345679, A3 123456789012345; a look at some, and Save"
echo "seen:"
echo "$seen"
want='1 GetRows: raw 8934071100012345678, saved 8934071100012345678 8934071100012345679 123456789012345
2 GetCellValue of A1 and A3: raw 8.93407110001235E+18, saved 8.93407110001235E+18 8934071100012345679 123456789012345'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
