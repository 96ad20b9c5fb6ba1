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
			_, shaped := w.mouldOf(&c.intent.Text)
			if fits = known && shaped && !items[k] && !c.asks; fits {
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
	b.Queue(isolationSQL)
	b.Queue(`SELECT waybill.begin_group($1, $2, $3, $4, $5, $6)`, w.beginArgs(batch)...)
	var r written
	args := slices.Concat(w.groupArgs(batch), settleArgs(g.settles), w.intendArgs(g.intents, at))
	b.Queue(`SELECT ids, refused, unsettled FROM waybill.write_group(`+placeholders(len(args))+`)`, args...).QueryRow(r.scan)
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
	return g.answer(w, &r, now, at), nil
}

// written is what the database said of a group; see waybill.write_group.
type written struct {
	ids       []delivery.ID // that intents got, in their order
	refused   []int32       // which of these did not, from 1
	unsettled []delivery.ID // deliveries to which something came between
}

func (r *written) scan(row pgx.Row) error {
	var ids, unsettled []int64
	if err := row.Scan(&ids, &r.refused, &unsettled); err != nil {
		return ofSQL(err)
	}
	r.ids, r.unsettled = deliveryIDs(ids), deliveryIDs(unsettled)
	return nil
}

func deliveryIDs(numbers []int64) []delivery.ID {
	ids := make([]delivery.ID, len(numbers))
	for i, n := range numbers {
		ids[i] = delivery.ID(n)
	}
	return ids
}

// answer gives callers their answers, and returns what is to go the slow way.
func (g *quickGroup) answer(w *writer, r *written, now, at time.Time) (left []*submission) {
	for i := range g.settles {
		if q := &g.settles[i]; slices.Contains(r.unsettled, q.change.attempt.Delivery) {
			left = append(left, q.submission)
		} else {
			q.done(w, now)
		}
	}
	for i := range g.intents {
		if q := &g.intents[i]; slices.Contains(r.refused, int32(i+1)) {
			left = append(left, q.submission)
		} else {
			q.done(w, r.ids[i], at)
		}
	}
	return left
}

// The arguments of waybill.write_group: groupArgs, settleArgs and intendArgs.

func (w *writer) groupArgs(batch []*submission) []any {
	return []any{w.self.id, w.shard(), lockMessage, messageHashes(batch), lockUnclaimed}
}

func settleArgs(settles []quickSettle) []any {
	n := len(settles)
	ids, attempts, ended, messages := make([]int64, n), make([]int64, n), make([]*int64, n), make([][]byte, n)
	hashes, numbers, http, codes := make([]int32, n), make([]*int32, n), make([]*int64, n), make([]*int64, n)
	held, answers, traces := make([]*string, n), make([]*string, n), make([]*string, n)
	for i, q := range settles {
		a := &q.change.attempt
		ids[i], attempts[i], ended[i] = int64(a.Delivery), int64(a.Number), since(q.grant.at, a.Ended)
		messages[i], hashes[i], numbers[i] = packMessage(a.MessageID), form.MessageHash(a.MessageID), endOfNumber(a.MessageID)
		held[i], http[i], codes[i] = textOrNull(a.HeldBack), orNull(a.Answer.Status), orNull(a.Answer.Code)
		answers[i], traces[i] = textOrNull(a.Answer.Message), textOrNull(a.Answer.TraceID)
	}
	return []any{ids, attempts, ended, messages, hashes, numbers, held, http, codes, answers, traces}
}

func (w *writer) intendArgs(intents []quickIntent, at time.Time) []any {
	n := len(intents)
	steps, runs, digests, lines := make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n)
	items, recipients, businesses := make([]string, n), make([]string, n), make([]int64, n)
	moulds, texts := make([]int64, n), make([][]byte, n)
	for k, q := range intents {
		i := &q.change.intent
		steps[k], runs[k], digests[k], lines[k] = q.step, q.run, packDigest(i.Digest), int64(i.Row)
		items[k], recipients[k], businesses[k] = putText(i.Key.Item), putText(i.Recipient), q.business
		moulds[k], _ = w.mouldOf(&i.Text)
		texts[k] = valuesOf(&i.Text)
	}
	return []any{at.UnixMilli(), steps, items, runs, recipients, digests, lines, businesses, moulds, texts}
}

// done gives a caller its answer: its outcome is written.
func (q *quickSettle) done(w *writer, now time.Time) {
	a, g := &q.change.attempt, q.grant
	delete(w.granted, a.Delivery)
	w.groups.Settled(now.Sub(g.at))
	if q.change.after != nil {
		kept := *a
		kept.At, kept.Ended = g.at, g.at.Add(time.Duration(*since(g.at, a.Ended))*time.Millisecond)
		*q.change.after = g.intent.Accepted(kept)
	}
	q.Err = nil
}

// done gives a caller its ticket: its delivery was new.
func (q *quickIntent) done(w *writer, id delivery.ID, at time.Time) {
	c := q.change
	c.id, c.attempt, c.at = id, 1, at
	w.granted[id] = grant{attempt: 1, run: q.run, intent: &c.intent, at: at}
	q.Err = nil
}
