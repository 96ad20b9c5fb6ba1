#!/usr/bin/env bash
# APScheduler 3 (3.9.1 here): CronTrigger.from_crontab, which is said to take "a standard crontab expression", runs 0 9 * * 1 on Tuesdays, and 1-5 from
# Tuesday to Saturday. In crontab(5) Sunday is 0 and 7; here Monday is 0, as a note at the class has it, and 7 is refused. Names of days are right. Where
# both a day of the month and one of the week are given, 1,15 and 5, both must be met, and crontab(5) wants either: of six runs in
# March 2026 none is left. croner 11.0.1 runs them all as crontab(5) has it.
set -euo pipefail
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
python=/usr/bin/python3
if ! "$python" -c 'import apscheduler' 2>/dev/null && command -v apt-get >/dev/null; then
	apt-get update -qq && apt-get install -qq -y --no-install-recommends python3-apscheduler >/dev/null
fi
"$python" -c 'import apscheduler' 2>/dev/null || { echo "needs APScheduler" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >ask.py <<'PY'
import datetime, sys
from apscheduler.triggers.cron import CronTrigger
for spec in sys.argv[1:]:
    try:
        trigger = CronTrigger.from_crontab(spec, timezone="UTC")
        now = datetime.datetime(2026, 3, 1, tzinfo=datetime.timezone.utc)
        days = []
        while (now := trigger.get_next_fire_time(None, now)).month == 3 and now.year == 2026 and len(days) < 7:
            days.append(f"{now:%a} {now.day}")
            now += datetime.timedelta(minutes=1)
        print(f"{spec}: APScheduler {', '.join(days) or 'none'};")
    except ValueError:
        print(f"{spec}: APScheduler refuses;")
PY
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error croner@11.0.1 >/dev/null
cat >ask.mjs <<'JS'
import { Cron } from "croner";
for (const spec of process.argv.slice(2)) {
  const times = new Cron(spec, { timezone: "UTC", paused: true }).nextRuns(7, new Date("2026-02-28T23:59:00Z"));
  const days = times.filter((at) => at.getUTCMonth() === 2).map((at) => `${at.toUTCString().slice(0, 3)} ${at.getUTCDate()}`);
  console.log(`croner ${days.join(", ")}`);
}
JS
specs=("0 9 * * 1" "0 9 * * mon" "0 9 * * 1-5" "0 9 * * 7" "0 9 1,15 * 5")
"$python" ask.py "${specs[@]}" >py
node ask.mjs "${specs[@]}" >js
seen=$(paste -d ' ' py js)
echo "version: APScheduler $("$python" -c 'import apscheduler; print(apscheduler.version)'), croner 11.0.1"
echo "source: https://github.com/agronholm/apscheduler"
echo "behaviour: in an expression of crontab the days of the week are one day late"
echo "input: five expressions"
echo "seen: the first days of March 2026, seven at most:"
echo "$seen"
want='0 9 * * 1: APScheduler Tue 3, Tue 10, Tue 17, Tue 24, Tue 31; croner Mon 2, Mon 9, Mon 16, Mon 23, Mon 30
0 9 * * mon: APScheduler Mon 2, Mon 9, Mon 16, Mon 23, Mon 30; croner Mon 2, Mon 9, Mon 16, Mon 23, Mon 30
0 9 * * 1-5: APScheduler Tue 3, Wed 4, Thu 5, Fri 6, Sat 7, Tue 10, Wed 11; croner Mon 2, Tue 3, Wed 4, Thu 5, Fri 6, Mon 9, Tue 10
0 9 * * 7: APScheduler refuses; croner Sun 1, Sun 8, Sun 15, Sun 22, Sun 29
0 9 1,15 * 5: APScheduler none; croner Sun 1, Fri 6, Fri 13, Sun 15, Fri 20, Fri 27'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
