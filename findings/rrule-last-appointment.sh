#!/usr/bin/env bash
# rrule 2.8.1 (npm): the last appointment of a series is missing east of Greenwich, and west of it there can be one too many. Where DTSTART has a zone,
# UNTIL "MUST be specified as a date with UTC time", and where it meets an occurrence that is the last (RFC 5545, 3.3.10). rrule reads the
# hour of UNTIL as one of the zone: 08:00 in UTC, nine o'clock in Madrid, is before nine. What rrule itself writes for such a rule has no Z, and
# rrule-temporal 2.2.8 refuses it. That one and rrule-go v1.8.2 give all days. COUNT is the way around.
set -euo pipefail
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error rrule@2.8.1 rrule-temporal@2.2.8 >/dev/null
cat >rules.json <<'JSON'
[["Madrid, 9:00, until the 26th at 9:00", "DTSTART;TZID=Europe/Madrid:20260324T090000\nRRULE:FREQ=DAILY;UNTIL=20260326T080000Z"],
 ["New York, 9:00, until the 26th at 8:00", "DTSTART;TZID=America/New_York:20260324T090000\nRRULE:FREQ=DAILY;UNTIL=20260326T120000Z"]]
JSON
cat >ask.mjs <<'JS'
import { readFileSync } from "node:fs";
import rrule from "rrule";
import { RRuleTemporal } from "rrule-temporal";
for (const [name, rule] of JSON.parse(readFileSync("rules.json", "utf8"))) {
  const temporal = new RRuleTemporal({ rruleString: rule }).all().map((time) => time.day);
  console.log(`${name}: rrule ${rrule.rrulestr(rule).all().map((time) => time.getUTCDate()).join(" ")}; rrule-temporal ${temporal.join(" ")};`);
}
JS
go mod init finding 2>/dev/null
go get github.com/teambition/rrule-go@v1.8.2 2>/dev/null
cat >main.go <<'GO'
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	_ "time/tzdata"

	"github.com/teambition/rrule-go"
)

func main() {
	file, err := os.ReadFile("rules.json")
	check(err)
	var rules [][2]string
	check(json.Unmarshal(file, &rules))
	for _, rule := range rules {
		set, err := rrule.StrToRRuleSet(rule[1])
		check(err)
		fmt.Print("rrule-go")
		for _, time := range set.All() {
			fmt.Print(" ", time.Day())
		}
		fmt.Println()
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
GO
node ask.mjs >js
GOFLAGS=-mod=mod go run . >go
seen=$(paste -d ' ' js go)
echo "version: rrule 2.8.1, rrule-temporal 2.2.8, github.com/teambition/rrule-go v1.8.2"
echo "source: https://github.com/jkbrzt/rrule"
echo "behaviour: UNTIL, which is in UTC, is read as an hour of the zone"
echo "input: daily at nine from 24 March 2026, in two zones"
echo "seen: the days of March:"
echo "$seen"
want='Madrid, 9:00, until the 26th at 9:00: rrule 24 25; rrule-temporal 24 25 26; rrule-go 24 25 26
New York, 9:00, until the 26th at 8:00: rrule 24 25 26; rrule-temporal 24 25; rrule-go 24 25'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
