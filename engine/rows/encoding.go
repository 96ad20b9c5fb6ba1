package rows

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
)

// codePages are the encodings that are in use and no label of the Encoding Standard's.
func codePages() map[string]encoding.Encoding {
	return map[string]encoding.Encoding{
		"cp037": charmap.CodePage037, "cp437": charmap.CodePage437, "cp850": charmap.CodePage850, "cp852": charmap.CodePage852,
		"cp855": charmap.CodePage855, "cp858": charmap.CodePage858, "cp860": charmap.CodePage860, "cp862": charmap.CodePage862,
		"cp863": charmap.CodePage863, "cp865": charmap.CodePage865, "cp866": charmap.CodePage866, "cp1047": charmap.CodePage1047,
		"cp1140": charmap.CodePage1140,
	}
}

// Encodings lists names of encodings for suggestions: the Encoding Standard's names and the code pages. There are further labels.
func Encodings() []string {
	names := []string{
		"utf-8", "utf-16", "utf-16le", "utf-16be", "latin1", "iso-8859-1", "cp1252",
		"iso-8859-2", "iso-8859-3", "iso-8859-4", "iso-8859-5", "iso-8859-6", "iso-8859-7", "iso-8859-8", "iso-8859-8-i", "iso-8859-10",
		"iso-8859-13", "iso-8859-14", "iso-8859-15", "iso-8859-16", "koi8-r", "koi8-u", "macintosh", "x-mac-cyrillic", "windows-874",
		"windows-1250", "windows-1251", "windows-1252", "windows-1253", "windows-1254", "windows-1255", "windows-1256", "windows-1257",
		"windows-1258", "gbk", "gb18030", "big5", "euc-jp", "iso-2022-jp", "shift_jis", "euc-kr",
	}
	for name := range codePages() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// KnownEncoding says whether a name can be given as CSVOptions.Encoding.
func KnownEncoding(name string) bool {
	_, err := named(name)
	return err == nil
}

// named returns the encoding of a name: a label of the Encoding Standard's (https://encoding.spec.whatwg.org/#names-and-labels), a
// code page, or one of either that is written with other signs between. nil is UTF-8.
func named(name string) (encoding.Encoding, error) {
	label := strings.ToLower(strings.TrimSpace(name))
	from, err := htmlindex.Get(label)
	if err != nil {
		for _, spelling := range spellings(label) {
			if page, ok := codePages()[spelling]; ok {
				return page, nil
			}
			if from, err = htmlindex.Get(spelling); err == nil {
				break
			}
		}
	}
	switch {
	case err != nil || from == encoding.Replacement:
		return nil, &HeaderError{
			Message: fmt.Sprintf("unknown encoding %q", name), Hint: "use utf-8, windows-1252, macintosh, cp850 or another name of an encoding",
		}
	case from == unicode.UTF8:
		return nil, nil
	}
	return from, nil
}

// spellings are other ways to write a label: ibm850 for cp850, utf_8, mac roman, iso 8859-15.
func spellings(label string) []string {
	plain := strings.NewReplacer("-", "", "_", "", " ", "").Replace(label)
	number := strings.TrimLeft(plain, "abcdefghijklmnopqrstuvwxyz")
	switch prefix := strings.TrimSuffix(plain, number); prefix {
	case "cp", "ibm", "dos", "oem", "codepage", "csibm", "cspc", "":
		return []string{"cp" + number, "windows-" + number}
	case "windows", "win", "ansi":
		if number == "" {
			return []string{"windows-1252"}
		}
		return []string{"windows-" + number, "cp" + number}
	case "utf":
		return []string{"utf-" + number}
	case "iso":
		return []string{"iso-" + number, "iso-8859-" + strings.TrimPrefix(number, "8859")}
	case "macroman", "xmacroman", "macosroman", "applemacintosh":
		return []string{"macintosh"}
	}
	return []string{plain, strings.ReplaceAll(label, " ", "-"), strings.ReplaceAll(label, " ", "_"), strings.ReplaceAll(label, "_", "-")}
}

// isWide says whether a name means UTF-16 in either order.
func isWide(name string) bool {
	switch strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(name)) {
	case "utf16", "utf16le", "utf16be", "unicode", "ucs2", "iso10646ucs2", "csunicode":
		return true
	}
	return false
}

// endian tells the byte order of UTF-16 without a mark: text is mostly ASCII, whose high byte is zero.
func endian(sample []byte, name string) unicode.Endianness {
	zeros := [2]int{}
	for i, b := range sample {
		if b == 0 {
			zeros[i%2]++
		}
	}
	if strings.HasSuffix(strings.ToLower(name), "be") || zeros[0] > zeros[1] {
		return unicode.BigEndian
	}
	return unicode.LittleEndian
}

// looksWide says whether about every other byte is zero.
func looksWide(sample []byte) bool {
	return bytes.Count(sample, []byte{0}) > len(sample)/4
}
