#!/usr/bin/env bash
# go.yaml.in/yaml/v4 v4.0.0: a text << is gone, with its place in the list or its key in the map, when it is read into any. << means a merge
# as a key alone (YAML's merge key type, 2005), and in YAML 1.2 not even there; as a value it is two letters, as on a
# button that turns pages back. yaml.v3 keeps it, and so does v4 in a []string. v4 writes it in quotes, yaml 2.9.1 (npm) without.
set -euo pipefail
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error yaml@2.9.1 >/dev/null
node --input-type=module -e 'import { stringify } from "yaml"; process.stdout.write(stringify({ buttons: ["1", "<<", "2"], back: "<<" }))' >buttons.yaml
go mod init finding 2>/dev/null
go get go.yaml.in/yaml/v4@v4.0.0 gopkg.in/yaml.v3@v3.0.1 2>/dev/null
cat >main.go <<'GO'
package main

import (
	"fmt"
	"log"
	"os"

	v4 "go.yaml.in/yaml/v4"
	v3 "gopkg.in/yaml.v3"
)

func main() {
	file, err := os.ReadFile("buttons.yaml")
	check(err)
	var a, b map[string]any
	check(v3.Unmarshal(file, &a))
	fmt.Printf("yaml.v3, into any: %v\n", a)
	check(v4.Unmarshal(file, &b))
	fmt.Printf("yaml/v4, into any: %v\n", b)
	var c struct {
		Buttons []string `yaml:"buttons"`
		Back    string   `yaml:"back"`
	}
	check(v4.Unmarshal(file, &c))
	fmt.Printf("yaml/v4, into texts: %+v\n", c)
	file, err = v4.Marshal([]string{"<<"})
	check(err)
	fmt.Printf("yaml/v4 writes: %s", file)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
GO
seen=$(cat buttons.yaml && GOFLAGS=-mod=mod go run .)
echo "version: go.yaml.in/yaml/v4 v4.0.0, gopkg.in/yaml.v3 v3.0.1, yaml 2.9.1"
echo "source: https://github.com/yaml/go-yaml"
echo "behaviour: << as a value is left out"
echo 'input: {buttons: ["1", "<<", "2"], back: "<<"}, written by yaml'
echo "seen:"
echo "$seen"
want='buttons:
  - "1"
  - <<
  - "2"
back: <<
yaml.v3, into any: map[back:<< buttons:[1 << 2]]
yaml/v4, into any: map[buttons:[1 2]]
yaml/v4, into texts: {Buttons:[1 << 2] Back:<<}
yaml/v4 writes: - "<<"'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
