package postgres

import (
	"cmp"
	"maps"
	"slices"

	"waybill/engine/delivery"
	"waybill/engine/ledger/internal/form"
)

// leftOut are why messages of parts of runs were left out, and how many.
type leftOut map[leftOutKey]int64

type leftOutKey struct {
	run    int64
	part   part
	reason string
}

func (k leftOutKey) compare(o leftOutKey) int {
	return cmp.Or(cmp.Compare(k.run, o.run), cmp.Compare(k.part, o.part), cmp.Compare(k.reason, o.reason))
}

// count takes in a note that is not kept by itself.
func (l leftOut) count(run int64, n *note) {
	if n.Outcome == delivery.OutcomeSkipped {
		l[leftOutKey{run, n.part, form.Cut(n.Reason, form.LongestText)}] += int64(max(1, n.Count))
	}
}

// addLeftOut writes them, in an order that is the same for all.
func (t *transaction) addLeftOut(l leftOut) error {
	var runs, parts, sums []int64
	var reasons []string
	for _, k := range slices.SortedFunc(maps.Keys(l), leftOutKey.compare) {
		runs, parts, reasons, sums = append(runs, k.run), append(parts, int64(k.part)), append(reasons, putText(k.reason)), append(sums, l[k])
	}
	if len(runs) == 0 {
		return nil
	}
	_, err := t.exec(`INSERT INTO waybill.run_left_out AS o (run, part, reason, n) SELECT * FROM unnest($1::int4[], $2::int4[], $3::text[], $4::int8[])
		ON CONFLICT (run, part, reason) DO UPDATE SET n = o.n + excluded.n`, runs, parts, reasons, sums)
	return err
}
