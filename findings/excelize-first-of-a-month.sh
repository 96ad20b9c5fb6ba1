#!/usr/bin/env bash
# excelize v2.11.1: a time set into a cell is shown without its day and its hour on the first of each month. 1 March, 9:00 is Mar-26, in Excel and
# by GetCellValue and GetRows alike, while 28 February and 2 March have day and hour. The documentation has "default date format is m/d/yy
# h:mm"; that is taken on every other day, without the hour at midnight. A list of appointments tells those of the first when, and
# a birthday on the first, read from it, is a month. The StreamWriter shows them all. SetCellStyle with a number format cures it.
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
	"time"

	"github.com/xuri/excelize/v2"
)

func main() {
	file := excelize.NewFile()
	_, err := file.NewSheet("streamed")
	check(err)
	writer, err := file.NewStreamWriter("streamed")
	check(err)
	days := []time.Time{
		time.Date(2026, time.February, 28, 9, 0, 0, 0, time.UTC),
		time.Date(2026, time.March, 1, 9, 0, 0, 0, time.UTC),
		time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC),
		time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC),
		time.Date(2026, time.March, 2, 0, 0, 0, 0, time.UTC),
	}
	for i, day := range days {
		cell := fmt.Sprint("A", i+1)
		check(file.SetCellValue("Sheet1", cell, day))
		check(writer.SetRow(cell, []any{day}))
	}
	check(writer.Flush())
	check(file.SaveAs("days.xlsx"))
	file, err = excelize.OpenFile("days.xlsx")
	check(err)
	for i, day := range days {
		cell := fmt.Sprint("A", i+1)
		set, err := file.GetCellValue("Sheet1", cell)
		check(err)
		streamed, err := file.GetCellValue("streamed", cell)
		check(err)
		fmt.Printf("%s: %s, streamed %s\n", day.Format("2006-01-02 15:04"), set, streamed)
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
echo "behaviour: on the first of a month SetCellValue formats a time as month and year"
echo "input: times around 1 March 2026"
echo "seen:"
echo "$seen"
want='2026-02-28 09:00: 2/28/26 09:00, streamed 2/28/26 09:00
2026-03-01 09:00: Mar-26, streamed 3/1/26 09:00
2026-03-01 00:00: Mar-26, streamed 3/1/26 00:00
2026-03-02 09:00: 3/2/26 09:00, streamed 3/2/26 09:00
2026-03-02 00:00: 03-02-26, streamed 3/2/26 00:00'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
