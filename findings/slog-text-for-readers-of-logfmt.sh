#!/usr/bin/env bash
# Go's log/slog (1.26.8) beside go-logfmt v0.6.1 and logfmt 1.4.0 (npm): a line of TextHandler, key=value as logfmt has it, is not read to its end
# by one and read otherwise by the other. What needs quotes is quoted as in Go's source, which knows \v, \a and \x1b; go-logfmt reads quotes as
# JSON has them, and gives up at a vertical tab, as PowerPoint and Word put one for Shift+Enter, and at a key with a blank, which is quoted, too.
# All that stands behind is lost. logfmt takes the backslash away and leaves the letter: a line break becomes an n. slog's
# JSONHandler writes what all read.
set -euo pipefail
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
command -v npm >/dev/null || { echo "needs npm" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error logfmt@1.4.0 >/dev/null
go mod init finding 2>/dev/null
go get github.com/go-logfmt/logfmt@v0.6.1 2>/dev/null
cat >main.go <<'GO'
package main

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"

	"github.com/go-logfmt/logfmt"
)

func main() {
	handler := slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == slog.LevelKey {
			return slog.Attr{}
		}
		return a
	}})
	if len(os.Args) == 1 {
		log := slog.New(handler)
		log.Info("sent", "name", "Ana Gil", "id", 1)
		log.Info("sent", "name", "Ana\vGil", "id", 2)
		log.Info("sent", "job name", "x", "id", 3)
		log.Info("sent", "name", "Ana\nGil", "id", 4)
		return
	}
	line := logfmt.NewDecoder(bytes.NewReader([]byte(os.Args[1])))
	for line.ScanRecord() {
		for line.ScanKeyval() {
			fmt.Printf("%s=%q ", line.Key(), line.Value())
		}
	}
	fmt.Println(line.Err())
}
GO
GOFLAGS=-mod=mod go build -o ask .
seen=$(./ask | while read -r line; do
	echo "$line"
	echo "  go-logfmt: $(./ask "$line")"
	echo "  logfmt: $(node -e 'console.log(JSON.stringify(require("logfmt").parse(process.argv[1])))' "$line")"
done)
echo "version: $(go version), github.com/go-logfmt/logfmt v0.6.1, logfmt 1.4.0"
echo "source: https://go.googlesource.com/go, https://github.com/go-logfmt/logfmt, https://github.com/csquared/node-logfmt"
echo "behaviour: what slog quotes in its text form is refused, or read otherwise, by readers of logfmt"
echo "input: a name with a blank, with a vertical tab and with a line break, and a key with a blank; behind each an id"
echo "seen: the line, and what two readers make of it"
echo "$seen"
want=$(cat <<'TEXT'
msg=sent name="Ana Gil" id=1
  go-logfmt: msg="sent" name="Ana Gil" id="1" <nil>
  logfmt: {"msg":"sent","name":"Ana Gil","id":"1"}
msg=sent name="Ana\vGil" id=2
  go-logfmt: msg="sent" logfmt syntax error at pos 25 on line 1: invalid quoted value
  logfmt: {"msg":"sent","name":"AnavGil","id":"2"}
msg=sent "job name"=x id=3
  go-logfmt: msg="sent" logfmt syntax error at pos 10 on line 1: unexpected '"'
  logfmt: {"msg":"sent","job name":"x","id":"3"}
msg=sent name="Ana\nGil" id=4
  go-logfmt: msg="sent" name="Ana\nGil" id="4" <nil>
  logfmt: {"msg":"sent","name":"AnanGil","id":"4"}
TEXT
)
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
