#!/usr/bin/env bash
# yq v4.54.3 (mikefarah): from CSV to JSON the numbers of one column get two shapes. 0600111222 is 600111222, and 0600111228 is 600111228.0: a number
# that begins with 0 is a float where it has an 8 or a 9. +34 loses its plus, the ICCID of a SIM card its last digit, 1_000 and 0x1F
# are counted, and one order's number of 20 digits ends the conversion: "value out of range". CSV has text alone (RFC 4180). Quotes around
# a field change nothing, nor does --csv-auto-parse=false, the switch for "parse CSV YAML/JSON values"; tag = "!!str" does.
set -euo pipefail
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
go mod init finding 2>/dev/null
go get github.com/mikefarah/yq/v4@v4.54.3 2>/dev/null
GOFLAGS=-mod=mod go build -o yq github.com/mikefarah/yq/v4
printf 'id,value\n1,0600111222\n2,0600111228\n3,"0600111228"\n4,+34600111222\n5,1_000\n6,0x1F\n7,1.50\n8,89340100000000000001\n' >list.csv
printf 'id,value\n1,12210000000000012345\n' >orders.csv
values() { tr '{' '\n' | sed -n 's/.*"value":\(.*\)}.*/\1/p' | paste -sd ' '; }
seen="as it is: $(./yq -p csv -o json -I 0 list.csv | values)
--csv-auto-parse=false: $(./yq -p csv -o json -I 0 --csv-auto-parse=false list.csv | values)
tag: $(./yq -p csv -o json -I 0 '.[].value tag = "!!str"' list.csv | values)
order: $(./yq -p csv -o json -I 0 orders.csv 2>&1 | grep -o 'parsing.*' || true)"
echo "version: github.com/mikefarah/yq/v4 v4.54.3"
echo "source: https://github.com/mikefarah/yq"
echo "behaviour: telephone numbers of a CSV file become whole numbers, or floats where they have an 8 or a 9"
echo "input: 0600111222, 0600111228, the same in quotes, +34600111222, 1_000, 0x1F, 1.50, 89340100000000000001; a file with 12210000000000012345"
echo "seen:"
echo "$seen"
want='as it is: 600111222 600111228.0 600111228.0 34600111222 1000 31 1.50 89340100000000000000.0
--csv-auto-parse=false: 600111222 600111228.0 600111228.0 34600111222 1000 31 1.50 89340100000000000000.0
tag: "0600111222" "0600111228" "0600111228" "+34600111222" "1_000" "0x1F" "1.50" "89340100000000000001"
order: parsing "12210000000000012345": value out of range'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
