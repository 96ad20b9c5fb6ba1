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

// meet returns what a run met and left, of ids. What it made attempts for itself is left out. What became of the rest follows from their
// rows: they are where their last attempts left them.
func (t *transaction) meet(run int64, ids *delivery.IDs) (form.Set, error) {
	var left []int64
	var set form.Set
	if ids.Len() == 0 {
		return set, nil
	}
	err := t.query(`SELECT d.id, d.attempts, d.run = $1 OR EXISTS
		(SELECT 1 FROM waybill.attempt a WHERE a.delivery = d.id AND a.run = $1) FROM waybill.delivery d
		WHERE d.id IN (SELECT o.id FROM waybill.delivery o WHERE o.run = $1 UNION SELECT a.delivery FROM waybill.attempt a) ORDER BY d.id`, func(rows pgx.Rows) error {
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
	set.Spans = form.SpansOf(ids, left)
	return set, err
}

// metSet is a set with what became of its deliveries. The zero value is empty.
type metSet struct {
	form.Set
	seq   int64 // its row
	found map[delivery.Outcome]int64
}

// meetToo keeps what a process met of a divided run, beside what others met of it, whose set gives way.
func (t *transaction) meetToo(run int64, mine form.Set) error {
	if len(mine.Spans) == 0 {
		return nil
	}
	kept, err := t.keptOf(run)
	if err != nil {
		return err
	}
	before, more := kept, mine
	if all := kept.With(mine); all.Len() < kept.Len()+mine.Len() { // some were met by both
		before, more = metSet{}, all
	}
	seq, err := t.keepMet(before, more)
	if err == nil {
		_, err = t.exec(`UPDATE waybill.run SET met = $1 WHERE seq = $2`, seq, run)
	}
	if err != nil || kept.seq == 0 {
		return err
	}
	return t.dropMet(kept.seq)
}

// keptOf returns what is kept of what a run met.
func (t *transaction) keptOf(run int64) (kept metSet, err error) {
	err = t.query(`SELECT seq, ids FROM waybill.met WHERE seq = (SELECT met FROM waybill.run WHERE seq = $1)`, func(rows pgx.Rows) error {
		var seq num
		var ids []byte
		if err := rows.Scan(&seq, &ids); err != nil {
			return err
		}
		kept.seq = int64(seq)
		kept.Set, err = form.UnpackSet(ids)
		return err
	}, run)
	if err != nil || kept.seq == 0 {
		return kept, err
	}
	kept.found = map[delivery.Outcome]int64{}
	for k, n := range t.counts { // of this group
		if k.part == ofMet && k.of == kept.seq {
			kept.found[k.outcome] += n
		}
	}
	err = t.query(`SELECT outcome, sum(n)::int8 FROM waybill.met_count WHERE met = $1 GROUP BY outcome`, func(rows pgx.Rows) error {
		var outcome, n num
		err := rows.Scan(&outcome, &n)
		kept.found[delivery.Outcome(outcome)] += int64(n) //nolint:gosec // we wrote it
		return err
	}, kept.seq)
	return kept, err
}

// dropMet takes a set away that no run has any more.
func (t *transaction) dropMet(seq int64) error {
	gone, err := t.exec(`DELETE FROM waybill.met WHERE seq = $1 AND NOT EXISTS (SELECT 1 FROM waybill.run WHERE met = $1)`, seq)
	if err != nil || gone == 0 {
		return err
	}
	delete(t.w.mets.sets, seq)
	maps.DeleteFunc(t.counts, func(k countKey, _ int64) bool { return k.part == ofMet && k.of == seq })
	_, err = t.exec(`DELETE FROM waybill.met_count WHERE met = $1`, seq)
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

// keepMet keeps what a run met beside what is counted before, and returns its row; nil: there is nothing. What is under way is left out:
// it is another's.
func (t *transaction) keepMet(before metSet, more form.Set) (*int64, error) {
	all := before.With(more)
	if len(all.Spans) == 0 {
		return nil, nil
	}
	if seq, err := t.metLike(&all); err != nil || seq != nil {
		return seq, err
	}
	found, err := t.outcomesOf(&more)
	if err != nil {
		return nil, err
	}
	if found[delivery.OutcomeUnderWay] > 0 {
		if more, err = t.settledOf(more); err != nil {
			return nil, err
		}
		return t.keepMet(before, more)
	}
	seq, err := t.number(`INSERT INTO waybill.met (digest, ids) VALUES ($1, $2) RETURNING seq`, setDigest(all.Pack()), all.Pack())
	if err != nil {
		return nil, err
	}
	t.w.mets.newest = seq
	for _, counted := range []map[delivery.Outcome]int64{before.found, found} {
		for o, n := range counted {
			t.counts[countKey{ofMet, seq, o}] += n
		}
	}
	return &seq, nil
}

func setDigest(packed []byte) []byte {
	sum := sha256.Sum256(packed)
	return sum[:16]
}

// metLike returns the row of a set that is there already, which is the same, and whose counts were kept up; nil: there is none.
func (t *transaction) metLike(set *form.Set) (*int64, error) {
	seq, err := t.number(`SELECT seq FROM waybill.met WHERE digest = $1`, setDigest(set.Pack()))
	if err != nil || seq == 0 {
		return nil, err
	}
	return &seq, nil
}

// outcomesOf counts what became of the deliveries of a set, which is not empty. Others wait for it: where the set is full of gaps, as one
// process's share of a run is, its range is read once, instead of looking for each span.
func (t *transaction) outcomesOf(set *form.Set) (map[delivery.Outcome]int64, error) {
	found := map[delivery.Outcome]int64{}
	first, last := ends(set.Spans)
	from, args := fromSpans, []any{first, last}
	if bits := set.Bits(); bits != nil {
		from = ` FROM waybill.delivery m WHERE m.id BETWEEN $1 AND $2 AND get_bit($3::bytea, m.id - $1) = 1`
		args = []any{first[0], last[len(last)-1], bits}
	}
	err := t.query(`SELECT m.state, m.held_back IS NOT NULL, count(*)`+from+` GROUP BY 1, 2`, func(rows pgx.Rows) error {
		var state, n num
		var held bool
		err := rows.Scan(&state, &held, &n)
		found[delivery.State(state).Outcome(held)] += int64(n) //nolint:gosec // we wrote it
		return err
	}, args...)
	return found, err
}

// settledOf is a set less what is under way.
func (t *transaction) settledOf(set form.Set) (form.Set, error) {
	underWay := map[int64]bool{}
	first, last := ends(set.Spans)
	err := t.query(`SELECT m.id`+fromSpans+` WHERE m.state = 2`, func(rows pgx.Rows) error {
		var id num
		err := rows.Scan(&id)
		underWay[int64(id)] = true
		return err
	}, first, last)
	set.More = slices.DeleteFunc(set.More, func(m form.More) bool { return underWay[m.ID] })
	set.Spans = form.Without(set.Spans, slices.Sorted(maps.Keys(underWay)))
	return set, err
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
