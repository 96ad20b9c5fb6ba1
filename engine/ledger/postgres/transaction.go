package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/ledger/internal/form"
)

// The classes of advisory locks. All are given up with their transaction.
const (
	lockMessage   = 0x57620001 // by the hash of a message id: a status that finds no delivery, against the answer with that id
	lockUnclaimed = 0x57620002 // a callback that finds no delivery, against intents
	lockMet       = 0x57620003 // a set of what an apply met, against all that changes outcomes
	lockMigration = 0x57620004
	lockPerson    = 0x57620005 // by the hash of an id: how often a person was messaged, against an intent
	lockPairs     = 0x57620006 // what is learnt of people
	lockDay       = 0x57620009 // how many people got a template within a day, against an intent
	lockOptOuts   = 0x57620007 // words about opt-outs: their numbers become visible in order
	lockRuns      = 0x57620008 // by the hash of a job and a delivery scope: which run of it is under way
)

// transaction is one group being written.
type transaction struct {
	*connection
	w        *writer
	now      time.Time
	counts   counts
	news     []string              // runs that have some
	grants   map[delivery.ID]grant // given, and taken back, once it is committed
	answered map[delivery.ID]time.Time
	people   []engine.Identity // how they were named
	known    *form.Forgotten   // who was forgotten
	after    []func()          // what else is so once it is committed
	charged  map[chargeKey]int64
	day      *delivery.People // who got a template within a day; nil: it was not read
	ahead    *ahead
	writes   *pgx.Batch // see laterCall
}

// queueBegin queues what each group begins with; see waybill.begin_group. A group that sends, or takes parts, needs a process that nobody
// has ended.
func (w *writer) queueBegin(b *pgx.Batch, batch []*submission) {
	mayEnd := true
	var received *int64
	for _, r := range batch {
		switch c := r.Change.(type) {
		case *intend, *enterRun, *leaseParts, *freeParts, *endParts:
			mayEnd = mayEnd && !w.sends()
		case *recording:
			if at := c.report.ReceivedAt; len(c.report.Body) > 0 && !at.IsZero() && (received == nil || *received < at.UnixMilli()) {
				received = instant(at)
			}
		}
	}
	b.Queue(`SELECT waybill.begin_group($1, $2, $3, $4, $5, $6)`, w.self.id, w.self.session, w.self.groups+1, !mayEnd, received,
		fmt.Sprintf("%dms", (w.l.lease*2/3).Milliseconds()))
}

func (w *writer) sends() bool { return w.lock.held && !w.lock.ended }

