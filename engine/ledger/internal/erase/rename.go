package erase

import (
	"math"
	"slices"

	"waybill/engine"
	"waybill/engine/ledger/internal/form"
)

// recipients gives the deliveries to the people their digests, and their messages other ids: those hold the number.
func (e *eraser) recipients() error {
	var deliveries []int64
	for _, id := range e.ids {
		within, args := id.within("intended_at")
		err := e.Each(`SELECT id FROM .delivery WHERE recipient = ?`+within, func(row []any) error {
			deliveries = append(deliveries, number(row[0]))
			return nil
		}, append([]any{e.Person(id.ID)}, args...)...)
		if err != nil {
			return err
		}
		args = append([]any{e.Person(id.as), e.Person(id.ID)}, args...)
		if _, err := e.Exec(`UPDATE .delivery SET recipient = ? WHERE recipient = ?`+within, args...); err != nil {
			return err
		}
	}
	for _, d := range deliveries {
		if err := e.messages(d); err != nil {
			return err
		}
	}
	e.out.Deliveries = len(deliveries)
	return nil
}

// messages gives the messages of a delivery other ids wherever they stand, and takes out what was said of them in words.
func (e *eraser) messages(d int64) error {
	var ids []string
	for _, table := range []string{`.delivery WHERE id`, `.attempt WHERE delivery`, `.double_accept WHERE delivery`, `.status WHERE delivery`} {
		err := e.Each(`SELECT message FROM `+table+` = ? AND message IS NOT NULL`, func(row []any) error {
			if id := e.MessageOf(row[0]); !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
			return nil
		}, d)
		if err != nil {
			return err
		}
	}
	err := e.Each(`SELECT inbox FROM .status WHERE delivery = ? AND inbox IS NOT NULL`, func(row []any) error {
		e.said = append(e.said, number(row[0]))
		return nil
	}, d)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := e.message(d, id); err != nil {
			return err
		}
	}
	for _, sql := range []string{
		`UPDATE .delivery SET answer = NULL, trace = NULL, failure = NULL, text = NULL WHERE id = ?`,
		`UPDATE .attempt SET answer = NULL, trace = NULL, text = NULL WHERE delivery = ?`,
		`UPDATE .status SET recipient = NULL, answer = NULL, trace = NULL, raw = NULL WHERE delivery = ?`,
	} {
		if _, err := e.Exec(sql, d); err != nil {
			return err
		}
	}
	for i, id := range ids {
		ids[i] = e.known.Message(id)
	}
	return e.Renamed(d, ids)
}

func (e *eraser) message(d int64, id string) error {
	became := e.known.Message(id)
	was, now, hash := e.Message(id), e.Message(became), int64(form.MessageHash(became))
	for _, sql := range []string{
		`UPDATE .attempt SET message = ?, message_hash = ? WHERE delivery = ? AND message = ?`,
		`UPDATE .double_accept SET message = ?, message_hash = ? WHERE delivery = ? AND message = ?`,
		`UPDATE .status SET message = ?, message_hash = ? WHERE delivery = ? AND message = ?`,
	} {
		if _, err := e.Exec(sql, now, hash, d, was); err != nil {
			return err
		}
	}
	return e.Rename(d, id, became)
}

