package postgres

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/jackc/pgx/v5"

	"waybill/engine"
	"waybill/engine/ledger/internal/form"
	"waybill/engine/ledger/transfer"
)

// NotCopied are the columns, and whole tables (TABLE.*), that a copy leaves out, each with the reason.
func NotCopied() map[string]string {
	const gone = "who sends, and what they share: nobody sends from a ledger that is copied"
	return map[string]string{
		"mould.digest": "made of the form",
		"ledger.*":     "the head of a copy", "process.*": gone, "run_process.*": gone, "run_part.*": gone, "division.*": gone,
		"run_rows.*":      "what a run reads its rows from when it is taken up again: see KeptFor",
		"number.*":        "the pace of the last minutes",
		"delivery.owner":  gone,
		"run.telling":     gone,
		"delivery.held":   "made of the state",
		"run_count.shard": "added up", "met_count.shard": "added up", "run_charge.shard": "added up",
		"delivery.message_hash": "made of the message", "attempt.message_hash": "made of the message", "double_accept.message_hash": "made of the message", "status.message_hash": "made of the message",
		"news.xid":    "of the transaction that told it",
		"unsent.part": "of a run that processes share: its rows are the run's in a copy",
	}
}

// copyReader reads tables as package transfer has them.
type copyReader struct{ raw *pgx.Conn }

func (r copyReader) Head(ctx context.Context) (h transfer.Head, err error) {
	err = r.raw.QueryRow(ctx, `SELECT callback_key, digest_key, created_at, coalesce(begun_at, 0), coalesce(sought_words, ''),
		coalesce(max(p.received_at), 0), coalesce(max(listening_until), 0), coalesce(sum(foreigners), 0)::int8
		FROM waybill.ledger LEFT JOIN waybill.process p ON true GROUP BY 1, 2, 3, 4, 5`).Scan(
		&h.CallbackKey, &h.DigestKey, &h.CreatedAt, &h.BegunAt, &h.SoughtWords, &h.ReceivedAt, &h.ListeningUntil, &h.ForeignCallbacks)
	h.SoughtWords = getText(h.SoughtWords)
	return h, err
}

// selectOf reads a table with the types of package transfer.
func selectOf(t transfer.Table) string {
	var list, by []string
	sharded := strings.HasSuffix(t.Name, "_count") || t.Name == "run_charge"
	for _, c := range t.Columns {
		name := `"` + c.Name + `"`
		by = append(by, name)
		switch {
		case sharded && c.Name == "n":
			by = by[:len(by)-1]
			name = `sum(n)::int8`
		case t.Name == "run_count" && c.Name == "part":
			name = fmt.Sprintf(`least("part", %d)`, ofNotes) // see NotCopied
			by[len(by)-1] = name
			name += `::int8`
		case t.Name == "delivery" && c.Name == "settled_ms":
			name = fmt.Sprintf(`CASE settled_ms WHEN %d THEN NULL ELSE coalesce(settled_ms, ended_ms) END`, neverSettled)
		case t.Name == "delivery" && c.Name == "result_flags":
			name = fmt.Sprintf(`(coalesce(result_flags, 0) & ~%d)::int8`, form.FlagFurther)
		case t.Name == "delivery" && c.Name == "again":
			name = `coalesce(again, false)::int::int8`
		case c.Kind == transfer.Int:
			name += `::int8`
		case c.Kind == transfer.Bool:
			name += `::int::int8`
		case c.Kind == transfer.Word:
			name = `nullif(` + name + `, '')`
		}
		list = append(list, name)
	}
	sql := `SELECT ` + strings.Join(list, ", ") + ` FROM waybill.` + t.Name
	if sharded {
		sql += ` GROUP BY ` + strings.Join(by, ", ")
	}
	return sql
}

