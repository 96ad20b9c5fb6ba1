//go:build unix

package sandbox_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"waybill/whatsapp/sandbox"
)

// cpuTime is what the process has used so far.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// BenchmarkMessage is the processor time of one message with its three statuses by webhook, taken and told.
func BenchmarkMessage(b *testing.B) {
	for name, body := range map[string]func(string) string{
		"text":     func(to string) string { return text(to, "Hello") },
		"template": func(to string) string { return helloTo(strings.TrimPrefix(to, "+")) },
	} {
		b.Run(name, func(b *testing.B) {
			s := sandbox.New(sandbox.Options{
				OpenWindow: true, Throughput: -1, Now: time.Now, Speed: 1000,
				Deliver: func(context.Context, []byte, string) error { return nil },
			})
			ctx, stop := context.WithCancel(context.Background())
			done := make(chan error, 1)
			go func() { done <- s.Run(ctx) }()
			began := cpuTime(b)
			i := 0
			for b.Loop() {
				i++
				request, _ := http.NewRequestWithContext(ctx, http.MethodPost, "https://graph.facebook.com"+messagesPath,
					strings.NewReader(body(fmt.Sprintf("+346%08d", i))))
				request.Header.Set("Authorization", "Bearer "+sandbox.DefaultToken)
				if _, err := do(s, request); err != nil {
					b.Fatal(err)
				}
			}
			for s.State().Queued > 0 {
				time.Sleep(time.Millisecond)
			}
			b.ReportMetric(float64(cpuTime(b)-began)/float64(b.N), "cpu-ns/op")
			stop()
			if err := <-done; err != nil {
				b.Error(err)
			}
		})
	}
}
