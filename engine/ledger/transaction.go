package ledger

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"modernc.org/sqlite"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/ledger/internal/form"
	"waybill/engine/ledger/internal/group"
)

// writerState is what the writer knows besides the file. Its goroutine alone touches it.
type writerState struct {
	*connection
	ledger *Ledger
	groups group.Wait

	counts     counts // what the group changes of them
	mets       metCache
	steps      map[stepName]int64 // rows of step and run, as far as they were needed
	runs       map[string]int64
	businesses map[string]int64    // rows of business_number
	moulds     map[mouldName]int64 // rows of mould
	recipients bool                // the index of recipients is there, see indexRecipients
	templates  map[int64]bool      // rows of step that are known to be of templates
	day        dayPeople
	charges    map[delivery.Charge]int64 // rows of charge
	granted    map[delivery.ID]grant     // a cache, to settle without a read: what is lost of it costs one
	lock       lockState
	uncertain  map[uncertainScope]bool
	asOf       int64      // the data version at which the file was asked what others left there; 0: ask again. See lookForPending
	pending    bool       // whether there are statuses that wait for their delivery
	unclaimed  bool       // whether any of these carries a callback
	broken     error      // damage that was met: nothing more is written
	room       intentRoom // reused
}

// stepName is the part of a Key that many deliveries share.
type stepName struct{ job, scope, path string }

// lockState is the right to send as this process has it. Of a group that is rolled back it is as it was.
type lockState struct {
	held     bool
	underWay int // requests allowed and not settled
}

// grant is a request that this process was allowed to make.
type grant struct {
	attempt int
	run     int64 // its row
	intent  *delivery.Intent
	at      time.Time
}

func newWriterState(c *connection, l *Ledger) *writerState {
	return &writerState{
		connection: c, ledger: l,
		steps: make(map[stepName]int64), businesses: make(map[string]int64), moulds: make(map[mouldName]int64), templates: make(map[int64]bool), charges: make(map[delivery.Charge]int64), runs: make(map[string]int64), counts: counts{}, granted: make(map[delivery.ID]grant),
	}
}

// transaction is one group being written.
type transaction struct {
	*writerState
	now   time.Time
	known *form.Forgotten // who was forgotten
	full  error           // not nil: there is no room for more requests
	news  []string        // runs that have some
}

// allowed notes a request that this process may make now.
func (t *transaction) allowed(id delivery.ID, g grant) {
	t.granted[id] = g
	t.lock.underWay++
}

// answered notes that the request of a delivery is under way no more.
func (t *transaction) answered(id delivery.ID, asked time.Time) {
	delete(t.granted, id)
	t.lock.underWay--
	t.groups.Settled(t.now.Sub(asked))
}

// together applies a group in one transaction. An error is SQLite's, and nothing was written then.
func (s *writerState) together(batch []*submission, full error) error {
	return s.inTransaction(batch, full, func(t *transaction) error {
		waiting := t.room.waiting[:0]
		for _, r := range batch {
			if o, is := r.Change.(*intend); is && o.waits() {
				waiting = append(waiting, waitingIntent{r, o})
				continue
			}
			t.leaves(r.Change)
			r.Err = r.Change.apply(t)
			if isSQLite(r.Err) {
				return r.Err
			}
		}
		defer clear(waiting)
		t.room.waiting = waiting
		return t.intendTogether(waiting)
	})
}

