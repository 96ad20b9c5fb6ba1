#!/usr/bin/env bash
# Go's net/http (1.26.8): when a connection's read deadline passes within the status line or a header, the error is that the answer is
# malformed, and no word of the deadline. errors.Is(err, os.ErrDeadlineExceeded) is false, as net.Error's Timeout is; behind the status
# code, or between two lines, it is true. A client that tries again after a timeout, and gives up at what is no HTTP, decides by where
# the network cut.
set -euo pipefail
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
go mod init finding 2>/dev/null
cat >main.go <<'GO'
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"time"
)

func main() {
	for _, part := range []string{"HTTP/1.1 20", "HTTP/1.1 200 O", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			log.Fatal(err)
		}
		go func() {
			server, err := listener.Accept()
			if err != nil {
				log.Fatal(err)
			}
			fmt.Fprint(server, part)
			io.Copy(io.Discard, server) // until the client closes
			server.Close()
		}()
		client := http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(ctx, network, address)
			if err == nil {
				err = conn.SetReadDeadline(time.Now().Add(500 * time.Millisecond))
			}
			return conn, err
		}}}
		_, err = client.Get("http://" + listener.Addr().String())
		fmt.Printf("%q: deadline exceeded: %v\n", part, errors.Is(err, os.ErrDeadlineExceeded))
		var about interface{ Unwrap() error }
		if errors.As(err, &about) && !errors.Is(err, os.ErrDeadlineExceeded) {
			fmt.Println("  " + about.Unwrap().Error())
		}
		listener.Close()
	}
}
GO
seen=$(go run .)
echo "version: $(go version)"
echo "source: https://go.googlesource.com/go"
echo "behaviour: a deadline that passes within a line of an answer's head is told as a malformed answer"
echo "input: a server that sends the beginning of an answer and waits; a connection with a read deadline of half a second"
echo "seen:"
echo "$seen"
want='"HTTP/1.1 20": deadline exceeded: false
  net/http: HTTP/1.x transport connection broken: malformed HTTP status code "20"
"HTTP/1.1 200 O": deadline exceeded: true
"HTTP/1.1 200 OK\r\nContent-Le": deadline exceeded: false
  net/http: HTTP/1.x transport connection broken: malformed MIME header: missing colon: "Content-Le"
"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n": deadline exceeded: true'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
