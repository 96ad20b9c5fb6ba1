#!/usr/bin/env bash
# joho/godotenv v1.5.1: what Marshal and Write put into a .env file is not always what they were given. A text that is a whole number is
# written as that number: 012345, as a two-step PIN of WhatsApp may begin, becomes 12345, and +34600000001 loses its plus. They are said to
# write KEY="VALUE" with the value escaped, and do so with all other texts. Read reads what is there, so that nothing tells.
set -euo pipefail
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
go mod init finding 2>/dev/null
go get github.com/joho/godotenv@v1.5.1 2>/dev/null
cat >main.go <<'GO'
package main

import (
	"fmt"
	"log"

	"github.com/joho/godotenv"
)

func main() {
	for _, value := range []string{"012345", "+34600000001", "-0", "0x12", "12 34"} {
		check(godotenv.Write(map[string]string{"VALUE": value}, "env"))
		text, err := godotenv.Marshal(map[string]string{"VALUE": value})
		check(err)
		read, err := godotenv.Read("env")
		check(err)
		fmt.Printf("%s: written as %s, read as %s\n", value, text, read["VALUE"])
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
GO
seen=$(GOFLAGS=-mod=mod go run .)
echo "version: github.com/joho/godotenv v1.5.1"
echo "source: https://github.com/joho/godotenv"
echo "behaviour: a text of digits is written as a number"
echo "input: five texts, written to a file and read back"
echo "seen:"
echo "$seen"
want='012345: written as VALUE=12345, read as 12345
+34600000001: written as VALUE=34600000001, read as 34600000001
-0: written as VALUE=0, read as 0
0x12: written as VALUE="0x12", read as 0x12
12 34: written as VALUE="12 34", read as 12 34'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
