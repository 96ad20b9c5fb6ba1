package postgres

import (
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

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

const openColumns = `o.pending, o.unclaimed, o.met, o.forgotten`

// begin begins a transaction: in one round trip, in which webhooks read what they need, if early says that nothing is written before.
func (t *transaction) begin(batch []*submission, early bool) error {
	w, b := t.w, &pgx.Batch{}
	t.known = w.l.known.now.Load()
	b.Queue(beginSQL)
	var newest, forgotten num
	opened := []any{&w.pending, &w.unclaimed, &newest, &forgotten}
	args := append(w.beginArgs(batch), w.locksOf(batch).args()...)
	sql := ` FROM waybill.open_group(` + placeholders(len(args)) + `) AS o`
	reads := &webhookReads{}
	if early && t.known.Nobody() && kindOf(batch) == webhooksAlone {
		var err error
		if reads, err = t.readsOf(batch, t.isOurs); err != nil {
			return err
		}
		more := reads.args()
		b.Queue(`SELECT `+openColumns+`, `+webhookColumns+sql+` CROSS JOIN LATERAL waybill.read_webhooks(coalesce(o.forgotten, 0), `+
			placeholdersFrom(len(args), len(more))+`) AS r`, append(args, more...)...).QueryRow(func(row pgx.Row) error { return reads.scan(row, opened...) })
		reads.queueRows(b)
	} else {
		b.Queue(`SELECT `+openColumns+sql, args...).QueryRow(func(row pgx.Row) error { return row.Scan(opened...) })
	}
	t.warned = false
	if err := t.ask(b); err != nil {
		return err
	}
	w.mets.newest = int64(newest)
	if t.known.Newest == int64(forgotten) {
		t.ahead = reads.ahead
		return nil
	}
	var err error
	t.known, err = forgottenSince(t.known, t.query)
	return err
}

// beginArgs are the arguments of waybill.begin_group. A group that sends, or takes parts, needs a process that nobody has ended.
func (w *writer) beginArgs(batch []*submission) []any {
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
	return []any{w.self.id, w.self.session, w.self.groups + 1, !mayEnd, received, fmt.Sprintf("%dms", (w.l.lease * 2 / 3).Milliseconds())}
}

func (w *writer) sends() bool { return w.lock.held && !w.lock.ended }

// locks are advisory locks, in the order in which they are taken.
type locks struct {
	classes, keys []int32
	shared        []bool
	meets         bool // it makes a set of what an apply met: lockMet, the last, it has alone
}

func (l *locks) add(class int32, shared bool, keys ...int32) {
	for _, k := range keys {
		l.classes, l.keys, l.shared = append(l.classes, class), append(l.keys, k), append(l.shared, shared)
	}
}

func (l *locks) args() []any { return []any{l.classes, l.keys, l.shared, lockMet, l.meets} }

// locksOf are the locks that a group takes at once: class by class, and all of one class in order, so that no two groups wait for each
// other.
func (w *writer) locksOf(batch []*submission) *locks {
	l := &locks{}
	intends, day, persons := false, false, map[int32]bool{}
	for _, r := range batch {
		switch c := r.Change.(type) {
		case *intend:
			intends = true
			day = day || c.intent.Template && c.intent.Reach.PerDay > 0
			if c.intent.AsksOfPerson() {
				persons[form.MessageHash(c.intent.Recipient)] = true
			}
		case finishRun:
			l.meets = l.meets || c.met.Len() > 0
		case *endParts:
			l.meets = l.meets || c.so.Met.Len() > 0
		}
	}
	l.add(lockMessage, false, messageHashes(batch)...)
	if day {
		l.add(lockDay, false, 0)
	}
	l.add(lockPerson, false, slices.Sorted(maps.Keys(persons))...)
	if intends && w.sends() {
		l.add(lockUnclaimed, true, 0)
	}
	return l
}

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
