package rows

import (
	"bytes"
	"strings"
)

// foreign recognises other kinds of files, which are taken by mistake.
func foreign(sample []byte) error {
	const asCSV = "save it as CSV: File, Save As, CSV UTF-8"
	kinds := []struct{ start, message, hint string }{
		{"PK\x03\x04", "this is an Excel workbook (or another zip file), not text", asCSV},
		{"PK\x05\x06", "this is an empty zip file, not text", asCSV},
		{"\xD0\xCF\x11\xE0", "this is an old Excel workbook (.xls), not text", asCSV},
		{"\x1F\x8B", "this is a compressed file (gzip), not text", "uncompress it first: gunzip FILE"},
		{"BZh", "this is a compressed file (bzip2), not text", "uncompress it first: bunzip2 FILE"},
		{"\xFD7zXZ\x00", "this is a compressed file (xz), not text", "uncompress it first: unxz FILE"},
		{"\x28\xB5\x2F\xFD", "this is a compressed file (zstd), not text", "uncompress it first: unzstd FILE"},
		{"7z\xBC\xAF\x27\x1C", "this is a compressed file (7z), not text", "uncompress it first"},
		{"%PDF-", "this is a PDF, not text", "export the table as CSV"},
		{"{\\rtf", "this is a document (RTF), not a table", "export the table as CSV"},
		{"SQLite format 3\x00", "this is a SQLite database, not text", "export the table as CSV"},
		{"PAR1", "this is a Parquet file, not text", "export it as CSV"},
		{"\x89PNG", "this is a picture (PNG), not text", "is it the right file?"},
		{"\xFF\xD8\xFF", "this is a picture (JPEG), not text", "is it the right file?"},
		{"version https://git-lfs.github.com/spec/", "this is a pointer of Git LFS, not the file itself", "fetch it: git lfs pull"},
		{"BEGIN:VCARD", "these are contacts (vCard), not a table", "export them as CSV"},
	}
	start := bytes.TrimPrefix(sample, []byte(mark))
	for _, kind := range kinds {
		if bytes.HasPrefix(start, []byte(kind.start)) {
			return &HeaderError{Message: kind.message, Hint: kind.hint}
		}
	}
	start = bytes.TrimLeft(start, " \t\r\n")
	if what := markup(start[:min(len(start), 200)]); what != "" {
		return &HeaderError{Message: what + ", not a table", Hint: "export the table as CSV; what a browser saves may be the page of a login"}
	}
	return nil
}

// markup recognises a page or another document of tags; empty: it is none.
func markup(start []byte) string {
	lower := strings.ToLower(string(start))
	for _, tag := range []string{"<!doctype html", "<html", "<head", "<body", "<table", "<!--", "<meta", "<script", "<div", "<style"} {
		if strings.HasPrefix(lower, tag) {
			return "this is an HTML page"
		}
	}
	if strings.HasPrefix(lower, "<?xml") || strings.HasPrefix(lower, "<!doctype") {
		return "this is an XML document"
	}
	return ""
}

// jsonAsCSV says whether the first line of a file is JSON, which has no header.
func jsonAsCSV(line []byte) bool {
	switch start := bytes.Trim(line, " \t\r"); {
	case string(start) == "[", string(start) == "{":
		return true
	default:
		plain := bytes.ReplaceAll(start[:min(len(start), 100)], []byte(" "), nil)
		return bytes.HasPrefix(plain, []byte(`{"`)) && bytes.Contains(plain, []byte(`":`)) || bytes.HasPrefix(plain, []byte(`[{`))
	}
}

// csvAsJSON says whether the first line of a file, which is not JSON, names columns.
func csvAsJSON(line []byte) bool {
	start := bytes.TrimLeft(line, " \t")
	return len(start) > 0 && !bytes.ContainsRune([]byte("[{"), rune(start[0])) && bytes.ContainsAny(start, ",;\t")
}
