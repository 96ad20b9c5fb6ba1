#!/usr/bin/env bash
# Go 1.26.8 (its time/tzdata) beside moment-timezone 0.6.6 (npm): nine in the morning of 15 December 2026 is two different hours in Vancouver, Calgary,
# Winnipeg, Casablanca and Havana. In 2026 these stopped changing their clocks, or changed them otherwise (tz database, NEWS of 2026b to 2026f). Go
# brings 2025c to the end of a minor version, however new the patch (Go 1.27 has 2026c, before Winnipeg's and Havana's turn), and uses it
# where the system has no zones, as in an image made FROM scratch; moment-timezone brings 2026f. The same program is right on a server that is
# kept up to date, and an hour late in its container. ZONEINFO, or the package tzdata in the image, is the way around.
set -euo pipefail
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error moment-timezone@0.6.6 >/dev/null
cat >ask.mjs <<'JS'
import moment from "moment-timezone";
for (const zone of process.argv.slice(2)) console.log(zone, moment.tz("2026-12-15 09:00", zone).utc().format("HH:mm"));
JS
cat >main.go <<'GO'
package main

import (
	"fmt"
	"log"
	"os"
	"time"
)

func main() {
	for _, name := range os.Args[1:] {
		zone, err := time.LoadLocation(name)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(time.Date(2026, time.December, 15, 9, 0, 0, 0, zone).UTC().Format("15:04"))
	}
}
GO
zones=(America/Vancouver America/Edmonton America/Winnipeg Africa/Casablanca America/Havana America/New_York)
export GOTOOLCHAIN=go1.26.8
go build -o ask main.go
node ask.mjs "${zones[@]}" >moment
# time/tzdata is made from this file of Go's; ZONEINFO has it come before the system's zones.
ZONEINFO=$(go env GOROOT)/lib/time/zoneinfo.zip ./ask "${zones[@]}" >embedded
seen=$(paste -d ' ' moment embedded)
echo "version: Go 1.26.8, moment-timezone 0.6.6"
echo "source: https://github.com/golang/go, https://github.com/moment/moment-timezone, https://www.iana.org/time-zones"
echo "behaviour: the zones that a program brings are a year older than the clocks on the wall"
echo "input: 2026-12-15 09:00 in six zones"
echo "seen: the hour in UTC, by moment-timezone and by Go's own zones:"
echo "$seen"
want='America/Vancouver 16:00 17:00
America/Edmonton 15:00 16:00
America/Winnipeg 14:00 15:00
Africa/Casablanca 09:00 08:00
America/Havana 13:00 14:00
America/New_York 14:00 14:00'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
