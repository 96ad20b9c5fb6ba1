package xlsx

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Most bytes of a workbook, unpacked. A sheet of a million rows has some hundred MiB; far more in a small file is no list of people.
const (
	maxUnpacked = 2 << 30
	maxStrings  = 256 << 20 // of its texts, which are held in memory
	maxAround   = 64 << 20  // of each part that is neither a sheet nor its texts
)

// KindError says that a file is no workbook that can be read.
type KindError struct {
	Message string // one line, lower case, no full stop
	Hint    string // what to do
}

func (e *KindError) Error() string { return e.Message + ": " + e.Hint }

// Sheet is one sheet of rows and columns.
type Sheet struct {
	Name   string
	Hidden bool
	part   string // its name in the archive
}

// Book is a workbook that is open.
type Book struct {
	Sheets []Sheet // in the order of their tabs

	archive  *zip.Reader
	formats  []format // of numbers, by style
	from1904 bool
	texts    string   // the part with the texts that the cells of all sheets share
	strings  []string // those texts; read when a sheet is
}

// Open reads what surrounds the sheets. A *KindError says that it is another kind of file.
func Open(r io.ReaderAt, size int64) (*Book, error) {
	if err := foreign(r, size); err != nil {
		return nil, err
	}
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return nil, &KindError{"the workbook is damaged or was not transferred to its end", "save it again in the program that made it"}
	}
	b := &Book{archive: archive}
	if err := b.checkParts(); err != nil {
		return nil, err
	}
	if err := b.readAround(); err != nil {
		if _, told := errors.AsType[*KindError](err); told {
			return nil, err
		}
		return nil, fmt.Errorf("the workbook cannot be read: %w", err)
	}
	if len(b.Sheets) == 0 {
		return nil, &KindError{"the workbook has no sheet with cells", "choose another file"}
	}
	return b, nil
}

// foreign recognises files that are taken for workbooks by mistake.
func foreign(r io.ReaderAt, size int64) error {
	head := make([]byte, min(size, 512<<10))
	if _, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read the beginning: %w", err)
	}
	encrypted := []byte("E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00")
	lower := bytes.ToLower(bytes.TrimSpace(head[:min(len(head), 512)]))
	switch {
	case len(head) == 0:
		return &KindError{"the file is empty", "save it again"}
	case bytes.HasPrefix(head, []byte("PK")):
		return nil
	case bytes.HasPrefix(head, []byte("\xD0\xCF\x11\xE0")) && bytes.Contains(head, encrypted):
		return &KindError{"the workbook is encrypted with a password", "save it without one: File, Info, Protect Workbook, Encrypt with Password"}
	case bytes.HasPrefix(head, []byte("\xD0\xCF\x11\xE0")):
		return &KindError{"this is an old workbook (.xls)", "save it as .xlsx: File, Save As, Excel Workbook"}
	case bytes.HasPrefix(lower, []byte("<html")), bytes.HasPrefix(lower, []byte("<!doctype")), bytes.HasPrefix(lower, []byte("<table")):
		return &KindError{"this is a web page under the name of a workbook", "open it in a spreadsheet, and save it as .xlsx"}
	case bytes.HasPrefix(lower, []byte("<?xml")):
		return &KindError{"this is XML, and no .xlsx", "open it in a spreadsheet, and save it as .xlsx"}
	case bytes.IndexByte(head, 0) < 0:
		return &KindError{"this is text, not a workbook", "write csv: in the place of xlsx:"}
	}
	return &KindError{"this is no workbook", "export the table as .xlsx or CSV"}
}

// checkParts looks at what the archive holds.
func (b *Book) checkParts() error {
	unpacked := uint64(0)
	names := map[string]bool{}
	for _, part := range b.archive.File {
		names[part.Name] = true
		unpacked += part.UncompressedSize64
	}
	switch {
	case names["content.xml"] && names["mimetype"]:
		return &KindError{"this is an OpenDocument sheet (.ods)", "save it as .xlsx: File, Save As, Excel 2007-365"}
	case names["xl/workbook.bin"]:
		return &KindError{"this is a binary workbook (.xlsb)", "save it as .xlsx: File, Save As, Excel Workbook"}
	case !names["[Content_Types].xml"]:
		return &KindError{"this is a zip file, and no workbook", "unpack it, and name the file that is in it"}
	case unpacked > maxUnpacked:
		return tooLarge("the workbook", unpacked, maxUnpacked)
	}
	return nil
}

// tooLarge refuses what has more bytes than are read.
func tooLarge(what string, size, most uint64) error {
	return &KindError{
		fmt.Sprintf("%s has %d MiB when it is unpacked, and at most %d are read", what, size>>20, most>>20),
		"leave the rows and columns that are needed, or export CSV",
	}
}