func (r copyReader) Rows(ctx context.Context, t transfer.Table) iter.Seq2[transfer.Row, error] {
	return func(yield func(transfer.Row, error) bool) {
		rows, err := r.raw.Query(ctx, selectOf(t))
		if err == nil {
			err = ofRows(rows, func(rows pgx.Rows) error {
				row, err := rows.Values()
				if err != nil {
					return err
				}
				for i, c := range t.Columns {
					row[i] = neutral(c.Kind, row[i])
				}
				if !yield(row, nil) {
					return errEnough
				}
				return nil
			})
		}
		if err != nil && !errors.Is(err, errEnough) {
			yield(nil, err)
		}
	}
}

// neutral is a stored value in the form of package transfer.
func neutral(k transfer.Kind, v any) any {
	switch v := v.(type) {
	case string:
		return getText(v)
	case []byte:
		if k == transfer.Message {
			return unpackMessage(v)
		}
	}
	return v
}

// stored is the reverse of neutral.
func stored(k transfer.Kind, v any) any {
	switch v := v.(type) {
	case nil:
		if k == transfer.Word {
			return ""
		}
	case string:
		if k == transfer.Message {
			return packMessage(v)
		}
		return putText(v)
	case int64:
		if k == transfer.Bool {
			return v != 0
		}
	}
	return v
}

// Moved says where the ledger was moved to, and by which copy; empty: it was not. It may be asked of one that was opened for reading.
func (l *Ledger) Moved(ctx context.Context) (to, id string, err error) {
	err = l.query(ctx, `SELECT moved_to, moved_as FROM waybill.ledger`, func(rows pgx.Rows) error {
		return rows.Scan((*text)(&to), (*text)(&id))
	})
	return to, id, err
}

// Hand lets the ledger be copied and marks it as moved, in one transaction; see transfer.From.
func (l *Ledger) Hand(ctx context.Context, to, id string, give func(transfer.Reader) error) error {
	o := &copying{to: to, id: id, give: give}
	if err := l.write(ctx, o); err != nil {
		return err
	}
	return l.keepWitness(o.epoch)
}

// copying is a ledger that is copied to another place.
type copying struct {
	to, id string
	give   func(transfer.Reader) error
	epoch  int64
}

// giveError says that a copy could not be made. It is no error of this ledger's database, whatever it is of the other's.
type giveError struct{ text string }

func (e *giveError) Error() string { return e.text }

func (o *copying) apply(t *transaction) error {
	// Nobody is past the fence of its group once this one has the table of processes, and none comes past it until the end.
	names := []string{"waybill.process", "waybill.ledger"}
	for _, table := range transfer.Tables() {
		names = append(names, "waybill."+table.Name)
	}
	_, err := t.exec(`SELECT set_config('statement_timeout', '0', true), set_config('idle_in_transaction_session_timeout', '0', true),
		set_config('lock_timeout', '30s', true), set_config('enable_seqscan', 'on', true)`)
	if err == nil {
		_, err = t.exec(`LOCK TABLE ` + strings.Join(names, ", ") + ` IN EXCLUSIVE MODE`)
	}
	if err != nil {
		return err
	}
	who, err := t.living()
	if err != nil {
		return err
	}
	if who != "" {
		return &engine.LockedError{Ledger: t.w.l.name, Holder: who}
	}
	if err := (&takeOver{}).apply(t); err != nil {
		return err
	}
	if err := t.writeCounts(); err != nil { // of what was taken over: it is read now
		return err
	}
	clear(t.counts)
	if err := o.give(copyReader{t.raw}); err != nil {
		return &giveError{err.Error()}
	}
	o.epoch, err = t.number(`UPDATE waybill.ledger SET moved_to = $1, moved_as = $2, epoch = epoch + 1 RETURNING epoch`, putText(o.to), o.id)
	if err != nil {
		return err
	}
	// Who has it open has to connect anew, and is told then.
	_, err = t.exec(`UPDATE waybill.process SET session = session + 1 WHERE id <> $1`, t.w.self.id)
	return err
}
