#!/usr/bin/env bash
# cronstrue 3.39.0: "*/45 * * * *" is explained as "Every 45 minutes", and no cron runs it so: croner 11.0.1, cron-parser 5.10.6 and robfig/cron v3.0.1
# run it at :00 and :45, by turns 45 and 15 minutes apart, for a step goes "through the range" of its field (crontab(5)) and begins anew in
# the next hour. Every 9 hours is 0, 9 and 18, and then 6 hours; every 5 months is January, June and November, and then two. Of days it says
# "in a month", of minutes, hours and months nothing. Whoever checks a schedule by its words gets one message more in every hour.
set -euo pipefail
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error cronstrue@3.39.0 croner@11.0.1 cron-parser@5.10.6 >/dev/null
cat >ask.mjs <<'JS'
import cronstrue from "cronstrue";
import { Cron } from "croner";
import { CronExpressionParser } from "cron-parser";
const [what, ...specs] = process.argv.slice(2);
const from = new Date("2026-03-25T00:00:00Z");
const time = (date) => date.toISOString().slice(0, 16).replace("T", " ");
for (const spec of specs) {
  if (what === "words") console.log(`${spec}: ${cronstrue.toString(spec)}`);
  if (what === "croner") console.log(new Cron(spec, { timezone: "UTC", paused: true }).nextRuns(4, from).map(time).join(", "));
  if (what === "cron-parser") {
    const times = CronExpressionParser.parse(spec, { currentDate: from, tz: "UTC" });
    console.log([1, 2, 3, 4].map(() => time(times.next().toDate())).join(", "));
  }
}
JS
go mod init finding 2>/dev/null
go get github.com/robfig/cron/v3@v3.0.1 2>/dev/null
cat >main.go <<'GO'
package main

import (
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

func main() {
	for _, spec := range os.Args[1:] {
		schedule, err := cron.ParseStandard(spec)
		if err != nil {
			log.Fatal(err)
		}
		at := time.Date(2026, time.March, 25, 0, 0, 0, 0, time.UTC)
		var times []string
		for range 4 {
			at = schedule.Next(at)
			times = append(times, at.Format("2006-01-02 15:04"))
		}
		fmt.Println(strings.Join(times, ", "))
	}
}
GO
specs=("*/45 * * * *" "0 */9 * * *" "0 9 1 */5 *")
node ask.mjs words "${specs[@]}" >words
node ask.mjs croner "${specs[@]}" >croner
node ask.mjs cron-parser "${specs[@]}" >cron-parser
GOFLAGS=-mod=mod go run . "${specs[@]}" >robfig
cmp -s croner cron-parser && cmp -s croner robfig || { echo "CHANGED: the crons do not agree" >&2; exit 1; }
seen=$(paste -d '\n' words croner)
echo "version: cronstrue 3.39.0, croner 11.0.1, cron-parser 5.10.6, github.com/robfig/cron/v3 v3.0.1"
echo "source: https://github.com/bradymholt/cRonstrue"
echo "behaviour: a step is explained as if it went on over the end of its field"
echo "input: three expressions"
echo "seen: the words, and the next four times of all three crons, in UTC, from 2026-03-25:"
echo "$seen"
want='*/45 * * * *: Every 45 minutes
2026-03-25 00:45, 2026-03-25 01:00, 2026-03-25 01:45, 2026-03-25 02:00
0 */9 * * *: On the hour, every 9 hours
2026-03-25 09:00, 2026-03-25 18:00, 2026-03-26 00:00, 2026-03-26 09:00
0 9 1 */5 *: At 09:00 AM, on day 1 of the month, every 5 months
2026-06-01 09:00, 2026-11-01 09:00, 2027-01-01 09:00, 2027-06-01 09:00'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
