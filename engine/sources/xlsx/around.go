package xlsx

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Where the parts of a workbook are when nothing leads to them.
const (
	usualWorkbook = "xl/workbook.xml"
	usualStyles   = "xl/styles.xml"
	usualTexts    = "xl/sharedStrings.xml"
)

// workbook is what the part of that name says: which sheets there are, and when its dates begin.
type workbook struct {
	Properties struct {
		Date1904 string `xml:"date1904,attr"`
	} `xml:"workbookPr"`
	Sheets []struct {
		Name  string `xml:"name,attr"`
		State string `xml:"state,attr"` // visible, hidden or veryHidden; empty: visible
		Link  string `xml:"id,attr"`    // r:id, of the link to its part
	} `xml:"sheets>sheet"`
}

// styles are the number formats of cells.
type styles struct {
	Formats []struct {
		ID   int    `xml:"numFmtId,attr"`
		Code string `xml:"formatCode,attr"`
	} `xml:"numFmts>numFmt"`
	Cells []struct {
		Format int `xml:"numFmtId,attr"`
	} `xml:"cellXfs>xf"`
}

// link leads from one part of the archive to another.
type link struct {
	ID     string `xml:"Id,attr"`
	Type   string `xml:"Type,attr"`
	Target string `xml:"Target,attr"`
}

// is says whether the link leads to a part of a kind; two vocabularies name the kinds, and both end in the same word.
func (l link) is(kind string) bool { return path.Base(l.Type) == kind }

// readAround reads what surrounds the sheets: their names, the styles and the epoch.
func (b *Book) readAround() error {
	main, err := b.links("")
	if err != nil {
		return err
	}
	name := target(main, "officeDocument", usualWorkbook)
	var about workbook
	if err := b.decode(name, &about); err != nil {
		return err
	}
	links, err := b.links(name)
	if err != nil {
		return err
	}
	var formats styles
	if err := b.decode(target(links, "styles", usualStyles), &formats); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	b.from1904, b.formats, b.texts = isTrue(about.Properties.Date1904), formatsOf(formats), target(links, "sharedStrings", usualTexts)
	for _, sheet := range about.Sheets {
		at := slices.IndexFunc(links, func(l link) bool { return l.ID == sheet.Link && l.is("worksheet") })
		if at < 0 {
			continue // a chart
		}
		b.Sheets = append(b.Sheets, Sheet{Name: sheet.Name, Hidden: sheet.State != "" && sheet.State != "visible", part: links[at].Target})
	}
	return nil
}

// target is the part to which the first link of a kind leads.
func target(links []link, kind, usual string) string {
	if at := slices.IndexFunc(links, func(l link) bool { return l.is(kind) }); at >= 0 {
		return links[at].Target
	}
	return usual
}

// links are those of a part, their targets as names in the archive; none where it has none. The part "" is the archive itself.
func (b *Book) links(part string) ([]link, error) {
	var list struct {
		Relationship []link
	}
	dir, base := path.Split(part)
	if err := b.decode(dir+"_rels/"+base+".rels", &list); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for i, l := range list.Relationship {
		list.Relationship[i].Target = strings.TrimPrefix(path.Join("/", dir, l.Target), "/")
		if strings.HasPrefix(l.Target, "/") {
			list.Relationship[i].Target = strings.TrimPrefix(path.Clean(l.Target), "/")
		}
	}
	return list.Relationship, nil
}

// decode reads a small part. Its error is fs.ErrNotExist where there is none.
func (b *Book) decode(name string, into any) error {
	part, err := b.find(name)
	if err != nil {
		return err
	}
	if part.UncompressedSize64 > maxAround {
		return tooLarge(name, part.UncompressedSize64, maxAround)
	}
	in, err := part.Open()
	if err != nil {
		return err
	}
	if err := errors.Join(xml.NewDecoder(io.LimitReader(in, maxAround)).Decode(into), in.Close()); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// find finds a part, in whatever case and with whatever slashes the archive spells it. Its error is fs.ErrNotExist.
func (b *Book) find(name string) (*zip.File, error) {
	at := slices.IndexFunc(b.archive.File, func(f *zip.File) bool {
		return strings.EqualFold(strings.ReplaceAll(f.Name, `\`, "/"), name)
	})
	if at < 0 {
		return nil, fmt.Errorf("%s: %w", name, fs.ErrNotExist)
	}
	return b.archive.File[at], nil
}
