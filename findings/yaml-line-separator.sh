#!/usr/bin/env bash
# yaml 2.9.1 (npm) and goccy/go-yaml v1.19.2 beside yaml.v3, yaml/v4 and PyYAML (6.0 here): a text with U+2028 in it, as word processors put one for
# Shift+Enter, makes a file that the others refuse. It is written bare, for in YAML 1.2 (5.4) U+2028, U+2029 and U+0085 are no line breaks;
# in YAML 1.1 they were, and yaml.v3, yaml/v4 and PyYAML end the line there: "could not find expected ':'". What these write is indented
# behind it, in quotes, and yaml, goccy and js-yaml read the indentation as blanks of the text. js-yaml 5.5.0 writes \L, which all read.
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
	library := os.Args[2]
	write := map[string]func(any) ([]byte, error){
		"yaml.v3": yaml.Marshal, "goccy": goyaml.Marshal, "yaml/v4": func(value any) ([]byte, error) { return v4.Marshal(value) },
	}[library]
	read := map[string]func([]byte, any) error{
		"yaml.v3": yaml.Unmarshal, "goccy": goyaml.Unmarshal, "yaml/v4": func(text []byte, to any) error { return v4.Unmarshal(text, to) },
	}[library]
	if os.Args[1] == "write" {
		out, err := write(map[string]string{"body": "Hello\u2028Ana"})
		check(err)
		os.Stdout.Write(out)
		return
	}
	file, err := os.ReadFile("file")
	check(err)
	var job map[string]string
	if err := read(file, &job); err != nil {
		fmt.Println("refused")
		return
	}
	fmt.Printf("%+q\n", job["body"])
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
GO
GOFLAGS=-mod=mod go build -o in-go .
cat >in-js.mjs <<'JS'
import { readFileSync } from "node:fs";
import { dump, load } from "js-yaml";
import { parse, stringify } from "yaml";
const [action, library] = process.argv.slice(2);
const [write, read] = { "js-yaml": [dump, load], yaml: [stringify, parse] }[library];
if (action === "write") process.stdout.write(write({ body: "Hello\u2028Ana" }));
else console.log(JSON.stringify(read(readFileSync("file", "utf8")).body).replaceAll("\u2028", "\\u2028"));
JS
cat >in-python.py <<'PY'
import json, sys, yaml
if sys.argv[1] == "write":
    print(yaml.safe_dump({"body": "Hello\u2028Ana"}, allow_unicode=True), end="")
else:
    try:
        print(json.dumps(yaml.safe_load(open("file", encoding="utf-8", newline=""))["body"]))
    except yaml.YAMLError:
        print("refused")
PY
run() {
	case $2 in
	yaml | js-yaml) node in-js.mjs "$1" "$2" ;;
	PyYAML) "$python" in-python.py "$1" ;;
	*) ./in-go "$1" "$2" ;;
	esac
}
libraries=(yaml js-yaml goccy yaml.v3 yaml/v4 PyYAML)
seen=$(for writer in "${libraries[@]}"; do
	run write "$writer" >file
	echo "$writer: $(sed 's/\xe2\x80\xa8/<U+2028>/g' file)"
	for reader in "${libraries[@]}"; do echo "  $reader: $(run read "$reader")"; done
done)
echo "version: yaml 2.9.1, js-yaml 5.5.0, github.com/goccy/go-yaml v1.19.2, gopkg.in/yaml.v3 v3.0.1, go.yaml.in/yaml/v4 v4.0.0, PyYAML $("$python" -c 'import yaml; print(yaml.__version__)')"
echo "source: https://github.com/eemeli/yaml, https://github.com/yaml/go-yaml, https://github.com/yaml/pyyaml"
echo "behaviour: U+2028 is a letter to some and a line break to others, so that files are refused or read otherwise"
echo "input: the text Hello, U+2028, Ana"
echo "seen: what each writes, and what the six read of it"
echo "$seen"
want=$(cat <<'TEXT'
yaml: body: Hello<U+2028>Ana
  yaml: "Hello\u2028Ana"
  js-yaml: "Hello\u2028Ana"
  goccy: "Hello\u2028Ana"
  yaml.v3: refused
  yaml/v4: refused
  PyYAML: refused
js-yaml: body: "Hello\LAna"
  yaml: "Hello\u2028Ana"
  js-yaml: "Hello\u2028Ana"
  goccy: "Hello\u2028Ana"
  yaml.v3: "Hello\u2028Ana"
  yaml/v4: "Hello\u2028Ana"
  PyYAML: "Hello\u2028Ana"
goccy: body: Hello<U+2028>Ana
  yaml: "Hello\u2028Ana"
  js-yaml: "Hello\u2028Ana"
  goccy: "Hello\u2028Ana"
  yaml.v3: refused
  yaml/v4: refused
  PyYAML: refused
yaml.v3: body: 'Hello<U+2028>    Ana'
  yaml: "Hello\u2028    Ana"
  js-yaml: "Hello\u2028    Ana"
  goccy: "Hello\u2028    Ana"
  yaml.v3: "Hello\u2028Ana"
  yaml/v4: "Hello\u2028Ana"
  PyYAML: "Hello\u2028Ana"
yaml/v4: body: 'Hello<U+2028>    Ana'
  yaml: "Hello\u2028    Ana"
  js-yaml: "Hello\u2028    Ana"
  goccy: "Hello\u2028    Ana"
  yaml.v3: "Hello\u2028Ana"
  yaml/v4: "Hello\u2028Ana"
  PyYAML: "Hello\u2028Ana"
PyYAML: body: 'Hello<U+2028>  Ana'
  yaml: "Hello\u2028  Ana"
  js-yaml: "Hello\u2028  Ana"
  goccy: "Hello\u2028  Ana"
  yaml.v3: "Hello\u2028Ana"
  yaml/v4: "Hello\u2028Ana"
  PyYAML: "Hello\u2028Ana"
TEXT
)
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
