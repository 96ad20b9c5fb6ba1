#!/usr/bin/env bash
# google-libphonenumber 3.2.47 (Google's own, compiled for npm): parseAndKeepRawInput refuses numbers that parse reads. It is said to differ only in
# that it keeps the text and where the country code came from. But without a region a tel: URI (RFC 3966), or a number with an
# invisible mark before its +, is an "Invalid country calling code"; with one it is right. awesome-phonenumber 7.8.0, which builds on it, says
# that there is no number. phonenumbers v1.8.1, the port to Go, reads both by both.
set -euo pipefail
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error google-libphonenumber@3.2.47 awesome-phonenumber@7.8.0 >/dev/null
cat >numbers.json <<'JSON'
["+44 20 7946 0018", "tel:+44-20-7946-0018", "tel:20-7946-0018;phone-context=+44", "\u202a+44 20 7946 0018"]
JSON
cat >ask.mjs <<'JS'
import { readFileSync } from "node:fs";
import { parsePhoneNumber } from "awesome-phonenumber";
import google from "google-libphonenumber";
const numbers = google.PhoneNumberUtil.getInstance();
const read = (method, text, region) => {
  try {
    return numbers.format(numbers[method](text, region), google.PhoneNumberFormat.E164);
  } catch (error) {
    return error.message;
  }
};
for (const text of JSON.parse(readFileSync("numbers.json", "utf8"))) {
  console.log("parse", read("parse", text), "| with its text", read("parseAndKeepRawInput", text), "| with its text and GB",
    read("parseAndKeepRawInput", text, "GB"), "| awesome-phonenumber", parsePhoneNumber(text).number?.e164 ?? "none");
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
		number, err := phonenumbers.ParseAndKeepRawInput(text, phonenumbers.UNKNOWN_REGION)
		check(err)
		fmt.Printf("%+q: phonenumbers, with its text %s\n", text, phonenumbers.Format(number, phonenumbers.E164))
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
echo "version: google-libphonenumber 3.2.47, awesome-phonenumber 7.8.0, github.com/nyaruka/phonenumbers v1.8.1"
echo "source: https://github.com/google/libphonenumber, https://github.com/ruimarinho/google-libphonenumber"
echo "behaviour: to keep the text that was read makes a URI without a region unreadable"
echo "input: one number, as text, as two URIs and behind U+202A"
echo "seen:"
echo "$seen"
want='"+44 20 7946 0018": phonenumbers, with its text +442079460018|parse +442079460018 | with its text +442079460018 | with its text and GB +442079460018 | awesome-phonenumber +442079460018
"tel:+44-20-7946-0018": phonenumbers, with its text +442079460018|parse +442079460018 | with its text Invalid country calling code | with its text and GB +442079460018 | awesome-phonenumber none
"tel:20-7946-0018;phone-context=+44": phonenumbers, with its text +442079460018|parse +442079460018 | with its text Invalid country calling code | with its text and GB +442079460018 | awesome-phonenumber none
"\u202a+44 20 7946 0018": phonenumbers, with its text +442079460018|parse +442079460018 | with its text Invalid country calling code | with its text and GB +442079460018 | awesome-phonenumber none'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
