package engine

import (
	"context"
	"iter"
	"time"

	"waybill/engine/delivery"
)

// Ledger is the durable store of runs, deliveries, attempts, statuses and inbound messages. It is shared: other processes may
// have it open at the same time, and each sees what any of them changed. What may become of a delivery is decided by package
// delivery; a ledger loads, calls, and saves in one step that no other change comes between.
//
// All methods may be called by many goroutines. What changes something returns when the change is durable: it outlives the
// process, the machine and its power. When such a method returns an error other than those that it names, nothing can be said of
// what it asked for; the same call again is safe, save for Intend, which may then find its own intent. A ctx that ends before the
// change was begun withdraws it and is the error; afterwards the change is waited for.
//
// Every method may return ErrBusy, ErrDamaged or ErrClosed, and one that changes something ErrReadOnly or ErrFull.
type Ledger interface {
	Dispatcher
	Recorder
	Reader
	Waiter
	Keeper
	Teller
	Persons
	Aliases

	// Close ends the calls that are under way and gives up the Lock. Later calls return what the first one did.
	Close() error
}

// Dispatcher is what a sender needs: the right to send, and a record of each request before and after it.
type Dispatcher interface {
	// Lock makes the caller the sender of this ledger until release is called, the ledger is closed, or the process ends. holder
	// says who it is, for people: "waybill apply". While another process sends it returns a *LockedError. What a sender before
	// left under way is in doubt from here on. release may be called again, and does nothing then.
	Lock(ctx context.Context, holder string) (release func() error, err error)

	// StartRun writes a run down. A run of that ID is taken up again: its Status becomes running, its Digest, Asked, Repairs and
	// WaitsUntil are those that are given, and its Resumes rise by one; where Resumes is given it is the number that they rise to, and a
	// *TakenUpError says that another process took the run up since it was read: of several that would, one does. Its notes and what it met
	// are dropped then, for it meets them again, save those of rows that were cancelled; and an order to it is taken back.
	StartRun(ctx context.Context, r Run) error
	// FinishRun writes Status, FinishedAt, Reason and Errors of the run with that ID, and of a job that makes no delivery its Counts.
	// met (nil: none) are the deliveries that an apply met and left as earlier runs decided: they count for it too, as statuses and people
	// tell since, but not as later runs make of them. Those that the run made attempts for itself may be among them, and count once; what
	// is under way is left out. Of a run that is divided (see Divider) each process says so for its own rows: what they met, and their
	// errors, add up, and the run ends by the gravest Status, once no part is left or nobody works at it; one that was stopped, and does
	// not wait, ends for all. One that was taken up again since, by its Resumes, is others': nothing is written then. ErrNotFound: it was never
	// started.
	FinishRun(ctx context.Context, r Run, met *delivery.IDs) error
	// Note keeps rows of a run that became no request. A second note of the same row replaces the first; rows that are only counted
	// (see Unsent) count each time. It may return before they are durable; what is noted is so with the next change of this process, and
	// at the end of the run. ErrNotFound: the run was never started.
	Note(ctx context.Context, run string, rows []Unsent) error

	// KeepRollout writes down how far the rollout of a forEach has come. Item of the key is not looked at.
	KeepRollout(ctx context.Context, k delivery.Key, s RolloutState) error
	// Intend asks for the right to make one request; see delivery.Begin and Record.Intend. A ticket is durable before it is
	// returned: exactly one caller gets it, whoever else asks. A *delivery.DecidedError means that none may be made. It needs the
	// Lock (ErrNotLocked), a run that was started (ErrNotFound), and room for the outcome (ErrFull). Where Intent.Reach is bounded, the
	// place is taken in the same step; a *PlaceTakenError: the person has had as many messages as they may have.
	// Where Intent.Writers are given, who wrote first is looked up in the same step; an *OtherNumberError: it was another of them.
	Intend(ctx context.Context, i delivery.Intent) (delivery.Ticket, error)
	// HasPlace asks, of an intent whose Reach is bounded, whether Intend would refuse it now, by the errors of Intend that say so; nil: it
	// would not for that. It begins nothing, and keeps no place.
	HasPlace(ctx context.Context, i delivery.Intent) error
	// Settle writes down how the attempt ended that a ticket was for, and returns the delivery as it stands then; see
	// Record.Settle. It needs no Lock: an answer may come after it was given up. An acceptance without a message id is an error
	// of the caller's. ErrNotFound: there is no such delivery or attempt.
	Settle(ctx context.Context, a delivery.Attempt) (delivery.Delivery, error)
	// SettleSoon is Settle for a caller that does not wait until it is durable. It is written before anything that the caller asks for after
	// it; after a crash that lost it the delivery is in doubt. then is called once, with the error of Settle or nil, when that is known; it must
	// neither block nor call the ledger.
	SettleSoon(a delivery.Attempt, then func(error))
}

