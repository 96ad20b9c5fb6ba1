#!/usr/bin/env bash
# gopkg.in/yaml.v3 v3.0.1 and goccy/go-yaml v1.19.2: a text of | or > whose first line begins with a tab is refused, though spaces indent it:
# yaml.v3 misses "an indentation space", goccy stumbles over the line behind. A tab after the indentation belongs to the text (YAML 1.2.2,
# 8.1.1.1, the last of its example 8.2). yaml/v4 and js-yaml read it, and yaml 2.9.1 (npm) writes such files. On a later line both take the
# tab, and on the first, too, where the indentation is named: |2.
set -euo pipefail
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error yaml@2.9.1 js-yaml@5.5.0 >/dev/null
cat >ask.mjs <<'JS'
import { writeFileSync } from "node:fs";
import { load } from "js-yaml";
import { stringify } from "yaml";
const file = stringify({ text: "\tDear Ana\nbye\n" });
writeFileSync("first.yaml", file);
writeFileSync("second.yaml", "text: |\n  Dear Ana\n  \tbye\n");
writeFileSync("named.yaml", "text: |2\n  \tDear Ana\n  bye\n");
console.log("yaml writes:", JSON.stringify(file));
console.log("js-yaml reads:", JSON.stringify(load(file).text));
JS
go mod init finding 2>/dev/null
go get gopkg.in/yaml.v3@v3.0.1 go.yaml.in/yaml/v4@v4.0.0 github.com/goccy/go-yaml@v1.19.2 2>/dev/null
cat >main.go <<'GO'
package main

import (
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/goccy/go-yaml"
	v4 "go.yaml.in/yaml/v4"
	v3 "gopkg.in/yaml.v3"
)

func main() {
	for _, name := range []string{"first", "second", "named"} {
		file, err := os.ReadFile(name + ".yaml")
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(name)
		for _, reader := range []struct {
			name string
			read func([]byte, any) error
		}{
			{"yaml.v3", v3.Unmarshal},
			{"yaml/v4", func(b []byte, v any) error { return v4.Unmarshal(b, v) }},
			{"goccy", yaml.Unmarshal},
		} {
			var read struct{ Text string }
			if err := reader.read(file, &read); err != nil {
				first, _, _ := strings.Cut(err.Error(), "\n")
				fmt.Printf("  %s: %s\n", reader.name, first)
				continue
			}
			fmt.Printf("  %s %q\n", reader.name, read.Text)
		}
	}
}
GO
seen=$(node ask.mjs && GOFLAGS=-mod=mod go run .)
echo "version: gopkg.in/yaml.v3 v3.0.1, go.yaml.in/yaml/v4 v4.0.0, github.com/goccy/go-yaml v1.19.2, yaml 2.9.1, js-yaml 5.5.0"
echo "source: https://github.com/go-yaml/yaml, https://github.com/goccy/go-yaml"
echo "behaviour: a block whose first line begins with a tab, behind the spaces, is refused"
echo "input: two lines, with a tab before the first, before the second, and before the first of |2"
echo "seen:"
echo "$seen"
want='yaml writes: "text: |\n  \tDear Ana\n  bye\n"
js-yaml reads: "\tDear Ana\nbye\n"
first
  yaml.v3: yaml: line 2: found a tab character where an indentation space is expected
  yaml/v4 "\tDear Ana\nbye\n"
  goccy: [3:3] value is not allowed in this context. map key-value is pre-defined
second
  yaml.v3 "Dear Ana\n\tbye\n"
  yaml/v4 "Dear Ana\n\tbye\n"
  goccy "Dear Ana\n\tbye\n"
named
  yaml.v3 "\tDear Ana\nbye\n"
  yaml/v4 "\tDear Ana\nbye\n"
  goccy "\tDear Ana\nbye\n"'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
