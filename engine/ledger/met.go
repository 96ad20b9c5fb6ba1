package ledger

import (
	"context"
	"crypto/sha256"
	"database/sql/driver"
	"fmt"
	"maps"
	"slices"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/ledger/internal/form"
)

// metCache holds the sets of deliveries that applies met, for the statuses and words of people that change what became of one.
type metCache struct {
	newest int64 // the row of the newest in the file
	loaded int64 // that of the newest in sets
	sets   map[int64]form.Set
}

func (c *metCache) forget() { *c = metCache{newest: c.newest} }

// countMet counts a delivery for the runs that met it and left it, when what became of it by the attempts made until then has changed.
func (t *transaction) countMet(id delivery.ID, attempt int, before, after delivery.Outcome) error {
	if err := t.loadMets(); err != nil {
		return err
	}
	for seq, s := range t.mets.sets {
		if s.Attempts(int64(id)) == int64(attempt) {
			t.counts[countKey{ofMet, seq, before}]--
			t.counts[countKey{ofMet, seq, after}]++
		}
	}
	return nil
}

// loadMets reads the sets that came since it was called last. None is ever changed.
func (t *transaction) loadMets() error {
	if t.mets.loaded == t.mets.newest {
		return nil
	}
	if t.mets.sets == nil {
		t.mets.sets = map[int64]form.Set{}
	}
	err := t.query(context.Background(), `SELECT seq, ids FROM met WHERE seq > ?`, func(v []driver.Value) error {
		s, err := form.UnpackSet(asBytes(v[1]))
		if err != nil {
			return fmt.Errorf("%w: keep the file, and restore a backup: %w", engine.ErrDamaged, err)
		}
		t.mets.sets[asInt(v[0])] = s
		return nil
	}, t.mets.loaded)
	if err == nil {
		t.mets.loaded = t.mets.newest
	}
	return err
}

// meet keeps what a run met and returns its row; NULL: nothing is left. What it made attempts for itself is left out, and what is
// under way: it is another's. What became of the rest follows from their rows: they are where their last attempts left them.
func (t *transaction) meet(run int64, ids *delivery.IDs) (driver.Value, error) {
	var left []int64
	var set form.Set
	err := t.query(context.Background(), `SELECT d.id, d.attempts, d.run = ?1 OR EXISTS
		(SELECT 1 FROM attempt a WHERE a.delivery = d.id AND a.run = ?1) FROM delivery d
		WHERE d.run = ?1 OR d.id IN (SELECT a.delivery FROM attempt a) ORDER BY d.id`, func(v []driver.Value) error {
		switch id := asInt(v[0]); {
		case !ids.Has(delivery.ID(id)):
		case asInt(v[2]) != 0:
			left = append(left, id)
		default:
			set.More = append(set.More, form.More{ID: id, Attempts: asInt(v[1])})
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

// keepMet returns the row of a set. One that is there already is the same, and its counts were kept up; a new one is counted.
func (t *transaction) keepMet(set form.Set) (driver.Value, error) {
	packed := set.Pack()
	sum := sha256.Sum256(packed)
	digest := sum[:16]
	seq, err := t.number(`SELECT seq FROM met WHERE digest = ?`, digest)
	if err != nil || seq != 0 {
		return seq, err
	}
	found := map[delivery.Outcome]int64{}
	const from = ` FROM json_each(?) r CROSS JOIN delivery d ON d.id BETWEEN r.value ->> 0 AND r.value ->> 1`
	err = t.query(context.Background(), `SELECT d.state, d.held_back IS NOT NULL, count(*)`+from+` GROUP BY 1, 2`,
		func(v []driver.Value) error {
			s := delivery.State(asInt(v[0])) //nolint:gosec // we wrote it
			found[s.Outcome(asInt(v[1]) != 0)] += asInt(v[2])
			return nil
		}, form.SpansJSON(set.Spans))
	if err != nil {
		return nil, err
	}
	if found[delivery.OutcomeUnderWay] > 0 {
		return t.keepSettled(set, from)
	}
	if _, seq, err = t.exec(`INSERT INTO met (digest, ids) VALUES (?, ?)`, digest, packed); err != nil {
		return nil, err
	}
	t.mets.newest = seq
	for o, n := range found {
		t.counts[countKey{ofMet, seq, o}] += n
	}
	return seq, nil
}

// keepSettled keeps a set less what is under way.
func (t *transaction) keepSettled(set form.Set, from string) (driver.Value, error) {
	underWay := map[int64]bool{}
	err := t.query(context.Background(), `SELECT d.id`+from+` WHERE d.state = 2`, func(v []driver.Value) error {
		underWay[asInt(v[0])] = true
		return nil
	}, form.SpansJSON(set.Spans))
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
	err := l.readers.query(ctx, `SELECT ids FROM met WHERE seq = (SELECT met FROM run WHERE id = ?)`, func(v []driver.Value) (err error) {
		set, err = form.UnpackSet(asBytes(v[0]))
		return err
	}, run)
	if err != nil {
		return nil, fmt.Errorf("read what run %q met: %w", run, err)
	}
	return set.Spans, nil
}
