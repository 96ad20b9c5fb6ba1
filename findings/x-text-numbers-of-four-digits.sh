#!/usr/bin/env bash
# golang.org/x/text v0.43.0: a number of four digits is written in Spanish, Portuguese and Polish as nobody writes it there: 1.234 for 1234. CLDR, whose
# numbers it is said to format by, has minimumGroupingDigits 2 for them (UTS #35, part 3): the sign between thousands begins at 10000.
# message and number do not look at it. JavaScript's Intl does, so that the same customer has 1234 points on the page and 1.234 in the
# letter, which a reader of English takes for one and a quarter. Five digits agree, and so do German and English, which have 1.
set -euo pipefail
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error cldr-numbers-full@48.2.0 >/dev/null
go mod init finding 2>/dev/null
go get golang.org/x/text@v0.43.0 2>/dev/null
cat >main.go <<'GO'
package main

import (
	"fmt"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

func main() {
	for _, name := range []string{"es", "pt-PT", "pl", "de", "en"} {
		p := message.NewPrinter(language.MustParse(name))
		fmt.Println(p.Sprintf("%d and %d", 1234, 12345))
	}
}
GO
GOFLAGS=-mod=mod go run . | sed 's/\xc2\xa0/ /g' >go
for language in es pt-PT pl de en; do
	node -p "const n = require('./node_modules/cldr-numbers-full/main/$language/numbers.json').main['$language'].numbers; '$language: minimumGroupingDigits ' + n.minimumGroupingDigits + ', x/text'"
done >cldr
seen=$(paste -d ' ' cldr go)
echo "version: golang.org/x/text v0.43.0, cldr-numbers-full 48.2.0"
echo "source: https://cs.opensource.google/go/x/text"
echo "behaviour: minimumGroupingDigits is not looked at"
echo "input: 1234 and 12345, by message.Printer"
echo "seen:"
echo "$seen"
want='es: minimumGroupingDigits 2, x/text 1.234 and 12.345
pt-PT: minimumGroupingDigits 2, x/text 1 234 and 12 345
pl: minimumGroupingDigits 2, x/text 1 234 and 12 345
de: minimumGroupingDigits 1, x/text 1.234 and 12.345
en: minimumGroupingDigits 1, x/text 1,234 and 12,345'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
