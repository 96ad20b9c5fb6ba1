package postgres

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/ledger/internal/form"
	"waybill/engine/ledger/transfer"
)

// copyBatch is how many rows of a copy are sent at once.
const copyBatch = 2000

// Place is a database that a ledger may be copied to. Use NewPlace.
type Place struct {
	ledger *Ledger // which it will be
	conn   *pgx.Conn
	facts  facts
}

// NewPlace connects to a database for a copy. The caller closes it. A ledger that is there is refused when the copy is made.
func NewPlace(ctx context.Context, url string, o Options) (*Place, error) {
	pooled, err := configure(url, o.Insecure)
	if err != nil {
		return nil, err
	}
	p := &Place{ledger: newLedger(pooled.ConnConfig, o)}
	if p.conn, err = dial(ctx, pooled.ConnConfig); err != nil {
		return nil, fmt.Errorf("open the database %s: %w", p.Name(), explain(err))
	}
	err = (&connection{raw: p.conn}).query(factsSQL, func(rows pgx.Rows) error { return readFacts(rows, &p.facts) })
	if err == nil {
		err = p.facts.keeps()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the database %s: %w", p.Name(), explain(err)), p.Close())
	}
	return p, nil
}

// Close ends the connection.
func (p *Place) Close() error { return (&connection{raw: p.conn}).close() }

// Name is the address of the database; see transfer.To.
func (p *Place) Name() string { return p.ledger.name }

// Take makes the copy, in one transaction; see transfer.To.
func (p *Place) Take(ctx context.Context, id string, head transfer.Head, fill func(transfer.Writer) error) error {
	files, err := migrationTexts()
	if err != nil {
		return err
	}
	return explain(ofSQLTx(pgx.BeginTxFunc(ctx, p.conn, readCommitted(), func(tx pgx.Tx) error {
		if err := p.prepare(ctx, tx, files); err != nil {
			return err
		}
		h := head
		var begun *int64
		if h.BegunAt != 0 {
			begun = &h.BegunAt
		}
		_, err := tx.Exec(ctx, `UPDATE waybill.ledger SET callback_key = $1, digest_key = $2, created_at = $3, begun_at = $4, sought_words = $5,
			arrived_as = $6, incoming = true`, h.CallbackKey, h.DigestKey, h.CreatedAt, begun, textOrNull(h.SoughtWords), id)
		if err == nil {
			_, err = tx.Exec(ctx, `INSERT INTO waybill.process (holder, ended, swept, received_at, listening_until, foreigners)
				VALUES ('waybill ledger copy', clock_timestamp(), true, nullif($1::int8, 0), nullif($2::int8, 0), $3)`,
				h.ReceivedAt, h.ListeningUntil, h.ForeignCallbacks)
		}
		if err != nil {
			return err
		}
		return fill(copyWriter{copyReader{p.conn}})
	})))
}

