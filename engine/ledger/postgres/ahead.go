package postgres

import (
	"bytes"
	"context"
	"crypto/sha256"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/ledger/internal/form"
)

// ahead is what a group of webhooks needs of the database, read in one round trip before the first is applied: what each would ask for
// itself, but of many at once. The group has the locks of all that is in it. A nil ahead knows nothing.
type ahead struct {
	reports  map[*recording]seen
	bodies   map[bodyDigest]*keptBody
	rows     map[delivery.ID]*row // locked; each is given once: whoever has it may change it
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

// readAhead reads what a group needs that holds webhooks alone.
func (t *transaction) readAhead(batch []*submission) error {
	a := &ahead{
		reports: map[*recording]seen{}, bodies: map[bodyDigest]*keptBody{}, rows: map[delivery.ID]*row{}, messages: map[string]*heard{},
	}
	bodies, ids := map[bodyDigest]*recording{}, map[int64]bool{}
	for _, r := range batch {
		o, is := r.Change.(*recording)
		if !is {
			return nil
		}
		report, codes, forgotten, err := t.known.Report(o.report, t.isOurs)
		if err != nil || len(codes) > 0 { // who is known to be forgotten changes within the group
			return err
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
	b := &pgx.Batch{}
	a.queueBodies(b, bodies)
	a.queueRows(b, slices.Sorted(maps.Keys(ids)))
	a.queueStatuses(b)
	ctx, cancel := context.WithTimeout(context.Background(), statementFor)
	defer cancel()
	if err := t.raw.SendBatch(ctx, b).Close(); err != nil {
		return ofSQL(err)
	}
	t.ahead = a
	return nil
}

// queueBodies keeps the bytes of webhooks, in one order for all, and finds the rows of those that were here before.
func (a *ahead) queueBodies(b *pgx.Batch, bodies map[bodyDigest]*recording) {
	if len(bodies) == 0 {
		return
	}
	var at []int64
	var digests, texts [][]byte
	for _, d := range slices.SortedFunc(maps.Keys(bodies), func(x, y bodyDigest) int { return bytes.Compare(x[:], y[:]) }) {
		r := &bodies[d].report
		at, digests, texts = append(at, r.ReceivedAt.UnixMilli()), append(digests, d[:]), append(texts, r.Body)
	}
	scan := func(again bool) func(pgx.Rows) error {
		return func(rows pgx.Rows) error {
			return ofRows(rows, func(rows pgx.Rows) error {
				var seq num
				var digest []byte
				err := rows.Scan(&seq, &digest)
				if d := bodyDigest(digest); a.bodies[d] == nil {
					a.bodies[d] = &keptBody{int64(seq), again}
				}
				return err
			})
		}
	}
	b.Queue(`INSERT INTO waybill.inbox (received_at, digest, body) SELECT * FROM unnest($1::int8[], $2::bytea[], $3::bytea[])
		ON CONFLICT DO NOTHING RETURNING seq, digest`, at, digests, texts).Query(scan(false))
	b.Queue(`SELECT seq, digest FROM waybill.inbox WHERE digest = ANY($1::bytea[])`, digests).Query(scan(true))
}

// queueRows reads and locks deliveries, in one order for all.
func (a *ahead) queueRows(b *pgx.Batch, ids []int64) {
	if len(ids) == 0 {
		return
	}
	b.Queue(`SELECT `+recordColumns+recordFrom+`WHERE d.id = ANY($1::int8[]) ORDER BY d.id FOR UPDATE OF d`, ids).Query(func(rows pgx.Rows) error {
		return ofRows(rows, func(rows pgx.Rows) error {
			r, err := scanRow(rows)
			if err == nil {
				a.rows[r.ID] = r
			}
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
	b.Queue(`SELECT message, state, at, word, delivery IS NULL, charge IS NOT NULL FROM waybill.status WHERE message_hash = ANY($1::int4[])`,
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
