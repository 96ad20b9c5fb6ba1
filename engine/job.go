package engine

import (
	"time"

	"waybill/engine/diag"
	"waybill/engine/eval"
	"waybill/engine/price"
	"waybill/engine/rows"
)

// Job is one valid job: every expression is compiled and typed, every operation's parameters are checked as far as they are
// literal. It is not changed after jobfile.Loader made it.
type Job struct {
	Name        string // [a-z0-9-]+: the identity in the ledger
	Description string
	Source      *diag.Source
	Range       diag.Range // of the document
	Dir         string     // the folder of the file, absolute: relative paths start here
	Connection  ConnectionSpec
	Defaults    Connection // what a connection has where the file says nothing
	Inputs      []Input
	Vars        []Var
	Retry       RetrySpec
	OnUncertain Policy
	Schedule    *Schedule // nil: not scheduled
	Limits      Limits
	Rates       Rates
	Recipients  Recipients
	Settle      *time.Duration // how long a run stays after its last message to hear what became of them; nil: the file says nothing
	OfflineFor  time.Duration  // how long sends pause while nothing connects, before the run ends
	KeepText    time.Duration  // for how long the ledger keeps what was sent, word for word; 0: it does not
	Notify      []Notify
	Steps       []*Step
	Outputs     []Output
	Parts       []Part          // everything that the file says of it, in the order of the file
	Variables   *eval.Variables // the environment variables it uses, and which of them are secret
}

// DefaultOfflineFor is how long sends pause while nothing connects, where the file says nothing.
const DefaultOfflineFor = 10 * time.Minute

// DefaultKeepText is how long texts are kept, where the file says nothing.
const DefaultKeepText = 90 * 24 * time.Hour

// Input is a typed value that the user passes to a run: --input day=2026-03-25.
type Input struct {
	Name        string
	Type        eval.Type
	Description string
	Required    bool
	Default     any // string, int, float64 or bool; nil: none
	Range       diag.Range
}

// Var is a named value, evaluated once at the start of a run, in the file's order.
type Var struct {
	Name  string
	Value *eval.Tree
	Range diag.Range
}

// Output is a named value of the whole job, evaluated at its end.
type Output struct {
	Name  string
	Value *eval.Tree
	Range diag.Range
}

// Policy says what is done with a delivery in doubt (onUncertain).
type Policy uint8

// The policies.
const (
	Hold   Policy = iota // held until a status or the user settles it; the default
	Resend               // sent again: at least once
	Strict               // as Hold, and a 5xx without an error of the API is in doubt too
)

// Limits are guards against more than anybody meant.
type Limits struct {
	Recipients int          // most people messaged by one run; 0: no limit
	PerDay     int          // most people who get a template within 24 hours, by all jobs of the ledger; the rest waits; 0: no limit
	Cost       *price.Money // the most that the messages of one apply may cost by the rate card; nil: no limit
	Range      diag.Range
	CostRange  diag.Range
}

// Rates is the file with the rate card by which messages are priced.
type Rates struct {
	File  string // relative to the job's folder; empty: there is none
	Range diag.Range
}

// Schedule is when `waybill serve` runs the job.
type Schedule struct {
	Cron        string         // five fields
	Zone        *time.Location // UTC when the file names none
	Missed      string         // "run" or "skip": what to do about an occurrence that passed while serve did not run
	MaxLateness time.Duration  // an occurrence later than this is skipped; 0: no bound
	Sends       Sends          // empty only in a job that sends nothing
	Range       diag.Range
}

// Sends says to whom an occurrence of a schedule sends.
type Sends string

// The words of Schedule.Sends.
const (
	SendsNew      Sends = "new"      // what the ledger does not have, as apply does
	SendsEveryone Sends = "everyone" // every row, once an occurrence
)

// Notify says who is told of what becomes of runs.
type Notify struct {
	On    []string   // at least one; package notify has the words, see notify.Kinds
	To    *eval.Tree // an address, secret: an https one, or one such as slack://… or smtp://…
	Range diag.Range
}