// prepare makes the tables, or empties those of an earlier copy that was not finished.
func (p *Place) prepare(ctx context.Context, tx pgx.Tx, files []string) error {
	if _, err := tx.Exec(ctx, takesItsTimeSQL); err != nil {
		return err
	}
	var usable bool
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1::int, 0)`, lockMigration); err != nil {
		return err
	}
	if err := tx.QueryRow(ctx, `SELECT `+hasLedgerSQL).Scan(&usable); err != nil {
		return err
	}
	if usable {
		if err := tx.QueryRow(ctx, `SELECT NOT incoming FROM waybill.ledger`).Scan(&usable); err != nil {
			return err
		}
	}
	if usable {
		return fmt.Errorf("there is a ledger in %s already: %w", p.Name(), transfer.ErrOccupied)
	}
	if err := p.ledger.migrateIn(ctx, tx, files, &p.facts); err != nil {
		return err
	}
	names := []string{"waybill.process"}
	for _, t := range transfer.Tables() {
		names = append(names, "waybill."+t.Name)
	}
	_, err := tx.Exec(ctx, `TRUNCATE `+strings.Join(names, ", "))
	return err
}

// copyWriter writes tables as package transfer has them.
type copyWriter struct{ copyReader }

// madeColumns are the columns of a table that are made of others; see NotCopied.
func madeColumns(table string) []string {
	switch table {
	case "delivery":
		return []string{"held", "message_hash"}
	case "attempt", "double_accept", "status":
		return []string{"message_hash"}
	case "run_count", "met_count", "run_charge":
		return []string{"shard"}
	}
	return nil
}

func (w copyWriter) Put(ctx context.Context, t transfer.Table, rows iter.Seq2[transfer.Row, error]) error {
	names := append(t.Names(), madeColumns(t.Name)...)
	var batch [][]any
	flush := func() error {
		_, err := w.raw.CopyFrom(ctx, pgx.Identifier{"waybill", t.Name}, names, pgx.CopyFromRows(batch))
		batch = batch[:0]
		return err
	}
	for row, err := range rows {
		if err != nil {
			return err
		}
		batch = append(batch, whole(t, row))
		if len(batch) == copyBatch {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := flush(); err != nil {
		return err
	}
	return w.settle(ctx, t)
}

// whole is a row as it is stored, with what is made of it.
func whole(t transfer.Table, row transfer.Row) []any {
	out := make([]any, 0, len(row)+2)
	at := map[string]any{}
	for i, c := range t.Columns {
		at[c.Name] = row[i]
		out = append(out, stored(c.Kind, row[i]))
	}
	switch t.Name {
	case "delivery":
		settled := slices.Index(t.Names(), "settled_ms")
		switch {
		case at["settled_ms"] == nil && at["ended_ms"] != nil:
			out[settled] = int64(neverSettled)
		case at["settled_ms"] == at["ended_ms"]:
			out[settled] = nil
		}
		held := at["state"] == int64(delivery.Planned) || at["state"] == int64(delivery.InDoubt)
		out = append(out, held, hashOf(at["message"]))
	case "attempt", "double_accept", "status":
		out = append(out, hashOf(at["message"]))
	case "run_count", "met_count", "run_charge":
		out = append(out, int64(0))
	}
	return out
}

// hashOf is the hash of a message id in a row; nil: there is none.
func hashOf(message any) any {
	text, _ := message.(string)
	if h := hashMessage(text); h != nil {
		return *h
	}
	return nil
}

// settle makes what other tables and later rows need of one that was written.
func (w copyWriter) settle(ctx context.Context, t transfer.Table) error {
	if t.Name == "double_accept" {
		_, err := w.raw.Exec(ctx, `UPDATE waybill.delivery SET result_flags = coalesce(result_flags, 0) | $1 WHERE id IN (SELECT delivery FROM waybill.double_accept)`,
			int64(form.FlagFurther))
		return err
	}
	key := t.Columns[0].Name
	if key != "seq" && t.Name != "delivery" {
		return nil
	}
	_, err := w.raw.Exec(ctx, fmt.Sprintf(`SELECT setval(pg_get_serial_sequence('waybill.%s', '%s'), (SELECT coalesce(max(%s), 0) + 1 FROM waybill.%s), false)`,
		t.Name, key, key, t.Name))
	return err
}

// Finish makes the copy usable; see transfer.To.
func (p *Place) Finish(ctx context.Context, id string) error {
	changed, err := p.conn.Exec(ctx, `UPDATE waybill.ledger SET incoming = false WHERE arrived_as = $1`, id)
	if err != nil && codeOf(err) != codeNoTable && codeOf(err) != codeNoSchema {
		return explain(ofSQL(err))
	}
	if err != nil || changed.RowsAffected() == 0 {
		return fmt.Errorf("the copy of the ledger that was to be %s: %w: it was taken away since", p.Name(), engine.ErrNotFound)
	}
	return nil
}
