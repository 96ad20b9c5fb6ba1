package xlsx

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Most bytes of a workbook, unpacked. A sheet of a million rows has some hundred MiB; far more in a small file is no list of people.
const (
	maxUnpacked = 2 << 30
	maxStrings  = 256 << 20 // of its texts, which are held in memory
	maxAround   = 64 << 20  // of what is neither a sheet nor a text
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
	kinds    []kind // of numbers, by style
	from1904 bool
	strings  []string // shared by the cells of all sheets; read when a sheet is
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
	unpacked, around := uint64(0), uint64(0)
	names := map[string]bool{}
	for _, part := range b.archive.File {
		names[part.Name] = true
		unpacked += part.UncompressedSize64
		if surrounds(part.Name) {
			around += part.UncompressedSize64
		}
	}
	switch {
	case names["content.xml"] && names["mimetype"]:
		return &KindError{"this is an OpenDocument sheet (.ods)", "save it as .xlsx: File, Save As, Excel 2007-365"}
	case names["xl/workbook.bin"]:
		return &KindError{"this is a binary workbook (.xlsb)", "save it as .xlsx: File, Save As, Excel Workbook"}
	case !names["[Content_Types].xml"]:
		return &KindError{"this is a zip file, and no workbook", "unpack it, and name the file that is in it"}
	case unpacked > maxUnpacked, around > maxAround:
		return &KindError{
			fmt.Sprintf("the workbook has %d MiB when it is unpacked, and at most %d are read", unpacked>>20, maxUnpacked>>20),
			"leave the rows and columns that are needed, or export CSV",
		}
	}
	return nil
}

// surrounds says whether a part is neither a sheet nor its texts, pictures or comments.
func surrounds(name string) bool {
	switch path.Ext(name) {
	case ".xml", ".rels":
	default:
		return false
	}
	return path.Dir(name) == "." || path.Dir(name) == "_rels" || path.Dir(name) == "xl/_rels" ||
		path.Dir(name) == "xl" && path.Base(name) != "sharedStrings.xml" && path.Base(name) != "calcChain.xml"
}

// readAround reads the names of the sheets, the styles and the epoch.
func (b *Book) readAround() error {
	var small bytes.Buffer
	w := zip.NewWriter(&small)
	for _, part := range b.archive.File {
		if !surrounds(part.Name) {
			continue
		}
		if err := w.Copy(part); err != nil {
			return err
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	f, err := excelize.OpenReader(&small, excelize.Options{UnzipSizeLimit: maxAround, UnzipXMLSizeLimit: maxAround})
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // it was in memory alone
	props, err := f.GetWorkbookProps()
	if err != nil {
		return err
	}
	b.from1904 = props.Date1904 != nil && *props.Date1904
	b.kinds = kindsOf(f)
	return b.findSheets(f)
}

// findSheets finds the part of each sheet that has cells.
func (b *Book) findSheets(f *excelize.File) error {
	var links struct {
		Relationship []struct {
			ID     string `xml:"Id,attr"`
			Type   string `xml:"Type,attr"`
			Target string `xml:"Target,attr"`
		}
	}
	if err := b.decode("xl/_rels/workbook.xml.rels", &links); err != nil {
		return err
	}
	visible := slices.Collect(func(yield func(string) bool) {
		for _, name := range f.GetSheetList() { // which reads f.WorkBook
			if shown, err := f.GetSheetVisible(name); err == nil && shown && !yield(name) {
				return
			}
		}
	})
	for _, sheet := range f.WorkBook.Sheets.Sheet {
		for _, link := range links.Relationship {
			if link.ID != sheet.ID || !strings.HasSuffix(link.Type, "/worksheet") {
				continue
			}
			part := path.Join("xl", link.Target)
			if strings.HasPrefix(link.Target, "/") {
				part = strings.TrimPrefix(path.Clean(link.Target), "/")
			}
			b.Sheets = append(b.Sheets, Sheet{Name: sheet.Name, Hidden: !slices.Contains(visible, sheet.Name), part: part})
		}
	}
	return nil
}

// decode reads a small part.
func (b *Book) decode(name string, into any) error {
	part, err := b.archive.Open(name)
	if err != nil {
		return err
	}
	err = xml.NewDecoder(io.LimitReader(part, maxAround)).Decode(into)
	return errors.Join(err, part.Close())
}

// open opens a part for reading; nil when the archive does not have it.
func (b *Book) open(name string) (io.ReadCloser, error) {
	at := slices.IndexFunc(b.archive.File, func(f *zip.File) bool { return strings.EqualFold(f.Name, name) })
	if at < 0 {
		return nil, nil
	}
	return b.archive.File[at].Open()
}
