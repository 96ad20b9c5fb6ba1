#!/usr/bin/env bash
# emersion/go-vcard v0.0.0-20260618161152 and vcf 2.1.2 (npm): a semicolon within a component of an address or a name, written \; as
# RFC 6350, 3.4 demands, divides it all the same. Everything behind moves by one: the town becomes the region, the post code the
# country, and a person is greeted by half a surname. A card that go-vcard writes back says \\; where \; stood. ical.js 2.2.1 reads it.
set -euo pipefail
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
printf '%s\r\n' 'BEGIN:VCARD' 'VERSION:4.0' 'FN:Ana Gil' 'N:Gil\; Ruiz;Ana;;;' 'ADR:;;Calle Mayor 1\; 2 B;Madrid;;28001;ES' 'END:VCARD' >card.vcf
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error vcf@2.1.2 ical.js@2.2.1 >/dev/null
cat >ask.mjs <<'JS'
import { readFileSync } from "node:fs";
import VCard from "vcf";
import ICAL from "ical.js";
const text = readFileSync("card.vcf", "utf8");
const told = (name, [, , street, town, , , country], [family, given]) =>
  console.log(`${name}: street ${street}, town ${town}, country ${country}, family ${family}, given ${given}`);
const card = new VCard().parse(text);
told("vcf", card.get("adr").toJSON()[3], card.get("n").toJSON()[3]);
const component = ICAL.Component.fromString(text);
told("ical.js", component.getFirstPropertyValue("adr"), component.getFirstPropertyValue("n"));
JS
go mod init finding 2>/dev/null
go get github.com/emersion/go-vcard@v0.0.0-20260618161152-d854b7e0e2d3 2>/dev/null
cat >main.go <<'GO'
package main

import (
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/emersion/go-vcard"
)

func main() {
	file, err := os.Open("card.vcf")
	check(err)
	card, err := vcard.NewDecoder(file).Decode()
	check(err)
	a, n := card.Address(), card.Name()
	fmt.Printf("go-vcard: street %s, town %s, country %s, family %s, given %s\n", a.StreetAddress, a.Locality, a.Country, n.FamilyName, n.GivenName)
	var back strings.Builder
	check(vcard.NewEncoder(&back).Encode(card))
	for line := range strings.Lines(back.String()) {
		if strings.HasPrefix(line, "N:") {
			fmt.Println("go-vcard writes", strings.TrimSpace(line))
		}
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
GO
seen=$(GOFLAGS=-mod=mod go run . && node ask.mjs)
echo "version: github.com/emersion/go-vcard v0.0.0-20260618161152-d854b7e0e2d3, vcf 2.1.2, ical.js 2.2.1"
echo "source: https://github.com/emersion/go-vcard, https://www.npmjs.com/package/vcf"
echo "behaviour: an escaped semicolon divides a component of a vCard"
echo "input: ADR:;;Calle Mayor 1\\; 2 B;Madrid;;28001;ES and N:Gil\\; Ruiz;Ana;;;"
echo "seen:"
echo "$seen"
want='go-vcard: street Calle Mayor 1\, town  2 B, country 28001, family Gil\, given  Ruiz
go-vcard writes N:Gil\\; Ruiz;Ana;;;
vcf: street Calle Mayor 1\, town  2 B, country 28001, family Gil\, given  Ruiz
ical.js: street Calle Mayor 1; 2 B, town Madrid, country ES, family Gil; Ruiz, given Ana'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
