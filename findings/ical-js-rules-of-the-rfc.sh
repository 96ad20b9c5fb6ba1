#!/usr/bin/env bash
# ical.js 2.2.1: yearly rules give days that the rule does not name. The last day of February is the 3rd of March, and so is its 31st, which
# "MUST be ignored" (RFC 5545, 3.3.10); "every 20th Monday of the year" and "Monday of week number 20", both examples of the RFC (3.8.5.3),
# are every Monday from then on. A weekly BYSETPOS is not looked at, so that the last working day of a week is each of them.
# rrule 2.8.1 follows the RFC.
set -euo pipefail
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error ical.js@2.2.1 rrule@2.8.1 >/dev/null
cat >ask.mjs <<'JS'
import ICAL from "ical.js";
import rrule from "rrule";
for (const [day, rule] of [
  ["2026-01-31", "FREQ=YEARLY;BYMONTH=1,2,3;BYMONTHDAY=-1"],
  ["2026-01-31", "FREQ=YEARLY;BYMONTH=1,2,3;BYMONTHDAY=31"],
  ["2024-02-29", "FREQ=YEARLY"],
  ["1997-05-19", "FREQ=YEARLY;BYDAY=20MO"],
  ["1997-05-12", "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO"],
  ["2026-01-30", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"],
]) {
  const times = ICAL.Recur.fromString(rule).iterator(ICAL.Time.fromString(`${day}T09:00:00`));
  const ical = Array.from({ length: 3 }, () => times.next().toString().slice(0, 10));
  const options = { ...rrule.RRule.parseString(rule), dtstart: new Date(`${day}T09:00:00Z`), count: 3 };
  const other = new rrule.RRule(options).all().map((time) => time.toISOString().slice(0, 10));
  console.log(`${rule}\n  ical.js ${ical.join(" ")}\n  rrule   ${other.join(" ")}`);
}
JS
seen=$(node ask.mjs)
echo "version: ical.js 2.2.1, rrule 2.8.1"
echo "source: https://github.com/kewisch/ical.js"
echo "behaviour: yearly rules overflow into the next month, or repeat each week"
echo "input: six rules, the first three times of each"
echo "seen:"
echo "$seen"
want='FREQ=YEARLY;BYMONTH=1,2,3;BYMONTHDAY=-1
  ical.js 2026-01-31 2026-03-03 2026-03-31
  rrule   2026-01-31 2026-02-28 2026-03-31
FREQ=YEARLY;BYMONTH=1,2,3;BYMONTHDAY=31
  ical.js 2026-01-31 2026-03-03 2026-03-31
  rrule   2026-01-31 2026-03-31 2027-01-31
FREQ=YEARLY
  ical.js 2024-02-29 2025-03-01 2026-03-01
  rrule   2024-02-29 2028-02-29 2032-02-29
FREQ=YEARLY;BYDAY=20MO
  ical.js 1997-05-19 1997-05-26 1997-06-02
  rrule   1997-05-19 1998-05-18 1999-05-17
FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO
  ical.js 1997-05-19 1997-05-26 1997-06-02
  rrule   1997-05-12 1998-05-11 1999-05-17
FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1
  ical.js 2026-01-30 2026-02-02 2026-02-03
  rrule   2026-01-30 2026-02-06 2026-02-13'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
