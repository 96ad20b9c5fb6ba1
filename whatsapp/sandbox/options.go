package sandbox

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"time"
)

// The values that a zero Options stands for. None of them is valid at Meta.
const (
	DefaultToken         = "SANDBOX-TOKEN-not-a-real-one"      // recognisably fake
	DefaultPhoneNumberID = "106540352242922"                   // as in Meta's own examples
	DefaultWABAID        = "102290129340398"                   // as in Meta's own examples
	DefaultAppSecret     = "sandbox-app-secret"                //nolint:gosec // recognisably fake, and documented
	DefaultVerifyToken   = "sandbox-verify-token"              //nolint:gosec // recognisably fake, and documented
	DefaultDisplayNumber = "+1 555-078-3881"                   // the business number, which cannot be a recipient
	DefaultThroughput    = 80                                  // messages a second and number
	DefaultCallBudget    = 5000                                // management calls an hour and WABA
	DefaultKeepMessages  = 50_000                              // full records; counts are kept for all
	DefaultKeepRequests  = 200                                 // recent requests, bodies cut at 4 KiB
	DefaultKeepMedia     = int64(256 << 20)                    // bytes of uploaded files
	DefaultBatchSize     = 100                                 // updates in one webhook
	DefaultAttempts      = 12                                  // deliveries of one webhook before it is given up
	DefaultVersion       = "v25.0"                             // what answers when the path names no version
	userAgent            = "facebookexternalua"                // what Meta's webhooks call themselves
	lookasideHost        = "lookaside.fbsbx.com"               // where Meta keeps media
	appID                = "9876543210987654"                  // the app of subscribed_apps and of message history
	appName              = "Waybill sandbox"                   // its name
	namespace            = "ba30dd89_2ebd_41e4_b805_f2c05ae04" // message_template_namespace of the WABA
)

// Options says what the sandbox pretends to be. The zero value works: the Default… constants, the machine's clock, no webhooks.
type Options struct {
	Token         string // the one access token that is taken
	PhoneNumberID string // the business number that sends
	Numbers       int    // how many numbers the account has; the ids of further ones, and the numbers, follow the first; 0: 1
	WABAID        string // the account that owns it
	AppSecret     string // signs the webhooks
	VerifyToken   string // sent by the webhook handshake (Verify)
	DisplayNumber string // the business number as people see it; sending to it is refused with 131021

	// AsOf is the day whose rules the platform goes by: user ids, prices and the like. Zero: those of the end of 2026. The
	// clock stays as it is.
	AsOf time.Time

	Now   func() time.Time // the clock; nil: the machine's
	Speed float64          // divides status delays, webhook retries and the service window; 0: 1
	Seed  uint64           // of ids and of probabilistic faults; 0: taken from the clock, so that two sandboxes have different ids

	// OpenWindow treats every recipient as inside the 24-hour service window. Without it a free-form
	// message to a person who did not write first is accepted and then fails with 131047, as with Meta.
	OpenWindow        bool
	Throughput        int      // messages a second; 0: 80, negative: no limit
	NoPairLimit       bool     // lifts the limit of messages to one recipient (131056)
	CallBudget        int      // management calls an hour; 0: 5000, negative: no limit
	AllowedRecipients []string // the allow list of a test number (131030); empty: every recipient
	NoMagicRecipients bool     // treats the magic recipients of doc.go as ordinary numbers
	Placeholders      bool     // accepts the "{{…}}" and "<…>" of Meta's published examples as numbers, ids and links
	SampleAnalytics   bool     // adds invented, repeatable counts to those of accepted messages

	WebhookURL    string                                                         // where webhooks are posted; empty: nowhere
	WebhookClient *http.Client                                                   // posts them; nil: one with a timeout of 20 s
	Deliver       func(ctx context.Context, body []byte, signature string) error // is called instead of posting to WebhookURL
	Delays        Delays                                                         // when statuses happen, before Speed
	Answers       Answers                                                        // replies of recipients

	BatchSize int // updates in one webhook at most; 0: 100, Meta's limit is 1000
	Attempts  int // deliveries of a webhook that is not taken; 0: 12
	Parallel  int // webhooks under way at once; 0: 1, so that order is kept

	KeepMessages int       // full records of accepted messages; 0: 50,000; the oldest go first
	KeepRequests int       // recent requests; 0: 200
	KeepMedia    int64     // bytes of uploaded files; 0: 256 MiB; the oldest go first
	AcceptLog    io.Writer // one JSON line for each accepted message, written before its answer; nil: none
	Log          *slog.Logger
}

// Delays are the times from acceptance to each status. Zero values: 200 ms, 600 ms, 2 s.
type Delays struct {
	Sent      time.Duration `json:"sent,omitempty"`
	Delivered time.Duration `json:"delivered,omitempty"`
	Read      time.Duration `json:"read,omitempty"`
	NoRead    bool          `json:"noRead,omitempty"` // no recipient sends read receipts
}

// Answers makes recipients reply. The zero value makes none.
type Answers struct {
	Every int           `json:"every"`           // each Nth delivered message is answered
	Text  string        `json:"text,omitempty"`  // with these words; empty: "Thank you!"
	Delay time.Duration `json:"delay,omitempty"` // after delivery, before Speed; 0: 1 s
}

func (o Options) withDefaults() Options {
	setText(&o.Token, DefaultToken)
	setText(&o.PhoneNumberID, DefaultPhoneNumberID)
	setText(&o.WABAID, DefaultWABAID)
	setText(&o.AppSecret, DefaultAppSecret)
	setText(&o.VerifyToken, DefaultVerifyToken)
	setText(&o.DisplayNumber, DefaultDisplayNumber)
	if o.Now == nil {
		o.Now = time.Now //nolint:forbidigo // the zero Options has to work; main and tests set their own
	}
	if o.Speed <= 0 {
		o.Speed = 1
	}
	if o.Seed == 0 {
		o.Seed = uint64(o.Now().UnixNano())
	}
	setNumber(&o.Throughput, DefaultThroughput)
	setNumber(&o.CallBudget, DefaultCallBudget)
	setNumber(&o.KeepMessages, DefaultKeepMessages)
	setNumber(&o.KeepRequests, DefaultKeepRequests)
	setNumber(&o.KeepMedia, DefaultKeepMedia)
	setNumber(&o.BatchSize, DefaultBatchSize)
	setNumber(&o.Attempts, DefaultAttempts)
	setNumber(&o.Parallel, 1)
	setNumber(&o.Numbers, 1)
	o.Delays = o.Delays.withDefaults()
	if o.WebhookClient == nil {
		o.WebhookClient = &http.Client{Timeout: 20 * time.Second}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

func (d Delays) withDefaults() Delays {
	setNumber(&d.Sent, 200*time.Millisecond)
	setNumber(&d.Delivered, 600*time.Millisecond)
	setNumber(&d.Read, 2*time.Second)
	return d
}

func setText(field *string, value string) {
	if *field == "" {
		*field = value
	}
}

func setNumber[N int | int64 | time.Duration](field *N, value N) {
	if *field == 0 {
		*field = value
	}
}
