#!/usr/bin/env bash
# dayjs 1.11.23 with its plugin timezone: a day after 9:00 of 28 March in Madrid is shown as 9:00, and is 10:00. The clock went forward in
# between; add keeps the offset of the day before, and the text that comes, 09:00+01:00, names an hour that Madrid did not have then. In
# autumn it is 8:00, and a month later is off likewise. It depends on where the program runs: on a server in UTC or New York it is
# wrong, on a laptop in Madrid right, so that no test there tells. Luxon 3.7.2 keeps nine o'clock everywhere.
# dayjs.tz(later.format("YYYY-MM-DD HH:mm"), zone) is the way around.
set -euo pipefail
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error dayjs@1.11.23 luxon@3.7.2 >/dev/null
cat >ask.mjs <<'JS'
import dayjs from "dayjs";
import timezone from "dayjs/plugin/timezone.js";
import utc from "dayjs/plugin/utc.js";
import { DateTime } from "luxon";
dayjs.extend(utc);
dayjs.extend(timezone);
const zone = "Europe/Madrid";
const hour = new Intl.DateTimeFormat("en-GB", { timeZone: zone, day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
for (const [from, n, unit] of [["2026-03-28 09:00", 1, "day"], ["2026-03-25 09:00", 1, "month"], ["2026-10-24 09:00", 1, "day"]]) {
  const later = dayjs.tz(from, zone).add(n, unit);
  const other = DateTime.fromSQL(from, { zone }).plus({ [unit]: n });
  console.log(`  ${from} and a ${unit}: dayjs ${later.format()}, in Madrid ${hour.format(later.toDate())}; luxon ${hour.format(other.toJSDate())}`);
}
JS
seen=$(for server in UTC America/New_York Europe/Madrid; do
	echo "$server"
	TZ=$server node ask.mjs
done)
echo "version: dayjs 1.11.23, luxon 3.7.2"
echo "source: https://github.com/iamkun/dayjs"
echo "behaviour: a day later, across a change of the clock, is an hour off"
echo "input: 9:00 in Madrid and a day or a month, on servers in three zones"
echo "seen:"
echo "$seen"
want='UTC
  2026-03-28 09:00 and a day: dayjs 2026-03-29T09:00:00+01:00, in Madrid 29 Mar, 10:00; luxon 29 Mar, 09:00
  2026-03-25 09:00 and a month: dayjs 2026-04-25T09:00:00+01:00, in Madrid 25 Apr, 10:00; luxon 25 Apr, 09:00
  2026-10-24 09:00 and a day: dayjs 2026-10-25T09:00:00+02:00, in Madrid 25 Oct, 08:00; luxon 25 Oct, 09:00
America/New_York
  2026-03-28 09:00 and a day: dayjs 2026-03-29T09:00:00+01:00, in Madrid 29 Mar, 10:00; luxon 29 Mar, 09:00
  2026-03-25 09:00 and a month: dayjs 2026-04-25T09:00:00+01:00, in Madrid 25 Apr, 10:00; luxon 25 Apr, 09:00
  2026-10-24 09:00 and a day: dayjs 2026-10-25T09:00:00+02:00, in Madrid 25 Oct, 08:00; luxon 25 Oct, 09:00
Europe/Madrid
  2026-03-28 09:00 and a day: dayjs 2026-03-29T09:00:00+01:00, in Madrid 29 Mar, 09:00; luxon 29 Mar, 09:00
  2026-03-25 09:00 and a month: dayjs 2026-04-25T09:00:00+01:00, in Madrid 25 Apr, 09:00; luxon 25 Apr, 09:00
  2026-10-24 09:00 and a day: dayjs 2026-10-25T09:00:00+02:00, in Madrid 25 Oct, 09:00; luxon 25 Oct, 09:00'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
