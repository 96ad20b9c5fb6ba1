#!/usr/bin/env bash
# systemd 252: OnCalendar=*-*-* *:00:00, which systemd.time(7) calls hourly, does not elapse for two hours in the night when the clock
# falls back: of an hour that comes twice it has one. In spring a day can go without its daily timer: *-*-* 02:30:00 elapses not at all
# where 02:30 is left out, and *-*-* 00:00:00, which is daily, not on the day when Chile's clock goes from 24:00 to 01:00.
# Timers of a server whose zone is UTC elapse in each hour.
set -euo pipefail
command -v systemd-analyze >/dev/null || { echo "needs systemd" >&2; exit 2; }
[ -e /usr/share/zoneinfo/America/Santiago ] || { echo "needs tzdata" >&2; exit 2; }
next() { # from what time, calendar
	TZ=UTC systemd-analyze calendar --base-time="$1" --iterations=3 "$2" | sed -n 's/.*\(Next elapse\|Iter. #[0-9]\): ... 2026-\([0-9-]* [0-9:]*\) UTC.*/\2/p' | paste -sd ,
}
seen=$(
	echo "hourly, Madrid, October: $(next '2026-10-24 23:30:00 UTC' '*-*-* *:00:00 Europe/Madrid')"
	echo "hourly, UTC, October: $(next '2026-10-24 23:30:00 UTC' '*-*-* *:00:00 UTC')"
	echo "02:30, Madrid, March: $(next '2026-03-27 12:00:00 UTC' '*-*-* 02:30:00 Europe/Madrid')"
	echo "daily, Santiago, September: $(next '2026-09-04 12:00:00 UTC' '*-*-* 00:00:00 America/Santiago')"
)
echo "version: $(systemd-analyze --version | head -1)"
echo "source: https://github.com/systemd/systemd"
echo "behaviour: of an hour that comes twice a calendar has one, of a time that is left out none"
echo "input: the next three times of hourly and daily calendars where the clock changes"
echo "seen: in UTC"
echo "$seen"
want='hourly, Madrid, October: 10-25 00:00:00,10-25 02:00:00,10-25 03:00:00
hourly, UTC, October: 10-25 00:00:00,10-25 01:00:00,10-25 02:00:00
02:30, Madrid, March: 03-28 01:30:00,03-30 00:30:00,03-31 00:30:00
daily, Santiago, September: 09-05 04:00:00,09-07 03:00:00,09-08 03:00:00'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
