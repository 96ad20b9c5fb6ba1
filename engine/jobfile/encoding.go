package jobfile

import (
	"waybill/engine/diag"
	"waybill/engine/rows"
	"waybill/engine/source"
)

// encoding reads the name of an encoding; empty: it is found out.
func (d *document) encoding(f *source.Field) string {
	if f == nil || f.Broken || f.Kind != source.Text {
		return ""
	}
	if rows.KnownEncoding(f.Text) {
		return f.Text
	}
	hint := "utf-8, windows-1252 (Excel), macintosh (Excel on a Mac), cp850 (CSV (MS-DOS)), windows-1251 and the other labels of the Encoding Standard"
	if meant := diag.Suggest(f.Text, rows.Encodings()); meant != "" {
		hint = "did you mean " + meant + "?"
	}
	d.Fault("unknown-encoding", f.Range, "there is no encoding "+source.Quote(f.Text), "", hint)
	return ""
}
