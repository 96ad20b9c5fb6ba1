#!/usr/bin/env bash
# Node's Intl (20.20.2, ICU 78.2 here): an amount in forints, rupees of Pakistan, pesos of Colombia, rupiahs, leks or dinars of Iraq is rounded to a whole
# one. 1234.50 is written 1.235, half a unit more than is owed, and 19.90 rupees are 20. ECMA-402 has a currency's digits be those of ISO 4217
# (CurrencyDigits), whose list has two for these, and three for the dinar; ICU 78 knows how many are used in daily life. The
# same page rendered by another version of Node, or a letter written by a service in Go (bojanz/currency v1.4.2), has the cents.
# minimumFractionDigits and maximumFractionDigits are the way around. Euros, colones and new Taiwan dollars keep theirs.
set -euo pipefail
command -v node >/dev/null || { echo "needs node" >&2; exit 2; }
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >ask.mjs <<'JS'
for (const currency of process.argv.slice(2)) {
  const format = new Intl.NumberFormat("en", { style: "currency", currency, currencyDisplay: "code" });
  console.log(`${currency}: Intl ${format.format(1234.5).replace(/\s/, " ")}, ${format.resolvedOptions().maximumFractionDigits} digits;`);
}
JS
go mod init finding 2>/dev/null
go get github.com/bojanz/currency@v1.4.2 2>/dev/null
cat >main.go <<'GO'
package main

import (
	"fmt"
	"log"
	"os"

	"github.com/bojanz/currency"
)

func main() {
	formatter := currency.NewFormatter(currency.NewLocale("en"))
	formatter.CurrencyDisplay = currency.DisplayCode
	for _, code := range os.Args[1:] {
		amount, err := currency.NewAmount("1234.50", code)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("bojanz/currency", formatter.Format(amount.Round()))
	}
}
GO
codes=(EUR HUF PKR COP IDR ALL IQD CRC)
node ask.mjs "${codes[@]}" >js
GOFLAGS=-mod=mod go run . "${codes[@]}" >go
seen=$(paste -d ' ' js go)
echo "version: Node $(node --version), ICU $(node -p process.versions.icu), github.com/bojanz/currency v1.4.2"
echo "source: https://github.com/nodejs/node, https://github.com/unicode-org/icu"
echo "behaviour: amounts in some currencies are rounded to whole units"
echo "input: 1234.50 in eight currencies"
echo "seen:"
echo "$seen"
want='EUR: Intl EUR 1,234.50, 2 digits; bojanz/currency EUR 1,234.50
HUF: Intl HUF 1,235, 0 digits; bojanz/currency HUF 1,234.50
PKR: Intl PKR 1,235, 0 digits; bojanz/currency PKR 1,234.50
COP: Intl COP 1,235, 0 digits; bojanz/currency COP 1,234.50
IDR: Intl IDR 1,235, 0 digits; bojanz/currency IDR 1,234.50
ALL: Intl ALL 1,235, 0 digits; bojanz/currency ALL 1,234.50
IQD: Intl IQD 1,235, 0 digits; bojanz/currency IQD 1,234.500
CRC: Intl CRC 1,234.50, 2 digits; bojanz/currency CRC 1,234.50'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
