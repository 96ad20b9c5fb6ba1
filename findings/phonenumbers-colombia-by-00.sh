#!/usr/bin/env bash
# phonenumbers v1.8.1 (libphonenumber's metadata): 0057 301 234 5678, as much of the world writes a mobile number of Colombia, is a
# valid number of Russia when the default region is CO. From there 005, 007 and 009 choose a carrier for calls abroad, so 005 is
# taken away and +7 301… is left. With another region, and with + in the place of 00, it is +57. IsValidNumber does not tell.
set -euo pipefail
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
go mod init finding 2>/dev/null
go get github.com/nyaruka/phonenumbers@v1.8.1 2>/dev/null
cat >main.go <<'GO'
package main

import (
	"fmt"
	"log"

	"github.com/nyaruka/phonenumbers"
)

func main() {
	for _, c := range [][2]string{{"0057 301 234 5678", "CO"}, {"0057 301 234 5678", "ES"}, {"+57 301 234 5678", "CO"}} {
		n, err := phonenumbers.Parse(c[0], c[1])
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(c[1], phonenumbers.Format(n, phonenumbers.E164), phonenumbers.GetRegionCodeForNumber(n), phonenumbers.IsValidNumber(n))
	}
}
GO
seen=$(GOFLAGS=-mod=mod go run .)
echo "version: github.com/nyaruka/phonenumbers v1.8.1"
echo "source: https://github.com/nyaruka/phonenumbers"
echo "behaviour: 0057 with the default region CO is a number of +7"
echo "input: 0057 301 234 5678 with the default regions CO and ES, and +57 301 234 5678 with CO"
echo "seen:"
echo "$seen"
[ "$seen" = $'CO +73012345678 RU true\nES +573012345678 CO true\nCO +573012345678 CO true' ] || { echo "CHANGED" >&2; exit 1; }
