package postgres

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/engine"
)

// pieceSize is how many bytes of a copy are in one row of the table, before they are compressed.
const pieceSize = 512 << 10

// keptHead says of what is kept for a step what it is.
type keptHead struct {
	Pieces   int       `json:"pieces"`
	Size     int64     `json:"size"`
	Digest   string    `json:"digest"`
	Modified time.Time `json:"modified"`
}

// KeepRows keeps a copy for a step of a run; see engine.RowKeeper.
func (l *Ledger) KeepRows(ctx context.Context, run, step string, rows *engine.Copy) error {
	if err := l.write(ctx, dropRows{run, step}); err != nil {
		return fmt.Errorf("keep the rows of step %s: %w", step, err)
	}
	head := keptHead{Size: rows.Size(), Digest: rows.Digest(), Modified: rows.Modified}
	from, piece := rows.Reader(), make([]byte, pieceSize)
	for {
		n, err := io.ReadFull(from, piece)
		if n > 0 {
			head.Pieces++
			data, bad := compressed(piece[:n])
			if bad == nil {
				bad = l.write(ctx, keepPiece{run, step, head.Pieces, data})
			}
			if bad != nil {
				return fmt.Errorf("keep the rows of step %s: %w", step, bad)
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("keep the rows of step %s: %w", step, err)
		}
	}
	data, err := json.Marshal(head)
	if err == nil {
		err = l.write(ctx, keepPiece{run, step, 0, data})
	}
	if err != nil {
		return fmt.Errorf("keep the rows of step %s: %w", step, err)
	}
	return nil
}

func compressed(piece []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err == nil {
		_, err = w.Write(piece)
	}
	if err == nil {
		err = w.Close()
	}
	return b.Bytes(), err
}

// keepPiece writes one row. The same again changes nothing.
type keepPiece struct {
	run, step string
	piece     int
	data      []byte
}

func (o keepPiece) apply(t *transaction) error {
	_, err := t.exec(`INSERT INTO waybill.run_rows (run, step, piece, at, data) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (run, step, piece) DO UPDATE SET at = excluded.at, data = excluded.data`,
		putText(o.run), putText(o.step), o.piece, t.now.UnixMilli(), o.data)
	return err
}

// KeptRows makes private copies of what is kept of a run; see engine.RowKeeper.
func (l *Ledger) KeptRows(ctx context.Context, run string) (map[string]*engine.Copy, error) {
	heads := map[string]keptHead{}
	err := l.query(ctx, `SELECT step, data FROM waybill.run_rows WHERE run = $1 AND piece = 0`, func(rows pgx.Rows) error {
		var step text
		var data []byte
		if err := rows.Scan(&step, &data); err != nil {
			return err
		}
		var head keptHead
		if err := json.Unmarshal(data, &head); err != nil {
			return fmt.Errorf("%w: what the rows of step %s are cannot be read: %w", engine.ErrDamaged, step, err)
		}
		heads[string(step)] = head
		return nil
	}, putText(run))
	copies := map[string]*engine.Copy{}
	for step, head := range heads {
		if err != nil {
			break
		}
		var made *engine.Copy
		if made, err = l.keptCopy(ctx, run, step, head); err == nil {
			copies[step] = made
		}
	}
	if err == nil {
		return copies, nil
	}
	for _, c := range copies {
		err = errors.Join(err, c.Close())
	}
	return nil, fmt.Errorf("the rows of run %s: %w", run, err)
}

// keptCopy makes a copy of what is kept of one step, and holds it against what was.
func (l *Ledger) keptCopy(ctx context.Context, run, step string, head keptHead) (*engine.Copy, error) {
	made, err := engine.NewCopy(ctx, func(ctx context.Context, to *engine.Copy) error {
		to.Modified = head.Modified
		pieces := 0
		err := l.query(ctx, `SELECT data FROM waybill.run_rows WHERE run = $1 AND step = $2 AND piece > 0 ORDER BY piece`, func(rows pgx.Rows) error {
			var data []byte
			if err := rows.Scan(&data); err != nil {
				return err
			}
			pieces++
			from, err := gzip.NewReader(bytes.NewReader(data))
			if err == nil {
				_, err = io.Copy(to, io.LimitReader(from, pieceSize+1))
			}
			if err != nil {
				return fmt.Errorf("%w: piece %d of the rows of step %s: %w", engine.ErrDamaged, pieces, step, err)
			}
			return nil
		}, putText(run), putText(step))
		if err == nil && (pieces != head.Pieces || to.Size() != head.Size || to.Digest() != head.Digest) {
			err = fmt.Errorf("%w: the rows of step %s are not those that were kept", engine.ErrDamaged, step)
		}
		return err
	})
	return made, err
}

// DropRows forgets what is kept of a run; see engine.RowKeeper.
func (l *Ledger) DropRows(ctx context.Context, run string) error {
	return l.write(ctx, dropRows{run: run})
}

// dropRows forgets what is kept of a run, or of one step of it.
type dropRows struct{ run, step string }

func (o dropRows) apply(t *transaction) error {
	_, err := t.exec(`DELETE FROM waybill.run_rows WHERE run = $1 AND ($2 = '' OR step = $2)`, putText(o.run), putText(o.step))
	return err
}

// dropRowsOf forgets what is kept of a run that ended so that nobody goes on with it by itself or by resume.
func (t *transaction) dropRowsOf(run string, status engine.RunStatus) error {
	switch status {
	case engine.RunSucceeded, engine.RunFailed, engine.RunInDoubt:
		return dropRows{run: run}.apply(t)
	case engine.RunRunning, engine.RunStopped, engine.RunInterrupted:
	}
	return nil
}

// KeptFor returns the runs that can be taken up again and read their rows from here then, the oldest first.
func (l *Ledger) KeptFor(ctx context.Context) ([]string, error) {
	var runs []string
	err := l.query(ctx, `SELECT r.id FROM waybill.run r WHERE r.status IN ($1, $2, $3)
		AND EXISTS (SELECT 1 FROM waybill.run_rows k WHERE k.run = r.id AND k.piece = 0) ORDER BY r.seq`, func(rows pgx.Rows) error {
		var id text
		err := rows.Scan(&id)
		runs = append(runs, string(id))
		return err
	}, string(engine.RunRunning), string(engine.RunStopped), string(engine.RunInterrupted))
	if err != nil {
		return nil, fmt.Errorf("look which runs go on with rows that are kept: %w", err)
	}
	return runs, nil
}

// compactRows forgets what is kept of runs that nobody took up since an instant.
func (l *Ledger) compactRows(ctx context.Context, at int64) error {
	return l.write(ctx, compactKept(at))
}

type compactKept int64

func (o compactKept) apply(t *transaction) error {
	_, err := t.exec(`DELETE FROM waybill.run_rows k WHERE at < $1
		AND NOT EXISTS (SELECT 1 FROM waybill.run r WHERE r.id = k.run AND r.status = $2)`, int64(o), string(engine.RunRunning))
	if err == nil { // of a run whose last process was killed
		_, err = t.exec(`UPDATE waybill.run_part SET outcome = NULL WHERE outcome IS NOT NULL
			AND run IN (SELECT seq FROM waybill.run WHERE status <> $2 AND started_at < $1)`, int64(o), string(engine.RunRunning))
	}
	return err
}
