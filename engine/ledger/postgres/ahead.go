package postgres

import (
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
		a, err = t.readForWebhooks(batch)
	case kind == dispatchesAlone:
		a = newAhead()
		err = t.readForDispatches(a, batch)
	}
	if err == nil && a != nil {
		err = t.nameRows(a.rows)
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

// queueRows reads and locks deliveries, in one order for all.
func (a *ahead) queueRows(b *pgx.Batch, ids []int64) {
	if len(ids) == 0 {
		return
	}
	b.Queue(`SELECT `+deliveryColumns+` FROM waybill.lock_deliveries($1) AS d`, ids).Query(func(rows pgx.Rows) error {
		scanner := newDeliveryScanner()
		return ofRows(rows, func(rows pgx.Rows) error {
			r, err := scanner.scan(rows)
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
