package postgres

import (
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/ledger/internal/form"
)

// metCache holds the sets of deliveries that applies met, for the statuses and words of people that change what became of one.
// A group that changes outcomes shares the lock lockMet, and one that makes a set has it alone: each set counts each change.
type metCache struct {
	newest int64 // the row of the newest in the database
	loaded int64 // that of the newest in sets
	sets   map[int64]form.Set
}

func (c *metCache) forget() { *c = metCache{} }

// countMet counts a delivery for the runs that met it and left it, when what became of it by the attempts made until then has changed.
func (t *transaction) countMet(id delivery.ID, attempt int, before, after delivery.Outcome) error {
	if err := t.loadMets(); err != nil {
		return err
	}
	for seq, s := range t.w.mets.sets {
		if s.Attempts(int64(id)) == int64(attempt) {
			t.counts[countKey{ofMet, seq, before}]--
			t.counts[countKey{ofMet, seq, after}]++
		}
	}
	return nil
}

// loadMets reads the sets that came since it was called last. None is ever changed; a row that was not committed is no set.
func (t *transaction) loadMets() error {
	m := &t.w.mets
	if m.loaded == m.newest {
		return nil
	}
	if m.sets == nil {
		m.sets = map[int64]form.Set{}
	}
	err := t.query(`SELECT seq, ids FROM waybill.met WHERE seq > $1`, func(rows pgx.Rows) error {
		var seq num
		var ids []byte
		if err := rows.Scan(&seq, &ids); err != nil {
			return err
		}
		s, err := form.UnpackSet(ids)
		if err != nil {
			return fmt.Errorf("%w: restore a backup: %w", engine.ErrDamaged, err)
		}
		m.sets[int64(seq)] = s
		return nil
	}, m.loaded)
	if err == nil {
		m.loaded = m.newest
	}
	return err
}

// meet keeps what a run met and returns its row; nil: nothing is left. What it made attempts for itself is left out, and what is
// under way: it is another's. What became of the rest follows from their rows: they are where their last attempts left them.
func (t *transaction) meet(run int64, ids *delivery.IDs) (*int64, error) {
	var left []int64
	var set form.Set
	err := t.query(`SELECT d.id, d.attempts, d.run = $1 OR EXISTS
		(SELECT 1 FROM waybill.attempt a WHERE a.delivery = d.id AND a.run = $1) FROM waybill.delivery d
		WHERE d.run = $1 OR d.id IN (SELECT a.delivery FROM waybill.attempt a) ORDER BY d.id`, func(rows pgx.Rows) error {
		var id, attempts num
		var own bool
		if err := rows.Scan(&id, &attempts, &own); err != nil {
			return err
		}
		switch {
		case !ids.Has(delivery.ID(id)):
		case own:
			left = append(left, int64(id))
		default:
			set.More = append(set.More, form.More{ID: int64(id), Attempts: int64(attempts)})
		}
		return nil
	}, run)
	if err != nil {
		return nil, err
	}
	if set.Spans = form.SpansOf(ids, left); len(set.Spans) == 0 {
		return nil, nil
	}
	return t.keepMet(set)
}

// meetToo keeps what a process met of a divided run, beside what others met of it.
func (t *transaction) meetToo(run int64, met *delivery.IDs) error {
	if met.Len() == 0 {
		return nil
	}
	mine, err := t.meet(run, met)
	if err != nil || mine == nil {
		return err
	}
	var sets []form.Set
	err = t.query(`SELECT m.ids FROM waybill.met m WHERE m.seq = $1 OR m.seq = (SELECT met FROM waybill.run WHERE seq = $2) ORDER BY m.seq = $1`,
		func(rows pgx.Rows) error {
			var ids []byte
			if err := rows.Scan(&ids); err != nil {
				return err
			}
			s, err := form.UnpackSet(ids)
			sets = append(sets, s)
			return err
		}, *mine, run)
	if err != nil {
		return err
	}
	if len(sets) > 1 {
		if mine, err = t.keepMet(sets[0].With(sets[1])); err != nil {
			return err
		}
	}
	_, err = t.exec(`UPDATE waybill.run SET met = $1 WHERE seq = $2`, mine, run)
	return err
}

// fromSpans are the deliveries in spans of ids, the first of each in $1 and the last in $2.
const fromSpans = ` FROM unnest($1::int8[], $2::int8[]) AS p (first, last)
	CROSS JOIN LATERAL (SELECT * FROM waybill.delivery m WHERE m.id BETWEEN p.first AND p.last OFFSET 0) AS m`

// ends returns the first and the last ids of spans.
func ends(spans []form.Span) (first, last []int64) {
	for _, s := range spans {
		first, last = append(first, s.First), append(last, s.Last)
	}
	return first, last
}

// keepMet returns the row of a set. One that is there already is the same, and its counts were kept up; a new one is counted.
func (t *transaction) keepMet(set form.Set) (*int64, error) {
	packed := set.Pack()
	sum := sha256.Sum256(packed)
	digest := sum[:16]
	seq, err := t.number(`SELECT seq FROM waybill.met WHERE digest = $1`, digest)
	if err != nil || seq != 0 {
		return &seq, err
	}
	found := map[delivery.Outcome]int64{}
	first, last := ends(set.Spans)
	err = t.query(`SELECT m.state, m.held_back IS NOT NULL, count(*)`+fromSpans+` GROUP BY 1, 2`, func(rows pgx.Rows) error {
		var state, n num
		var held bool
		err := rows.Scan(&state, &held, &n)
		found[delivery.State(state).Outcome(held)] += int64(n) //nolint:gosec // we wrote it
		return err
	}, first, last)
	if err != nil {
		return nil, err
	}
	if found[delivery.OutcomeUnderWay] > 0 {
		return t.keepSettled(set)
	}
	seq, err = t.number(`INSERT INTO waybill.met (digest, ids) VALUES ($1, $2) RETURNING seq`, digest, packed)
	if err != nil {
		return nil, err
	}
	t.w.mets.newest = seq
	for o, n := range found {
		t.counts[countKey{ofMet, seq, o}] += n
	}
	return &seq, nil
}

// keepSettled keeps a set less what is under way.
func (t *transaction) keepSettled(set form.Set) (*int64, error) {
	underWay := map[int64]bool{}
	first, last := ends(set.Spans)
	err := t.query(`SELECT m.id`+fromSpans+` WHERE m.state = 2`, func(rows pgx.Rows) error {
		var id num
		err := rows.Scan(&id)
		underWay[int64(id)] = true
		return err
	}, first, last)
	if err != nil {
		return nil, err
	}
	set.More = slices.DeleteFunc(set.More, func(m form.More) bool { return underWay[m.ID] })
	if set.Spans = form.Without(set.Spans, slices.Sorted(maps.Keys(underWay))); len(set.Spans) == 0 {
		return nil, nil
	}
	return t.keepMet(set)
}

// metBy returns the spans of the deliveries that a run met and left.
func (l *Ledger) metBy(ctx context.Context, run string) ([]form.Span, error) {
	var set form.Set
	if run == "" {
		return nil, nil
	}
	err := l.query(ctx, `SELECT ids FROM waybill.met WHERE seq = (SELECT met FROM waybill.run WHERE id = $1)`, func(rows pgx.Rows) error {
		var ids []byte
		err := rows.Scan(&ids)
		if err == nil {
			set, err = form.UnpackSet(ids)
		}
		return err
	}, putText(run))
	if err != nil {
		return nil, fmt.Errorf("read what run %q met: %w", run, err)
	}
	return set.Spans, nil
}
