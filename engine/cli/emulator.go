package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"waybill/engine"
	"waybill/engine/report"
	"waybill/engine/secret"
	"waybill/engine/serve"
	"waybill/steps"
	"waybill/whatsapp/sandbox"
)

const (
	// embeddedSpeed makes the sandbox of --sandbox quick: a message is delivered some 30 ms after it was taken.
	embeddedSpeed = 20
	// lifelikeSpeed is that of the sandbox beside serve: people there are as quick as people.
	lifelikeSpeed = 1
	// embeddedThroughput is what WhatsApp grants its greatest senders, in messages a second; the emulator itself sets no
	// limit then. Nothing is gained by waiting for one while trying something.
	embeddedThroughput = 1000
	// embeddedNumbers is how many numbers the emulator has: as many as a job may name.
	embeddedNumbers = 100
)

// emulator is the sandbox inside the process: requests go to it without a socket, and its webhooks come back
// through the same handler that a real one would go through.
type emulator struct {
	server   *sandbox.Server
	webhooks http.Handler // receives what the sandbox delivers; it may be changed before Start
	stop     context.CancelFunc
	done     sync.WaitGroup
}

// newEmulator makes it; nothing happens before Start.
func newEmulator(now func() time.Time, speed float64, webhooks http.Handler, log *slog.Logger) *emulator {
	e := &emulator{webhooks: webhooks}
	e.server = sandbox.New(sandbox.Options{
		Now:             now,
		Speed:           speed,
		Throughput:      -1,
		Numbers:         embeddedNumbers,
		OpenWindow:      true,
		Parallel:        8, // statuses merge whatever their order
		SampleAnalytics: true,
		Answers:         sandbox.Answers{Every: 2},
		Log:             log,
		Deliver: func(ctx context.Context, body []byte, signature string) error {
			return post(ctx, e.webhooks, body, signature)
		},
	})
	return e
}

// Start begins to deliver webhooks, until Stop.
func (e *emulator) Start(ctx context.Context) {
	ctx, e.stop = context.WithCancel(context.WithoutCancel(ctx))
	e.done.Go(func() { _ = e.server.Run(ctx) }) // ends with ctx, and has nothing else to say
}

// expecting says whether the sandbox still has webhooks to deliver.
func (e *emulator) expecting() bool { return e.server.State().Queued > 0 }

// Stop ends the deliveries and waits for the one under way.
func (e *emulator) Stop() {
	if e.stop != nil {
		e.stop()
		e.done.Wait()
	}
}

// sandboxConnection reaches the emulator.
func sandboxConnection() *engine.Connection {
	return &engine.Connection{
		Token:          secret.New(sandbox.DefaultToken),
		PhoneNumberID:  sandbox.DefaultPhoneNumberID,
		WABAID:         sandbox.DefaultWABAID,
		BaseURL:        "https://sandbox.invalid/" + sandbox.DefaultVersion,
		ConnectTimeout: 30 * time.Second,
		ReadTimeout:    60 * time.Second,
		Throughput:     embeddedThroughput,
	}
}

// sandboxSecrets are what the emulator's webhooks are checked by.
func sandboxSecrets() serve.Secrets {
	return serve.Secrets{App: []string{sandbox.DefaultAppSecret}, Verify: sandbox.DefaultVerifyToken}
}

// sandboxCard says how a job reaches an emulator on a socket.
func sandboxCard(address string) report.SandboxCard {
	return report.SandboxCard{
		URL: "http://" + address, BaseURL: "http://" + address + "/" + sandbox.DefaultVersion,
		Token: sandbox.DefaultToken, PhoneNumberID: sandbox.DefaultPhoneNumberID, WABAID: sandbox.DefaultWABAID,
		AppSecret: sandbox.DefaultAppSecret, VerifyToken: sandbox.DefaultVerifyToken,
	}
}

// sandboxLookup answers for the three variables of a connection as the sandbox would have them.
func sandboxLookup(lookup func(string) (string, bool)) func(string) (string, bool) {
	names := steps.DefaultVariables()
	return func(name string) (string, bool) {
		switch name {
		case names["token"]:
			return sandbox.DefaultToken, true
		case names["phoneNumberId"]:
			return sandbox.DefaultPhoneNumberID, true
		case names["wabaId"]:
			return sandbox.DefaultWABAID, true
		}
		return lookup(name)
	}
}

// post hands a webhook to the handler as an HTTP server would.
func post(ctx context.Context, handler http.Handler, body []byte, signature string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, steps.WebhookPath, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("make the sandbox's webhook: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(steps.WebhookSignature, signature)
	answer := &statusWriter{header: http.Header{}, status: http.StatusOK}
	handler.ServeHTTP(answer, req)
	if answer.status != http.StatusOK {
		return fmt.Errorf("the webhook receiver answered HTTP %d", answer.status)
	}
	return nil
}

// statusWriter keeps the status of an answer and drops its body.
type statusWriter struct {
	header http.Header
	status int
	wrote  bool
}

func (w *statusWriter) Header() http.Header { return w.header }

func (w *statusWriter) WriteHeader(status int) {
	if !w.wrote {
		w.status, w.wrote = status, true
	}
}

func (w *statusWriter) Write(p []byte) (int, error) {
	w.wrote = true
	return io.Discard.Write(p)
}
