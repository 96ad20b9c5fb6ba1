package postgres

import (
	"bytes"
	"crypto/sha256"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/ledger/internal/form"
)

// ahead is what a group needs of the database, read in a few round trips before the first of its changes is applied: what each would ask for
// itself, but of many at once. The group has the locks of all that is in it. A nil ahead knows nothing.
type ahead struct {
	reports  map[*recording]seen
	bodies   map[bodyDigest]*keptBody
	rows     map[delivery.ID]*row    // locked; each is given once: whoever has it may change it
	newest   map[itemKey]delivery.ID // the last deliveries of items, where there are any
	messages map[string]*heard
}

// seen is a report as the ledger has it; see form.Forgotten.Report.
type seen struct {
	report    engine.Report
	forgotten bool
}

type bodyDigest [16]byte

func digestOf(body []byte) bodyDigest {
	sum := sha256.Sum256(body)
	return bodyDigest(sum[:16])
}

// keptBody is the row of a webhook's bytes.
type keptBody struct {
	seq   int64
	again bool // they were here before
}

// heard is what the ledger has of a message's statuses.
type heard struct {
	statuses map[statusKey]statusKnown
	charged  bool // one of them told how it was charged
}

// statusKey tells the statuses of a message apart.
type statusKey struct {
	state delivery.State
	at    int64
	word  string
}

func keyOf(s *delivery.Status) statusKey {
	return statusKey{s.State, s.At.UnixMilli(), putText(form.OwnWord(s))}
}

func (h *heard) waits() bool {
	for _, known := range h.statuses {
		if known == statusWaiting {
			return true
		}
	}
	return false
}

// kind is what a group holds.
type kind int

const (
	mixed           kind = iota
	webhooksAlone        // and no other change
	dispatchesAlone      // intents and outcomes
)

func kindOf(batch []*submission) kind {
	webhooks, dispatches := 0, 0
	for _, r := range batch {
		switch r.Change.(type) {
		case *recording:
			webhooks++
		case *intend, *settle:
			dispatches++
		}
	}
	switch len(batch) {
	case webhooks:
		return webhooksAlone
	case dispatches:
		return dispatchesAlone
	}
	return mixed
}

// readAhead reads what a group needs that holds webhooks alone, or intents and outcomes alone, unless that was read as it began. Other
// changes write to deliveries by statements of their own, after which what was read before is not so.
func (t *transaction) readAhead(batch []*submission) (err error) {
	a := t.ahead
	switch kind := kindOf(batch); {
	case a != nil:
	case kind == webhooksAlone:
		b := &pgx.Batch{}
		if a, err = t.queueForWebhooks(b, batch); err == nil {
			err = t.ask(b)
		}
	case kind == dispatchesAlone:
		a = newAhead()
		err = t.readForDispatches(a, batch)
	}
	if err == nil && a != nil {
		err = t.readRests(a)
		t.ahead = a
	}
	return err
}

func newAhead() *ahead {
	return &ahead{
		reports: map[*recording]seen{}, bodies: map[bodyDigest]*keptBody{}, rows: map[delivery.ID]*row{},
		newest: map[itemKey]delivery.ID{}, messages: map[string]*heard{},
	}
}

// queueForWebhooks reads what reports need; nil where one of them tells more of somebody who was forgotten: that changes within the group
// who is known to be.
func (t *transaction) queueForWebhooks(b *pgx.Batch, batch []*submission) (*ahead, error) {
	a, bodies, ids := newAhead(), map[bodyDigest]*recording{}, map[int64]bool{}
	for _, r := range batch {
		o, _ := r.Change.(*recording)
		report, codes, forgotten, err := t.known.Report(o.report, t.isOurs)
		if err != nil || len(codes) > 0 {
			return nil, err
		}
		a.reports[o] = seen{report, forgotten}
		if len(report.Body) > 0 && !forgotten {
			bodies[digestOf(report.Body)] = o
		}
		for i := range report.Statuses {
			s := &report.Statuses[i]
			a.messages[s.MessageID] = &heard{statuses: map[statusKey]statusKnown{}}
			if c, ours := form.ParseCallback(s.Callback); ours {
				ids[int64(c.Delivery)] = true
			}
		}
	}
	a.queueBodies(b, t.known.Newest, bodies)
	a.queueRows(b, slices.Sorted(maps.Keys(ids)))
	a.queueStatuses(b)
	return a, nil
}

// readForDispatches reads the deliveries that intents and outcomes are of, as far as they are there.
func (t *transaction) readForDispatches(a *ahead, batch []*submission) error {
	ids := map[int64]bool{}
	var steps []int64
	var items []string
	for _, r := range batch {
		switch c := r.Change.(type) {
		case *settle:
			ids[int64(c.attempt.Delivery)] = true
		case *intend:
			i := t.known.Intent(c.intent)
			if step, known := t.w.steps[stepName{i.Key.Job, i.Key.Scope, i.Key.Step}]; known {
				steps, items = append(steps, step), append(items, putText(i.Key.Item))
			}
		}
	}
	b := &pgx.Batch{}
	a.queueNewest(b, steps, items)
	if err := t.ask(b); err != nil {
		return err
	}
	for _, id := range a.newest {
		ids[int64(id)] = true
	}
	b = &pgx.Batch{}
	a.queueRows(b, slices.Sorted(maps.Keys(ids)))
	return t.ask(b)
}

