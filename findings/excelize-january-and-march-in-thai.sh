#!/usr/bin/env bash
# excelize v2.11.1: a date in March with the format [$-41E]d mmm reads as one in January to a Thai. The short months are made from the
# first letters of the long ones, which cuts vowels off: January and March are both ม.ค. then, and February,
# April and June are not what Unicode's CLDR has, which Node brings. The other seven are right.
set -euo pipefail
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
command -v node >/dev/null || { echo "needs node" >&2; exit 2; }
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
	"time"

	"github.com/xuri/excelize/v2"
)

func main() {
	f := excelize.NewFile()
	format := "[$-41E]mmm"
	style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
	check(err)
	for month := time.January; month <= time.June; month++ {
		check(f.SetCellValue("Sheet1", "A1", time.Date(2026, month, 25, 0, 0, 0, 0, time.UTC)))
		check(f.SetCellStyle("Sheet1", "A1", "A1", style))
		value, err := f.GetCellValue("Sheet1", "A1")
		check(err)
		fmt.Println(value)
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
GO
read_as=$(GOFLAGS=-mod=mod go run . | paste -sd ' ')
cldr=$(node -p 'Array.from({ length: 6 }, (_, i) => new Date(2026, i, 25).toLocaleString("th", { month: "short" })).join(" ")')
echo "version: github.com/xuri/excelize/v2 v2.11.1"
echo "source: https://github.com/qax-os/excelize"
echo "behaviour: the short months of January and March are the same in Thai"
echo 'input: the 25th of January to June 2026 with the format [$-41E]mmm'
echo "seen: $read_as"
echo "CLDR: $cldr"
[ "$read_as" = "ม.ค. ก.ธ. ม.ค. เ.ย. พ.ค. ม.ย." ] || { echo "CHANGED" >&2; exit 1; }
