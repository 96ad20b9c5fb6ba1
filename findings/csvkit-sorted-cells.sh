#!/usr/bin/env bash
# csvkit (1.0.7 here, with agate): csvsort, which is to sort, changes what is in the cells. A price of 1,50 becomes 150, for the comma is taken for one between
# thousands wherever it stands; +34600000001 loses its plus and 0600000001 its zero; first names that are months, April and May, become
# days of the year 1, sizes of 2m two minutes, and answers of 1 and 0 True and False. Each is guessed from the whole column, so that
# one more row, of a Juno, leaves the names alone. csvjoin, csvjson and csvlook do likewise; csvcut, csvgrep, csvstack and csvformat do not.
# CSV has text alone (RFC 4180). -I, --no-inference, is the way around, and sorts numbers as text.
set -euo pipefail
if ! command -v csvsort >/dev/null && command -v apt-get >/dev/null; then
	apt-get update -qq && apt-get install -qq -y --no-install-recommends csvkit >/dev/null
fi
command -v csvsort >/dev/null || { echo "needs csvkit" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >people.csv <<'CSV'
n,name,phone,price,size,agrees
2,May,+34600000001,"2,75",5m,0
1,April,0600000001,"1,50",2m,1
CSV
seen=$(
	echo "csvsort:"
	csvsort -c n people.csv
	echo "csvsort with Juno:"
	{ cat people.csv && echo '3,Juno,+34600000003,"3,00",7m,1'; } | csvsort -c n
	echo "csvcut:"
	csvcut -c name,phone,price,size,agrees people.csv
	echo "csvsort -I:"
	csvsort -I -c n people.csv
)
echo "version: $(csvsort --version 2>&1)"
echo "source: https://github.com/wireservice/csvkit"
echo "behaviour: sorting changes prices, numbers, names and sizes"
echo "input: two people"
echo "seen:"
echo "$seen"
want='csvsort:
n,name,phone,price,size,agrees
1,0001-04-01,600000001,150,0:02:00,True
2,0001-05-01,34600000001,275,0:05:00,False
csvsort with Juno:
n,name,phone,price,size,agrees
1,April,600000001,150,0:02:00,True
2,May,34600000001,275,0:05:00,False
3,Juno,34600000003,300,0:07:00,True
csvcut:
name,phone,price,size,agrees
May,+34600000001,"2,75",5m,0
April,0600000001,"1,50",2m,1
csvsort -I:
n,name,phone,price,size,agrees
1,April,0600000001,"1,50",2m,1
2,May,+34600000001,"2,75",5m,0'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
