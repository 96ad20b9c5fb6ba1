package engine

import (
	"time"

	"waybill/engine/delivery"
	"waybill/engine/diag"
)

// Engine executes and plans jobs. Now is required, and to execute the Ledger; the rest may be zero.
type Engine struct {
	Ledger  Ledger
	Now     func() time.Time
	Observe func(Event)         // nil: nobody watches
	Redact  func(string) string // takes secrets out of what is written down; nil: there are none
	Hide    func(secret string) // makes another secret known to Redact; nil: nobody wants to know
}

// Request is what a command asks for.
type Request struct {
	Job         *Job
	Mode        Mode
	Scope       string         // of ModeApply and ModeServe; ModeRun makes its own
	Resume      *Run           // goes on with this run instead of starting one
	Inputs      map[string]any // by name, typed already (Job.ParseInputs)
	Open        Opener
	Connection  *Connection                  // takes the place of every connection in the job: the sandbox
	Only        string                       // path of the one step to do; empty: all
	Limit       int                          // items of each forEach at most; 0: all
	RetryFailed bool                         // also what WhatsApp refused for good
	ToResend    func(delivery.Delivery) bool // of those in doubt, which the user wants sent again; nil: none but by onUncertain
	File        string                       // the job file, absolute, for resume
	AllowPaths  []string                     // folders beyond the job's that Open reaches, absolute, for resume
	Expect      *SavedPlan                   // the plan that was reviewed: anything else is refused; nil: whatever there is to do
}

// Summary is how a run ended, as the process that made it saw it.
type Summary struct {
	Run      Run
	Steps    map[string]map[string]any // outputs of the job's own steps, by id
	Outputs  map[string]any
	Errors   []StepError // the first MaxErrors of them; the ledger has all
	Warnings diag.List
}

// MaxErrors bounds Summary.Errors.
const MaxErrors = 1000

// Plan is what apply would do. It is made without a network and without changing the ledger.
type Plan struct {
	Job         string
	Scope       string
	New         int // deliveries to be made
	AlreadySent int
	ToRetry     int
	InDoubt     int
	Refused     int // refused for good before, and left
	Depends     int // may be made, depending on what earlier steps answer
	Invalid     int // items that will fail: a bad row, an empty parameter
	Changed     int // already sent, with another text than they would have now
	Samples     []Sample
	Invalids    []StepError // the first MaxErrors of them
	Warnings    diag.List
	People      int     // items, and steps outside of one, by which somebody may be messaged
	Reads       []*Step // steps that only read
	Fingerprint string  // of every delivery, its content and what would be done: two equal plans do the same
}

// Messages is how many messages would be sent at most.
func (p *Plan) Messages() int { return p.New + p.ToRetry + p.Depends }

// Sample is one message as it would be sent.
type Sample struct {
	Step      *Step
	Operation string
	Item      string
	Row       int
	Recipient string
	Body      []byte // JSON, as it would be sent, without the callback
	Action    delivery.Action
}

// MaxSamples bounds Plan.Samples: that many of each step.
const MaxSamples = 3
