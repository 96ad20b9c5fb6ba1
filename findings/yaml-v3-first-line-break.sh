#!/usr/bin/env bash
# gopkg.in/yaml.v3 v3.0.1: a text that begins with a line break is written without it. It is written as a block, and the line that would
# hold the break is left out, so that "\nDear Ana,\nbye" comes back as "Dear Ana,\nbye" from every reader. In a list the indentation that
# the block names is not what it has, and yaml.v3 itself refuses the file. go.yaml.in/yaml/v4 v4.0.0 writes the line.
set -euo pipefail
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
go mod init finding 2>/dev/null
go get gopkg.in/yaml.v3@v3.0.1 go.yaml.in/yaml/v4@v4.0.0 2>/dev/null
cat >main.go <<'GO'
package main

import (
	"fmt"
	"log"

	"go.yaml.in/yaml/v4"
	v3 "gopkg.in/yaml.v3"
)

func main() {
	text := "\nDear Ana,\nbye"
	for _, value := range []any{map[string]string{"body": text}, []string{text}} {
		old, err := v3.Marshal(value)
		if err != nil {
			log.Fatal(err)
		}
		current, err := yaml.Marshal(value)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("v3 writes %q, ", old)
		told(v3.Unmarshal, old)
		fmt.Printf("v4 writes %q, ", current)
		told(func(file []byte, into any) error { return yaml.Unmarshal(file, into) }, current)
	}
}

func told(read func([]byte, any) error, file []byte) {
	var back any
	if err := read(file, &back); err != nil {
		fmt.Println("and reads:", err)
		return
	}
	fmt.Printf("and reads %q\n", back)
}
GO
seen=$(GOFLAGS=-mod=mod go run .)
echo "version: gopkg.in/yaml.v3 v3.0.1, go.yaml.in/yaml/v4 v4.0.0"
echo "source: https://github.com/go-yaml/yaml"
echo "behaviour: the line break at the beginning of a text is not written"
echo 'input: "\nDear Ana,\nbye" in a map, and in a list'
echo "seen:"
echo "$seen"
want='v3 writes "body: |4-\n    Dear Ana,\n    bye\n", and reads map["body":"Dear Ana,\nbye"]
v4 writes "body: |-\n\n    Dear Ana,\n    bye\n", and reads map["body":"\nDear Ana,\nbye"]
v3 writes "- |4-\n  Dear Ana,\n  bye\n", and reads: yaml: line 1: did not find expected '"'-' indicator"'
v4 writes "- |-\n\n  Dear Ana,\n  bye\n", and reads ["\nDear Ana,\nbye"]'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
