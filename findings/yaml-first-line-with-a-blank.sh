#!/usr/bin/env bash
# yaml 2.9.1 (npm): a text whose first line begins with a blank or a tab and is longer than 80 letters is read otherwise than it was written.
# It is written as a folded block (>), and its first line is folded too. A line that begins with a blank is not joined to the next one
# (YAML 1.2.2, 8.1.3), so that the fold stays, and the line break that was in the text, written once instead of twice, becomes a blank.
# js-yaml and yaml.v3 read the same. A line further down is not folded, as it should be. lineWidth: 0 is the way around.
set -euo pipefail
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error yaml@2.9.1 js-yaml@5.5.0 >/dev/null
cat >ask.mjs <<'JS'
import { writeFileSync } from "node:fs";
import { load } from "js-yaml";
import { parse, stringify } from "yaml";
const open = "We are open on Monday, Tuesday and Thursday from nine to one and on Friday from four to eight";
for (const text of [`\t${open}\nAna`, `  ${open}\nAna`]) {
  const file = stringify({ text });
  console.log("yaml:", JSON.stringify(parse(file).text));
  console.log("js-yaml:", JSON.stringify(load(file).text));
  writeFileSync("text.yaml", file);
}
const below = `Hello\n  ${open}\nAna`;
console.log("further down the same:", parse(stringify({ text: below })).text === below);
JS
go mod init finding 2>/dev/null
go get gopkg.in/yaml.v3@v3.0.1 2>/dev/null
cat >main.go <<'GO'
package main

import (
	"fmt"
	"log"
	"os"

	"gopkg.in/yaml.v3"
)

func main() {
	file, err := os.ReadFile("text.yaml")
	if err != nil {
		log.Fatal(err)
	}
	var read struct{ Text string }
	if err := yaml.Unmarshal(file, &read); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("yaml.v3: %q\n", read.Text)
}
GO
seen=$(node ask.mjs && GOFLAGS=-mod=mod go run .)
echo "version: yaml 2.9.1, js-yaml 5.5.0, gopkg.in/yaml.v3 v3.0.1"
echo "source: https://github.com/eemeli/yaml"
echo "behaviour: a long first line that begins with a blank is broken in two, and joined to the next line"
echo "input: a line of 93 letters behind a tab, and behind two blanks, then a line Ana"
echo "expected: what was written"
echo "seen:"
echo "$seen"
want='yaml: "\tWe are open on Monday, Tuesday and Thursday from nine to one and on Friday\nfrom four to eight Ana"
js-yaml: "\tWe are open on Monday, Tuesday and Thursday from nine to one and on Friday\nfrom four to eight Ana"
yaml: "  We are open on Monday, Tuesday and Thursday from nine to one and on Friday\nfrom four to eight Ana"
js-yaml: "  We are open on Monday, Tuesday and Thursday from nine to one and on Friday\nfrom four to eight Ana"
further down the same: true
yaml.v3: "  We are open on Monday, Tuesday and Thursday from nine to one and on Friday\nfrom four to eight Ana"'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
