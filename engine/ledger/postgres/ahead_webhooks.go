package postgres

import (
	"bytes"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"waybill/engine/delivery"
	"waybill/engine/ledger/internal/form"
)

// webhookReads is what a group of webhooks asks of the database, and into what the answers go.
type webhookReads struct {
	ahead  *ahead
	known  int64 // the newest of those forgotten whom the group knows
	bodies map[bodyDigest]*recording
	ids    map[int64]bool // of deliveries
}

// readsOf is what reports need; nil where one of them tells more of somebody who was forgotten: that changes within the group who is known
// to be. ours says whether the ledger has a message that stands under a digest.
func (t *transaction) readsOf(batch []*submission, ours func(message string) (bool, error)) (*webhookReads, error) {
	w := &webhookReads{ahead: newAhead(), known: t.known.Newest, bodies: map[bodyDigest]*recording{}, ids: map[int64]bool{}}
	for _, r := range batch {
		o, _ := r.Change.(*recording)
		report, codes, forgotten, err := t.known.Report(o.report, ours)
		if err != nil || len(codes) > 0 {
			return nil, err
		}
		w.ahead.reports[o] = seen{report, forgotten}
		if len(report.Body) > 0 && !forgotten {
			w.bodies[digestOf(report.Body)] = o
		}
		for i := range report.Statuses {
			s := &report.Statuses[i]
			w.ahead.messages[s.MessageID] = &heard{statuses: map[statusKey]statusKnown{}}
			if c, ours := form.ParseCallback(s.Callback); ours {
				w.ids[int64(c.Delivery)] = true
			}
		}
	}
	return w, nil
}

// readForWebhooks reads what reports need; nil: that is not known before they are applied.
func (t *transaction) readForWebhooks(batch []*submission) (*ahead, error) {
	digests, err := t.digestsAmong(batch)
	if err != nil {
		return nil, err
	}
	w, err := t.readsOf(batch, func(message string) (bool, error) { return digests[message], nil })
	if w == nil || err != nil {
		return nil, err
	}
	b := &pgx.Batch{}
	args := append([]any{w.known}, w.args()...)
	b.Queue(`SELECT `+webhookColumns+` FROM waybill.read_webhooks(`+placeholders(len(args))+`) AS r`, args...).QueryRow(func(row pgx.Row) error {
		return w.scan(row)
	})
	w.queueRows(b)
	return w.ahead, t.ask(b)
}

// digestsAmong are the digests under which the ledger has messages that reports tell of: those of people who were forgotten.
func (t *transaction) digestsAmong(batch []*submission) (map[string]bool, error) {
	found := map[string]bool{}
	if t.known.Nobody() {
		return found, nil
	}
	var hashes []int32
	for _, r := range batch {
		o, _ := r.Change.(*recording)
		for i := range o.report.Statuses {
			hashes = append(hashes, form.MessageHash(t.known.Message(o.report.Statuses[i].MessageID)))
		}
	}
	if len(hashes) == 0 {
		return found, nil
	}
	err := t.query(`SELECT message FROM waybill.delivery WHERE message_hash = ANY ($1::int4[])
		UNION ALL SELECT message FROM waybill.attempt WHERE message_hash = ANY ($1::int4[])
		UNION ALL SELECT message FROM waybill.double_accept WHERE message_hash = ANY ($1::int4[])`, func(rows pgx.Rows) error {
		var message []byte
		err := rows.Scan(&message)
		found[unpackMessage(message)] = true
		return err
	}, hashes)
	return found, err
}

func (w *webhookReads) queueRows(b *pgx.Batch) { w.ahead.queueRows(b, slices.Sorted(maps.Keys(w.ids))) }

// webhookColumns are what scan reads of waybill.read_webhooks.
const webhookColumns = `r.seqs, r.kept, r.again, r.messages, r.states, r.ats, r.words, r.waits, r.charged`

// args are the arguments of waybill.read_webhooks from the second on. Bodies are in one order for all.
func (w *webhookReads) args() []any {
	var at []int64
	var digests, bodies [][]byte
	for _, d := range slices.SortedFunc(maps.Keys(w.bodies), func(x, y bodyDigest) int { return bytes.Compare(x[:], y[:]) }) {
		r := &w.bodies[d].report
		at, digests, bodies = append(at, r.ReceivedAt.UnixMilli()), append(digests, d[:]), append(bodies, r.Body)
	}
	hashes := map[int32]bool{}
	for message := range w.ahead.messages {
		hashes[form.MessageHash(message)] = true
	}
	return []any{w.known, at, digests, bodies, slices.Sorted(maps.Keys(hashes))}
}

// scan reads what follows before it, and then webhookColumns.
func (w *webhookReads) scan(row pgx.Row, before ...any) error {
	var seqs, states, ats []int64
	var kept, messages [][]byte
	var words []string // as they are stored
	var again, waits, charged []bool
	if err := row.Scan(append(before, &seqs, &kept, &again, &messages, &states, &ats, &words, &waits, &charged)...); err != nil {
		return err
	}
	for n, d := range kept {
		w.ahead.bodies[bodyDigest(d)] = &keptBody{seqs[n], again[n]}
	}
	for n, m := range messages {
		if h := w.ahead.messages[unpackMessage(m)]; h != nil {
			h.charged = h.charged || charged[n]
			h.keep(statusKey{delivery.State(states[n]), ats[n], words[n]}, waits[n]) //nolint:gosec // we wrote it
		}
	}
	return nil
}
