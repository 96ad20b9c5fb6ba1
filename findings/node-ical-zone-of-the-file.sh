#!/usr/bin/env bash
# node-ical 0.26.1: the zone that a calendar brings with it is not looked at. A TZID is a name within the file, and what it means stands in the
# file's VTIMEZONE (RFC 5545, 3.2.19 and 3.6.5); node-ical goes by the name. One that it does not know, Madrid, or /example.org/Europe/Madrid,
# in the form that the RFC has for names of a registry, is the zone of the server: nine in Madrid is nine in New York, and no error
# tells. "(UTC+01:00) Madrid" and GMT+1 are an hour east of Greenwich all year, though the file says that it is two in summer.
# ical.js 2.2.1 reads all of them right.
set -euo pipefail
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error node-ical@0.26.1 ical.js@2.2.1 >/dev/null
cat >ask.mjs <<'JS'
import ICAL from "ical.js";
import ical from "node-ical";
const calendar = (zone, day) => [
  "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//example//EN",
  "BEGIN:VTIMEZONE", `TZID:${zone}`,
  "BEGIN:STANDARD", "DTSTART:19961027T030000", "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100", "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU", "END:STANDARD",
  "BEGIN:DAYLIGHT", "DTSTART:19970330T020000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "END:DAYLIGHT",
  "END:VTIMEZONE",
  "BEGIN:VEVENT", "UID:1", "DTSTAMP:20260301T000000Z", `DTSTART;TZID="${zone}":${day}T090000`, "SUMMARY:Visit", "END:VEVENT",
  "END:VCALENDAR", ""].join("\r\n");
for (const zone of ["Europe/Madrid", "Madrid", "/example.org/Europe/Madrid", "GMT+1", "(UTC+01:00) Madrid"]) {
  const hours = ["20260325", "20260725"].map((day) => {
    const text = calendar(zone, day);
    const event = Object.values(ical.sync.parseICS(text)).find(({ type }) => type === "VEVENT");
    const other = new ICAL.Event(new ICAL.Component(ICAL.parse(text)).getFirstSubcomponent("vevent"));
    return [event.start, other.startDate.toJSDate()].map((at) => at.toISOString().slice(11, 16));
  });
  console.log(`  ${zone}: node-ical ${hours.map(([a]) => a).join(", ")}; ical.js ${hours.map(([, b]) => b).join(", ")}`);
}
JS
seen=$(for server in UTC America/New_York; do
	echo "$server"
	TZ=$server node ask.mjs
done)
echo "version: node-ical 0.26.1, ical.js 2.2.1"
echo "source: https://github.com/jens-maus/node-ical"
echo "behaviour: the definition of a zone in the file is not read; its name decides, or the server's zone"
echo "input: 9:00 of 25 March and of 25 July 2026, under five names of one zone that the file defines, on servers in two zones"
echo "seen: the hours in UTC (right are 08:00, 07:00):"
echo "$seen"
want='UTC
  Europe/Madrid: node-ical 08:00, 07:00; ical.js 08:00, 07:00
  Madrid: node-ical 09:00, 09:00; ical.js 08:00, 07:00
  /example.org/Europe/Madrid: node-ical 09:00, 09:00; ical.js 08:00, 07:00
  GMT+1: node-ical 08:00, 08:00; ical.js 08:00, 07:00
  (UTC+01:00) Madrid: node-ical 08:00, 08:00; ical.js 08:00, 07:00
America/New_York
  Europe/Madrid: node-ical 08:00, 07:00; ical.js 08:00, 07:00
  Madrid: node-ical 13:00, 13:00; ical.js 08:00, 07:00
  /example.org/Europe/Madrid: node-ical 13:00, 13:00; ical.js 08:00, 07:00
  GMT+1: node-ical 08:00, 08:00; ical.js 08:00, 07:00
  (UTC+01:00) Madrid: node-ical 08:00, 08:00; ical.js 08:00, 07:00'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
