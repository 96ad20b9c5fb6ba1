package engine

import (
	"cmp"
	"encoding/json"
	"strings"
	"time"

	"waybill/engine/diag"
	"waybill/engine/wording"
)

// RunStatus says how a run stands or ended.
type RunStatus string

// The statuses of a run.
const (
	RunRunning     RunStatus = "running"     // or its process was killed: `resume` goes on
	RunSucceeded   RunStatus = "succeeded"   // everything that was asked for happened
	RunFailed      RunStatus = "failed"      // something failed, outside continueOnError
	RunInDoubt     RunStatus = "inDoubt"     // deliveries are held
	RunStopped     RunStatus = "stopped"     // stopped early: stopAfter, an error of the account, a person's order
	RunInterrupted RunStatus = "interrupted" // by the user; `resume` goes on
)

// RunStatuses lists them all.
func RunStatuses() []RunStatus {
	return []RunStatus{RunRunning, RunSucceeded, RunFailed, RunInDoubt, RunStopped, RunInterrupted}
}

// Mode is the command that made a run.
type Mode string

// The modes. They differ in Scope alone: what "once" means.
const (
	ModeRun   Mode = "run"   // the scope is the run itself
	ModeApply Mode = "apply" // the scope is for ever, or a name
	ModeServe Mode = "serve" // the scope is an occurrence of the schedule
)

// ScopeEver is the scope of `apply` without a name: once, ever.
const ScopeEver = "ever"

// ScopeNamed is the scope of `apply --scope NAME`: once for that name.
func ScopeNamed(name string) string { return "name/" + name }

// Run is one execution of a job, as the ledger knows it.
type Run struct {
	ID         string // sortable by time: "20260325-090000-c47049"
	Job        string
	Mode       Mode
	Scope      string
	Status     RunStatus       // as it is now: see Told
	File       string          // the job file, absolute, so that resume finds it
	Digest     string          // of the job file's bytes and its inputs: resume refuses another job
	Inputs     json.RawMessage // the inputs it was started with, secrets never among them
	StartedAt  time.Time
	FinishedAt time.Time     // zero while it runs
	Counts     Counts        // as they are now; kept by the ledger, see Reader.Run
	Reason     string        // why it stopped early; empty otherwise
	WaitsUntil time.Time     // the earliest moment at which a row that waits may go; zero: none waits. One that is taken up because of it keeps it until it ends
	Cancelled  *Order        // a person dropped what of it waited; nil: nobody did, or it was taken up again since
	By         Actor         // who started it
	Resumes    int           // how often it was taken up again
	Asked      Asked         // what of the job it was to do: resume does no more
	Errors     []RunError    // the first MaxRunErrors of them, once it ended
	Repairs    []Repair      // how its job changed while it was under way
	Outline    []PartDigest  // see Reader.Outline, which tells it: a run that is read back has none. Of StartRun
	Unchanged  string        // see Reader.Unchanged, which tells it: a run that is read back has none. Of FinishRun; empty: it found no such thing. Of StartRun: what stays known, for its rows are those
	TellsFor   time.Duration // how long after its end its processes have to tell how it ended, before anybody is to; zero: nobody is. Of FinishRun, see Teller
}

// Repair is that a run was resumed with a job that is not the one it began with.
type Repair struct {
	At    time.Time `json:"at"`
	By    Actor     `json:"by"`
	From  string    `json:"from"`  // Run.Digest before
	Parts []string  `json:"parts"` // what differs, as people read it
}

// MaxRunErrors bounds Run.Errors.
const MaxRunErrors = 100