// keysOf gives the keys their digests, in every scope and step of their jobs.
func (e *eraser) keysOf() error {
	for _, i := range e.items {
		became := e.known.Item(i.job, i.key)
		_, err := e.Exec(`UPDATE .delivery SET item = ? WHERE item = ? AND step IN (SELECT seq FROM .step WHERE job = ?)`, became, i.key, i.job)
		if err != nil {
			return err
		}
		n, err := e.Exec(`UPDATE .unsent SET item = ?, cell = NULL, message = NULL, recipient = NULL WHERE item = ? AND run IN (SELECT seq FROM .run WHERE job = ?)`,
			became, i.key, i.job)
		if err != nil {
			return err
		}
		e.out.Rows += int(n)
	}
	// Rows whose key is an id, in jobs that sent nothing to it, and rows that name it in words.
	for _, id := range e.ids {
		within, args := id.within("at")
		n, err := e.Exec(`UPDATE .unsent SET item = ?, cell = NULL, message = NULL, recipient = NULL WHERE item = ?`+within, append([]any{id.as, id.ID}, args...)...)
		if err != nil {
			return err
		}
		e.out.Rows += int(n)
		_, err = e.Exec(`UPDATE .unsent SET recipient = ?, cell = NULL, message = NULL WHERE recipient = ?`+within, append([]any{id.as, id.ID}, args...)...)
		if err != nil {
			return err
		}
	}
	for _, t := range e.texts {
		within, args := t.within("at")
		if _, err := e.Exec(`UPDATE .unsent SET cell = NULL, message = NULL WHERE (`+e.Holds("cell", false)+` OR `+e.Holds("message", false)+`)`+within,
			append([]any{t.text, t.text}, args...)...); err != nil {
			return err
		}
	}
	return nil
}

// pairs gives the ids their digests in pairs, also in those that hold no more. Those of a number that was given up go: the person is known by
// other ids.
func (e *eraser) pairs() error {
	for _, id := range e.ids {
		was, now := e.Person(id.ID), e.Person(id.as)
		within, args := id.within("at")
		args = append([]any{was, was}, args...)
		if !id.theirs() {
			if _, err := e.Exec(`DELETE FROM .pair WHERE (number = ? OR other = ?)`+within, args...); err != nil {
				return err
			}
			continue
		}
		if _, err := e.Exec(`UPDATE .pair SET username = NULL WHERE (number = ? OR other = ?)`+within, args...); err != nil {
			return err
		}
		for _, sql := range []string{`UPDATE .pair SET number = ? WHERE number = ?`, `UPDATE .pair SET other = ? WHERE other = ?`} {
			if _, err := e.Exec(sql+within, append([]any{now}, args[1:]...)...); err != nil {
				return err
			}
		}
		if _, err := e.Exec(`UPDATE .news SET person = ? WHERE person = ?`, id.as, id.ID); err != nil {
			return err
		}
	}
	return nil
}

// moves gives the ids digests in what is known of who moved, so that what comes late is still theirs. A number that was given up has its own
// there, by which nobody is forgotten who has it since.
func (e *eraser) moves() error {
	for _, id := range e.ids {
		was, own := e.Person(id.ID), e.Person(engine.Forgotten(e.known.PersonCode(id.ID)))
		until := id.Until.UnixMilli()
		if id.theirs() {
			until = math.MaxInt64
		}
		for _, column := range []string{"number", "user_id", "was_number", "was_user_id"} {
			if _, err := e.Exec(`UPDATE .moved SET `+column+` = ? WHERE `+column+` = ? AND at > ? AND at <= ?`, own, was, id.From.UnixMilli(), until); err != nil {
				return err
			}
		}
	}
	return nil
}

// optOuts gives the ids their digests in words about opt-outs, which hold on. Those about a number that was given up are about the ids of
// since, too (audience.Follow), and hold there.
func (e *eraser) optOuts() error {
	for _, id := range e.ids {
		within, args := id.within("at")
		if !id.theirs() {
			if _, err := e.Exec(`DELETE FROM .opt_out WHERE person = ?`+within, append([]any{e.Person(id.ID)}, args...)...); err != nil {
				return err
			}
		}
		n, err := e.Exec(`UPDATE .opt_out SET person = ? WHERE person = ?`+within, append([]any{e.Person(id.as), e.Person(id.ID)}, args...)...)
		if err != nil {
			return err
		}
		if _, err := e.Exec(`UPDATE .opt_out SET also = ? WHERE also = ?`+within, append([]any{id.as, id.ID}, args...)...); err != nil {
			return err
		}
		e.out.OptOuts += int(n)
	}
	return nil
}
