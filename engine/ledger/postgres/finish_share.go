package postgres

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/engine"
	"waybill/engine/ledger/internal/form"
)

// share is how one process's part in a divided run ended.
type share struct {
	status engine.RunStatus
	reason string
	until  time.Time
}

// gravity orders the ends of processes: the gravest is the run's. One that was interrupted left its rows to others.
func gravity(s engine.RunStatus) int {
	return slices.Index([]engine.RunStatus{engine.RunSucceeded, engine.RunFailed, engine.RunInDoubt, engine.RunStopped}, s)
}

// finishShare writes how this process ended its part in a divided run, and how the run ended, if that is known by now.
func (t *transaction) finishShare(run int64, r *engine.Run, met form.Set, failures []byte) error {
	if err := t.keepDivision(run); err != nil {
		return err
	}
	if err := t.meetToo(run, met); err != nil {
		return err
	}
	if err := t.addErrors(run, failures); err != nil {
		return err
	}
	again, err := t.number(`SELECT count(*) FROM waybill.run_process WHERE run = $1 AND process = $2 AND left_it`, run, t.w.self.id)
	if err != nil {
		return err
	}
	_, err = t.exec(`UPDATE waybill.run_process SET status = $3, reason = $4, waits_until = $5, left_it = true WHERE run = $1 AND process = $2`,
		run, t.w.self.id, string(r.Status), putText(r.Reason), instant(r.WaitsUntil))
	if err != nil {
		return err
	}
	t.after = append(t.after, func() { delete(t.w.joined, run) })
	end, over, living, err := t.endOf(run, r)
	if err == nil && over && (end.status == engine.RunSucceeded || end.status == engine.RunFailed) {
		err = t.keepUnchanged(r)
	}
	if err == nil && over {
		err = t.endRun(run, r.ID, end, r.FinishedAt, t.tellFrom(r))
	}
	if err != nil || living > 0 {
		return err
	}
	return t.dropUnneeded(run, again > 0)
}

// dropUnneeded forgets what came of the parts of a run that nobody works at any more, unless it may go on. One that was stopped is gone
// through once more by those that it had, to count what is left; then they say again that it ended.
func (t *transaction) dropUnneeded(run int64, again bool) error {
	ended, err := t.number(`SELECT count(*) FROM waybill.run r WHERE seq = $1 AND NOT `+leftSQL+` AND ($2 OR NOT `+stoppedSQL+`)`, run, again)
	if err != nil || ended == 0 {
		return err
	}
	return t.dropOutcomes(run)
}

// tellFrom is from when on anybody is to tell how a run ended, before which its processes are; zero: nobody is.
func (t *transaction) tellFrom(r *engine.Run) time.Time {
	if r.TellsFor == 0 {
		return time.Time{}
	}
	return t.now.Add(r.TellsFor)
}

// endRun writes how a divided run ended. Where that was not so before, it is to be told: by anybody from an instant on.
func (t *transaction) endRun(run int64, id string, end share, at, tell time.Time) error {
	_, err := t.exec(`UPDATE waybill.run SET status = $2, finished_at = $3, reason = $4, waits_until = $5, `+toldAnew+` WHERE seq = $1`,
		run, string(end.status), instant(at), putText(end.reason), instant(end.until), instant(tell))
	if err == nil && !end.until.IsZero() {
		err = t.cancelBefore(run)
	}
	if err == nil {
		err = t.dropRowsOf(id, end.status)
	}
	if err != nil {
		return err
	}
	return t.certain(run, end.status)
}

// endOver ends a divided run of which all is done, and whose last process died before it said so.
func (t *transaction) endOver(run int64, id string) error {
	if err := t.keepDivision(run); err != nil {
		return err
	}
	end, err := t.gravest(run)
	if err == nil {
		err = t.dropOutcomes(run)
	}
	if err != nil {
		return err
	}
	return t.endRun(run, id, end, t.now, t.now)
}

// endOf says how a divided run ended, and how many processes still work at it; over is false while they may still go on with it.
func (t *transaction) endOf(run int64, r *engine.Run) (end share, over bool, living num, err error) {
	var was text
	var left num
	var forAll bool // it was stopped, and does not wait
	err = t.query(`SELECT r.status, `+stoppedSQL+`, (SELECT count(*) FROM waybill.run_part WHERE run = r.seq AND NOT done),
		(SELECT count(*) FROM waybill.run_process o JOIN waybill.process p ON p.id = o.process
			WHERE o.run = r.seq AND NOT o.left_it AND `+livingSQL+`) FROM waybill.run r WHERE r.seq = $2`, func(rows pgx.Rows) error {
		return rows.Scan(&was, &forAll, &left, &living)
	}, t.w.l.lease.Seconds(), run)
	leaves := r.Status == engine.RunInterrupted // and did not come to the run's last stage, or not to its end
	switch {
	case err != nil:
		return end, false, living, err
	case r.Status == engine.RunStopped && r.WaitsUntil.IsZero(): // for all
		return share{status: r.Status, reason: r.Reason}, true, living, nil
	case forAll, engine.RunStatus(was) == engine.RunStopped && (left > 0 || leaves), leaves && engine.RunStatus(was) != engine.RunRunning: // it ended by another
		return end, false, living, nil
	case (left > 0 || leaves) && living > 0:
		return end, false, living, nil
	case leaves:
		return share{engine.RunInterrupted, r.Reason, r.WaitsUntil}, true, living, nil
	}
	if end, err = t.gravest(run); left > 0 && end.until.IsZero() { // of those that wait, it says until when
		end = share{status: engine.RunInterrupted, reason: fmt.Sprintf("%d of its parts are left, and nobody works at it", left)}
	}
	return end, true, living, err
}

// gravest is the end of a divided run by how the shares of its processes ended.
func (t *transaction) gravest(run int64) (share, error) {
	shares, err := t.shares(run)
	end := share{status: engine.RunSucceeded}
	for _, s := range shares {
		switch {
		case gravity(s.status) > gravity(end.status):
			end = s
		case s.status == end.status && !s.until.IsZero() && s.until.Before(end.until):
			end.until, end.reason = s.until, s.reason
		}
	}
	return end, err
}

func (t *transaction) shares(run int64) ([]share, error) {
	var list []share
	err := t.query(`SELECT status, reason, waits_until FROM waybill.run_process WHERE run = $1 AND status IS NOT NULL`, func(rows pgx.Rows) error {
		var status, reason text
		var until moment
		err := rows.Scan(&status, &reason, &until)
		list = append(list, share{engine.RunStatus(status), string(reason), time.Time(until)})
		return err
	}, run)
	return list, err
}

// addErrors keeps a process's first failures beside those of others.
func (t *transaction) addErrors(run int64, failures []byte) error {
	if failures == nil {
		return nil
	}
	var kept text
	err := t.query(`SELECT errors FROM waybill.run WHERE seq = $1`, func(rows pgx.Rows) error { return rows.Scan(&kept) }, run)
	if err != nil {
		return err
	}
	var all, mine []engine.RunError
	_ = json.Unmarshal([]byte(kept), &all) // for people: better some than none
	if err := json.Unmarshal(failures, &mine); err != nil {
		return fmt.Errorf("keep the failures of a run: %w", err)
	}
	for _, e := range mine {
		if len(all) < engine.MaxRunErrors && !slices.Contains(all, e) {
			all = append(all, e)
		}
	}
	text, err := json.Marshal(all)
	if err != nil {
		return fmt.Errorf("keep the failures of a run: %w", err)
	}
	_, err = t.exec(`UPDATE waybill.run SET errors = $2 WHERE seq = $1`, run, putText(string(text)))
	return err
}
