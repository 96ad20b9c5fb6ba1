package postgres

import (
	"github.com/jackc/pgx/v5"

	"waybill/engine"
)

// A divided run may end though some of it is left: its processes were interrupted or killed, or each took parts that it was told and no
// others; and of one that ended, rows may wait for a later hour. Whoever has parts of such a run then goes on with it. Only one that was
// stopped is over for all.
const (
	// stoppedSQL says of a run r that it was stopped for all.
	stoppedSQL = `(r.status = 'stopped' AND r.waits_until IS NULL)`
	// leftSQL says of a run r that it ended, and may go on.
	leftSQL = `(r.status = 'interrupted' OR r.status = 'stopped' AND r.waits_until IS NOT NULL)`
)

// goOn takes back that a run ended. Until when rows of it wait is kept: they are not looked at again.
func (t *transaction) goOn(run int64) error {
	_, err := t.exec(`UPDATE waybill.run r SET status = $2, reason = '', finished_at = NULL, tell_at = NULL, telling = false WHERE seq = $1 AND `+leftSQL,
		run, string(engine.RunRunning))
	return err
}

// goOn takes back that a run ended whose parts this process may have: others found nobody living at it while this one was silent.
func (o *leaseParts) goOn(t *transaction, run int64) error {
	o.lease.Status, o.lease.Reason = engine.RunRunning, ""
	return t.goOn(run)
}

// goOn makes this process one of those of the last run of its job, where that is what it was asked for, and its parts are left: of
// processes that a launcher starts, one may have ended before the next began. It needs to know what came of the stages before, which may
// have been forgotten.
func (o *enterRun) goOn(t *transaction) (bool, error) {
	if o.only == nil || o.rows == "" || o.helps || o.run.Resumes > 0 {
		return false, nil
	}
	last, err := t.lastRun(&o.run)
	if err != nil || last == nil {
		return false, err
	}
	if what, err := o.differs(&last.Run); err != nil || what != "" {
		return false, err
	}
	if err := t.keepDivision(last.seq); err != nil {
		return false, err
	}
	left, err := t.number(`SELECT count(*) FROM waybill.run r JOIN waybill.division d ON d.run = r.seq
		WHERE r.seq = $1 AND `+leftSQL+` AND r.ordered IS NULL AND r.cancelled IS NULL AND NOT d.over AND d.rows = $2
		AND (EXISTS (SELECT 1 FROM waybill.run_part q WHERE q.run = r.seq AND NOT q.done AND q.part = ANY($3::int8[]))
			OR NOT EXISTS (SELECT 1 FROM waybill.run_part q WHERE q.run = r.seq AND NOT q.done))
		AND NOT EXISTS (SELECT 1 FROM waybill.run_part q WHERE q.run = r.seq AND q.done AND q.outcome IS NULL
			AND q.stage < (SELECT max(stage) FROM waybill.run_part WHERE run = r.seq))`, last.seq, putText(o.rows), numbers(o.only))
	if err != nil || left == 0 {
		return false, err
	}
	last.Status, last.Reason = engine.RunRunning, ""
	if err := t.goOn(last.seq); err != nil {
		return false, err
	}
	return true, o.joinTo(t, last)
}

// lastRun is the newest run of a job in a delivery scope; nil: it has none among its newest.
func (t *transaction) lastRun(r *engine.Run) (*worked, error) {
	const looked = 20 // of the job's runs
	var last *worked
	err := t.query(runColumns+` WHERE r.job = $1 ORDER BY r.seq DESC LIMIT $2`, func(rows pgx.Rows) error {
		run, err := scanRun(rows)
		if err == nil && last == nil && run.DeliveryScope() == r.DeliveryScope() {
			last = &worked{Run: run}
		}
		return err
	}, putText(r.Job), looked)
	if err == nil && last != nil {
		last.seq, err = t.runOf(last.ID)
	}
	return last, err
}
