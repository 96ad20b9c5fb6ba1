#!/usr/bin/env bash
# netresearch/go-cron v0.9.1: a daily job has no run on the day whose midnight is left out, as in Chile, Egypt, Lebanon and Cuba, where the clock
# goes from 24:00 to 01:00. Its README says of a midnight that does not exist "automatically normalized to valid time", and of an hour that
# is skipped "run immediately after transition", which 02:30 in Madrid does (at 03:30). Of the hour that comes twice it says
# "run once, during first occurrence"; the second is there, too. Both are as in the library that it mends, robfig/cron v3.0.1.
set -euo pipefail
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
go mod init finding 2>/dev/null
go get github.com/netresearch/go-cron@v0.9.1 github.com/robfig/cron/v3@v3.0.1 2>/dev/null
cat >main.go <<'GO'
package main

import (
	"fmt"
	"log"
	"time"
	_ "time/tzdata"

	"github.com/netresearch/go-cron"
	robfig "github.com/robfig/cron/v3"
)

func main() {
	for _, c := range []struct{ spec, zone, day string }{
		{"0 0 * * *", "America/Santiago", "2026-09-05"},
		{"30 0 * * *", "America/Santiago", "2026-09-05"},
		{"0 0 * * *", "Africa/Cairo", "2026-04-23"},
		{"30 2 * * *", "Europe/Madrid", "2026-03-28"},
		{"30 2 * * *", "Europe/Madrid", "2026-10-24"},
	} {
		zone, err := time.LoadLocation(c.zone)
		check(err)
		noon, err := time.ParseInLocation("2006-01-02 15", c.day+" 12", zone)
		check(err)
		here, err := cron.ParseStandard(c.spec)
		check(err)
		there, err := robfig.ParseStandard(c.spec)
		check(err)
		fmt.Printf("%s in %s\n  go-cron %s\n  robfig  %s\n", c.spec, c.zone, times(here.Next, noon), times(there.Next, noon))
	}
}

// times gives those of the two days behind an instant.
func times(next func(time.Time) time.Time, from time.Time) (s string) {
	for t := next(from); t.Before(from.AddDate(0, 0, 2)); t = next(t) {
		s += t.Format(" 02 15:04-07")
	}
	return s
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
GO
seen=$(GOFLAGS=-mod=mod go run . | tr -s ' ')
echo "version: github.com/netresearch/go-cron v0.9.1, github.com/robfig/cron/v3 v3.0.1"
echo "source: https://github.com/netresearch/go-cron"
echo "behaviour: no run on a day without midnight, two in the night when an hour comes twice"
echo "input: daily times on the two days behind noon of the day before the clock changes, in 2026"
echo "expected: 06 01:00 in Santiago, 24 01:00 in Cairo, and 02:30 once on the 25th in Madrid"
echo "seen:"
echo "$seen"
want='0 0 * * * in America/Santiago
 go-cron 07 00:00-03
 robfig 07 00:00-03
30 0 * * * in America/Santiago
 go-cron 07 00:30-03
 robfig 07 00:30-03
0 0 * * * in Africa/Cairo
 go-cron 25 00:00+03
 robfig 25 00:00+03
30 2 * * * in Europe/Madrid
 go-cron 29 03:30+02 30 02:30+02
 robfig 30 02:30+02
30 2 * * * in Europe/Madrid
 go-cron 25 02:30+02 25 02:30+01 26 02:30+01
 robfig 25 02:30+02 25 02:30+01 26 02:30+01'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
