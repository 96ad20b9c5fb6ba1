#!/usr/bin/env bash
# node-ical 0.26.1, ical 0.8.0 and vcard-parser 1.0.0 (npm): C:\new in the text of an event or a card is read as two lines. \ is written \\
# (RFC 5545, 3.3.11, and RFC 6350, 3.4), and they look for \n first, in the second backslash and the n behind it. gocal v0.9.1 undoes \\ and \,
# and leaves \n as it stands, a line break that is never one. golang-ical v0.3.4, emersion/go-ical and ical.js 2.2.1 read both.
set -euo pipefail
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error node-ical@0.26.1 ical@0.8.0 ical.js@2.2.1 vcard-parser@1.0.0 >/dev/null
go mod init finding 2>/dev/null
go get github.com/apognu/gocal@v0.9.1 github.com/arran4/golang-ical@v0.3.4 github.com/emersion/go-ical@v0.0.0-20250329121855-f41e73efc392 2>/dev/null
printf '%s\r\n' BEGIN:VCALENDAR VERSION:2.0 PRODID:-//example//EN BEGIN:VEVENT UID:1 DTSTAMP:20260325T100000Z DTSTART:20260325T100000Z \
	DTEND:20260325T110000Z 'SUMMARY:C:\\new\nbye' END:VEVENT END:VCALENDAR >event.ics
printf '%s\r\n' BEGIN:VCARD VERSION:4.0 FN:Ana 'NOTE:C:\\new\nbye' END:VCARD >card.vcf
cat >ask.mjs <<'JS'
import { readFileSync } from "node:fs";
import ical from "ical";
import ICAL from "ical.js";
import nodeIcal from "node-ical";
import vcardParser from "vcard-parser";
const [event, card] = ["event.ics", "card.vcf"].map((name) => readFileSync(name, "utf8"));
const show = (name, text) => console.log(name + ":", JSON.stringify(text));
show("node-ical", Object.values(nodeIcal.sync.parseICS(event)).find((part) => part.type === "VEVENT").summary);
show("ical", Object.values(ical.parseICS(event)).find((part) => part.type === "VEVENT").summary);
show("vcard-parser", vcardParser.parse(card).note[0].value);
show("ical.js, event", new ICAL.Component(ICAL.parse(event)).getFirstSubcomponent("vevent").getFirstPropertyValue("summary"));
show("ical.js, card", new ICAL.Component(ICAL.parse(card)).getFirstPropertyValue("note"));
JS
cat >main.go <<'GO'
package main

import (
	"bytes"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/apognu/gocal"
	ics "github.com/arran4/golang-ical"
	"github.com/emersion/go-ical"
)

func main() {
	file, err := os.ReadFile("event.ics")
	check(err)
	parser := gocal.NewParser(bytes.NewReader(file))
	start, end := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	parser.Start, parser.End = &start, &end
	check(parser.Parse())
	fmt.Printf("gocal: %q\n", parser.Events[0].Summary)
	calendar, err := ics.ParseCalendar(bytes.NewReader(file))
	check(err)
	fmt.Printf("golang-ical: %q\n", calendar.Events()[0].GetProperty(ics.ComponentPropertySummary).Value)
	decoded, err := ical.NewDecoder(bytes.NewReader(file)).Decode()
	check(err)
	summary, err := decoded.Events()[0].Props.Text("SUMMARY")
	check(err)
	fmt.Printf("go-ical: %q\n", summary)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
GO
GOFLAGS=-mod=mod go mod tidy 2>/dev/null
seen=$(node ask.mjs; go run .)
echo "version: node-ical 0.26.1, ical 0.8.0, vcard-parser 1.0.0, github.com/apognu/gocal v0.9.1, ical.js 2.2.1, github.com/arran4/golang-ical v0.3.4, github.com/emersion/go-ical v0.0.0-20250329121855-f41e73efc392"
echo "source: https://github.com/jens-maus/node-ical, https://github.com/apognu/gocal, https://www.npmjs.com/package/vcard-parser"
echo "behaviour: an escaped backslash before an n is read as a line break, or a line break not at all"
echo 'input: the text C:\\new\nbye of an event and of a card'
echo "seen: the text as a string of JSON or Go"
echo "$seen"
want='node-ical: "C:\\\new\nbye"
ical: "C:\\\new\nbye"
vcard-parser: "C:\\\new\nbye"
ical.js, event: "C:\\new\nbye"
ical.js, card: "C:\\new\nbye"
gocal: "C:\\new\\nbye"
golang-ical: "C:\\new\nbye"
go-ical: "C:\\new\nbye"'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
