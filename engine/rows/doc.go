// Package rows reads CSV and JSON Lines as streams of rows, a row at a time whatever the size of the file.
//
// People's files are what they are: saved by Excel with semicolons, in Windows-1252, with a row that has a comma
// too many. What can be told is found out (encoding, delimiter, line ends); what is wrong with one row is that
// row's error, with its line, and the stream goes on; what is wrong with the file is said at once. Nothing is
// repaired by guessing, for a guess may reach a person: a letter that was lost, a quote in the wrong place and a
// row of the wrong length are errors, never values. Rows and trailing columns without any value, which spreadsheets leave, do not exist.
//
// encoding/csv is not used: it reads an unclosed quote to the end of the file into memory, takes a file with the
// line ends of an old Mac for one line, and does not see bytes that are not UTF-8.
//
// The package knows no jobs and no expressions, and opens no files. Start reading at csv.go; lines.go and
// decode.go are below both formats.
package rows
