package postgres

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/ledger/internal/form"
)

// The way that nearly all go: a delivery that is new, and an answer with a message id to which nothing came between. A group of these
// costs one round trip and reads nothing. What it does not find as it expects it leaves to the slow way.

// quickIntent is an intent with the rows that it names.
type quickIntent struct {
	*submission
	change    *intend
	step, run int64
	business  int64
}

// quickSettle is an outcome with what was granted.
type quickSettle struct {
	*submission
	change *settle
	grant  grant
}

type quickGroup struct {
	intents []quickIntent
	settles []quickSettle
}

// split says what of a group may go the quick way.
func (w *writer) split(batch []*submission) (quick, slow []*submission) {
	known := w.l.known.now.Load()
	for _, r := range batch {
		if c, is := r.Change.(*intend); is {
			c.intent = known.Intent(c.intent)
		}
	}
	if w.l.notes.waiting() || w.l.named.Waiting() {
		return nil, batch
	}
	items, ids := map[itemKey]bool{}, map[delivery.ID]bool{}
	for _, r := range batch {
		fits := false
		switch c := r.Change.(type) {
		case *intend:
			k, known := w.itemOf(&c.intent)
			if fits = known && !items[k]; fits {
				items[k] = true
			}
		case *settle:
			g, granted := w.granted[c.attempt.Delivery]
			fits = granted && g.attempt == c.attempt.Number && c.attempt.Result == delivery.ResultAccepted && !ids[c.attempt.Delivery]
			if fits = fits && !engine.IsForgotten(g.intent.Recipient); fits {
				ids[c.attempt.Delivery] = true
			}
		}
		if fits {
			quick = append(quick, r)
		} else {
			slow = append(slow, r)
		}
	}
	return quick, slow
}

type itemKey struct {
	step int64
	item string
}

// itemOf returns the row of an intent's step and its item, when all that the quick way needs is known.
func (w *writer) itemOf(i *delivery.Intent) (itemKey, bool) {
	step, known := w.steps[stepName{i.Key.Job, i.Key.Scope, i.Key.Step}]
	run, started := w.runs[i.Run]
	_, by := w.businesses[i.NumberID]
	sure := (by || i.NumberID == "") && i.Key.Again == 0 && !i.Bounded() && (!i.Template || w.templates[step]) && !w.uncertain[uncertainScope{i.Key.Job, i.Key.Scope}]
	return itemKey{step, putText(i.Key.Item)}, known && started && sure && w.joined[run] && w.lock.held && !w.lock.ended
}

// quick writes a group, and returns what of it is to go the slow way.
func (w *writer) quick(batch []*submission) ([]*submission, error) {
	var g quickGroup
	for _, r := range batch {
		switch c := r.Change.(type) {
		case *intend:
			k, _ := w.itemOf(&c.intent)
			g.intents = append(g.intents, quickIntent{r, c, k.step, w.runs[c.intent.Run], w.businesses[c.intent.NumberID]})
		case *settle:
			g.settles = append(g.settles, quickSettle{r, c, w.granted[c.attempt.Delivery]})
		}
	}
	// In one order for all: else two processes wait for each other.
	slices.SortFunc(g.intents, func(a, b quickIntent) int {
		return cmp.Or(cmp.Compare(a.step, b.step), strings.Compare(a.change.intent.Key.Item, b.change.intent.Key.Item))
	})
	slices.SortFunc(g.settles, func(a, b quickSettle) int {
		return cmp.Compare(a.change.attempt.Delivery, b.change.attempt.Delivery)
	})
	now := w.l.now()
	at := now.Truncate(time.Millisecond).UTC()
	b := &pgx.Batch{}
	w.head(b, batch)
	settled := map[delivery.ID]bool{}
	granted := map[itemKey]delivery.ID{}
	w.queueSettles(b, g.settles, settled)
	w.queueIntents(b, g.intents, at, granted)
	ctx, cancel := context.WithTimeout(context.Background(), statementFor)
	defer cancel()
	w.conn.warned = false
	err := ended(w.conn.raw.SendBatch(ctx, b).Close())
	if err == nil && w.conn.warned {
		err = &unknownError{errWarned}
	}
	switch {
	case err == nil:
	case unknown(err):
		w.lost = &lostGroup{}
		w.drop()
		return nil, err
	default:
		return nil, w.noted(err)
	}
	w.self.groups++
	var left []*submission
	for _, q := range g.settles {
		if !q.done(w, settled[q.change.attempt.Delivery], now) {
			left = append(left, q.submission)
		}
	}
	for _, q := range g.intents {
		if !q.done(w, granted[itemKey{q.step, putText(q.change.intent.Key.Item)}], at) {
			left = append(left, q.submission)
		}
	}
	return left, nil
}