// Asked is what the command line took of a job. The zero value is all of it. Ledgers know by care.Narrowing with which of these a run does not
// meet all rows.
type Asked struct {
	Only        string   `json:"only,omitempty"`
	Limit       int      `json:"limit,omitempty"`
	RetryFailed bool     `json:"retryFailed,omitempty"`
	NewRows     bool     `json:"newRows,omitempty"`    // rows without a key, although most of their people were reached before
	AllowPaths  []string `json:"allowPaths,omitempty"` // absolute
	AllowURLs   []string `json:"allowUrls,omitempty"`  // hosts that rows may be fetched from
	TestTo      string   `json:"testTo,omitempty"`     // every message goes to this recipient
	Again       Again    `json:"again,omitzero"`       // what was to be sent once more
	Plan        string   `json:"plan,omitempty"`       // the fingerprint of the saved plan that was applied; empty: none was
	GoesOn      bool     `json:"goesOn,omitempty"`     // a rollout that was stopped goes on with its next wave: a person said so
	NoReceiver  bool     `json:"noReceiver,omitempty"` // a rollout is allowed though no receiver of webhooks is alive: a person said so

	// LateFails: a message that fails once the run has ended makes it a failed one, for no step of its job bears that (continueOnError, or a
	// question about it and another message instead).
	LateFails bool `json:"lateFails,omitempty"`

	DeliveryScope string `json:"deliveryScope,omitempty"` // where it is not the run's; see Run.DeliveryScope

	// Engine is what gives the run's parts to processes, as --engine names it: when it was begun, or taken up last. Empty: they divide them
	// among themselves.
	Engine string `json:"engine,omitempty"`
}

// LeftBehindDoubt is the Reason of a run that ended in doubt, where steps follow a message in doubt: once that was taken, only a resume does them.
const LeftBehindDoubt = "what follows a message in doubt is left to do"

// Told makes Status and Reason of a run what its counts say by now. What ended in doubt webhooks and people settle; a run that waits says for
// how many messages, which its processes know together alone. What failed since makes a run that succeeded a failed one, unless its job may
// have dealt with that (Asked.LateFails); who was stopped waits for a person.
func (r *Run) Told() {
	if r.Status == RunStopped && !r.WaitsUntil.IsZero() && r.Counts.Waiting > 0 {
		r.Reason = cutCount(r.Reason) + "; " + wording.Plural(r.Counts.Waiting, "message")
		return
	}
	if r.Status == RunSucceeded && r.Asked.LateFails && r.Counts.Undelivered > 0 {
		r.Status = RunFailed
	}
	if r.Status != RunInDoubt || r.Counts.InDoubt+r.Counts.UnderWay > 0 {
		return
	}
	switch {
	case r.Reason == LeftBehindDoubt:
		r.Status = RunStopped
	case r.Counts.Failed+r.Counts.NotSent > 0:
		r.Status = RunFailed
	default:
		r.Status = RunSucceeded
	}
}

// cutCount is a reason to wait without how many messages do.
func cutCount(reason string) string {
	if strings.HasSuffix(reason, " message") || strings.HasSuffix(reason, " messages") {
		return reason[:max(strings.LastIndex(reason, "; "), 0)]
	}
	return reason
}

// DeliveryScope is the scope of the run's deliveries. It is Scope, but for an occurrence of a schedule that sends what is new alone.
func (r *Run) DeliveryScope() string { return cmp.Or(r.Asked.DeliveryScope, r.Scope) }

// RunError is one failure of a run, as the ledger keeps it: also of rows that never became a delivery.
type RunError struct {
	Step    string `json:"step"`
	Item    string `json:"item,omitempty"`
	Row     int    `json:"row,omitempty"`
	Code    int    `json:"code,omitempty"`
	Message string `json:"message"`
}

// Summary is how a run ended, as the process that made it saw it.
type Summary struct {
	Run      Run
	Steps    map[string]map[string]any // outputs of the job's own steps, by id
	Outputs  map[string]any
	Errors   []StepError    // the first MaxErrors of them; the ledger has all
	Skipped  map[string]int // messages that the run left out, by the reason: a code of `waybill explain`
	Warnings diag.List
	Changed  int          // messages that were sent and whose rows make others now
	Rows     []ChangedRow // of Changed, the first MaxErrors of them
	Charged  []Charged    // how its delivered messages were charged, as far as statuses told by now
	Cost     *ChargedCost // what that makes by the rate card; nil: there is none, or nothing was charged

	GoesOn bool // other processes work at the run still: how this one ended is how its rows did
	Left   bool // so it is, and nobody works at what is left of the run: it goes on when another comes

	Tell *Run // how the run ended, where that is this process's to tell; nil: it is another's
}

// MaxErrors is how many failures and changed rows a summary and a plan hold; they count the others.
const MaxErrors = 1000
