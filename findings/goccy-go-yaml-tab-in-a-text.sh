#!/usr/bin/env bash
# goccy/go-yaml v1.19.2: a tab inside a text without quotes is gone, and the words on both sides are one: "Ana<tab>Gil", as it is pasted
# from a table, is read as AnaGil. A plain scalar may hold blanks and tabs (YAML 1.2.2, 7.3.3). It writes such a text without quotes, too,
# and does not read what it wrote. yaml.v3 and js-yaml 5.5.0 keep the tab.
set -euo pipefail
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error js-yaml@5.5.0 >/dev/null
go mod init finding 2>/dev/null
go get github.com/goccy/go-yaml@v1.19.2 gopkg.in/yaml.v3@v3.0.1 2>/dev/null
cat >main.go <<'GO'
package main

import (
	"fmt"
	"log"
	"os"

	"github.com/goccy/go-yaml"
	v3 "gopkg.in/yaml.v3"
)

func main() {
	type person struct{ Name string }
	file, err := yaml.Marshal(person{"Ana\tGil"})
	check(err)
	fmt.Printf("goccy writes %q\n", file)
	check(os.WriteFile("person.yaml", file, 0o600))
	var a, b person
	check(yaml.Unmarshal(file, &a))
	check(v3.Unmarshal(file, &b))
	fmt.Printf("goccy reads %q\nyaml.v3 reads %q\n", a.Name, b.Name)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
GO
cat >ask.mjs <<'JS'
import { readFileSync } from "node:fs";
import { load } from "js-yaml";
console.log("js-yaml reads", JSON.stringify(load(readFileSync("person.yaml", "utf8")).name));
JS
seen=$(GOFLAGS=-mod=mod go run . && node ask.mjs)
echo "version: github.com/goccy/go-yaml v1.19.2, gopkg.in/yaml.v3 v3.0.1, js-yaml 5.5.0"
echo "source: https://github.com/goccy/go-yaml"
echo "behaviour: a tab inside a plain scalar is lost"
echo 'input: struct{ Name string }{"Ana\tGil"}, written by goccy/go-yaml'
echo "seen:"
echo "$seen"
want='goccy writes "name: Ana\tGil\n"
goccy reads "AnaGil"
yaml.v3 reads "Ana\tGil"
js-yaml reads "Ana\tGil"'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