// Recorder takes in what is learnt beside the sender. It needs no Lock.
type Recorder interface {
	// Record stores a webhook and applies what it says. The same one again changes nothing. A status finds its delivery by
	// Callback, when this ledger made that, else by message id; see Record.Observe. One that finds none is kept and applied as
	// soon as a delivery is accepted with its message id. A callback that the ledger did not make is not believed.
	Record(ctx context.Context, r Report) error
	// Resolve settles one delivery in doubt by the user's word, as sent or as planned again; see Record.Resolve. It returns the
	// delivery as it stands then, with a *delivery.DecidedError when it is not in doubt. ErrNotFound: there is no such delivery. by is
	// named in the answer of its last attempt.
	Resolve(ctx context.Context, id delivery.ID, sent bool, by Actor) (delivery.Delivery, error)
	// Give keeps a person's order to a run. A run that is not under way takes it all the same: it is not taken up by itself. To cancel
	// makes the rows of it that wait skipped ones (Unsent.Cancel), in the same step; where it is not under way, it waits no more and its
	// Reason says who cancelled. ErrNotFound.
	Give(ctx context.Context, run string, o Order) error
	// Listen says that a receiver of webhooks is alive until an instant. Of several receivers the latest instant counts.
	Listen(ctx context.Context, until time.Time) error
}

// Persons is what is known of people: which ids are one person's, and who does not want to be written to. It needs no Lock.
type Persons interface {
	// Learn keeps how WhatsApp named people. It may return before that is durable, as Note may. A number has one user id of a business
	// number at a time, that of the newest event; a change ends the pair before. See audience.Learn.
	Learn(ctx context.Context, named []Identity) error
	// Person returns all ids that are one person's by the pairs that hold, the one that was asked for first. Of an id that is in no pair
	// it is that one alone.
	Person(ctx context.Context, id string) ([]string, error)
	// Pairs yields pairs, in the order of their numbers.
	Pairs(ctx context.Context, f PairFilter) iter.Seq2[Pair, error]
	// Moves yields who went by other ids from a moment on (Report.Moved), in the order of these moments.
	Moves(ctx context.Context) iter.Seq2[Moved, error]
	// Whose returns the ids of the person whom somebody means who names an id, with the time in which each was theirs: see audience.Meant.
	// By it Deliveries, Tally and Inbound find what is a person's.
	Whose(ctx context.Context, id string) ([]Held, error)
	// OptOut keeps words about opt-outs. The same word again (person, number, scope, source, time) changes nothing. A word of before a move
	// stands under the ids of after it, too, whichever of the two comes first. Runs that are under way are told: see News.
	OptOut(ctx context.Context, words []OptOut) error
	// OptOuts yields such words; see OptOutFilter for their order.
	OptOuts(ctx context.Context, f OptOutFilter) iter.Seq2[OptOut, error]
	// SoughtWords returns the words about opt-outs that the inbox was looked through for; KeepSoughtWords adds to them.
	SoughtWords(ctx context.Context) ([]string, error)
	KeepSoughtWords(ctx context.Context, words []string) error
	// Reached yields what counts for how often people were messaged, in the order of ids. Messages of tests are not among it.
	Reached(ctx context.Context, f ReachFilter) iter.Seq2[Reached, error]
}

