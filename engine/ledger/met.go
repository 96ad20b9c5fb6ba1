package ledger

import (
	"context"
	"crypto/sha256"
	"database/sql/driver"
	"fmt"

	"waybill/engine"
	"waybill/engine/delivery"
)

// metCache holds the sets of deliveries that applies met, for the statuses and words of people that change what became of one.
type metCache struct {
	newest int64 // the row of the newest in the file
	loaded int64 // that of the newest in sets
	sets   map[int64]metSet
}

func (c *metCache) forget() { *c = metCache{newest: c.newest} }

// countMet counts a delivery for the runs that met it and left it, when what became of it by the attempts made until then has changed.
func (t *transaction) countMet(id delivery.ID, attempt int, before, after delivery.Outcome) error {
	if err := t.loadMets(); err != nil {
		return err
	}
	for seq, s := range t.mets.sets {
		if s.attempts(int64(id)) == int64(attempt) {
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
		t.mets.sets = map[int64]metSet{}
	}
	err := t.query(context.Background(), `SELECT seq, ids FROM met WHERE seq > ?`, func(v []driver.Value) error {
		s, err := unpackMetSet(asBytes(v[1]))
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

// meet keeps what a run met, less what it made attempts for itself, and returns its row; NULL: nothing is left. What became of them
// follows from their rows: they are where their last attempts left them.
func (t *transaction) meet(run int64, ids *delivery.IDs) (driver.Value, error) {
	const from = ` FROM json_each(?1) r CROSS JOIN delivery d ON d.id BETWEEN r.value ->> 0 AND r.value ->> 1 `
	spans := spansJSON(spansOf(ids, nil))
	found := counts{}
	note := func(state, held driver.Value, n int64) {
		s := delivery.State(asInt(state)) //nolint:gosec // we wrote it
		found[countKey{part: ofMet, outcome: s.Outcome(asInt(held) != 0)}] += n
	}
	// Nearly all had one attempt, of another run: they are counted without being looked at one by one.
	err := t.query(context.Background(), `SELECT d.state, d.held_back IS NOT NULL, count(*)`+from+
		`WHERE d.attempts = 1 AND d.run <> ?2 GROUP BY 1, 2`, func(v []driver.Value) error {
		note(v[0], v[1], asInt(v[2]))
		return nil
	}, spans, run)
	if err != nil {
		return nil, err
	}
	var own []int64
	var set metSet
	err = t.query(context.Background(), `SELECT d.state, d.held_back IS NOT NULL, d.id, d.attempts, d.run = ?2 OR EXISTS
		(SELECT 1 FROM attempt a WHERE a.delivery = d.id AND a.run = ?2)`+from+`WHERE d.attempts > 1 OR d.run = ?2 ORDER BY d.id`,
		func(v []driver.Value) error {
			if asInt(v[4]) != 0 {
				own = append(own, asInt(v[2]))
				return nil
			}
			note(v[0], v[1], 1)
			set.more = append(set.more, metMore{asInt(v[2]), asInt(v[3])})
			return nil
		}, spans, run)
	if err != nil {
		return nil, err
	}
	if set.spans = spansOf(ids, own); len(set.spans) == 0 {
		return nil, nil
	}
	return t.keepMet(set, found)
}

// keepMet returns the row of a set, which is made when it is new.
func (t *transaction) keepMet(set metSet, found counts) (driver.Value, error) {
	packed := set.pack()
	sum := sha256.Sum256(packed)
	digest := sum[:16]
	changed, seq, err := t.exec(`INSERT INTO met (digest, ids) VALUES (?, ?) ON CONFLICT DO NOTHING`, digest, packed)
	if err != nil {
		return nil, err
	}
	if changed == 0 { // its counts were kept up since
		seq, err = t.number(`SELECT seq FROM met WHERE digest = ?`, digest)
		return seq, err
	}
	t.mets.newest = seq
	for k, n := range found {
		k.of = seq
		t.counts[k] += n
	}
	return seq, nil
}
