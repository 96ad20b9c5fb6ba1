#!/usr/bin/env bash
# ajv-formats 3.0.1 and santhosh-tekuri/jsonschema v6.0.3: of the same schema and value an editor and a server judge differently, each
# letting through what the format's own RFC refuses, with formats asserted in both. ajv takes 2026-03-25T10:30:00+02 for a date-time,
# whose offset is hours and minutes (RFC 3339, 5.6), and santhosh-tekuri takes https://example.org/a b, and one with {{1}}, for a uri
# (RFC 3986 has neither a blank nor braces).
set -euo pipefail
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >values.json <<'JSON'
[["date-time", "2026-03-25T10:30:00+02:00"], ["date-time", "2026-03-25T10:30:00+02"], ["date-time", "2026-03-25T10:30:00+0200"],
 ["uri", "https://example.org/a"], ["uri", "https://example.org/a b"], ["uri", "https://example.org/{{1}}"]]
JSON
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error ajv@8.20.0 ajv-formats@3.0.1 >/dev/null
cat >ask.mjs <<'JS'
import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
const ajv = new Ajv2020();
formats.default(ajv);
for (const [format, value] of JSON.parse(readFileSync("values.json", "utf8"))) console.log(value + ":", ajv.validate({ type: "string", format }, value));
JS
go mod init finding 2>/dev/null
go get github.com/santhosh-tekuri/jsonschema/v6@v6.0.3 2>/dev/null
cat >main.go <<'GO'
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

func main() {
	file, err := os.ReadFile("values.json")
	check(err)
	var values [][2]string
	check(json.Unmarshal(file, &values))
	for _, v := range values {
		compiler := jsonschema.NewCompiler()
		compiler.AssertFormat()
		check(compiler.AddResource("schema.json", map[string]any{"type": "string", "format": v[0]}))
		schema, err := compiler.Compile("schema.json")
		check(err)
		fmt.Println(schema.Validate(v[1]) == nil)
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
GO
node ask.mjs >ajv
GOFLAGS=-mod=mod go run . >santhosh
seen=$(paste -d ' ' ajv santhosh)
echo "version: ajv-formats 3.0.1 with ajv 8.20.0, github.com/santhosh-tekuri/jsonschema/v6 v6.0.3"
echo "source: https://github.com/ajv-validator/ajv-formats, https://github.com/santhosh-tekuri/jsonschema"
echo "behaviour: two validators that assert formats differ on date-time and on uri"
echo "input: three values with the format date-time, and three with the format uri"
echo "seen: whether ajv, and whether santhosh-tekuri takes it:"
echo "$seen"
want='2026-03-25T10:30:00+02:00: true true
2026-03-25T10:30:00+02: true false
2026-03-25T10:30:00+0200: true false
https://example.org/a: true true
https://example.org/a b: false true
https://example.org/{{1}}: false true'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
