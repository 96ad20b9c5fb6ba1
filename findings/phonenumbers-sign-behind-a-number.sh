#!/usr/bin/env bash
# phonenumbers v1.8.1: a number with a comma behind it "is not a number", nor one in quotes, nor one that an address book copied with its invisible marks
# of direction (U+202A before, U+202C behind). libphonenumber cuts what stands behind the last digit, letter or #; the pattern for it, taken over as
# Java writes it ([[\P{N}&&\P{L}]&&[^#]]+$), means something else to Go's regexp, which has no intersections. What stands before a number
# is cut, and so are the signs that may stand within one: . ) * and U+200B.
set -euo pipefail
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error google-libphonenumber@3.2.47 >/dev/null
cat >numbers.json <<'JSON'
["+34 600 111 222", "+34 600 111 222.", "+34 600 111 222,", "+34 600 111 222?", "'+34 600 111 222'", "'+34 600 111 222",
 "\u202a+34 600 111 222\u202c", "\u202a+34 600 111 222", "+34 600 111 222\u200e", "+34 600 111 222\u200b"]
JSON
cat >ask.mjs <<'JS'
import { readFileSync } from "node:fs";
import google from "google-libphonenumber";
const numbers = google.PhoneNumberUtil.getInstance();
for (const text of JSON.parse(readFileSync("numbers.json", "utf8"))) {
  console.log(numbers.format(numbers.parse(text, "ES"), google.PhoneNumberFormat.E164));
}
JS
go mod init finding 2>/dev/null
go get github.com/nyaruka/phonenumbers@v1.8.1 2>/dev/null
cat >main.go <<'GO'
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"

	"github.com/nyaruka/phonenumbers"
)

func main() {
	file, err := os.ReadFile("numbers.json")
	check(err)
	var texts []string
	check(json.Unmarshal(file, &texts))
	for _, text := range texts {
		number, err := phonenumbers.Parse(text, "ES")
		if err != nil {
			fmt.Printf("%+q: %v\n", text, err)
			continue
		}
		fmt.Printf("%+q: %s\n", text, phonenumbers.Format(number, phonenumbers.E164))
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
GO
GOFLAGS=-mod=mod go run . >port
node ask.mjs >google
seen=$(paste -d '|' port google)
echo "version: github.com/nyaruka/phonenumbers v1.8.1, google-libphonenumber 3.2.47"
echo "source: https://github.com/nyaruka/phonenumbers"
echo "behaviour: a number with a sign behind it is refused"
echo "input: one number with signs before and behind it, region ES"
echo "seen: phonenumbers | libphonenumber"
echo "$seen"
want=$(cat <<'TEXT'
"+34 600 111 222": +34600111222|+34600111222
"+34 600 111 222.": +34600111222|+34600111222
"+34 600 111 222,": the phone number supplied is not a number|+34600111222
"+34 600 111 222?": the phone number supplied is not a number|+34600111222
"'+34 600 111 222'": the phone number supplied is not a number|+34600111222
"'+34 600 111 222": +34600111222|+34600111222
"\u202a+34 600 111 222\u202c": the phone number supplied is not a number|+34600111222
"\u202a+34 600 111 222": +34600111222|+34600111222
"+34 600 111 222\u200e": the phone number supplied is not a number|+34600111222
"+34 600 111 222\u200b": +34600111222|+34600111222
TEXT
)
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
