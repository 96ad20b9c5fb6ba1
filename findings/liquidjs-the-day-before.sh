#!/usr/bin/env bash
# LiquidJS 10.30.1: west of Greenwich a date is written as the day before it: in New York "2026-03-25" becomes 24 March. Its documentation of the
# filter date has literals without a zone be "in runtime's time zone"; so they are, as soon as they have an hour, and a date alone is midnight
# in UTC, for new Date() reads it so. On a server in UTC, and east of it, the letter is right. "2026-03-25T00:00" is the way around.
# osteele/liquid v1.6.0 writes 25 March.
set -euo pipefail
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error liquidjs@10.30.1 >/dev/null
cat >ask.mjs <<'JS'
import { Liquid } from "liquidjs";
const write = (date) => new Liquid().parseAndRenderSync(`{{ "${date}" | date: "%-d %B" }}`);
console.log(`${process.env.TZ}: ${write("2026-03-25")}, with an hour ${write("2026-03-25T00:00")}`);
JS
go mod init finding 2>/dev/null
go get github.com/osteele/liquid@v1.6.0 2>/dev/null
cat >main.go <<'GO'
package main

import (
	"fmt"
	"log"
	"os"

	"github.com/osteele/liquid"
)

func main() {
	text, err := liquid.NewEngine().ParseAndRenderString(`{{ "2026-03-25" | date: "%-d %B" }}`, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s: osteele/liquid %s\n", os.Getenv("TZ"), text)
}
GO
GOFLAGS=-mod=mod go build -o ask .
seen=$(for zone in Europe/Madrid UTC America/New_York; do TZ=$zone node ask.mjs; done && TZ=America/New_York ./ask)
echo "version: liquidjs 10.30.1, github.com/osteele/liquid v1.6.0"
echo "source: https://github.com/harttle/liquidjs"
echo "behaviour: a date without an hour is the day before, west of Greenwich"
echo 'input: {{ "2026-03-25" | date: "%-d %B" }}'
echo "seen:"
echo "$seen"
want='Europe/Madrid: 25 March, with an hour 25 March
UTC: 25 March, with an hour 25 March
America/New_York: 24 March, with an hour 25 March
America/New_York: osteele/liquid 25 March'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
