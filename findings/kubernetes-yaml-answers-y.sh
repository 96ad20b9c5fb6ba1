#!/usr/bin/env bash
# sigs.k8s.io/yaml v1.6.0, by which kubectl and Helm read, beside PyYAML (6.0 here) and yaml 2.9.1 (npm), by which manifests are made: a text y is
# the text true, and a key y is the key "true". Both write y and n bare, since to PyYAML, which goes by YAML 1.1 in all else, they are text,
# as they are in YAML 1.2; sigs.k8s.io/yaml has them as yes and no. Into map[string]string, as the data of a ConfigMap is, the answer is
# put as "true" without an error, and of a point { x, y } there are x and true. no, which yaml alone writes bare, is false. yaml.v3 keeps all.
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
npm install --ignore-scripts --no-audit --no-fund --loglevel=error yaml@2.9.1 >/dev/null
go mod init finding 2>/dev/null
go get sigs.k8s.io/yaml@v1.6.0 gopkg.in/yaml.v3@v3.0.1 2>/dev/null
cat >main.go <<'GO'
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"

	"gopkg.in/yaml.v3"
	k8s "sigs.k8s.io/yaml"
)

func main() {
	file, err := os.ReadFile(os.Args[1])
	check(err)
	for _, library := range []struct {
		name      string
		unmarshal func([]byte, any) error
	}{
		{"sigs.k8s.io/yaml", func(text []byte, to any) error { return k8s.Unmarshal(text, to) }},
		{"yaml.v3", yaml.Unmarshal},
	} {
		var data map[string]string
		check(library.unmarshal(file, &data))
		shown, err := json.Marshal(data)
		check(err)
		fmt.Printf("  %s: %s\n", library.name, shown)
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
GO
GOFLAGS=-mod=mod go build -o ask .
echo '{"consent": "y", "refused": "no", "x": "1", "y": "2"}' >data.json
"$python" -c 'import json, yaml; print(yaml.safe_dump(json.load(open("data.json"))), end="")' >PyYAML
node -e 'process.stdout.write(require("yaml").stringify(JSON.parse(require("fs").readFileSync("data.json", "utf8"))))' >yaml
seen=$(for writer in PyYAML yaml; do
	echo "$writer writes: $(paste -sd ',' $writer)"
	./ask $writer
done)
echo "version: sigs.k8s.io/yaml v1.6.0, PyYAML $("$python" -c 'import yaml; print(yaml.__version__)'), yaml 2.9.1, gopkg.in/yaml.v3 v3.0.1"
echo "source: https://github.com/kubernetes-sigs/yaml, https://github.com/yaml/pyyaml, https://github.com/eemeli/yaml"
echo "behaviour: the texts y and n, as values and as keys, are read as the texts true and false"
echo "input: $(cat data.json)"
echo "seen: what is read into a map of texts"
echo "$seen"
want=$(cat <<'TEXT'
PyYAML writes: consent: y,refused: 'no',x: '1',y: '2'
  sigs.k8s.io/yaml: {"consent":"true","refused":"no","true":"2","x":"1"}
  yaml.v3: {"consent":"y","refused":"no","x":"1","y":"2"}
yaml writes: consent: y,refused: no,x: "1",y: "2"
  sigs.k8s.io/yaml: {"consent":"true","refused":"false","true":"2","x":"1"}
  yaml.v3: {"consent":"y","refused":"no","x":"1","y":"2"}
TEXT
)
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