// RetrySpec says how often and how fast a step is tried again. Zero fields take the value of the job, and where that is zero,
// of DefaultRetry.
type RetrySpec struct {
	Attempts int           // every try counts; 1: no retry
	Delay    time.Duration // before the second try; doubles from there, with jitter
	MaxDelay time.Duration // most of it; a wait that the API asks for is honoured beyond it
}

// DefaultRetry returns what is used where the file says nothing.
func DefaultRetry() RetrySpec {
	return RetrySpec{Attempts: 5, Delay: time.Second, MaxDelay: time.Minute}
}

// Over returns r with its zero fields taken from below.
func (r RetrySpec) Over(below RetrySpec) RetrySpec {
	if r.Attempts == 0 {
		r.Attempts = below.Attempts
	}
	if r.Delay == 0 {
		r.Delay = below.Delay
	}
	if r.MaxDelay == 0 {
		r.MaxDelay = below.MaxDelay
	}
	return r
}

// ConnectionSpec is a connection as the file gives it: each part a template, nil where the file is silent.
type ConnectionSpec struct {
	Token, PhoneNumberID, WABAID, BaseURL *eval.Tree // PhoneNumberID, WABAID and Throughput may be lists, one for each number
	MessagingAccountID                    *eval.Tree
	ConnectTimeout, ReadTimeout           *eval.Tree // milliseconds, or a duration as text
	Throughput                            *eval.Tree // messages a second
	Numbers                               int        // how many numbers PhoneNumberID names, also where another connection takes its place; 0: it is not given
}

// Step is one entry of `steps`: one operation, or a group of steps.
type Step struct {
	ID              string // unique in its sequence; made from the place ("step3") when the file gives none
	Path            string // IDs from the top, joined by "/": "patients/remind"
	If              *eval.Template
	ForEach         *ForEach       // nil: once
	Operation       Operation      // nil for a group
	Params          *eval.Tree     // of the operation, connection keys taken out
	Connection      ConnectionSpec // what stands inside the operation; wins over the job's
	Numbers         int            // how many numbers it sends from by its own connection, else by its job's; 0: that is not given
	Country         *eval.Tree     // Recipients.Country of its job
	FromRows        []string       // the parameters that are made of rows of a file
	Expires         *eval.Tree     // of a Sender: after it nothing is sent, see Expiry; nil: never
	Retry           RetrySpec
	ContinueOnError bool
	Steps           []*Step    // of a group
	Range           diag.Range // of the entry
	NameRange       diag.Range // of the operation's key, or of `steps`
}

// Sender returns the step's operation when it is one that reaches a person.
func (s *Step) Sender() (Sender, bool) {
	sender, ok := s.Operation.(Sender)
	return sender, ok
}

// ForEach repeats a step for each item of a source.
type ForEach struct {
	Source      Source
	From        *eval.Tree     // the value of the source's key: a file, a list, a query
	Encoding    string         // of csv: a label such as "windows-1252"; empty: found out
	Delimiter   rune           // of csv; 0: found out
	HeaderRow   int            // of csv and xlsx: the row that names the columns, from 1; 0: the first that has a value
	Sheet       string         // of xlsx; empty: the first
	Hidden      Hidden         // of xlsx: what is done with rows that are hidden or filtered out
	As          string         // the name of the item in expressions: "item"
	Key         *eval.Template // nil: a hash of the item
	Where       *eval.Template // an item for which it is false is left out; nil: none is
	Concurrency int            // items at the same time; 0: enough for the number's throughput
	StopAfter   Threshold
	MaxAge      time.Duration // an older file is refused; 0: any age
	Rollout     *Rollout      // nil: all at once
	Columns     []string      // as the source names them, where they are known before a run
	Twice       []rows.Twice  // names that several of its columns have, where they are known before a run
	Wants       Wants         // what is read of the items
	Range       diag.Range
	FromRange   diag.Range // of the source's value
}

// Hidden says what is done with the rows of a sheet that nobody sees in it.
type Hidden string

// The words of ForEach.Hidden. Empty: nobody said, and a run is refused where there are any.
const (
	HiddenInclude Hidden = "include"
	HiddenSkip    Hidden = "skip"
)

// Threshold is how many are too many. The zero value: no number is.
type Threshold struct {
	Count int     // this many
	Share float64 // or this share (0 to 1); of StopAfter, of the items finished, once 20 are
}
