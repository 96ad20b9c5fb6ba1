// Package xlsx reads the sheets of a workbook as streams of rows of text, a row at a time.
//
// What a cell means is what a person sees in it, and never less: a date is 2026-03-25 whatever its format, a time 10:00, a truth
// TRUE, an error #N/A, and a number has all its digits: 34612345678, not 3.46E+10. Where digits were lost before (a spreadsheet
// keeps 15), or a formula was never calculated, the row is an error and no value.
//
// github.com/xuri/excelize/v2 reads what surrounds the sheets: their names, the styles, the epoch of dates. The sheets themselves are
// read here, for its stream of rows gives neither the style nor the type of a cell: a date is 46106 there, and a formula without a
// value is as empty as a cell without one. It is not given the sheets at all, since it would unpack them.
//
// The package knows no jobs. Start reading at book.go, then sheet.go and value.go.
package xlsx
