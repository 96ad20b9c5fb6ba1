#!/usr/bin/env bash
# google/jsonschema-go v0.4.3, which the Go SDK of MCP describes tools by: the schema that For makes of a Go type refuses what encoding/json
# writes of it. A []byte is base64 text to encoding/json and an array to the schema, a json.RawMessage anything and an array, a json.Number a
# number and a string, int64 with ",string" text and an integer, a map that is nil null and an object; a type with MarshalText is
# described by its fields. For is said to translate types that marshal themselves "to schemas that match"; time.Time is one, and the pointers and
# slices that are nil are minded. TypeSchemas of ForOptions is the way around, type by type, and not for ",string".
set -euo pipefail
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
go mod init finding 2>/dev/null
go get github.com/google/jsonschema-go@v0.4.3 2>/dev/null
cat >main.go <<'GO'
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"math/big"
	"net/netip"
	"strings"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
)

type field[T any] struct {
	Value T `json:"value"`
}

type quoted struct {
	Value int64 `json:"value,string"`
}

func main() {
	ask(field[time.Time]{time.Date(2026, 3, 25, 10, 30, 0, 0, time.UTC)})
	ask(field[[]string]{})
	ask(field[[]byte]{[]byte("Hello")})
	ask(field[json.RawMessage]{json.RawMessage(`{"a":1}`)})
	ask(field[json.Number]{"5"})
	ask(field[map[string]int]{})
	ask(field[*big.Int]{big.NewInt(5)})
	ask(field[netip.Addr]{netip.MustParseAddr("192.0.2.1")})
	ask(quoted{5})
}

func ask[T any](value T) {
	written, err := json.Marshal(value)
	check(err)
	schema, err := jsonschema.For[T](nil)
	check(err)
	described, err := json.Marshal(schema.Properties["value"])
	check(err)
	resolved, err := schema.Resolve(nil)
	check(err)
	var read any
	check(json.Unmarshal(written, &read))
	verdict := "refused"
	if resolved.Validate(read) == nil {
		verdict = "valid"
	}
	name := strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%T", value), "main.field["), "]")
	fmt.Printf("%s: %s by %.60s: %s\n", name, written, described, verdict)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
GO
go mod tidy 2>/dev/null
seen=$(GOFLAGS=-mod=mod go run .)
echo "version: github.com/google/jsonschema-go v0.4.3"
echo "source: https://github.com/google/jsonschema-go"
echo "behaviour: the schema of a Go type refuses the JSON of that type"
echo "input: structs with one field each"
echo "seen: what encoding/json writes, the schema of the field, and what it says"
echo "$seen"
want='time.Time: {"value":"2026-03-25T10:30:00Z"} by {"type":"string"}: valid
[]string: {"value":null} by {"type":["null","array"],"items":{"type":"string"}}: valid
[]uint8: {"value":"SGVsbG8="} by {"type":["null","array"],"items":{"type":"integer","minimum": refused
encoding/json.RawMessage: {"value":{"a":1}} by {"type":["null","array"],"items":{"type":"integer","minimum": refused
encoding/json.Number: {"value":5} by {"type":"string"}: refused
map[string]int: {"value":null} by {"type":"object","additionalProperties":{"type":"integer"}}: refused
*math/big.Int: {"value":5} by {"type":["null","string"]}: refused
net/netip.Addr: {"value":"192.0.2.1"} by {"type":"object","properties":{},"additionalProperties":fals: refused
main.quoted: {"value":"5"} by {"type":"integer"}: refused'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
