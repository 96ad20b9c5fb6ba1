package runner

import (
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/diag"
)

// Engine executes, plans and counts jobs. Now is required, and to execute the Ledger; the rest may be zero.
type Engine struct {
	Ledger  engine.Ledger
	Now     func() time.Time
	Observe func(engine.Event)  // is told of everything that happens; nil: not wanted
	Redact  func(string) string // takes secrets out of what is written down; nil: there are none
	Hide    func(secret string) // makes another secret known to Redact; nil: not wanted
}

// Request is what a command asks for.
type Request struct {
	Job         *engine.Job
	Mode        engine.Mode
	Scope       string         // of ModeApply and ModeServe; ModeRun makes its own
	Resume      *engine.Run    // goes on with this run instead of starting one
	JobChanged  bool           // of Resume: also with a job that is not the one it began with
	Due         bool           // of Resume: no person asks for it, but what of it waited may go now. What a person stopped stays stopped
	Inputs      map[string]any // by name, typed already (Job.ParseInputs)
	Open        engine.Opener
	Spool       *engine.Spool                // keeps what is read once; nil: for this use alone, and without standard input
	Connection  *engine.Connection           // takes the place of every connection in the job: the sandbox
	Only        string                       // path of the one step to do; empty: all
	Limit       int                          // items of each forEach at most; 0: all
	Again       engine.Again                 // of ModeApply: what is to be sent once more, and nothing else
	RetryFailed bool                         // also what WhatsApp refused for good
	ToResend    func(delivery.Delivery) bool // of those in doubt, which the user wants sent again; nil: none but by onUncertain
	File        string                       // the job file, absolute, for resume
	AllowPaths  []string                     // folders beyond the job's that Open reaches, absolute, for resume
	AllowURLs   []string                     // hosts that rows may be fetched from, for resume
	Expect      *SavedPlan                   // the plan that was reviewed: anything else is refused; nil: whatever there is to do
	Plan        string                       // of Helps: engine.Asked.Plan of the run that it helps with; empty: no plan was applied
	Sample      string                       // of Plan: the key of the one item whose messages and failures are shown; empty: the first of each step
	TestTo      string                       // every message goes to this recipient instead of its own; empty: to its own
	Tracked     func(path string) bool       // whether a data file is under version control, by its name in the job; nil: none is
	NextWave    bool                         // a rollout that was stopped goes on with its next wave
	NewRows     bool                         // rows without a key go out although most of their people were reached before
	NoReceiver  bool                         // a rollout is allowed though no receiver of webhooks is alive
	By          engine.Actor                 // who asks
	Helps       bool                         // it works at a run that others began, and begins none: engine.ErrNotFound where there is none
	Shard       engine.Shard                 // of a run that is divided among processes: the parts that this one takes; zero: its share
	Placement   Placement                    // of a run that is divided: which parts this process does; nil: its share, or its shard
	Engine      string                       // what gives the run's parts to processes, for its record; empty: they divide them among themselves
	Holder      string                       // what the ledger calls this process; empty: "waybill" and the mode
	Settle      *time.Duration               // how long to listen for what becomes of the messages; nil: as the job says, else while a receiver is alive
	Receives    bool                         // webhooks reach this ledger through this process: the embedded sandbox
	Expecting   func() bool                  // whether further webhooks may come (the embedded sandbox knows); nil: they may
	Yields      func(until time.Time) bool   // whether others need the ledger before a moment until which messages wait: then the run ends, and is to be taken up at that moment; nil: nobody does
	Rates       *diag.Source                 // the rate card, in the place of the job's; nil: the job's
	Counted     *Audience                    // what Count told of this request: the rows are not counted again; nil: where a limit asks

	pins *pins // notes what a saved plan is made of; nil: nothing is saved
}
