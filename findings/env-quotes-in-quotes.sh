#!/usr/bin/env bash
# joho/godotenv v1.5.1 and what else reads .env files: a text with quotation marks is four texts. godotenv writes say "hi" as "say \"hi\"", as a shell has
# it, and reads back its own line as say "hi\, for it takes both marks off the end. docker compose reads what was written (compose-go v2.16.2),
# dotenv 18.0.10 (npm) leaves the backslashes in, and Node (20.20.2 here) ends the text at the first \", though it says that quotes at the start
# and the end of a value are left out. A price is not safe either: godotenv writes $ as \$, which both of JavaScript leave in.
set -euo pipefail
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error dotenv@18.0.10 >/dev/null
go mod init finding 2>/dev/null
go get github.com/joho/godotenv@v1.5.1 github.com/compose-spec/compose-go/v2/dotenv@v2.16.2 2>/dev/null
cat >main.go <<'GO'
package main

import (
	"fmt"
	"log"

	compose "github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/joho/godotenv"
)

func main() {
	check(godotenv.Write(map[string]string{"GREETING": `say "hi"`, "PRICE": "from $5"}, ".env"))
	for name, read := range map[string]func(...string) (map[string]string, error){"godotenv": godotenv.Read, "compose": compose.Read} {
		env, err := read(".env")
		check(err)
		fmt.Printf("%s: %s | %s\n", name, env["GREETING"], env["PRICE"])
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
GO
cat >ask.mjs <<'JS'
import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import dotenv from "dotenv";
const text = readFileSync(".env", "utf8");
for (const [name, parse] of [["dotenv", dotenv.parse], ["Node", parseEnv]]) console.log(`${name}: ${parse(text).GREETING} | ${parse(text).PRICE}`);
JS
seen=$(GOFLAGS=-mod=mod go run . | sort && node ask.mjs)
seen="written: $(paste -sd ' ' .env)
$seen"
echo "version: github.com/joho/godotenv v1.5.1, github.com/compose-spec/compose-go/v2 v2.16.2, dotenv 18.0.10, Node $(node --version)"
echo "source: https://github.com/joho/godotenv, https://github.com/motdotla/dotenv, https://github.com/nodejs/node"
echo "behaviour: an escaped quotation mark or dollar is read in four ways"
echo 'input: say "hi" and from $5, written by godotenv'
echo "seen:"
echo "$seen"
want=$(cat <<'TEXT'
written: GREETING="say \"hi\"" PRICE="from \$5"
compose: say "hi" | from $5
godotenv: say "hi\ | from $5
dotenv: say \"hi\" | from \$5
Node: say \ | from \$5
TEXT
)
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