// Reader is the reading half. It works beside a sender and sees what is durable, from this process or another. A sequence is of
// one moment, that at which ranging began, and yields one error at most, as the last thing.
//
// Ids of deliveries are opaque and belong to one ledger. Deliveries yields in their order, and they serve as cursors
// (DeliveryFilter.After); they say neither how many there are nor, between processes, which one was durable first.
type Reader interface {
	// Lookup finds items by the keys of their first deliveries (delivery.Key.First), many at once, and returns the newest delivery of each;
	// see delivery.Delivery.With. Those that the ledger does not have are not in the map.
	Lookup(ctx context.Context, keys []delivery.Key) (map[delivery.KeyHash]delivery.Delivery, error)
	// Run finds a run by its ID or an unambiguous beginning of it; "last" is the newest. Its Counts are of this moment: each message by
	// the last attempt that the run made for it (delivery.Outcome), as webhooks and people have told since. ErrNotFound, ErrAmbiguous.
	Run(ctx context.Context, id string) (Run, error)
	// Runs yields runs, newest first.
	Runs(ctx context.Context, f RunFilter) iter.Seq2[Run, error]
	// Deliveries yields deliveries in the order in which they were first intended.
	Deliveries(ctx context.Context, f DeliveryFilter) iter.Seq2[delivery.Delivery, error]
	// Charges returns how the delivered messages of a run were charged, as statuses said, the most first; none: nothing is known.
	Charges(ctx context.Context, run string) ([]Charged, error)
	// Unsent yields the rows of runs that became no request and are kept (Unsent.Kept), in the order of their rows.
	Unsent(ctx context.Context, f UnsentFilter) iter.Seq2[Unsent, error]
	// LeftOut returns why a run left messages out, as codes of `waybill explain`, and how many for each. Those of runs from before ledgers kept
	// it are not among them: then the sum is less than Counts.Skipped.
	LeftOut(ctx context.Context, run string) (map[string]int, error)
	// Rollout returns how far the rollout of a forEach has come; nil: it did not begin.
	Rollout(ctx context.Context, k delivery.Key) (*RolloutState, error)
	// Outline returns what the job with a Run.Digest said, part by part; empty: the ledger does not know.
	Outline(ctx context.Context, digest string) ([]PartDigest, error)
	// Unchanged returns, in the runner's form, the digest of the rows with which the last run of a job in a delivery scope found that each
	// row that was sent still makes the message that was sent; empty: it did not find that, or did not look, or is under way. With the
	// same rows, and the same job, none has to be compared again.
	Unchanged(ctx context.Context, job, scope string) (digest string, err error)
	// Ordered returns the order that was given to a run and not taken back by a resume: that to stop before that to drop what waits, the
	// last of each; nil: there is none.
	Ordered(ctx context.Context, run string) (*Order, error)
	// Listening says until when a receiver of webhooks is alive on this ledger; the zero time: there never was one.
	Listening(ctx context.Context) (time.Time, error)
	// Tally counts the deliveries that Deliveries would yield, by state. States that none is in are not in the map.
	Tally(ctx context.Context, f DeliveryFilter) (map[delivery.State]int, error)
	// Attempts returns every request made for a delivery, in order. ErrNotFound: there is no such delivery.
	Attempts(ctx context.Context, id delivery.ID) ([]delivery.Attempt, error)
	// Texts returns what each request for a delivery said, in order, or why that is not kept. ErrNotFound: there is no such delivery.
	Texts(ctx context.Context, id delivery.ID) ([]SentText, error)
	// Statuses returns what WhatsApp said of a message, in its own order of time. Their Callback is not kept, their Raw until
	// Compact.
	Statuses(ctx context.Context, messageID string) ([]delivery.Status, error)
	// Inbound yields what people wrote, newest first.
	Inbound(ctx context.Context, f InboundFilter) iter.Seq2[Inbound, error]
	// Notices yields template and number reports, newest first. A limit of zero is none.
	Notices(ctx context.Context, limit int) iter.Seq2[Notice, error]
	// Digest returns the keyed digest of a message's content in this ledger, never zero.
	Digest(content []byte) delivery.Digest
	// Receiving says when the last webhook was recorded; the zero time: never.
	Receiving(ctx context.Context) (time.Time, error)
}

