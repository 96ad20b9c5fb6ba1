package xlsx_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"waybill/engine/sources/xlsx"
)

// parts are the files of the smallest workbook; those that are given take the place of theirs.
func parts(given map[string]string) []byte {
	all := map[string]string{
		"[Content_Types].xml": `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`,
		"_rels/.rels":         `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml": `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">
			<sheets><sheet name="People" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
			<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
	}
	maps.Copy(all, given)
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		part, err := w.Create(name)
		if err == nil {
			_, err = part.Write([]byte(all[name]))
		}
		if err != nil {
			panic(err)
		}
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return out.Bytes()
}

// sheetOf is a workbook of one sheet with these rows.
func sheetOf(rows string) []byte {
	return parts(map[string]string{"xl/worksheets/sheet1.xml": `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>` + rows + `</sheetData></worksheet>`})
}

// made writes a workbook with excelize.
func made(t *testing.T, write func(*excelize.File) error) []byte {
	t.Helper()
	f := excelize.NewFile()
	if err := write(f); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// told reads a sheet as lines.
func told(t *testing.T, file []byte) (string, xlsx.About) {
	t.Helper()
	b, err := xlsx.Open(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	about, err := b.Read(b.Sheets[0], func(r xlsx.Row) bool {
		fmt.Fprint(&out, r.Number)
		if r.Hidden {
			out.WriteString(" hidden")
		}
		if r.Err != nil {
			fmt.Fprintf(&out, "! %v\n", r.Err)
			return true
		}
		fmt.Fprintf(&out, " %s\n", strings.Join(r.Cells, "|"))
		return true
	})
	if err != nil {
		fmt.Fprintf(&out, "end: %v\n", err)
	}
	return out.String(), about
}

func TestNumbers(t *testing.T) {
	for raw, want := range map[string]string{
		"34612345678":            "34612345678",
		"3.4612345678E10":        "34612345678",
		"34612345678.0":          "34612345678",
		"123456789012345":        "123456789012345",
		"1.23456789012345E+14":   "123456789012345",
		"12345678901234567":      "12345678901234567", // another program wrote it
		"1234567890123456":       "1234567890123456",
		"1234567890123450":       "! cell A1: 1234567890123450 has 16 digits, and a spreadsheet keeps 15: format the column as text, and enter it again",
		"1.23456789012346E+15":   "! cell A1: 1234567890123460 has 16 digits, and a spreadsheet keeps 15: format the column as text, and enter it again",
		"-1.23456789012346E+16":  "! cell A1: -12345678901234600 has 17 digits, and a spreadsheet keeps 15: format the column as text, and enter it again",
		"0.30000000000000004":    "0.3",
		"0.125":                  "0.125",
		"1234.5":                 "1234.5",
		"-7":                     "-7",
		"1E-7":                   "0.0000001",
		"1E+3":                   "1000",
		"not a number":           "not a number",
		"99.99000000000001":      "99.99",
		"100":                    "100",
		"1.7976931348623157E308": "! cell A1: 17976931348623157",
	} {
		got, _ := told(t, sheetOf(`<row r="1"><c r="A1"><v>`+raw+`</v></c></row>`))
		if got = strings.TrimSuffix(strings.TrimPrefix(got, "1"), "\n"); strings.TrimSpace(got) != want && (len(raw) <= 20 || !strings.HasPrefix(got, want)) {
			t.Errorf("%s: got %q, want %q", raw, got, want)
		}
	}
}

// TestFormats reads numbers by the formats of their cells.
func TestFormats(t *testing.T) {
	type format struct {
		builtIn int
		own     string
		value   float64
		want    string
	}
	formats := []format{
		{14, "", 46106, "2026-03-25"},
		{22, "", 46106.4166666667, "2026-03-25 10:00"},
		{20, "", 0.4166666667, "10:00"},
		{0, "00000", 1234, "1234"}, // of a post code
		{0, "0# ## ## ## ##", 612345678, "612345678"},
		{21, "", 0.416674, "10:00:01"},
		{46, "", 1.5, "36:00"},
		{45, "", 0.0034722222, "00:05"},
		{10, "", 0.125, "12.50%"},
		{9, "", 0.15, "15%"},
		{9, "", 0.145, "15%"},
		{9, "", 1, "100%"},
		{9, "", -0.2, "-20%"},
		{0, "0.0%", 0.155, "15.5%"},
		{0, "0.##%", 0.15, "15%"},
		{0, `0.0" %"`, 15.55, "15.6"}, // a sign that is written, and not reckoned
		{2, "", 34612345678, "34612345678"},
		{2, "", 19.9, "19.90"},
		{44, "", 1234.5, "1234.50"},
		{0, `#,##0.00 "€"`, 0.1, "0.10"},
		{0, "0.###", 1.25, "1.25"},
		{0, "0", 1.5, "1.5"},
		{0, "0.00E+00", 1234567.25, "1234567.25"},
		{0, "# ?/?", 0.5, "0.5"},
		{1, "", 34612345678, "34612345678"},
		{49, "", 34612345678, "34612345678"},
		{0, "dd/mm/yyyy", 46106, "2026-03-25"},
		{0, `d" de "mmmm" de "yyyy`, 46106, "2026-03-25"},
		{0, "[$-C0A]d-mmm-yy;@", 46106.9, "2026-03-25"},
		{0, "yyyy-mm-dd hh:mm:ss", 46106.999994, "2026-03-25 23:59:59"},
		{0, "hh:mm", 46106.375, "09:00"},
		{0, "h:mm AM/PM", 0.75, "18:00"},
		{0, "[h]:mm", 1.5, "36:00"},
		{0, "mmm", 46106, "2026-03-25"},
		{17, "", 46082, "2026-03-01"},
		{17, "", 46106.375, "2026-03-25"},
		{17, "", 46082.375, "2026-03-01 09:00"}, // as excelize writes it
		{0, `0.00" days"`, 12.5, "12.50"},
		{0, `#,##0.00 [$€-1]`, 1234.5, "1234.50"},
		{0, "+0", 34612345678, "34612345678"},
		{0, "dd/mm/yyyy", -1, "-1"},
		{0, "[Red]0.00", 3, "3"},
	}
	file := made(t, func(f *excelize.File) error {
		var failed []error
		for i, each := range formats {
			style := &excelize.Style{NumFmt: each.builtIn}
			if each.own != "" {
				style.CustomNumFmt = &each.own
			}
			id, err := f.NewStyle(style)
			cell := fmt.Sprintf("A%d", i+1)
			failed = append(failed, err, f.SetCellValue("Sheet1", cell, each.value), f.SetCellStyle("Sheet1", cell, cell, id))
		}
		return errors.Join(failed...)
	})
	got, _ := told(t, file)
	lines := strings.Split(got, "\n")
	for i, each := range formats {
		if want := fmt.Sprintf("%d %s", i+1, each.want); lines[i] != want {
			t.Errorf("format %d %s of %v: got %q, want %q", each.builtIn, each.own, each.value, lines[i], want)
		}
	}
	got, _ = told(t, made(t, func(f *excelize.File) error {
		from1904, format := true, "dd/mm/yyyy"
		id, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
		return errors.Join(err, f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &from1904}),
			f.SetCellValue("Sheet1", "A1", 44644), f.SetCellStyle("Sheet1", "A1", "A1", id))
	}))
	if got != "1 2026-03-25\n" {
		t.Errorf("dates from 1904: got %q", got)
	}
}

