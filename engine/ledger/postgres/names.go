package postgres

import (
	"context"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"waybill/engine/delivery"
)

// names are what numbers in rows of the table delivery stand for, as far as they were needed. What a number stands for never changes. To
// read the names with each row would take the database longer than the row.
type names struct {
	steps            map[int64]stepName
	runs, businesses map[int64]string
}

func (n *names) forget() { *n = names{map[int64]stepName{}, map[int64]string{}, map[int64]string{}} }

// nameRows names the numbers of rows. A row whose names are not there is none.
func (t *transaction) nameRows(rows map[delivery.ID]*row) error {
	n := &t.w.names
	steps, runs, businesses := map[int64]bool{}, map[int64]bool{}, map[int64]bool{}
	for _, r := range rows {
		missing(steps, n.steps, r.step)
		missing(runs, n.runs, r.run)
		if r.business != 0 {
			missing(businesses, n.businesses, r.business)
		}
	}
	b := &pgx.Batch{}
	queueNames(b, `SELECT seq, job, scope, path FROM waybill.step`, steps, func(rows pgx.Rows) error {
		var seq num
		var job, scope, path text
		err := rows.Scan(&seq, &job, &scope, &path)
		n.steps[int64(seq)] = stepName{string(job), string(scope), string(path)}
		return err
	})
	for _, table := range []struct {
		name    string
		numbers map[int64]bool
		into    map[int64]string
	}{{"run", runs, n.runs}, {"business_number", businesses, n.businesses}} {
		queueNames(b, `SELECT seq, id FROM waybill.`+table.name, table.numbers, func(rows pgx.Rows) error {
			var seq num
			var id text
			err := rows.Scan(&seq, &id)
			table.into[int64(seq)] = string(id)
			return err
		})
	}
	if err := t.ask(b); err != nil {
		return err
	}
	maps.DeleteFunc(rows, func(_ delivery.ID, r *row) bool {
		step, known := n.steps[r.step]
		run, began := n.runs[r.run]
		r.name(step, run, n.businesses[r.business])
		return !known || !began
	})
	return nil
}

// namesOf reads what the runs and the business numbers in rows stand for, for a reader.
func (l *Ledger) namesOf(ctx context.Context, rows []*row) (n names, err error) {
	n.forget()
	runs, businesses := map[int64]bool{}, map[int64]bool{}
	for _, r := range rows {
		runs[r.run], businesses[r.business] = true, true
	}
	if len(rows) == 0 {
		return n, nil
	}
	err = l.query(ctx, `SELECT true, seq, id FROM waybill.run WHERE seq = ANY ($1::int8[])
		UNION ALL SELECT false, seq, id FROM waybill.business_number WHERE seq = ANY ($2::int8[])`, func(rows pgx.Rows) error {
		var isRun bool
		var seq num
		var id text
		err := rows.Scan(&isRun, &seq, &id)
		if isRun {
			n.runs[int64(seq)] = string(id)
		} else {
			n.businesses[int64(seq)] = string(id)
		}
		return err
	}, slices.Sorted(maps.Keys(runs)), slices.Sorted(maps.Keys(businesses)))
	return n, err
}

// missing notes a number whose name is not known.
func missing[N any](numbers map[int64]bool, names map[int64]N, number int64) {
	if _, known := names[number]; !known {
		numbers[number] = true
	}
}

// queueNames reads the rows of a table of names by their numbers.
func queueNames(b *pgx.Batch, sql string, numbers map[int64]bool, each func(pgx.Rows) error) {
	if len(numbers) > 0 {
		b.Queue(sql+` WHERE seq = ANY ($1::int8[])`, slices.Sorted(maps.Keys(numbers))).Query(func(rows pgx.Rows) error {
			return ofRows(rows, each)
		})
	}
}
