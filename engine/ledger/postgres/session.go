package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"waybill/engine"
)

// connected sees to it that there is a connection that writes for this process, and returns what is left of a group: less what turns out
// to have been committed, when the connection before was lost while that was going on.
func (w *writer) connected(ctx context.Context, batch []*submission) ([]*submission, error) {
	if w.conn != nil && !w.conn.raw.IsClosed() {
		return batch, nil
	}
	w.conn = nil
	c, err := w.l.connect(ctx)
	if err != nil {
		return batch, err
	}
	if w.self.id == 0 {
		err = w.register(c)
	} else {
		batch, err = w.takeUp(c, batch)
	}
	if err != nil {
		_ = c.close() // the error above says more
		return batch, err
	}
	w.conn = c
	return batch, nil
}

// connect opens a connection that writes.
func (l *Ledger) connect(ctx context.Context) (*connection, error) {
	c := &connection{}
	config := l.config.Copy()
	config.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) { c.warned = c.warned || n.SeverityUnlocalized == "WARNING" }
	ctx, cancel := context.WithTimeout(ctx, connectFor)
	defer cancel()
	var err error
	if c.raw, err = dial(ctx, config); err != nil {
		return nil, err
	}
	if err := l.mayWrite(c); err != nil {
		_ = c.close() // the error above says more
		return nil, err
	}
	return c, nil
}

// register makes the row of this process.
func (w *writer) register(c *connection) error {
	id, err := c.number(`INSERT INTO waybill.process (holder) VALUES ($1) RETURNING id`, putText(holderOf("waybill", w.l.now())))
	w.self = self{id: id}
	return err
}

// takeUp makes a new connection the one that writes for this process. It waits for what the connection before may still be doing, and
// keeps it from doing more: then the number of groups tells what became of the last one.
func (w *writer) takeUp(c *connection, batch []*submission) ([]*submission, error) {
	var session, groups num
	found := false
	c.warned = false
	err := c.query(`UPDATE waybill.process SET session = session + 1 WHERE id = $1 RETURNING session, groups`, func(rows pgx.Rows) error {
		found = true
		return rows.Scan(&session, &groups)
	}, w.self.id)
	switch {
	case err != nil:
		return batch, err
	case c.warned:
		return batch, &unknownError{errWarned}
	}
	lost, missing := w.lost, w.self.groups-int64(groups)
	if !found || missing != 0 && (missing != -1 || lost == nil) {
		return batch, w.behind(c, found, int64(groups))
	}
	if err := w.hasOthers(c); err != nil {
		return batch, err
	}
	if missing == 0 && lost != nil { // it was not committed, and will not be
		w.l.notes.putBack(lost.notes)
		w.l.named.PutBack(lost.people)
		lost = nil
	}
	w.self.session, w.lost, w.tookUp = int64(session), nil, w.l.now()
	switch {
	case lost == nil:
	case lost.t == nil: // nobody was told what it did
		w.self.groups++
	default:
		w.finish(lost.t)
		batch = without(batch, lost.batch)
	}
	return batch, nil
}

// behind says that the database does not have what it said was committed. A process that is not found there may have been taken out.
func (w *writer) behind(c *connection, found bool, groups int64) error {
	err := fmt.Errorf("%w: this process wrote %d groups and it has %d of them. Nothing more is sent: its messages may have gone out unrecorded. "+
		"See to the database, then `waybill ledger adopt`", engine.ErrBehind, w.self.groups, groups)
	if found && groups < w.self.groups {
		err = w.wentBack(c, err)
	}
	return err
}

// wentBack stops all that send from a database that went back in time, and adds to the reason what goes wrong with that. Others may have
// lost nothing by it, and would send again what was sent in the time that is lost.
func (w *writer) wentBack(c *connection, reason error) error {
	if w.foreseen {
		return reason
	}
	w.foreseen = true
	_, told := c.exec(`WITH l AS (UPDATE waybill.ledger SET timeline = $1) UPDATE waybill.process SET session = session + 1 WHERE id <> $2`,
		lostTimeline, w.self.id)
	return errors.Join(reason, told, w.l.foresee())
}

// without takes submissions out of a group.
func without(batch, less []*submission) []*submission {
	gone := make(map[*submission]bool, len(less))
	for _, r := range less {
		gone[r] = true
	}
	var out []*submission
	for _, r := range batch {
		if !gone[r] {
			out = append(out, r)
		}
	}
	return out
}

// noted turns the failure of waybill.begin_group into what it means.
func (w *writer) noted(err error) error {
	if codeOf(err) != codeNotTheWriter {
		return err
	}
	var groups, session num
	found, ended := false, false
	again := w.conn.query(`SELECT groups, session, ended IS NOT NULL FROM waybill.process WHERE id = $1`, func(rows pgx.Rows) error {
		found = true
		return rows.Scan(&groups, &session, &ended)
	}, w.self.id)
	switch {
	case again != nil:
		return again
	case !found || int64(groups) != w.self.groups:
		return w.behind(w.conn, found, int64(groups))
	case int64(session) != w.self.session:
		w.drop()
		return fmt.Errorf("another connection writes for this process: %w", errAgain)
	case ended && w.lock.held:
		w.lock.ended = true
		return errAgain
	}
	return err
}

// holderOf says who a process is, for people.
func holderOf(name string, now interface{ Format(string) string }) string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return fmt.Sprintf("%s, pid %d on host %s, since %s", name, os.Getpid(), host, now.Format("2006-01-02 15:04:05"))
}

// notLocked is the refusal of an intent.
func (w *writer) notLocked() error {
	if w.lock.ended {
		return fmt.Errorf("%w: %w", engine.ErrNotLocked, errEnded)
	}
	return fmt.Errorf("%w: nothing may be sent without it", engine.ErrNotLocked)
}
