package xlsx

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"
)

// Bounds of a sheet, which are those of Excel.
const (
	maxRows    = 1 << 20
	maxColumns = 1 << 14
	maxRow     = 1 << 20 // bytes of one row's texts
)

// Row is one row of a sheet that has a cell.
type Row struct {
	Number int      // as the sheet shows it
	Hidden bool     // by hand or by a filter
	Cells  []string // from column A; valid until the next row
	Err    error    // why its cells cannot be told; they are not to be used then
}

// About is what a sheet says of itself as a whole.
type About struct {
	Filtered      bool
	Merged        []string // "A2:A4"
	HiddenColumns []int    // from 1
}

// Read streams the rows of a sheet, until each returns false.
func (b *Book) Read(s Sheet, each func(Row) bool) (about About, err error) {
	if err := b.readStrings(); err != nil {
		return about, err
	}
	part, err := b.open(s.part)
	if err != nil {
		return about, fmt.Errorf("the sheet %q is missing from the workbook: %w", s.Name, err)
	}
	defer func() { err = errors.Join(err, part.Close()) }()
	r := &sheetReader{book: b, decoder: xml.NewDecoder(io.LimitReader(part, maxUnpacked)), about: &about}
	if err := r.read(each); err != nil {
		return about, fmt.Errorf("the sheet %q cannot be read on after row %d: %w", s.Name, r.row.Number, err)
	}
	return about, nil
}

// sheetReader reads one sheet.
type sheetReader struct {
	book    *Book
	decoder *xml.Decoder
	about   *About
	row     Row
	within  bool // a row that has not ended
	size    int  // bytes of the row's texts
}

// read goes through the elements of the sheet.
func (r *sheetReader) read(each func(Row) bool) error {
	for {
		token, err := r.decoder.RawToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch e := token.(type) {
		case xml.StartElement:
			err = r.start(e)
		case xml.EndElement:
			if e.Name.Local == "row" && r.ended() && !each(r.row) {
				return nil
			}
		}
		if err != nil {
			return err
		}
	}
}

// ended ends a row, and says whether there is something in it.
func (r *sheetReader) ended() bool {
	was := r.within
	r.within = false
	return was && len(r.row.Cells) > 0
}

func (r *sheetReader) start(e xml.StartElement) error {
	switch e.Name.Local {
	case "row":
		return r.begin(e)
	case "c":
		return r.cell(e)
	case "col":
		if from, to := number(e, "min"), number(e, "max"); truth(e, "hidden") {
			for column := from; column <= min(to, maxColumns); column++ {
				r.about.HiddenColumns = append(r.about.HiddenColumns, column)
			}
		}
	case "mergeCell":
		r.about.Merged = append(r.about.Merged, attribute(e, "ref"))
	case "filterColumn":
		r.about.Filtered = true
	}
	return nil
}

// begin begins a row.
func (r *sheetReader) begin(e xml.StartElement) error {
	next := r.row.Number + 1
	if given := number(e, "r"); given > 0 {
		next = given
	}
	if next > maxRows {
		return fmt.Errorf("a sheet has at most %d rows", maxRows)
	}
	r.row, r.size = Row{Number: next, Hidden: truth(e, "hidden"), Cells: r.row.Cells[:0]}, 0
	r.within = true
	return nil
}

// cell reads a cell to its end.
func (r *sheetReader) cell(e xml.StartElement) error {
	column := len(r.row.Cells) + 1
	reference := attribute(e, "r")
	if !r.within {
		return fmt.Errorf("cell %q stands outside of any row", reference)
	}
	if reference != "" {
		if column = columnOf(reference); column == 0 {
			return fmt.Errorf("%q is no cell", reference)
		}
	}
	c, err := r.content(attribute(e, "t"), number(e, "s"))
	if err != nil {
		return err
	}
	text, bad := c.text(r.book)
	if bad != nil && r.row.Err == nil {
		r.row.Err = fmt.Errorf("cell %s: %w", reference, bad)
	}
	if r.size += len(text); r.size > maxRow {
		text, r.row.Err = "", errors.New("is longer than 1 MiB")
	}
	if text == "" && bad == nil {
		return nil
	}
	for len(r.row.Cells) < column {
		r.row.Cells = append(r.row.Cells, "")
	}
	r.row.Cells[column-1] = text
	return nil
}

// columnOf is the column of a cell such as BC12, from 1; 0: it is no cell.
func columnOf(reference string) int {
	column, letters := 0, 0
	for letters < len(reference) && reference[letters]|0x20 >= 'a' && reference[letters]|0x20 <= 'z' {
		if column = column*26 + int(reference[letters]|0x20-'a') + 1; column > maxColumns {
			return 0
		}
		letters++
	}
	if row, err := strconv.Atoi(reference[letters:]); err != nil || row < 1 {
		return 0
	}
	return column
}

