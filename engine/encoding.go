package engine

import (
	"fmt"

	"waybill/engine/diag"
)

// GuessedEncoding is the finding that a file was taken for Windows-1252, with the line and the first word that show whether that is
// right. It has no place.
func GuessedEncoding(file string, line int, word string) diag.Diagnostic {
	return diag.Diagnostic{
		Code:    "guessed-encoding",
		Summary: fmt.Sprintf("%s is not UTF-8 and is read as Windows-1252: the first word beyond ASCII, in line %d, is %q", file, line, word),
		Detail:  "Nothing says which encoding it is. If the word is wrong, it is another one, and people would read such words.",
		Hint: "if the word is right, write encoding: windows-1252; else the one it is: macintosh (Excel on a Mac), " +
			"cp850 (CSV (MS-DOS)), windows-1250, windows-1251, …",
		Private: []string{word},
	}
}
