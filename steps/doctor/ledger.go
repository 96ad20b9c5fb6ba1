package doctor

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"waybill/engine"
)

// Ledger is where jobs keep what they did. All fields but Witness are required.
type Ledger struct {
	Path   string
	Exists bool                   // false: the first run makes it
	Open   func() (Reader, error) // for reading
	Holder func() (string, error) // the process that sends from it now; empty: none does
	// Witness finds its witness; nil: it lies beside the ledger, and goes and comes with it.
	Witness func() (Witness, error)
}

// Witness is what keeps how far a ledger had come, outside of it.
type Witness struct {
	File     string // where it is, or is to be
	Seen     int64  // the epoch that it has seen; 0: it is not there
	Fleeting string // why what is there may not last, as the end of a sentence; empty: nothing is known against it
}

// Reader is what is asked of an open ledger.
type Reader interface {
	Check(ctx context.Context) error                  // nil: it is whole
	Standing(ctx context.Context) error               // nil: nothing stands against sending from it
	Receiving(ctx context.Context) (time.Time, error) // when the last webhook was recorded; zero: never
	Inbound(ctx context.Context, f engine.InboundFilter) iter.Seq2[engine.Inbound, error]
	Notices(ctx context.Context, limit int) iter.Seq2[engine.Notice, error] // the newest first
	Close() error
}

// Receiver is this side of the webhook.
type Receiver struct {
	Unset  []string // variables that it needs and that are not set here
	Ledger *Ledger  // that it records in; nil: the jobs have several
}

// checkLedgers looks whether the ledgers that are there can be sent from.
func (d *doctor) checkLedgers(ctx context.Context) {
	for _, l := range d.Ledgers {
		if !l.Exists {
			continue
		}
		found := checkLedger(ctx, l)
		found.Name, found.About = "ledger", "ledger"
		d.found.add(found)
		if l.Witness != nil && found.Status != Failed {
			found = checkWitness(l)
			found.Name, found.About = "witness", "ledger"
			d.found.add(found)
		}
	}
}

// checkWitness looks whether a database that is put back to an earlier time would be recognised from here.
func checkWitness(l Ledger) Check {
	const hint = "name a file on a volume that lasts, in all commands the same: --witness FILE"
	w, err := l.Witness()
	switch {
	case err != nil:
		return Check{Status: Failed, Summary: err.Error()}
	case w.Fleeting != "":
		return Check{
			Status: Warning, Hint: hint,
			Summary: "the witness " + w.File + " may not last: " + w.Fleeting + ". Without it a database that is put back to an earlier time may not be recognised, " +
				"and what was sent since would be sent again",
		}
	case w.Seen == 0:
		return Check{
			Status: Warning, Hint: hint + "; where nothing was sent from this machine yet, the first apply makes it",
			Summary: "there is no witness " + w.File + " from earlier runs: a database that is put back to an earlier time may not be recognised from here, " +
				"and what was sent since would be sent again",
		}
	}
	return Check{Status: OK, Summary: fmt.Sprintf("%s has seen epoch %d: a database that is put back before it is refused", w.File, w.Seen)}
}

func checkLedger(ctx context.Context, l Ledger) Check {
	var standing error
	open, err := l.Open()
	if err == nil {
		standing = open.Standing(ctx)
		err = errors.Join(open.Check(ctx), open.Close())
	}
	switch {
	case err == nil && standing != nil:
		return Check{Status: Failed, Summary: "nothing can be sent from " + l.Path + ": " + standing.Error()}
	case errors.Is(err, engine.ErrNewer):
		return Check{Status: Failed, Summary: err.Error(), Hint: "install the newer waybill here too"}
	case errors.Is(err, engine.ErrBusy):
		return Check{Status: Skipped, Summary: err.Error()}
	case err != nil:
		return Check{
			Status: Failed, Summary: err.Error(),
			Hint: "nothing can be sent with it; what it knows keeps people from getting a message twice",
		}
	}
	who, err := l.Holder()
	switch {
	case err != nil:
		return Check{Status: Warning, Summary: err.Error(), Hint: "run and apply need to write there"}
	case who != "":
		return Check{
			Status: Warning, Summary: l.Path + " is in use for sending by " + who,
			Hint: "run and apply wait for nobody: start them when it is done",
		}
	}
	return Check{Status: OK, Summary: l.Path + " is whole, and nobody sends from it now"}
}

// checkReceiver checks this side of the webhook: the secrets, and whether anything ever came.
func (d *doctor) checkReceiver(ctx context.Context) {
	if d.Receiver == nil {
		return
	}
	add := func(status Status, summary, hint string) {
		d.found.add(Check{Name: "receiver", Status: status, About: "waybill serve", Summary: summary, Hint: hint})
	}
	for _, name := range d.Receiver.Unset {
		add(Warning, name+" is not set here", "waybill serve needs it; where serve runs elsewhere it need not be set here")
	}
	l := d.Receiver.Ledger
	switch {
	case l == nil:
		add(Skipped, "the jobs lie in several folders, and have several ledgers", "name one: --state FILE")
		return
	case !l.Exists:
		add(Skipped, "there is no ledger "+l.Path+" yet", "")
		return
	}
	open, err := l.Open()
	if err != nil {
		add(Skipped, "the ledger cannot be read", "") // checkLedgers says why
		return
	}
	at, err := open.Receiving(ctx)
	routed, failed := routedAway(ctx, open, d.Now())
	switch err = errors.Join(err, failed, open.Close()); {
	case err != nil:
		add(Failed, err.Error(), "")
	case at.IsZero():
		add(Warning, "no webhook was ever recorded in "+l.Path, "run waybill serve on it, and register its address with Meta")
	default:
		add(OK, "the last webhook was recorded "+d.Now().Sub(at).Round(time.Second).String()+" ago", "")
	}
	if routed != "" {
		add(Warning, routed,
			"look at Conversation Routing in WhatsApp Manager; free texts to these people may be refused (131070) until the thread comes back")
	}
}