const quickSettleSQL = `WITH s AS MATERIALIZED (
		SELECT * FROM unnest($1::int8[], $2::int8[], $3::int8[], $4::bytea[], $5::int4[], $6::text[], $7::int8[], $8::int8[], $9::text[], $10::text[])
			AS s (id, attempts, ended, message, hash, held, http, code, answer, trace)),
	u AS (UPDATE waybill.delivery d SET state = 5, result = 1, result_flags = 0, ended_ms = s.ended, message = s.message,
			held_back = s.held, http = s.http, code = s.code, answer = s.answer, trace = s.trace
		FROM s WHERE d.id = s.id AND d.attempts = s.attempts AND d.state = 2 AND d.message IS NULL
			AND NOT EXISTS (SELECT 1 FROM waybill.status p WHERE p.message_hash = s.hash AND p.message = s.message AND p.delivery IS NULL)
		RETURNING d.id, d.run, d.held_back IS NOT NULL AS held, s.hash),
	m AS (INSERT INTO waybill.message (delivery, hash) SELECT id, hash FROM u),
	c AS (INSERT INTO waybill.run_count (run, part, shard, outcome, n)
		SELECT run, 0, $11, outcome, n FROM (SELECT run, 1 AS outcome, -count(*) AS n FROM u GROUP BY run
			UNION ALL SELECT run, CASE WHEN held THEN 3 ELSE 2 END, count(*) FROM u GROUP BY 1, 2) x ORDER BY run, outcome
		ON CONFLICT (run, part, shard, outcome) DO UPDATE SET n = run_count.n + excluded.n)
	SELECT id FROM u`

func (w *writer) queueSettles(b *pgx.Batch, settles []quickSettle, settled map[delivery.ID]bool) {
	if len(settles) == 0 {
		return
	}
	n := len(settles)
	ids, attempts, ended, messages := make([]int64, n), make([]int64, n), make([]*int64, n), make([][]byte, n)
	hashes, http, codes := make([]int32, n), make([]*int64, n), make([]*int64, n)
	held, answers, traces := make([]*string, n), make([]*string, n), make([]*string, n)
	for i, q := range settles {
		a := &q.change.attempt
		ids[i], attempts[i], ended[i] = int64(a.Delivery), int64(a.Number), since(q.grant.at, a.Ended)
		messages[i], hashes[i] = packMessage(a.MessageID), form.MessageHash(a.MessageID)
		held[i], http[i], codes[i] = textOrNull(a.HeldBack), orNull(a.Answer.Status), orNull(a.Answer.Code)
		answers[i], traces[i] = textOrNull(a.Answer.Message), textOrNull(a.Answer.TraceID)
	}
	b.Queue(quickSettleSQL, ids, attempts, ended, messages, hashes, held, http, codes, answers, traces, w.shard()).Query(func(rows pgx.Rows) error {
		return ofRows(rows, func(rows pgx.Rows) error {
			var id num
			err := rows.Scan(&id)
			settled[delivery.ID(id)] = true
			return err
		})
	})
}

// done gives a caller its answer, when its outcome was written.
func (q *quickSettle) done(w *writer, written bool, now time.Time) bool {
	if !written {
		return false
	}
	a, g := &q.change.attempt, q.grant
	delete(w.granted, a.Delivery)
	w.groups.Settled(now.Sub(g.at))
	if q.change.after != nil {
		kept := *a
		kept.At, kept.Ended = g.at, g.at.Add(time.Duration(*since(g.at, a.Ended))*time.Millisecond)
		*q.change.after = g.intent.Accepted(kept)
	}
	q.Err = nil
	return true
}

const quickIntendSQL = `WITH n AS (INSERT INTO waybill.delivery (step, item, run, recipient, digest, line, owner, intended_at, state, attempts, number, business)
		SELECT i.step, i.item, i.run, i.recipient, i.digest, i.line, $7, $8, 2, 1, 1, i.business
		FROM unnest($1::int8[], $2::text[], $3::int8[], $4::text[], $5::int8[], $6::int8[], $10::int8[])
			AS i (step, item, run, recipient, digest, line, business)
		WHERE NOT EXISTS (SELECT 1 FROM waybill.status WHERE delivery IS NULL AND callback IS NOT NULL)
		ON CONFLICT DO NOTHING RETURNING id, step, item, run),
	c AS (INSERT INTO waybill.run_count (run, part, shard, outcome, n)
		SELECT run, 0, $9, 1, count(*) FROM n GROUP BY run ORDER BY run
		ON CONFLICT (run, part, shard, outcome) DO UPDATE SET n = run_count.n + excluded.n)
	SELECT id, step, item FROM n`

func (w *writer) queueIntents(b *pgx.Batch, intents []quickIntent, at time.Time, granted map[itemKey]delivery.ID) {
	if len(intents) == 0 {
		return
	}
	n := len(intents)
	steps, runs, digests, lines := make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n)
	items, recipients, businesses := make([]string, n), make([]string, n), make([]int64, n)
	for k, q := range intents {
		i := &q.change.intent
		steps[k], runs[k], digests[k], lines[k] = q.step, q.run, packDigest(i.Digest), int64(i.Row)
		items[k], recipients[k] = putText(i.Key.Item), putText(i.Recipient)
		businesses[k] = q.business
	}
	b.Queue(quickIntendSQL, steps, items, runs, recipients, digests, lines, w.self.id, at.UnixMilli(), w.shard(), businesses).Query(func(rows pgx.Rows) error {
		return ofRows(rows, func(rows pgx.Rows) error {
			var id, step num
			var item string // as it is stored
			err := rows.Scan(&id, &step, &item)
			granted[itemKey{int64(step), item}] = delivery.ID(id)
			return err
		})
	})
}

// done gives a caller its ticket, when its delivery was new.
func (q *quickIntent) done(w *writer, id delivery.ID, at time.Time) bool {
	if id == 0 {
		return false
	}
	c := q.change
	c.id, c.attempt, c.at = id, 1, at
	w.granted[id] = grant{attempt: 1, run: q.run, intent: &c.intent, at: at}
	q.Err = nil
	return true
}
