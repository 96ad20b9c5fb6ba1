#!/usr/bin/env bash
# hashicorp/cronexpr v1.1.3, by which Nomad's periodic jobs run: a range of days that ends on Sunday ends on Saturday. 6-7, SAT-SUN and 1-7 never run
# on a Sunday, though 7 alone does, and 6,7, and its README has 7 "being Sunday (like 0)" to comply with crontab(5). FRI-MON and 22-2 are taken,
# too, and never run at all: Next returns the zero time. None is an error, so that a job of the weekend does half its work.
# croner 11.0.1 and netresearch/go-cron v0.9.1 run 6-7 on both days; of the ranges that wrap croner makes an error, and go-cron runs them.
set -euo pipefail
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error croner@11.0.1 >/dev/null
cat >ask.mjs <<'JS'
import { Cron } from "croner";
const from = new Date("2026-03-05T12:00:00Z");
for (const spec of process.argv.slice(2)) {
  try {
    const days = new Cron(spec, { timezone: "UTC", paused: true }).nextRuns(7, from).filter((at) => at < new Date("2026-03-12T12:00:00Z"));
    console.log("croner " + days.map((at) => at.toUTCString().slice(0, 3)).join(" "));
  } catch {
    console.log("croner refuses");
  }
}
JS
go mod init finding 2>/dev/null
go get github.com/hashicorp/cronexpr@v1.1.3 github.com/netresearch/go-cron@v0.9.1 2>/dev/null
cat >main.go <<'GO'
package main

import (
	"fmt"
	"log"
	"os"
	"time"

	"github.com/hashicorp/cronexpr"
	cron "github.com/netresearch/go-cron"
)

func main() {
	week := func(next func(time.Time) time.Time) (days string) {
		from := time.Date(2026, time.March, 5, 12, 0, 0, 0, time.UTC)
		for at := next(from); !at.IsZero() && at.Before(from.AddDate(0, 0, 7)); at = next(at) {
			days += at.Format(" Mon")
		}
		return days
	}
	for _, spec := range os.Args[1:] {
		expression, err := cronexpr.Parse(spec)
		check(err)
		schedule, err := cron.ParseStandard(spec)
		check(err)
		fmt.Printf("%s: cronexpr%s; go-cron%s;\n", spec, week(expression.Next), week(schedule.Next))
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
GO
specs=("0 9 * * 7" "0 9 * * 6,7" "0 9 * * 6-7" "0 9 * * SAT-SUN" "0 9 * * 1-7" "0 9 * * FRI-MON")
GOFLAGS=-mod=mod go run . "${specs[@]}" >go
node ask.mjs "${specs[@]}" >js
seen=$(paste -d ' ' go js)
echo "version: github.com/hashicorp/cronexpr v1.1.3, github.com/netresearch/go-cron v0.9.1, croner 11.0.1"
echo "source: https://github.com/hashicorp/cronexpr"
echo "behaviour: a range of days of the week that ends on Sunday is without Sunday"
echo "input: six expressions, in the week from Thursday noon, 5 March 2026"
echo "seen:"
echo "$seen"
want='0 9 * * 7: cronexpr Sun; go-cron Sun; croner Sun
0 9 * * 6,7: cronexpr Sat Sun; go-cron Sat Sun; croner Sat Sun
0 9 * * 6-7: cronexpr Sat; go-cron Sat Sun; croner Sat Sun
0 9 * * SAT-SUN: cronexpr Sat; go-cron Sat Sun; croner Sat Sun
0 9 * * 1-7: cronexpr Fri Sat Mon Tue Wed Thu; go-cron Fri Sat Sun Mon Tue Wed Thu; croner Fri Sat Sun Mon Tue Wed Thu
0 9 * * FRI-MON: cronexpr; go-cron Fri Sat Sun Mon; croner refuses'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
