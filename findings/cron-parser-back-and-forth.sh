#!/usr/bin/env bash
# cron-parser 5.10.6: prev() does not walk the times that next() walks. Where the clock springs, 02:30 is moved to 03:30 by next() and
# left out by prev(); where it falls back, next() has the first 02:30 alone and prev() both. Whoever looks with prev() for what was
# missed while the program was down, and runs by next(), runs one time twice in autumn and forgets one in spring.
set -euo pipefail
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error cron-parser@5.10.6 >/dev/null
cat >ask.mjs <<'JS'
import { CronExpressionParser } from "cron-parser";
const hour = (time) => time.toDate().toISOString().slice(5, 16);
for (const [begin, end] of [["2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z"], ["2026-10-24T12:00:00Z", "2026-10-26T12:00:00Z"]]) {
  const parse = (currentDate, limit) => CronExpressionParser.parse("30 2 * * *", { tz: "Europe/Madrid", currentDate, ...limit });
  const all = (take) => {
    const times = [];
    for (let i = 0; i < 10; i++) {
      try {
        times.push(hour(take()));
      } catch {
        break; // out of the time span
      }
    }
    return times;
  };
  const forth = parse(begin, { endDate: end });
  const back = parse(end, { startDate: begin });
  console.log("next", ...all(() => forth.next()));
  console.log("prev", ...all(() => back.prev()).reverse());
}
JS
seen=$(node ask.mjs)
echo "version: cron-parser 5.10.6"
echo "source: https://github.com/harrisiirak/cron-parser"
echo "behaviour: prev() gives other times than next() on the days when the clock changes"
echo "input: 30 2 * * * in Europe/Madrid, from noon of the 28th to noon of the 30th of March, and from the 24th to the 26th of October 2026"
echo "seen: in UTC"
echo "$seen"
want='next 03-29T01:30 03-30T00:30
prev 03-30T00:30
next 10-25T00:30 10-26T01:30
prev 10-25T00:30 10-25T01:30 10-26T01:30'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
