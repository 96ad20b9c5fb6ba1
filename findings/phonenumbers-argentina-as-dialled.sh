#!/usr/bin/env bash
# phonenumbers v1.8.1: a mobile number of Argentina in the national format is one that nobody can dial: +54 9 11 2345-6789 gives 09 15-2345-6789
# where libphonenumber gives 011 15-2345-6789. The area code is lost, and a 9 stands in its place. In the metadata the pattern of the country
# is $2 15-$3-$4 and its prefix rule 0$1, in which $1 is the group that the pattern begins with, here $2; the port puts it in as it stands.
# FormatNumberForMobileDialing gives the same. Read back, it is another number, or none. Land lines are right, and so is E.164.
set -euo pipefail
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error google-libphonenumber@3.2.47 >/dev/null
cat >ask.mjs <<'JS'
import google from "google-libphonenumber";
const numbers = google.PhoneNumberUtil.getInstance();
for (const text of process.argv.slice(2)) {
  const number = numbers.parse(text);
  const dialled = numbers.formatNumberForMobileDialing(number, "AR", true);
  console.log(`${numbers.format(number, google.PhoneNumberFormat.NATIONAL)}, dialled ${dialled}`);
}
JS
go mod init finding 2>/dev/null
go get github.com/nyaruka/phonenumbers@v1.8.1 2>/dev/null
cat >main.go <<'GO'
package main

import (
	"fmt"
	"log"
	"os"

	"github.com/nyaruka/phonenumbers"
)

func main() {
	for _, text := range os.Args[1:] {
		number, err := phonenumbers.Parse(text, "ZZ")
		check(err)
		national := phonenumbers.Format(number, phonenumbers.NATIONAL)
		again, err := phonenumbers.Parse(national, "AR")
		check(err)
		fmt.Printf("%s: %s, dialled %s, read back %s %v\n", text, national, phonenumbers.FormatNumberForMobileDialing(number, "AR", true),
			phonenumbers.Format(again, phonenumbers.E164), phonenumbers.IsValidNumber(again))
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
GO
numbers=(+5491123456789 +5493512345678 +5492966234567 +541123456789)
GOFLAGS=-mod=mod go run . "${numbers[@]}" >port
node ask.mjs "${numbers[@]}" >google
seen=$(paste -d '|' port google)
echo "version: github.com/nyaruka/phonenumbers v1.8.1, google-libphonenumber 3.2.47"
echo "source: https://github.com/nyaruka/phonenumbers"
echo "behaviour: the national format of a mobile number of Argentina has a 9 in the place of the area code"
echo "input: three mobile numbers and a land line"
echo "seen: phonenumbers | libphonenumber"
echo "$seen"
want='+5491123456789: 09 15-2345-6789, dialled 09 15-2345-6789, read back +5491523456789 false|011 15-2345-6789, dialled 011 15-2345-6789
+5493512345678: 09 15-234-5678, dialled 09 15-234-5678, read back +549152345678 false|0351 15-234-5678, dialled 0351 15-234-5678
+5492966234567: 09 15-23-4567, dialled 09 15-23-4567, read back +540915234567 false|02966 15-23-4567, dialled 02966 15-23-4567
+541123456789: 011 2345-6789, dialled 011 2345-6789, read back +541123456789 true|011 2345-6789, dialled 011 2345-6789'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