// oneByOne applies a group of which one failed: each in a savepoint, so that it fails alone.
func (s *writerState) oneByOne(batch []*submission, full error) error {
	return s.inTransaction(batch, full, func(t *transaction) error {
		for _, r := range batch {
			if err := t.script("SAVEPOINT one"); err != nil {
				return err
			}
			before, counted, told, known := t.lock, t.counts.clone(), len(t.news), t.known
			t.leaves(r.Change)
			r.Err = r.Change.apply(t)
			if isSQLite(r.Err) {
				t.lock, t.counts, t.news, t.known = before, counted, t.news[:told], known
				if err := t.script("ROLLBACK TO one"); err != nil {
					return err
				}
				t.forget()
			}
			if err := t.script("RELEASE one"); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *writerState) inTransaction(batch []*submission, full error, apply func(t *transaction) error) error {
	if s.broken != nil {
		return s.broken
	}
	if err := s.begin(batch); err != nil {
		return s.noted(err)
	}
	t := &transaction{writerState: s, now: s.ledger.now(), full: full}
	before := s.lock
	notes, people := s.ledger.notes.take(), s.ledger.named.Take()
	err := t.lookForPending()
	if err == nil {
		err = t.keepNotes(notes)
	}
	if err == nil {
		err = t.keepNamed(people)
	}
	if err == nil {
		err = apply(t)
	}
	if err == nil {
		err = t.writeCounts()
	}
	if err == nil {
		_, _, err = s.exec("COMMIT")
	}
	if err == nil {
		s.ledger.known.set(t.known)
		s.ledger.pulse.Wrote()
		s.ledger.named.Written(people)
		s.ledger.notifier.Tell(t.news...)
		return nil
	}
	s.lock = before
	clear(s.counts)
	s.ledger.notes.putBack(notes)
	s.ledger.named.PutBack(people)
	s.forget()
	// SQLite rolls back by itself after some errors, and then says that there is nothing to roll back.
	if back := s.script("ROLLBACK"); back != nil && errors.Is(back, engine.ErrDamaged) {
		err = errors.Join(err, back)
	}
	return s.noted(err)
}

// noted remembers damage.
func (s *writerState) noted(err error) error {
	err = explain(err)
	if errors.Is(err, engine.ErrDamaged) || errors.Is(err, errNoLedger) {
		s.broken = fmt.Errorf("the ledger takes nothing more: %w", err)
	}
	return err
}

// forget drops what is remembered of the file: a rollback may have taken it back.
func (s *writerState) forget() {
	clear(s.steps)
	clear(s.businesses)
	clear(s.runs)
	clear(s.moulds)
	clear(s.templates)
	clear(s.charges)
	clear(s.granted)
	s.asOf = 0
	s.day.forget()
	s.recipients = false
	s.mets.forget()
}

// lookForPending asks whether any status waits for its delivery: mostly none does, and then none has to be looked for. Another process
// may have recorded it. So it is with what runs met, and with who was forgotten. A ledger that was moved meanwhile takes nothing.
//
// A group asks again only where the answer may be another: somebody else wrote, which the data version tells, or this process wrote
// something else than intents and outcomes.
func (t *transaction) lookForPending() error {
	t.known = t.ledger.known.get()
	version, err := t.number(`PRAGMA data_version`)
	if err != nil || version == t.asOf && !t.pending {
		return err
	}
	newest := int64(0)
	err = t.query(context.Background(), `SELECT EXISTS (SELECT 1 FROM status WHERE delivery IS NULL),
		EXISTS (SELECT 1 FROM status WHERE delivery IS NULL AND callback IS NOT NULL),
		coalesce((SELECT max(seq) FROM met), 0), coalesce((SELECT max(seq) FROM forgotten), 0),
		(SELECT 1 FROM meta WHERE name = ?)`, func(row []driver.Value) error {
		t.pending, t.unclaimed = asInt(row[0]) != 0, asInt(row[1]) != 0
		t.mets.newest, newest = asInt(row[2]), asInt(row[3])
		if row[4] != nil {
			return notMoved(t.connection)
		}
		return nil
	}, metaMovedTo)
	if err == nil && t.known.Newest != newest {
		t.known, err = t.forgottenSince(context.Background(), t.known)
	}
	if err == nil {
		t.asOf = version
	}
	return err
}

// leaves notes that a change of this process may leave something that lookForPending asks for.
func (t *transaction) leaves(c change) {
	switch c.(type) {
	case *intend, *settle:
	default:
		t.asOf = 0
	}
}

// stepOf returns the row of a step, which is made when it is new.
func (t *transaction) stepOf(k delivery.Key) (int64, error) {
	name := stepName{k.Job, k.Scope, k.Step}
	if seq, ok := t.steps[name]; ok {
		return seq, nil
	}
	args := []driver.Value{k.Job, k.Scope, k.Step}
	_, _, err := t.exec(`INSERT INTO step (job, scope, path) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, args...)
	if err != nil {
		return 0, err
	}
	seq, err := t.number(`SELECT seq FROM step WHERE job = ? AND scope = ? AND path = ?`, args...)
	if err == nil {
		t.steps[name] = seq
	}
	return seq, err
}

// businessOf returns the row of a business number, which is made when it is new; 0 of none.
func (t *transaction) businessOf(id string) (int64, error) {
	if seq, ok := t.businesses[id]; ok || id == "" {
		return seq, nil
	}
	if _, _, err := t.exec(`INSERT INTO business_number (id) VALUES (?) ON CONFLICT DO NOTHING`, id); err != nil {
		return 0, err
	}
	seq, err := t.number(`SELECT seq FROM business_number WHERE id = ?`, id)
	if err == nil {
		t.businesses[id] = seq
	}
	return seq, err
}

// runOf returns the row of a run. engine.ErrNotFound: it was never started.
func (t *transaction) runOf(id string) (int64, error) {
	if seq, ok := t.runs[id]; ok {
		return seq, nil
	}
	seq, err := t.number(`SELECT seq FROM run WHERE id = ?`, id)
	if err != nil {
		return 0, err
	}
	if seq == 0 {
		return 0, fmt.Errorf("run %q: %w: StartRun comes first", id, engine.ErrNotFound)
	}
	t.runs[id] = seq
	return seq, nil
}

func isSQLite(err error) bool {
	_, ok := errors.AsType[*sqlite.Error](err)
	return ok
}
