#!/usr/bin/env bash
# PyYAML (6.0 here) and goccy/go-yaml v1.19.2 beside yaml.v3, yaml/v4, js-yaml and yaml (npm): of two telephone numbers, both text, one arrives as text
# and the other as a number. 0600111222 could be octal, so they write it in quotes; 0600111228 could not, in YAML 1.1, and is written bare.
# In YAML 1.2 (10.3.2) those digits are a number, and the others read it so: 600111228, in Go a float64. 1e3, a code, goes the
# same way. Of a list that a script in Python writes, the numbers with an 8 or a 9 lose their zero. A string field in Go keeps it.
set -euo pipefail
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
python=/usr/bin/python3
if ! "$python" -c 'import yaml' 2>/dev/null && command -v apt-get >/dev/null; then
	apt-get update -qq && apt-get install -qq -y --no-install-recommends python3-yaml >/dev/null
fi
"$python" -c 'import yaml' 2>/dev/null || { echo "needs PyYAML" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error js-yaml@5.5.0 yaml@2.9.1 >/dev/null
go mod init finding 2>/dev/null
go get gopkg.in/yaml.v3@v3.0.1 go.yaml.in/yaml/v4@v4.0.0 github.com/goccy/go-yaml@v1.19.2 2>/dev/null
cat >main.go <<'GO'
package main

import (
	"fmt"
	"log"
	"os"

	goyaml "github.com/goccy/go-yaml"
	v4 "go.yaml.in/yaml/v4"
	"gopkg.in/yaml.v3"
)

func main() {
	if len(os.Args) == 1 {
		out, err := goyaml.Marshal([]string{"0600111222", "0600111228", "1e3"})
		check(err)
		fmt.Print(string(out))
		return
	}
	file, err := os.ReadFile(os.Args[1])
	check(err)
	for name, unmarshal := range map[string]func([]byte, any) error{
		"yaml.v3": yaml.Unmarshal,
		"yaml/v4": func(text []byte, to any) error { return v4.Unmarshal(text, to) },
	} {
		var list []any
		check(unmarshal(file, &list))
		fmt.Printf("%s: %T %[2]v, %T %[3]v, %T %[4]v\n", name, list[0], list[1], list[2])
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
GO
GOFLAGS=-mod=mod go build -o ask .
cat >ask.mjs <<'JS'
import { readFileSync } from "node:fs";
import { load } from "js-yaml";
import { parse } from "yaml";
const text = readFileSync(process.argv[2], "utf8");
for (const [name, read] of [["js-yaml", load], ["yaml", parse]]) {
  console.log(`${name}: ${read(text).map((value) => `${typeof value} ${value}`).join(", ")}`);
}
JS
"$python" -c 'import yaml; print(yaml.safe_dump(["0600111222", "0600111228", "1e3"]), end="")' >PyYAML
./ask >goccy
seen=$(for writer in PyYAML goccy; do
	echo "$writer writes: $(paste -sd ' ' $writer)"
	./ask $writer | sort
	node ask.mjs $writer
done)
echo "version: PyYAML $("$python" -c 'import yaml; print(yaml.__version__)'), github.com/goccy/go-yaml v1.19.2, gopkg.in/yaml.v3 v3.0.1, go.yaml.in/yaml/v4 v4.0.0, js-yaml 5.5.0, yaml 2.9.1"
echo "source: https://github.com/yaml/pyyaml, https://github.com/goccy/go-yaml"
echo "behaviour: digits that begin with 0 and hold an 8 or a 9 are written as text by one and read as a number by the other"
echo "input: the texts 0600111222, 0600111228 and 1e3"
echo "seen:"
echo "$seen"
want=$(cat <<'TEXT'
PyYAML writes: - '0600111222' - 0600111228 - 1e3
yaml.v3: string 0600111222, float64 6.00111228e+08, float64 1000
yaml/v4: string 0600111222, float64 6.00111228e+08, float64 1000
js-yaml: string 0600111222, number 600111228, number 1000
yaml: string 0600111222, number 600111228, number 1000
goccy writes: - "0600111222" - 0600111228 - 1e3
yaml.v3: string 0600111222, float64 6.00111228e+08, float64 1000
yaml/v4: string 0600111222, float64 6.00111228e+08, float64 1000
js-yaml: string 0600111222, number 600111228, number 1000
yaml: string 0600111222, number 600111228, number 1000
TEXT
)
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
