// Package xlsx reads the sheets of a workbook as streams of rows of text, a row at a time.
//
// What a cell means is what a person sees in it, and never less: a date is 2026-03-25 whatever its format, a time 10:00, a truth
// TRUE, an error #N/A, and a number has all its digits: 34612345678, not 3.46E+10, and none that its format adds: 1234, where 00000 shows
// 01234. Where digits were lost before (a spreadsheet keeps 15), or a formula was never calculated, the row is an error and no value.
//
// What surrounds the sheets (their names, the styles, the epoch of dates) is three small parts of XML; number formats are taken apart
// by github.com/xuri/nfp. A whole library of workbooks is not worth its tables, which cost each start of the program as much as
// checking a job: excelize writes the workbooks of the tests, and is asked there whether it reads the same.
//
// The package knows no jobs. Start reading at book.go, then around.go, sheet.go and value.go.
package xlsx
