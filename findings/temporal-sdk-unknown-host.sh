#!/usr/bin/env bash
# go.temporal.io/sdk v1.51.0: a client that cannot look its server's host up says "no children to pick from", and nothing of the host or of
# DNS. A misspelt address so reads like a fault of the cluster. Way around: look the host up, and say what that says.
set -euo pipefail
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
go mod init finding 2>/dev/null
go get go.temporal.io/sdk@v1.51.0 2>/dev/null
cat >main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"net"
	"strings"

	"go.temporal.io/sdk/client"
)

func main() {
	_, looked := net.DefaultResolver.LookupHost(context.Background(), "temporal.invalid") // RFC 6761: no such host, ever
	_, err := client.Dial(client.Options{HostPort: "temporal.invalid:7233"})
	fmt.Printf("%v; it names the host: %v, as a look-up does: %v\n", err,
		strings.Contains(fmt.Sprint(err), "temporal.invalid"), strings.Contains(fmt.Sprint(looked), "temporal.invalid"))
}
GO
seen=$(GOFLAGS=-mod=mod go run . 2>/dev/null)
want='failed reaching server: no children to pick from; it names the host: false, as a look-up does: true'
echo "version: go.temporal.io/sdk v1.51.0, google.golang.org/grpc $(go list -m -f '{{.Version}}' google.golang.org/grpc)"
echo "source: https://github.com/temporalio/sdk-go"
echo "behaviour: a host that does not exist is told as \"no children to pick from\""
echo 'input: client.Dial with HostPort temporal.invalid:7233'
echo "seen: $seen"
[ "$seen" = "$want" ] || { echo "CHANGED: expected $want" >&2; exit 1; }