// messageHashes are those of the ids of messages of which a group tells something, in order.
func messageHashes(batch []*submission) []int32 {
	hashes := map[int32]bool{}
	for _, r := range batch {
		switch c := r.Change.(type) {
		case *settle:
			if c.attempt.Result == delivery.ResultAccepted {
				hashes[form.MessageHash(c.attempt.MessageID)] = true
			}
		case *recording:
			for i := range c.report.Statuses {
				hashes[form.MessageHash(c.report.Statuses[i].MessageID)] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(hashes))
}

// queueLocks queues the locks that a group takes at once: all of one class in order, so that no two groups wait for each other.
func (w *writer) queueLocks(b *pgx.Batch, batch []*submission) {
	intends, day, persons := false, false, map[int32]bool{}
	for _, r := range batch {
		c, is := r.Change.(*intend)
		if !is {
			continue
		}
		intends = true
		day = day || c.intent.Template && c.intent.Reach.PerDay > 0
		if c.intent.AsksOfPerson() {
			persons[form.MessageHash(c.intent.Recipient)] = true
		}
	}
	const locks = `SELECT count(*) FROM (SELECT pg_advisory_xact_lock($1::int, h) FROM unnest($2::int[]) AS h OFFSET 0) l`
	if hashes := messageHashes(batch); len(hashes) > 0 {
		b.Queue(locks, lockMessage, hashes)
	}
	if day {
		b.Queue(`SELECT pg_advisory_xact_lock($1::int, 0)`, lockDay)
	}
	if len(persons) > 0 {
		b.Queue(locks, lockPerson, slices.Sorted(maps.Keys(persons)))
	}
	if intends && w.sends() {
		b.Queue(`SELECT pg_advisory_xact_lock_shared($1::int, 0)`, lockUnclaimed)
	}
}

// together applies a group in one transaction. After an error of the database nothing was written.
func (w *writer) together(batch []*submission) error {
	return w.inTransaction(batch, func(t *transaction) error {
		if err := t.readAhead(batch); err != nil {
			return err
		}
		for _, r := range batch {
			if r.Err = r.Change.apply(t); isSQL(r.Err) {
				return r.Err
			}
		}
		return nil
	})
}

// oneByOne applies a group of which one failed: each in a savepoint, so that it fails alone.
func (w *writer) oneByOne(batch []*submission) error {
	return w.inTransaction(batch, func(t *transaction) error {
		for _, r := range batch {
			if _, err := t.exec("SAVEPOINT one"); err != nil {
				return err
			}
			before := *t
			before.counts, before.charged = t.counts.clone(), maps.Clone(t.charged)
			r.Err = r.Change.apply(t)
			if !isSQL(r.Err) {
				r.Err = cmp.Or(t.flush(), r.Err)
			}
			if isSQL(r.Err) {
				t.writes = &pgx.Batch{}
				if passes(r.Err) {
					return r.Err
				}
				r.Err = explain(r.Err)
				t.counts, t.news, t.after, t.charged, t.day, t.known = before.counts, before.news, before.after, before.charged, nil, before.known
				if _, err := t.exec("ROLLBACK TO one"); err != nil {
					return err
				}
				w.forget()
			}
			if _, err := t.exec("RELEASE one"); err != nil {
				return err
			}
		}
		return nil
	})
}

func (w *writer) inTransaction(batch []*submission, apply func(t *transaction) error) error {
	t := &transaction{
		connection: w.conn, w: w, now: w.l.now(), counts: w.counts, grants: map[delivery.ID]grant{}, answered: map[delivery.ID]time.Time{},
		charged: map[chargeKey]int64{}, writes: &pgx.Batch{},
	}
	notes, people := w.l.notes.take(), w.l.named.Take()
	err := t.begin(batch)
	if err == nil {
		err = t.keepNotes(notes)
	}
	if err == nil {
		t.people, err = people, t.keepNamed(people)
	}
	if err == nil {
		err = apply(t)
	}
	if err == nil {
		err = t.writeCounts()
	}
	if err == nil {
		err = t.writeCharges()
	}
	if err == nil {
		err = t.flush()
	}
	if err != nil {
		t.writes = &pgx.Batch{}
		clear(w.counts)
		w.l.notes.putBack(notes)
		w.l.named.PutBack(people)
		w.forget()
		if unknown(err) {
			w.drop() // the transaction went with it
			return err
		}
		if _, back := t.exec("ROLLBACK"); back != nil {
			w.drop()
		}
		return w.noted(err)
	}
	if err := t.commit(); err != nil {
		w.forget()
		w.lost = &lostGroup{t: t, batch: batch, notes: notes, people: people}
		w.drop()
		return err
	}
	w.finish(t)
	return nil
}

// begin begins a transaction: in one round trip.
func (t *transaction) begin(batch []*submission) error {
	w, b := t.w, &pgx.Batch{}
	b.Queue(beginSQL)
	w.queueBegin(b, batch)
	w.queueLocks(b, batch)
	met := `SELECT pg_advisory_xact_lock_shared($1::int, 0)`
	for _, r := range batch {
		end, ends := r.Change.(finishRun)
		parts, endsParts := r.Change.(*endParts)
		if ends && end.met.Len() > 0 || endsParts && parts.so.Met.Len() > 0 {
			met = `SELECT pg_advisory_xact_lock($1::int, 0)`
		}
	}
	b.Queue(met, lockMet)
	var newest, forgotten num
	b.Queue(`SELECT EXISTS (SELECT 1 FROM waybill.status WHERE delivery IS NULL),
		EXISTS (SELECT 1 FROM waybill.status WHERE delivery IS NULL AND callback IS NOT NULL),
		(SELECT max(seq) FROM waybill.met), (SELECT max(seq) FROM waybill.forgotten)`).QueryRow(func(row pgx.Row) error {
		return row.Scan(&w.pending, &w.unclaimed, &newest, &forgotten)
	})
	t.warned = false
	if err := t.ask(b); err != nil {
		return err
	}
	w.mets.newest = int64(newest)
	if t.known = w.l.known.now.Load(); t.known.Newest == int64(forgotten) {
		return nil
	}
	var err error
	t.known, err = forgottenSince(t.known, t.query)
	return err
}

// errWarned means that a commit is durable here and perhaps not where it should be as well.
var errWarned = errors.New("the database warned while it committed")

// commit ends the transaction. An error means that it is not known whether it is committed.
func (t *transaction) commit() error {
	ctx, cancel := context.WithTimeout(context.Background(), statementFor)
	defer cancel()
	tag, err := t.raw.Exec(ctx, "COMMIT")
	switch {
	case err != nil:
		return &unknownError{err}
	case tag.String() != "COMMIT":
		return &unknownError{fmt.Errorf("COMMIT ended with %s", tag)}
	case t.warned:
		return &unknownError{errWarned}
	}
	return nil
}

// finish makes true in memory what was committed.
func (w *writer) finish(t *transaction) {
	w.self.groups++
	w.l.pulse.Wrote()
	for id, asked := range t.answered {
		delete(w.granted, id)
		w.groups.Settled(t.now.Sub(asked))
	}
	maps.Copy(w.granted, t.grants)
	w.l.known.now.Store(t.known)
	w.l.named.Written(t.people)
	for _, f := range t.after {
		f()
	}
	w.l.notifier.Tell(t.news...)
}

// forget drops what is remembered of the database: a rollback may have taken it back. What was granted is no cache.
func (w *writer) forget() {
	clear(w.counts)
	clear(w.steps)
	clear(w.businesses)
	clear(w.runs)
	clear(w.moulds)
	clear(w.joined)
	clear(w.templates)
	clear(w.charges)
	w.mets.forget()
}

// drop gives up the connection.
func (w *writer) drop() {
	if w.conn != nil {
		_ = w.conn.close() // it is broken, or about to be
		w.conn = nil
	}
}

// stepOf returns the row of a step, which is made when it is new.
func (t *transaction) stepOf(k delivery.Key) (int64, error) {
	name := stepName{k.Job, k.Scope, k.Step}
	if seq, ok := t.w.steps[name]; ok {
		return seq, nil
	}
	args := []any{putText(k.Job), putText(k.Scope), putText(k.Step)}
	const find = `SELECT seq FROM waybill.step WHERE job = $1 AND scope = $2 AND path = $3`
	seq, err := t.number(find, args...)
	if err == nil && seq == 0 {
		if _, err = t.exec(`INSERT INTO waybill.step (job, scope, path) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, args...); err == nil {
			seq, err = t.number(find, args...)
		}
	}
	if err == nil {
		t.w.steps[name] = seq
	}
	return seq, err
}

// businessOf returns the row of a business number, which is made when it is new; 0 of none.
func (t *transaction) businessOf(id string) (int64, error) {
	if seq, ok := t.w.businesses[id]; ok || id == "" {
		return seq, nil
	}
	const find = `SELECT seq FROM waybill.business_number WHERE id = $1`
	seq, err := t.number(find, putText(id))
	if err == nil && seq == 0 { // an insert that finds one uses up a number, of which there are not many
		if _, err = t.exec(`INSERT INTO waybill.business_number (id) VALUES ($1) ON CONFLICT DO NOTHING`, putText(id)); err == nil {
			seq, err = t.number(find, putText(id))
		}
	}
	if err == nil {
		t.w.businesses[id] = seq
	}
	return seq, err
}

// runOf returns the row of a run. engine.ErrNotFound: it was never started.
func (t *transaction) runOf(id string) (int64, error) {
	if seq, ok := t.w.runs[id]; ok {
		return seq, nil
	}
	seq, err := t.number(`SELECT seq FROM waybill.run WHERE id = $1`, putText(id))
	if err != nil {
		return 0, err
	}
	if seq == 0 {
		return 0, fmt.Errorf("run %q: %w: StartRun comes first", id, engine.ErrNotFound)
	}
	t.w.runs[id] = seq
	return seq, nil
}

// join writes down that this process works at a run.
func (t *transaction) join(run int64) error {
	if t.w.joined[run] {
		return nil
	}
	_, err := t.exec(`INSERT INTO waybill.run_process (process, run) VALUES ($1, $2) ON CONFLICT (process, run) DO UPDATE
		SET left_it = false, status = NULL, reason = NULL, waits_until = NULL, progress = NULL`, t.w.self.id, run)
	if err == nil {
		t.w.joined[run] = true
	}
	return err
}