// cell is a cell as it stands in the file.
type cell struct {
	kind    string // of its value: s, str, inlineStr, b, e, d; empty or n: a number
	style   int
	value   string
	valued  bool // it has a value, be it empty
	formula bool
}

// content reads what is in a cell.
func (r *sheetReader) content(kind string, style int) (cell, error) {
	c := cell{kind: kind, style: style}
	var text strings.Builder
	for inside := ""; ; {
		token, err := r.decoder.RawToken()
		if err != nil {
			return c, unexpected(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			if inside = e.Name.Local; inside == "f" {
				c.formula = true
			}
			c.valued = c.valued || inside == "v"
			if inside == "rPh" { // how the text is read aloud
				if err := skip(r.decoder); err != nil {
					return c, unexpected(err)
				}
				inside = ""
			}
		case xml.CharData:
			if (inside == "v" || inside == "t") && text.Len() <= maxRow {
				text.Write(e)
			}
		case xml.EndElement:
			if inside = ""; e.Name.Local == "c" {
				c.value = text.String()
				return c, nil
			}
		}
	}
}

// text is what a person sees in a cell.
func (c cell) text(b *Book) (string, error) {
	if c.formula && c.value == "" && (c.kind != "str" || !c.valued) {
		return "", errors.New("the formula has no value: open the file in Excel or LibreOffice, and save it there")
	}
	switch c.kind {
	case "s":
		at, err := strconv.Atoi(strings.TrimSpace(c.value))
		if err != nil || at < 0 || at >= len(b.strings) {
			return "", errors.New("its text is missing from the workbook")
		}
		return b.strings[at], nil
	case "str", "inlineStr":
		return unescape(c.value), nil
	case "b":
		if isTrue(strings.TrimSpace(c.value)) {
			return "TRUE", nil
		}
		return "FALSE", nil
	case "e":
		return c.value, nil
	case "d":
		return isoText(c.value), nil
	}
	raw := strings.TrimSpace(c.value)
	if raw == "" {
		return "", nil
	}
	return b.number(raw, c.style)
}

// open opens a part for reading. Its error is fs.ErrNotExist where there is none.
func (b *Book) open(name string) (io.ReadCloser, error) {
	part, err := b.find(name)
	if err != nil {
		return nil, err
	}
	return part.Open()
}

// readStrings reads the texts that the sheets share.
func (b *Book) readStrings() error {
	if b.strings != nil {
		return nil
	}
	part, err := b.open(b.texts)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = part.Close() }() // it was only read
	decoder := xml.NewDecoder(part)
	var text strings.Builder
	size := 0
	for inside := false; ; {
		token, err := decoder.RawToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("the texts of the workbook cannot be read: %w", err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			inside = e.Name.Local == "t"
			if e.Name.Local == "rPh" {
				if err := skip(decoder); err != nil {
					return fmt.Errorf("the texts of the workbook cannot be read: %w", unexpected(err))
				}
			}
		case xml.CharData:
			if inside {
				text.Write(e)
			}
		case xml.EndElement:
			if inside = false; e.Name.Local == "si" {
				b.strings = append(b.strings, unescape(text.String()))
				size += text.Len() + 16
				text.Reset()
			}
		}
		if size+text.Len() > maxStrings {
			return &KindError{fmt.Sprintf("the workbook has more than %d MiB of text", maxStrings>>20), "leave the rows and columns that are needed, or export CSV"}
		}
	}
}

// escaped is a character that XML does not allow, or a line end, as Excel writes it.
var escaped = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`)

// unescape gives text as a cell shows it, with \n at the ends of its lines.
func unescape(text string) string {
	if strings.Contains(text, "_x") {
		text = escaped.ReplaceAllStringFunc(text, func(code string) string {
			unit, err := strconv.ParseUint(code[2:6], 16, 16)
			if err != nil || utf16.IsSurrogate(rune(unit)) {
				return code
			}
			return string(rune(unit))
		})
	}
	return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
}

// skip passes over what is inside the element that just began.
func skip(decoder *xml.Decoder) error {
	for depth := 1; depth > 0; {
		token, err := decoder.RawToken()
		if err != nil {
			return err
		}
		switch token.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		}
	}
	return nil
}

// unexpected is the end of the file in the middle of it.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

// number is a whole number of an attribute; 0 for none.
func number(e xml.StartElement, name string) int {
	n, err := strconv.Atoi(attribute(e, name))
	if err != nil || n < 0 {
		return 0
	}
	return n
}

func truth(e xml.StartElement, name string) bool { return isTrue(attribute(e, name)) }

func isTrue(value string) bool { return value == "1" || strings.EqualFold(value, "true") }
