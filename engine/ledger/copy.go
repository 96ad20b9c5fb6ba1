package ledger

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"iter"
	"strings"

	"waybill/engine"
	"waybill/engine/ledger/transfer"
)

// NotCopied are the columns, and whole tables (TABLE.*), that a copy leaves out, each with the reason. Rows of meta are of transfer.Head.
func NotCopied() map[string]string {
	return map[string]string{
		"meta.*":                     "rows of it are the head of a copy",
		"run.telling":                "who tells how it ended: from a ledger that is copied nobody does",
		"delivery.message_hash":      "made of the message",
		"delivery.room":              "nothing is under way",
		"attempt.message_hash":       "made of the message",
		"double_accept.message_hash": "made of the message",
		"status.message_hash":        "made of the message",
		"sqlite_sequence.*":          "SQLite's own",
	}
}

// copyReader reads tables as package transfer has them.
type copyReader struct{ *connection }

var headNames = [...]string{metaCallbackKey, metaDigestKey, metaCreated, metaBegun, metaReceived, metaListening, metaForeign, metaSought} //nolint:gochecknoglobals // constant

func (r copyReader) Head(ctx context.Context) (transfer.Head, error) {
	var v [len(headNames)]driver.Value
	for i, name := range headNames {
		var err error
		if v[i], err = readMeta(ctx, r.connection, name); err != nil {
			return transfer.Head{}, err
		}
	}
	return transfer.Head{
		CallbackKey: asBytes(v[0]), DigestKey: asBytes(v[1]), CreatedAt: asInt(v[2]), BegunAt: asInt(v[3]), ReceivedAt: asInt(v[4]),
		ListeningUntil: asInt(v[5]), ForeignCallbacks: asInt(v[6]), SoughtWords: asText(v[7]),
	}, nil
}

func (r copyReader) Rows(ctx context.Context, t transfer.Table) iter.Seq2[transfer.Row, error] {
	return func(yield func(transfer.Row, error) bool) {
		err := r.query(ctx, `SELECT `+columnsOf(t)+` FROM `+t.Name, func(v []driver.Value) error {
			row := make(transfer.Row, len(v))
			for i, c := range t.Columns {
				row[i] = neutral(c.Kind, v[i])
			}
			if !yield(row, nil) {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(nil, err)
		}
	}
}

// columnsOf are the columns of a table, as SQL.
func columnsOf(t transfer.Table) string { return `"` + strings.Join(t.Names(), `", "`) + `"` }

// neutral is a stored value in the form of package transfer.
func neutral(k transfer.Kind, v driver.Value) any {
	switch {
	case v == nil:
		return nil
	case k == transfer.ID:
		return unpackRecipient(v)
	case k == transfer.Message:
		return unpackMessage(v)
	case k == transfer.Bytes:
		return asBytes(v)
	case k == transfer.Word && asText(v) == "":
		return nil
	}
	return v
}

// stored is the reverse of neutral.
func stored(k transfer.Kind, v any) driver.Value {
	text, _ := v.(string)
	switch {
	case v == nil:
		return nil
	case k == transfer.ID:
		return packRecipient(text)
	case k == transfer.Message:
		return packMessage(text)
	}
	return v
}

// copying is a ledger that is copied to another place.
type copying struct {
	to, id string
	give   func(transfer.Reader) error
	epoch  int64
}

// Moved says where the ledger was moved to, and by which copy; empty: it was not. It may be asked of one that was opened for reading.
func (l *Ledger) Moved(ctx context.Context) (to, id string, err error) {
	err = l.readers.use(func(c *connection) error {
		to, id, err = movedTo(ctx, c)
		return err
	})
	return to, id, err
}

func movedTo(ctx context.Context, c *connection) (to, id string, err error) {
	v, err := readMeta(ctx, c, metaMovedTo)
	if err != nil || v == nil {
		return "", "", err
	}
	to, id, _ = strings.Cut(asText(v), "\n")
	return to, id, nil
}

// notMoved refuses a ledger that was moved.
func notMoved(c *connection) error {
	to, _, err := movedTo(context.Background(), c)
	if err == nil && to != "" {
		err = fmt.Errorf("%w to %s, and is read here alone: name that one in --state", engine.ErrMoved, to)
	}
	return err
}

// Hand lets the ledger be copied and marks it as moved, in one transaction; see transfer.From.
func (l *Ledger) Hand(ctx context.Context, to, id string, give func(transfer.Reader) error) error {
	release, err := l.Lock(ctx, "waybill ledger copy")
	if err != nil {
		return err
	}
	o := &copying{to: to, id: id, give: give}
	if err := l.write(ctx, o); err != nil {
		return errors.Join(err, release())
	}
	return errors.Join(l.keepWitness(o.epoch), l.sender.forgo())
}

// giveError says that a copy could not be made. It is no error of this ledger's file, whatever it is of the other's.
type giveError struct{ text string }

func (e *giveError) Error() string { return e.text }

func (o *copying) apply(t *transaction) (err error) {
	if err := o.give(copyReader{t.connection}); err != nil {
		return &giveError{err.Error()}
	}
	if o.epoch, err = t.raiseEpoch(); err != nil {
		return err
	}
	if err := putMeta(t.connection, metaSending, int64(0)); err != nil {
		return err
	}
	return putMeta(t.connection, metaMovedTo, o.to+"\n"+o.id)
}
