#!/usr/bin/env bash
# expr-lang/expr v1.17.8: of a text len counts letters, and [ : ] and indexOf count bytes. The initial of Álvaro, name[0:1], is half a letter, which
# no reader of UTF-8 takes, and of a name of ten letters name[:len(name)] is eight and a half. The language's definition says of neither what it
# counts; in its examples, as in a name without accents, the two agree. split(name, "") gives the letters.
set -euo pipefail
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
go mod init finding 2>/dev/null
go get github.com/expr-lang/expr@v1.17.8 2>/dev/null
cat >main.go <<'GO'
package main

import (
	"fmt"
	"log"

	"github.com/expr-lang/expr"
)

func main() {
	env := map[string]any{"name": "Álvaro Núñ"}
	for _, text := range []string{`len(name)`, `name[:len(name)]`, `name[0:1]`, `indexOf(name, "N")`, `split(name, "")[0]`} {
		program, err := expr.Compile(text, expr.Env(env))
		if err != nil {
			log.Fatal(err)
		}
		value, err := expr.Run(program, env)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s: %T %q\n", text, value, fmt.Sprint(value))
	}
}
GO
seen=$(GOFLAGS=-mod=mod go run .)
echo "version: github.com/expr-lang/expr v1.17.8"
echo "source: https://github.com/expr-lang/expr"
echo "behaviour: a text's length is in letters, its places are in bytes"
echo "input: the name Álvaro Núñ, ten letters in thirteen bytes"
echo "seen:"
echo "$seen"
want=$(cat <<'TEXT'
len(name): int "10"
name[:len(name)]: string "Álvaro N\xc3"
name[0:1]: string "\xc3"
indexOf(name, "N"): int "8"
split(name, "")[0]: string "Á"
TEXT
)
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