// readRests reads what the rows that were read do not tell.
func (t *transaction) readRests(a *ahead) error {
	var ids []int64
	rests := map[delivery.ID]*rest{}
	for id, r := range a.rows {
		if !r.tellsAll() {
			r.rest = &rest{}
			ids, rests[id] = append(ids, int64(id)), r.rest
		}
	}
	b := &pgx.Batch{}
	queueRests(b, ids, rests)
	return t.ask(b)
}

// queueBodies keeps the bytes of webhooks, in one order for all, and finds the rows of those that were here before; see
// waybill.keep_bodies.
func (a *ahead) queueBodies(b *pgx.Batch, known int64, bodies map[bodyDigest]*recording) {
	if len(bodies) == 0 {
		return
	}
	var at []int64
	var digests, texts [][]byte
	for _, d := range slices.SortedFunc(maps.Keys(bodies), func(x, y bodyDigest) int { return bytes.Compare(x[:], y[:]) }) {
		r := &bodies[d].report
		at, digests, texts = append(at, r.ReceivedAt.UnixMilli()), append(digests, d[:]), append(texts, r.Body)
	}
	b.Queue(`SELECT seq, digest, again FROM waybill.keep_bodies($1, $2, $3, $4)`, known, at, digests, texts).Query(func(rows pgx.Rows) error {
		return ofRows(rows, func(rows pgx.Rows) error {
			var seq num
			var digest []byte
			var again bool
			err := rows.Scan(&seq, &digest, &again)
			if d := bodyDigest(digest); a.bodies[d] == nil {
				a.bodies[d] = &keptBody{int64(seq), again}
			}
			return err
		})
	})
}

// queueRows reads and locks deliveries, in one order for all.
func (a *ahead) queueRows(b *pgx.Batch, ids []int64) {
	if len(ids) == 0 {
		return
	}
	b.Queue(`SELECT `+lockedColumns+` FROM waybill.lock_deliveries($1)`, ids).Query(func(rows pgx.Rows) error {
		return ofRows(rows, func(rows pgx.Rows) error {
			r, err := scanRow(rows)
			if err == nil {
				a.rows[r.ID] = r
			}
			return err
		})
	})
}

// queueNewest finds the last deliveries of items.
func (a *ahead) queueNewest(b *pgx.Batch, steps []int64, items []string) {
	if len(steps) == 0 {
		return
	}
	b.Queue(`SELECT k.step, k.item, d.id FROM unnest($1::int4[], $2::text[]) AS k (step, item) CROSS JOIN LATERAL
		(SELECT x.id FROM waybill.delivery x WHERE x.step = k.step AND x.item = k.item COLLATE "C" ORDER BY x.number DESC LIMIT 1) AS d`,
		steps, items).Query(func(rows pgx.Rows) error {
		return ofRows(rows, func(rows pgx.Rows) error {
			var step, id num
			var item string // as it is stored
			err := rows.Scan(&step, &item, &id)
			a.newest[itemKey{int64(step), item}] = delivery.ID(id)
			return err
		})
	})
}

// queueStatuses reads which statuses of the messages the ledger has.
func (a *ahead) queueStatuses(b *pgx.Batch) {
	hashes := map[int32]bool{}
	for message := range a.messages {
		hashes[form.MessageHash(message)] = true
	}
	if len(hashes) == 0 {
		return
	}
	b.Queue(`SELECT message, state, at, word, waits, charged FROM waybill.statuses_of($1)`,
		slices.Sorted(maps.Keys(hashes))).Query(func(rows pgx.Rows) error {
		return ofRows(rows, func(rows pgx.Rows) error {
			var message []byte
			var state, at num
			var word string // as it is stored
			var waits, charged bool
			if err := rows.Scan(&message, &state, &at, &word, &waits, &charged); err != nil {
				return err
			}
			if h := a.messages[unpackMessage(message)]; h != nil {
				h.charged = h.charged || charged
				h.keep(statusKey{delivery.State(state), int64(at), word}, waits) //nolint:gosec // we wrote it
			}
			return nil
		})
	})
}

// keep notes a status, which waits for its delivery or was given to it.
func (h *heard) keep(k statusKey, waits bool) {
	h.statuses[k] = statusApplied
	if waits {
		h.statuses[k] = statusWaiting
	}
}

// take gives a row away, once; nil: it is to be read.
func (a *ahead) take(id delivery.ID) *row {
	if a == nil {
		return nil
	}
	r := a.rows[id]
	delete(a.rows, id)
	return r
}

// newestOf is the last delivery of an item as it was read, and was not given away since; nil: it is to be looked for.
func (a *ahead) newestOf(step int64, item string) *row {
	if a == nil {
		return nil
	}
	return a.rows[a.newest[itemKey{step, putText(item)}]]
}

// of is what is known of a message; nil: it is to be read.
func (a *ahead) of(message string) *heard {
	if a == nil {
		return nil
	}
	return a.messages[message]
}

// attached notes that what waited for a message was given to its delivery.
func (a *ahead) attached(message string) {
	if h := a.of(message); h != nil {
		for k := range h.statuses {
			h.statuses[k] = statusApplied
		}
	}
}
