package steps

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"waybill/engine"
	"waybill/engine/audience"
	"waybill/whatsapp/webhook"
)

// The environment variables that a receiver of webhooks is set up by.
const (
	AppSecretVariable   = "WHATSAPP_APP_SECRET"   //nolint:gosec // a name
	VerifyTokenVariable = "WHATSAPP_VERIFY_TOKEN" //nolint:gosec // a name
)

// WebhookPath is where WhatsApp calls a receiver of this program.
const WebhookPath = "/webhooks"

// What a receiver may check before it reads a callback: its signature stands in this header, and its body has at most so
// many bytes.
const (
	WebhookSignature = webhook.SignatureHeader
	WebhookMaxBytes  = webhook.DefaultMaxBytes
)

// Webhooks answers WhatsApp's callbacks and hands on what they say. Record and Now are required.
type Webhooks struct {
	AppSecrets  []string // that may have signed a callback; none: every callback is refused
	VerifyToken string   // shown in the handshake; empty: every handshake is refused
	// Record makes a callback durable. It is called concurrently, and again for a callback that WhatsApp repeats. An error
	// is answered 503, so that WhatsApp sends the callback again.
	Record func(ctx context.Context, r engine.Report) error
	Now    func() time.Time
	Log    *slog.Logger // of refused and failed callbacks; nil: silence
	// Words are what people write to be left alone, or to hear from the business again; the zero value knows none.
	Words audience.Words
}

// Handler returns the handler of the address that WhatsApp calls: see webhook.Handler for its answers.
func (w Webhooks) Handler() http.Handler {
	return &webhook.Handler{
		Secrets: w.AppSecrets, VerifyToken: w.VerifyToken, Log: w.Log,
		Receive: func(ctx context.Context, raw []byte, ev webhook.Event) error {
			return w.Record(ctx, Receive(ev, raw, w.Now(), w.Words))
		},
	}
}