func TestCells(t *testing.T) {
	for name, tt := range map[string]struct{ rows, want string }{
		"kinds":              {`<row r="1"><c t="b"><v>1</v></c><c t="b"><v>0</v></c><c t="e"><v>#N/A</v></c><c t="str"><f>A1</f><v>x</v></c><c t="d"><v>2026-03-25T10:00:00</v></c></row>`, "1 TRUE|FALSE|#N/A|x|2026-03-25 10:00\n"},
		"iso dates":          {`<row r="1"><c t="d"><v>2026-03-25</v></c><c t="d"><v>2026-03-25T10:30:15.6</v></c><c t="d"><v>10:30:00</v></c><c t="d"><v>10:30:15</v></c></row>`, "1 2026-03-25|2026-03-25 10:30:16|10:30|10:30:15\n"},
		"rich text":          {`<row r="1"><c t="inlineStr"><is><r><t>+3461</t></r><r><rPr><b/></rPr><t>2345678</t></r><rPh sb="0" eb="1"><t>aloud</t></rPh></is></c></row>`, "1 +34612345678\n"},
		"white space":        {`<row r="1"><c t="inlineStr"><is><t xml:space="preserve"> a </t></is></c></row>`, "1  a \n"},
		"line ends":          {`<row r="1"><c t="inlineStr"><is><t>a_x000D_` + "\n" + `b_x005F_</t></is></c></row>`, "1 a\nb_\n"},
		"gaps":               {`<row r="3"><c r="B3"><v>1</v></c><c r="D3"><v>2</v></c></row><row><c><v>3</v></c></row>`, "3 |1||2\n4 3\n"},
		"a formula's value":  {`<row r="1"><c r="A1"><f>1+1</f><v>2</v></c><c r="B1" t="str"><f>""</f><v></v></c></row>`, "1 2\n"},
		"a formula without":  {`<row r="2"><c r="A2"><v>1</v></c><c r="B2"><f>1+1</f></c></row><row r="3"><c r="B3"><f>1</f><v/></c></row>`, "2! cell B2: the formula has no value: open the file in Excel or LibreOffice, and save it there\n3! cell B3: the formula has no value: open the file in Excel or LibreOffice, and save it there\n"},
		"a prefix":           {`<x:row r="1"><x:c><x:v>1</x:v></x:c></x:row>`, "1 1\n"},
		"a missing text":     {`<row r="1"><c r="A1" t="s"><v>7</v></c></row>`, "1! cell A1: its text is missing from the workbook\n"},
		"cut off":            {`<row r="1"><c r="A1"><v>7</v></c></row><row r="2"><c r="A2"><v>`, "1 7\nend: the sheet \"People\" cannot be read on after row 2: unexpected EOF\n"},
		"hidden":             {`<row r="1" hidden="1"><c r="A1"><v>7</v></c></row>`, "1 hidden 7\n"},
		"no cell":            {`<row r="1"><c r="ZZZZ1"><v>7</v></c></row>`, "end: the sheet \"People\" cannot be read on after row 1: \"ZZZZ1\" is no cell\n"},
		"an empty date cell": {`<row r="1"><c r="A1" s="1"/></row>`, ""},
	} {
		file := sheetOf(tt.rows)
		if name == "cut off" {
			file = parts(map[string]string{"xl/worksheets/sheet1.xml": `<worksheet><sheetData>` + tt.rows})
		}
		if got, _ := told(t, file); got != tt.want {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
}

func TestAbout(t *testing.T) {
	file := parts(map[string]string{
		"xl/worksheets/sheet1.xml": `<worksheet><cols><col min="2" max="3" hidden="1"/></cols><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row></sheetData>
		<autoFilter ref="A1:B9"><filterColumn colId="0"/></autoFilter><mergeCells><mergeCell ref="A2:A4"/></mergeCells></worksheet>`,
		"xl/sharedStrings.xml": `<sst><si><t>one</t></si></sst>`,
	})
	got, about := told(t, file)
	if want := (xlsx.About{Filtered: true, Merged: []string{"A2:A4"}, HiddenColumns: []int{2, 3}}); got != "1 one\n" || fmt.Sprint(about) != fmt.Sprint(want) {
		t.Errorf("got %q, %v", got, about)
	}
}

func TestOtherFiles(t *testing.T) {
	encrypted, err := excelize.Encrypt(sheetOf(""), &excelize.Options{Password: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	bomb := parts(map[string]string{"xl/styles.xml": strings.Repeat(" ", 65<<20)})
	ods := parts(map[string]string{"content.xml": "", "mimetype": "application/vnd.oasis.opendocument.spreadsheet"})
	for name, tt := range map[string]struct {
		file []byte
		want string
	}{
		"csv":       {[]byte("id,phone\n1,2\n"), "this is text, not a workbook: write csv:"},
		"empty":     {nil, "the file is empty"},
		"xls":       {[]byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1rest"), "this is an old workbook (.xls): save it as .xlsx"},
		"encrypted": {encrypted, "the workbook is encrypted with a password"},
		"ods":       {ods, "this is an OpenDocument sheet (.ods)"},
		"html":      {[]byte(" <html><table>"), "this is a web page"},
		"zip":       {[]byte("PK\x05\x06" + strings.Repeat("\x00", 18)), "this is a zip file, and no workbook"},
		"cut off":   {sheetOf("")[:200], "the workbook is damaged"},
		"bytes":     {[]byte("\x00\x01\x02"), "this is no workbook"},
		"a bomb":    {bomb, "xl/styles.xml has 65 MiB when it is unpacked, and at most 64 are read"},
	} {
		_, err := xlsx.Open(bytes.NewReader(tt.file), int64(len(tt.file)))
		if _, ok := errors.AsType[*xlsx.KindError](err); !ok || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %s", name, err, tt.want)
		}
	}
}

// TestDates asks a library of workbooks when each number is.
func TestDates(t *testing.T) {
	for _, from1904 := range []bool{false, true} {
		style := `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="yyyy-mm-dd hh:mm:ss"/></numFmts><cellXfs><xf/><xf numFmtId="164"/></cellXfs></styleSheet>`
		var rows, want strings.Builder
		row := 0
		for day := 0.0; day < 2958465; day = max(day+1, day*1.07-5) { // each of the first, then fewer
			for _, part := range []float64{0, 1. / 86400, 0.25, 0.5, 0.999, 86399. / 86400} {
				value := math.Floor(day) + part
				row++
				fmt.Fprintf(&rows, `<row r="%d"><c r="A%d" s="1"><v>%v</v></c></row>`, row, row, value)
				at, err := excelize.ExcelDateToTime(value, from1904)
				if err != nil {
					t.Fatal(err)
				}
				at = at.Round(time.Second)
				text := at.Format("2006-01-02 15:04")
				if at.Second() != 0 {
					text = at.Format("2006-01-02 15:04:05")
				}
				fmt.Fprintf(&want, "%d %s\n", row, text)
			}
		}
		got, _ := told(t, parts(map[string]string{
			"xl/styles.xml": style,
			"xl/workbook.xml": fmt.Sprintf(`<workbook xmlns:r="r"><workbookPr date1904="%v"/>
				<sheets><sheet name="People" sheetId="1" r:id="rId1"/></sheets></workbook>`, from1904),
			"xl/worksheets/sheet1.xml": `<worksheet><sheetData>` + rows.String() + `</sheetData></worksheet>`,
		}))
		if diff := cmp.Diff(want.String(), got); diff != "" {
			t.Errorf("from 1904: %v: (-excelize +here)\n%s", from1904, diff)
		}
	}
}

func TestSheets(t *testing.T) {
	file := made(t, func(f *excelize.File) error {
		_, second := f.NewSheet("Zweites & mehr")
		_, third := f.NewSheet("deep")
		return errors.Join(second, third, f.SetSheetVisible("Zweites & mehr", false), f.SetSheetVisible("deep", false, true),
			f.AddChartSheet("chart", &excelize.Chart{Type: excelize.Col, Series: []excelize.ChartSeries{{Name: "Sheet1!$A$1", Values: "Sheet1!$A$1:$A$2"}}}))
	})
	b, err := xlsx.Open(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, sheet := range b.Sheets {
		got = append(got, fmt.Sprintf("%s %v", sheet.Name, sheet.Hidden))
	}
	if want := []string{"Sheet1 false", "Zweites & mehr true", "deep true"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestPartsElsewhere follows the links of a workbook, wherever they lead, in the vocabulary of strict files too.
func TestPartsElsewhere(t *testing.T) {
	const kind = `Type="http://purl.oclc.org/ooxml/officeDocument/relationships/`
	file := parts(map[string]string{
		"_rels/.rels":          `<Relationships><Relationship Id="a" ` + kind + `officeDocument" Target="/Book/main.xml"/></Relationships>`,
		"xl/workbook.xml":      `<workbook/>`,
		`book\MAIN.xml`:        `<workbook xmlns:r="r"><sheets><sheet name="People" sheetId="1" r:id="s"/></sheets></workbook>`,
		"Book/people.xml":      `<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="aa1" s="0"><v>46106</v></c></row></sheetData></worksheet>`,
		"styles/own.xml":       `<styleSheet><cellXfs><xf numFmtId="14"/></cellXfs></styleSheet>`,
		"Book/texts.xml":       `<sst><si><t>one</t></si></sst>`,
		"xl/sharedStrings.xml": `<sst><si><t>another</t></si></sst>`,
		"Book/_rels/main.xml.rels": `<Relationships><Relationship Id="s" ` + kind + `worksheet" Target="people.xml"/>
			<Relationship Id="f" ` + kind + `styles" Target="../styles/own.xml"/><Relationship Id="t" ` + kind + `sharedStrings" Target="texts.xml"/></Relationships>`,
	})
	if got, _ := told(t, file); got != "1 one"+strings.Repeat("|", 26)+"2026-03-25\n" {
		t.Errorf("got %q", got)
	}
}

func FuzzSheet(f *testing.F) {
	f.Add(`<row r="1"><c r="A1" t="s"><v>0</v></c></row>`)
	f.Add(`<row r="1"><c r="A1"><f>1</f></c><c t="inlineStr"><is><t>x</t></is></c></row>`)
	f.Fuzz(func(t *testing.T, rows string) {
		file := sheetOf(rows)
		b, err := xlsx.Open(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = b.Read(b.Sheets[0], func(r xlsx.Row) bool {
			if r.Number < 1 || len(r.Cells) == 0 {
				t.Errorf("row %d of %d cells", r.Number, len(r.Cells))
			}
			return true
		})
	})
}
