#!/usr/bin/env bash
# zod 4.6.7: the JSON Schema that toJSONSchema makes refuses what zod itself takes, or cannot be used. The i of a pattern is not in it, so that
# ES fits /^(es|pt)$/i in the form and not on the server. An address with ü is a URL to zod and no "uri". PT1.5S is no "duration" of RFC 3339, and
# the pattern that stands beside it has a look-ahead, which Go's regexp cannot read. startsWith and e164 are formats that nobody else knows, of
# which ajv 8.20.0 makes an error as it comes. A price of 19.99 is a multiple of 0.01 to zod and to santhosh-tekuri/jsonschema v6.0.3, and none
# to ajv, which divides by floating point (JSON Schema, validation, 6.2.1: the division "results in an integer").
set -euo pipefail
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error zod@4.6.7 ajv@8.20.0 ajv-formats@3.0.1 >/dev/null
cat >ask.mjs <<'JS'
import { writeFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import * as z from "zod";
const ajv = new Ajv2020();
formats.default(ajv);
const verdict = (schema, value) => {
  try {
    return ajv.validate(schema, value);
  } catch (error) {
    return error.message.replace(/ ignored.*/, "");
  }
};
const asked = [];
for (const [name, type, value] of [
  ["regex(/^(es|pt)$/i)", z.string().regex(/^(es|pt)$/i), "ES"],
  ["url()", z.url(), "https://müller.example/"],
  ["iso.duration()", z.iso.duration(), "PT1.5S"],
  ['startsWith("A")', z.string().startsWith("A"), "A1"],
  ["e164()", z.e164(), "+34600000001"],
  ["multipleOf(0.01)", z.number().multipleOf(0.01), 19.99],
  ["multipleOf(0.01)", z.number().multipleOf(0.01), 19.98],
]) {
  const schema = z.toJSONSchema(type);
  asked.push([schema, value]);
  console.log(`${name} ${value}: zod ${type.safeParse(value).success}, ajv ${verdict(schema, value)}`);
}
writeFileSync("asked.json", JSON.stringify(asked));
JS
go mod init finding 2>/dev/null
go get github.com/santhosh-tekuri/jsonschema/v6@v6.0.3 2>/dev/null
cat >main.go <<'GO'
package main

import (
	"fmt"
	"log"
	"os"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

func main() {
	file, err := os.Open("asked.json")
	check(err)
	asked, err := jsonschema.UnmarshalJSON(file)
	check(err)
	for _, pair := range asked.([]any) {
		compiler := jsonschema.NewCompiler()
		compiler.AssertFormat()
		check(compiler.AddResource("schema.json", pair.([]any)[0]))
		schema, err := compiler.Compile("schema.json")
		if err != nil {
			fmt.Println("santhosh-tekuri refuses the schema")
			continue
		}
		fmt.Println("santhosh-tekuri", schema.Validate(pair.([]any)[1]) == nil)
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
GO
node ask.mjs >zod
GOFLAGS=-mod=mod go run . >santhosh
seen=$(paste -d ' ' zod santhosh)
echo "version: zod 4.6.7, ajv 8.20.0 with ajv-formats 3.0.1, github.com/santhosh-tekuri/jsonschema/v6 v6.0.3"
echo "source: https://github.com/colinhacks/zod, https://github.com/ajv-validator/ajv"
echo "behaviour: the schema made of a type refuses values of it"
echo "input: types with one value each"
echo "seen: whether each takes the value"
echo "$seen"
want='regex(/^(es|pt)$/i) ES: zod true, ajv false santhosh-tekuri false
url() https://müller.example/: zod true, ajv false santhosh-tekuri true
iso.duration() PT1.5S: zod true, ajv false santhosh-tekuri refuses the schema
startsWith("A") A1: zod true, ajv unknown format "starts_with" santhosh-tekuri true
e164() +34600000001: zod true, ajv unknown format "e164" santhosh-tekuri true
multipleOf(0.01) 19.99: zod true, ajv false santhosh-tekuri true
multipleOf(0.01) 19.98: zod true, ajv true santhosh-tekuri true'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
