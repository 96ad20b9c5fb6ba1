package jobfile

import (
	"waybill/engine"
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

// guessed shows how a file without a word on its encoding was read.
func (d *document) guessed(f *engine.ForEach, g *rows.Guess) {
	if g == nil {
		return
	}
	w := engine.GuessedEncoding(pathOf(f), g.Line, g.Word)
	w.Severity, w.Range = diag.Warning, f.PathRange
	d.List = append(d.List, w)
}
