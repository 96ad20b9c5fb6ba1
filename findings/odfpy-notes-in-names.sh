#!/usr/bin/env bash
# odfpy (1.4.2 here): the note that somebody put at a cell of an .ods is part of the cell's text. A name, Eva, with the note "do not call" by the boss reads
# Boss2026-03-01T09:00:00do not callEva, by str() of the cell and by teletype.extractText, which is for "text content". A note stands within
# its cell, as office:annotation, and is no part of what the cell holds (OpenDocument 1.3, part 3, 14.1). A list is greeted rightly for years,
# until a note is written, and nobody sees it in the sheet, where it is a dot in a corner. An address of two lines (two text:p) is one word where they
# meet. xlsx 0.18.5 reads the names and the lines. Joining extractText of the cell's own text:p is the way around.
set -euo pipefail
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
python=/usr/bin/python3
if ! "$python" -c 'import odf' 2>/dev/null && command -v apt-get >/dev/null; then
	apt-get update -qq && apt-get install -qq -y --no-install-recommends python3-odf >/dev/null
fi
"$python" -c 'import odf' 2>/dev/null || { echo "needs odfpy" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error xlsx@0.18.5 >/dev/null
cat >ask.py <<'PY'
from odf import dc, office, table, teletype, text
from odf.opendocument import OpenDocumentSpreadsheet, load
book = OpenDocumentSpreadsheet()
sheet = table.Table(name="People")
def cell(*lines, note=None):
    made = table.TableCell(valuetype="string")
    if note:
        annotation = office.Annotation()
        annotation.addElement(dc.Creator(text="Boss"))
        annotation.addElement(dc.Date(text="2026-03-01T09:00:00"))
        annotation.addElement(text.P(text=note))
        made.addElement(annotation)
    for line in lines:
        made.addElement(text.P(text=line))
    row = table.TableRow()
    row.addElement(made)
    sheet.addElement(row)
cell("Ana")
cell("Eva", note="do not call")
cell("Main St 1", "Springfield")
book.spreadsheet.addElement(sheet)
book.save("people.ods")
for read in load("people.ods").spreadsheet.getElementsByType(table.TableCell):
    own = "|".join(teletype.extractText(p) for p in read.getElementsByType(text.P) if p.parentNode is read)
    print(f"str {read}; extractText {teletype.extractText(read)}; its own text:p {own}")
PY
seen=$(
	"$python" ask.py
	node -e 'const XLSX = require("xlsx"); console.log("xlsx", JSON.stringify(XLSX.utils.sheet_to_json(XLSX.readFile("people.ods").Sheets.People, { header: 1 }).flat()))'
)
echo "version: odfpy $("$python" -c 'import importlib.metadata as m; print(m.version("odfpy"))'), xlsx 0.18.5"
echo "source: https://github.com/eea/odfpy"
echo "behaviour: the text of a cell holds its note, and its lines are run together"
echo "input: Ana; Eva with a note; an address of two lines"
echo "seen:"
echo "$seen"
want='str Ana; extractText Ana; its own text:p Ana
str Boss2026-03-01T09:00:00do not callEva; extractText Boss2026-03-01T09:00:00do not callEva; its own text:p Eva
str Main St 1Springfield; extractText Main St 1Springfield; its own text:p Main St 1|Springfield
xlsx ["Ana","Eva","Main St 1\nSpringfield"]'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
