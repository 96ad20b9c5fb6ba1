#!/usr/bin/env bash
# go.temporal.io/sdk v1.51.0: WorkflowRun.Get gives up a minute after its server is gone, with "context deadline exceeded", though its own
# context has no deadline and is not done. Get is documented as blocking until the workflow has ended; each request of its long poll is tried
# again for a minute at most (DefaultExpirationInterval), and what that ends with is taken for the answer. Who waits for a workflow through a
# restart of the server that takes longer is told of a failure that is none, in the words of a deadline that the caller never set. Way around:
# ask once more while ctx.Err() is nil and the error is that of a server that is away (Unavailable, DeadlineExceeded).
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
	"io"
	"log"
	"log/slog"
	"net"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"google.golang.org/grpc"
)

// server is as much of Temporal as the question needs: a workflow that does not end.
type server struct {
	workflowservice.UnimplementedWorkflowServiceServer
	asked chan struct{}
}

func (*server) GetSystemInfo(context.Context, *workflowservice.GetSystemInfoRequest) (*workflowservice.GetSystemInfoResponse, error) {
	return &workflowservice.GetSystemInfoResponse{}, nil
}

func (s *server) GetWorkflowExecutionHistory(ctx context.Context, _ *workflowservice.GetWorkflowExecutionHistoryRequest) (*workflowservice.GetWorkflowExecutionHistoryResponse, error) {
	s.asked <- struct{}{}
	<-ctx.Done()
	return nil, ctx.Err()
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	s, g := &server{asked: make(chan struct{}, 1)}, grpc.NewServer()
	workflowservice.RegisterWorkflowServiceServer(g, s)
	go g.Serve(listener)
	c, err := client.Dial(client.Options{HostPort: listener.Addr().String(), Logger: sdklog.NewStructuredLogger(slog.New(slog.NewTextHandler(io.Discard, nil)))})
	check(err)
	ctx := context.Background()
	ended := make(chan error)
	go func() { ended <- c.GetWorkflow(ctx, "a", "b").Get(ctx, nil) }()
	<-s.asked
	g.Stop() // the server is gone
	gone := time.Now()
	select {
	case err := <-ended:
		took := time.Since(gone)
		fmt.Printf("Get gave up: %T %v, ctx.Err() %v; after about a minute: %v\n", err, err, ctx.Err(), took > 50*time.Second && took < 80*time.Second)
	case <-time.After(2 * time.Minute):
		fmt.Println("Get waits")
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
GO
seen=$(GOFLAGS=-mod=mod go run .)
want='Get gave up: *serviceerror.DeadlineExceeded context deadline exceeded, ctx.Err() <nil>; after about a minute: true'
echo "version: go.temporal.io/sdk v1.51.0"
echo "source: https://github.com/temporalio/sdk-go"
echo "behaviour: WorkflowRun.Get ends a minute after its server is gone, whatever its context says"
echo "input: Get with context.Background() of a workflow that runs, and the server stopped"
echo "seen: $seen"
[ "$seen" = "$want" ] || { echo "CHANGED: expected $want" >&2; exit 1; }
