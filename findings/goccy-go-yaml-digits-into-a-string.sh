#!/usr/bin/env bash
# goccy/go-yaml v1.19.2: digits decoded into a Go string are not the digits of the file. They are read as a number first and written
# anew: 0600111222, a telephone number as one is written in France, becomes "100700818" since 0 makes it octal (YAML 1.1;
# in YAML 1.2, 10.3.2, it is decimal), while 0600111228 stays as it is, for 8 is no octal digit. +34600000001 loses its plus, 1.50
# its zero, and nothing says so. gopkg.in/yaml.v3 keeps the text of a scalar whose field is a string.
set -euo pipefail
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
go mod init finding 2>/dev/null
go get github.com/goccy/go-yaml@v1.19.2 gopkg.in/yaml.v3@v3.0.1 2>/dev/null
cat >main.go <<'GO'
package main

import (
	"fmt"
	"log"

	"github.com/goccy/go-yaml"
	v3 "gopkg.in/yaml.v3"
)

func main() {
	for _, text := range []string{"0600111222", "0600111228", "+34600000001", "1.50", "12_3"} {
		var a, b struct{ Phone string }
		file := []byte("phone: " + text + "\n")
		if err := yaml.Unmarshal(file, &a); err != nil {
			log.Fatal(err)
		}
		if err := v3.Unmarshal(file, &b); err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s: goccy %q, yaml.v3 %q\n", text, a.Phone, b.Phone)
	}
}
GO
seen=$(GOFLAGS=-mod=mod go run .)
echo "version: github.com/goccy/go-yaml v1.19.2, gopkg.in/yaml.v3 v3.0.1"
echo "source: https://github.com/goccy/go-yaml"
echo "behaviour: digits decoded into a string are read as a number and written anew"
echo "input: phone: 0600111222 and four others, into struct{ Phone string }"
echo "seen:"
echo "$seen"
want='0600111222: goccy "100700818", yaml.v3 "0600111222"
0600111228: goccy "0600111228", yaml.v3 "0600111228"
+34600000001: goccy "34600000001", yaml.v3 "+34600000001"
1.50: goccy "1.5", yaml.v3 "1.50"
12_3: goccy "123", yaml.v3 "12_3"'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
