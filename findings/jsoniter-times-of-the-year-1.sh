#!/usr/bin/env bash
# json-iterator/go v1.1.12 and segmentio/encoding v0.5.4: a time that is not set is sent as 1 January of the year 1. omitzero, by which encoding/json leaves
# it out since Go 1.24, is not looked at, and both are said to be drop-in replacements. An API that takes the field for "send at" sends at once,
# or refuses. segmentio writes a time.Duration as text, "1h30m0s", too, where encoding/json has nanoseconds. sonic v1.15.5 and
# goccy/go-json v0.12.0 write what encoding/json writes. A pointer with omitempty is the way around.
set -euo pipefail
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
go mod init finding 2>/dev/null
go get github.com/json-iterator/go@v1.1.12 github.com/segmentio/encoding/json@v0.5.4 github.com/bytedance/sonic@v1.15.5 github.com/goccy/go-json@v0.12.0 2>/dev/null
cat >main.go <<'GO'
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"time"

	"github.com/bytedance/sonic"
	goccy "github.com/goccy/go-json"
	jsoniter "github.com/json-iterator/go"
	segmentio "github.com/segmentio/encoding/json"
)

func main() {
	var message struct {
		To     string    `json:"to"`
		SendAt time.Time `json:"sendAt,omitzero"`
		Expire time.Duration
	}
	message.To, message.Expire = "+34600000001", 90*time.Minute
	for _, library := range []struct {
		name    string
		marshal func(any) ([]byte, error)
	}{
		{"encoding/json", json.Marshal},
		{"json-iterator", jsoniter.ConfigCompatibleWithStandardLibrary.Marshal},
		{"segmentio", segmentio.Marshal},
		{"sonic", sonic.ConfigStd.Marshal},
		{"goccy", goccy.Marshal},
	} {
		text, err := library.marshal(message)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s: %s\n", library.name, text)
	}
}
GO
seen=$(GOFLAGS=-mod=mod go run . 2>/dev/null)
echo "version: github.com/json-iterator/go v1.1.12, github.com/segmentio/encoding v0.5.4"
echo "source: https://github.com/json-iterator/go, https://github.com/segmentio/encoding"
echo "behaviour: omitzero is not known, and a time that is not set is written"
echo "input: a message without a time to be sent at, and with 90 minutes"
echo "seen:"
echo "$seen"
want='encoding/json: {"to":"+34600000001","Expire":5400000000000}
json-iterator: {"to":"+34600000001","sendAt":"0001-01-01T00:00:00Z","Expire":5400000000000}
segmentio: {"to":"+34600000001","sendAt":"0001-01-01T00:00:00Z","Expire":"1h30m0s"}
sonic: {"to":"+34600000001","Expire":5400000000000}
goccy: {"to":"+34600000001","Expire":5400000000000}'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
