#!/usr/bin/env bash
# arran4/golang-ical v0.3.4: a calendar that is read and written again is another. A name in quotes, CN="Gil: Ana, Madrid", becomes
# CN=Gil\: Ana\, Madrid: RFC 5545, 3.2 knows no backslash in a parameter, and a colon or a comma there stands in quotes. For ical.js 2.2.1 and
# emersion/go-ical the name ends at the colon, and the address is the rest of the name. Two categories, travel,work, become one
# with a comma: travel\,work. AddAttendee with such a name writes it so, too.
set -euo pipefail
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error ical.js@2.2.1 >/dev/null
go mod init finding 2>/dev/null
go get github.com/arran4/golang-ical@v0.3.4 github.com/emersion/go-ical@v0.0.0-20250329121855-f41e73efc392 2>/dev/null
cat >main.go <<'GO'
package main

import (
	"fmt"
	"log"
	"os"

	ics "github.com/arran4/golang-ical"
	"github.com/emersion/go-ical"
)

func main() {
	file, err := os.Open(os.Args[1])
	check(err)
	if len(os.Args) > 2 {
		calendar, err := ics.ParseCalendar(file)
		check(err)
		check(os.WriteFile(os.Args[2], []byte(calendar.Serialize()), 0o644))
		made := ics.NewCalendar()
		made.AddEvent("2").AddAttendee("ana@example.org", ics.WithCN("Gil: Ana, Madrid"))
		check(os.WriteFile(os.Args[3], []byte(made.Serialize()), 0o644))
		return
	}
	calendar, err := ical.NewDecoder(file).Decode()
	if err != nil {
		fmt.Println("go-ical:", err)
		return
	}
	props := calendar.Events()[0].Props
	categories, err := props.Get("CATEGORIES").TextList()
	check(err)
	attendee := props.Get("ATTENDEE")
	fmt.Printf("go-ical: %q %q %q\n", attendee.Params.Get("CN"), attendee.Value, categories)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
GO
GOFLAGS=-mod=mod go mod tidy 2>/dev/null
go build -o ask .
cat >ask.mjs <<'JS'
import { readFileSync } from "node:fs";
import ICAL from "ical.js";
const event = new ICAL.Component(ICAL.parse(readFileSync(process.argv[2], "utf8"))).getFirstSubcomponent("vevent");
const attendee = event.getFirstProperty("attendee");
console.log("ical.js:", ...[attendee.getParameter("cn"), attendee.getFirstValue(), event.getFirstProperty("categories").getValues()].map((value) => JSON.stringify(value)));
JS
printf '%s\r\n' BEGIN:VCALENDAR VERSION:2.0 PRODID:-//example//EN BEGIN:VEVENT UID:1 DTSTAMP:20260325T100000Z DTSTART:20260325T100000Z \
	'ATTENDEE;CN="Gil: Ana, Madrid":mailto:ana@example.org' CATEGORIES:travel,work END:VEVENT END:VCALENDAR >read.ics
./ask read.ics written.ics made.ics
seen=$(for file in read written; do
	grep -E '^(ATTENDEE|CATEGORIES)' $file.ics | tr -d '\r'
	node ask.mjs $file.ics
	./ask $file.ics
done
grep '^ATTENDEE' made.ics | tr -d '\r')
echo "version: github.com/arran4/golang-ical v0.3.4, ical.js 2.2.1, github.com/emersion/go-ical v0.0.0-20250329121855-f41e73efc392"
echo "source: https://github.com/arran4/golang-ical"
echo "behaviour: names in quotes and lists are written with backslashes"
echo "input: an attendee whose name has a colon and a comma, and two categories; read and written again, and the attendee added"
echo "seen: the lines as they were and as they are written, and what two others read"
echo "$seen"
want='ATTENDEE;CN="Gil: Ana, Madrid":mailto:ana@example.org
CATEGORIES:travel,work
ical.js: "Gil: Ana, Madrid" "mailto:ana@example.org" ["travel","work"]
go-ical: "Gil: Ana, Madrid" "mailto:ana@example.org" ["travel" "work"]
ATTENDEE;CN=Gil\: Ana\, Madrid:mailto:ana@example.org
CATEGORIES:travel\,work
ical.js: "Gil\\" " Ana\\, Madrid:mailto:ana@example.org" ["travel,work"]
go-ical: "Gil\\" " Ana\\, Madrid:mailto:ana@example.org" ["travel,work"]
ATTENDEE;CN=Gil\: Ana\, Madrid:mailto:ana@example.org'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