// Waiter tells of what any process changed.
type Waiter interface {
	// Change blocks until something was committed to the ledger since the call, or ctx ends. It may also return although nothing was: look,
	// and call it again.
	Change(ctx context.Context) error
	// Await blocks until the ledger has more than known statuses of a message, or ctx ends.
	Await(ctx context.Context, messageID string, known int) error
	// Watch blocks until there are News of a run after a cursor (0: from now on), or ctx ends. An order that stands already is told to the
	// first question (0), and with any other news.
	Watch(ctx context.Context, run string, after int64) (News, error)
}

// Keeper is the care of a ledger.
type Keeper interface {
	// Begin notes that messages may be sent from this ledger; it is idempotent. Begun says whether that was noted. It was not of a ledger that
	// was made for something else, such as a plan that is saved: everybody counts as new in it.
	Begin(ctx context.Context) error
	Begun(ctx context.Context) (bool, error)
	// Compact takes away what was received before an instant and is not needed any more: the raw bytes of webhooks, and statuses
	// of messages that this ledger did not send. What they said of deliveries stays. It also takes out the texts whose time is over
	// (delivery.Text.Keep). Other callers get their turn in between; when ctx ends early, a part of the work is done, and the next call does
	// the rest.
	Compact(ctx context.Context, before time.Time) error
	// Prune takes out what was received before an instant and is old: statuses, webhooks, what people wrote, notices, texts of messages and
	// rows, and requests that another followed. Deliveries stay with their key, recipient and outcome, and so do words about opt-outs and
	// pairs: nobody is sent anything again, and limits on messages (Reach) count on. Other callers get their turn in between, as in Compact.
	// The room is given back to the disk. look: it only counts what it would take out.
	Prune(ctx context.Context, before time.Time, look bool) (Pruned, error)
	// Examine looks at every row: whether the store is whole, whether rows stand to each other as they must, and whether runs count what
	// became of their deliveries. It returns what is wrong, for people; none: nothing is. It only reads, and takes its time.
	Examine(ctx context.Context) ([]string, error)
	// Check looks for damage: ErrDamaged. It may leave out what would take minutes.
	Check(ctx context.Context) error
	// Forget makes the ledger forget people: their ids and keys, and the ids of their messages, become keyed digests that still match, so
	// that nobody gets again what they had and whoever left stays out; what they wrote, and what webhooks said of them, goes. What comes of
	// them later is kept under the digests, without words. It needs the Lock (ErrNotLocked), and that nobody else has one (*LockedError).
	// When it returns, nothing of them is left in the ledger; after an error, the same call again finishes it.
	Forget(ctx context.Context, f Forget) (Erased, error)
	// Standing says why nothing may be sent from the ledger, which can be read all the same: ErrMoved, ErrBehind; nil: nothing stands
	// against it. It may be asked of a ledger that was opened for reading.
	Standing(ctx context.Context) error
	// AdoptedAt says when the ledger was adopted last, since it had gone back in time; the zero time: never.
	AdoptedAt(ctx context.Context) (time.Time, error)
	// Alarms counts what should not happen, over the whole life of the ledger.
	Alarms(ctx context.Context) (Alarms, error)
	// Holder says who sends from the ledger right now, as LockedError does; empty: no process does.
	Holder(ctx context.Context) (string, error)
}

// Adopted is what was found when a ledger that went back in time was adopted.
type Adopted struct {
	Nothing bool     // nothing stood against it: it is as it was, and the rest is empty
	Epoch   int64    // that it is at now
	Lost    bool     // it was behind its witness: whole runs may be missing
	Runs    []string // that were not over: what they had not sent, as far as the ledger knows, may have been sent
	InDoubt int      // deliveries of these runs that are in doubt now
}

// Alarms are counts of what should not happen.
type Alarms struct {
	DoubleAccepts    int // message ids beyond the first of a delivery: a person got it twice
	ForeignCallbacks int // callbacks in webhooks that this ledger did not make, or not for that delivery
	Unclaimed        int // statuses of messages that this ledger did not send
}
