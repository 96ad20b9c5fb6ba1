#!/usr/bin/env bash
# go.temporal.io/sdk v1.51.0: an activity's error that is not to be tried again is tried again once it is wrapped. fmt.Errorf("send: %w", err) of a
# NewNonRetryableApplicationError is another error to the worker, of the type wrapError, for it looks at the outermost one alone and not
# along the chain, as errors.As does. NonRetryableErrorTypes is not met for the same reason, and NextRetryDelay is not kept. A message
# that cannot be delivered is sent as often as the policy allows, by who adds where the error came from. Way around: wrap what is
# inside, and make the ApplicationError last.
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
	"log/slog"
	"time"

	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"
)

func main() {
	ask("not retryable", temporal.NewNonRetryableApplicationError("no such number", "Final", nil))
	ask("of a type that is not retryable", temporal.NewApplicationError("no such number", "BadNumber"))
	ask("with a delay of an hour", temporal.NewApplicationErrorWithOptions("busy", "Busy", temporal.ApplicationErrorOptions{NextRetryDelay: time.Hour}))
}

func ask(what string, fault error) {
	fmt.Printf("%s: %s, wrapped %s\n", what, run(fault), run(fmt.Errorf("send: %w", fault)))
}

// run says how often an activity that fails is begun, and how long that takes by the clock of its workflow.
func run(fault error) string {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.NewTextHandler(io.Discard, nil))))
	env := suite.NewTestWorkflowEnvironment()
	attempts, took := 0, time.Duration(0)
	send := func(context.Context) error {
		attempts++
		return fault
	}
	job := func(ctx workflow.Context) error {
		ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute, RetryPolicy: &temporal.RetryPolicy{
			InitialInterval: time.Second, BackoffCoefficient: 1, MaximumAttempts: 3, NonRetryableErrorTypes: []string{"BadNumber"},
		}})
		begun := workflow.Now(ctx)
		err := workflow.ExecuteActivity(ctx, send).Get(ctx, nil)
		took = workflow.Now(ctx).Sub(begun)
		return err
	}
	env.RegisterActivity(send)
	env.RegisterWorkflow(job)
	env.ExecuteWorkflow(job)
	return fmt.Sprintf("%d in %v", attempts, took)
}
GO
GOFLAGS=-mod=mod go mod tidy 2>/dev/null
seen=$(go run .)
echo "version: go.temporal.io/sdk v1.51.0"
echo "source: https://github.com/temporalio/sdk-go"
echo "behaviour: an error that is not retryable is tried again where it is wrapped with %w"
echo "input: an activity that always fails, with three attempts a second apart at most"
echo "seen: attempts"
echo "$seen"
want='not retryable: 1 in 0s, wrapped 3 in 2s
of a type that is not retryable: 1 in 0s, wrapped 3 in 2s
with a delay of an hour: 3 in 2h0m0s, wrapped 3 in 2s'
[ "$seen" = "$want" ] || { echo "CHANGED: expected" >&2; echo "$want" >&2; exit 1; }
