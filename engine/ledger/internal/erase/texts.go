package erase

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"waybill/engine/mould"
)

// gone stands in place of a text that told of somebody.
const gone = "(forgotten)"

// inbound takes out what the people wrote.
func (e *eraser) inbound() error {
	for _, id := range e.ids {
		within, args := id.within("at")
		digits := strings.TrimPrefix(id.ID, "+")
		n, err := e.Exec(`DELETE FROM .inbound WHERE (sender = ? OR user_id = ?)`+within, append([]any{digits, id.ID}, args...)...)
		if err != nil {
			return err
		}
		e.out.Inbound += int(n)
	}
	return nil
}

// statuses takes out what was said of messages to the people that this ledger did not send. The ids of messages hold the number.
func (e *eraser) statuses() error {
	for _, id := range e.ids {
		within, args := id.within("at")
		digits := strings.TrimPrefix(id.ID, "+")
		_, err := e.Exec(`DELETE FROM .status WHERE delivery IS NULL AND (recipient = ? OR recipient = ? OR `+e.Holds("message", true)+`)`+within,
			append([]any{id.ID, digits, []byte(digits)}, args...)...)
		if err != nil {
			return err
		}
	}
	return nil
}

// sentTexts takes out what was said to others where it names the people: the phone of a colleague, or an earlier number of a row that was
// corrected. What was said to the people themselves went with their deliveries.
func (e *eraser) sentTexts() error {
	for _, of := range []struct{ table, key string }{{".delivery", "id"}, {".attempt", "delivery"}} {
		found := map[int64]bool{}
		err := e.Each(`SELECT t.`+of.key+`, m.form, t.text, t.intended_at FROM `+of.table+` t JOIN .mould m ON m.seq = t.mould WHERE t.text IS NOT NULL`,
			func(row []any) error {
				said, err := mould.Join(text(row[1]), text(row[2]))
				if err != nil {
					return fmt.Errorf("the text of delivery %d: %w", number(row[0]), err)
				}
				if slices.ContainsFunc(e.texts, func(t named) bool { return t.has(number(row[3])) && strings.Contains(said, t.text) }) {
					found[number(row[0])] = true
				}
				return nil
			})
		if err != nil {
			return err
		}
		for id := range found {
			if _, err := e.Exec(`UPDATE `+of.table+` SET text = NULL WHERE `+of.key+` = ?`, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// webhooks takes out the bodies that name the people. That they came is still known: the same one again says nothing new.
func (e *eraser) webhooks() error {
	seen := map[int64]bool{}
	for _, seq := range e.said {
		seen[seq] = true
	}
	for _, t := range e.texts {
		if err := e.bodies(t, seen); err != nil {
			return err
		}
	}
	for seq := range seen {
		if _, err := e.Exec(`UPDATE .status SET inbox = NULL, raw_from = NULL, raw_size = NULL WHERE inbox = ?`, seq); err != nil {
			return err
		}
		if _, err := e.Exec(`UPDATE .inbox SET body = ? WHERE seq = ?`, []byte{}, seq); err != nil {
			return err
		}
	}
	e.out.Webhooks = len(seen)
	for _, t := range e.texts {
		within, args := t.within("at")
		if _, err := e.Exec(`UPDATE .status SET raw = NULL WHERE `+e.Holds("raw", true)+within, append([]any{[]byte(t.text)}, args...)...); err != nil {
			return err
		}
	}
	return nil
}

// bodies finds the webhooks that hold a text. One that came after a number was given up may be of before: it stays only where it told of
// something that is the next owner's.
func (e *eraser) bodies(t named, seen map[int64]bool) error {
	since, args := t.since("received_at")
	kept := map[int64]bool{}
	var theirs [][]byte // ids of messages
	if !t.theirs() {
		err := e.Each(`SELECT DISTINCT s.inbox FROM .status s JOIN .delivery d ON d.id = s.delivery WHERE d.recipient = ? AND s.inbox IS NOT NULL`,
			func(row []any) error {
				kept[number(row[0])] = true
				return nil
			}, e.Person(t.ID))
		if err != nil {
			return err
		}
		err = e.Each(`SELECT id FROM .inbound WHERE sender = ?`, func(row []any) error {
			theirs = append(theirs, []byte(text(row[0])))
			return nil
		}, t.text)
		if err != nil {
			return err
		}
	}
	return e.Each(`SELECT seq, body FROM .inbox WHERE `+e.Holds("body", true)+since, func(row []any) error {
		body, _ := row[1].([]byte)
		if !kept[number(row[0])] && !slices.ContainsFunc(theirs, func(id []byte) bool { return bytes.Contains(body, id) }) {
			seen[number(row[0])] = true
		}
		return nil
	}, append([]any{[]byte(t.text)}, args...)...)
}

// runs takes the people out of what runs keep in words: errors, what they were asked to do, inputs, reasons, and news that are still to
// be told.
func (e *eraser) runs() error {
	for _, c := range []struct{ table, column, at string }{
		{".run", "errors", "started_at"}, {".run", "asked", "started_at"}, {".run", "inputs", "started_at"}, {".run", "repairs", "started_at"},
		{".run", "reason", "started_at"}, {".letter", "event", "at"},
	} {
		if err := e.scrub(c.table, c.column, c.at); err != nil {
			return err
		}
	}
	return nil
}

// notices takes out the bodies of notices that name the people.
func (e *eraser) notices() error {
	for _, t := range e.texts {
		within, args := t.within("at")
		if _, err := e.Exec(`UPDATE .notice SET raw = NULL WHERE `+e.Holds("raw", true)+within, append([]any{[]byte(t.text)}, args...)...); err != nil {
			return err
		}
	}
	return nil
}

// scrub takes texts that tell of the people out of a column of texts and JSON. at is the column of its moment.
func (e *eraser) scrub(table, column, at string) error {
	found := map[int64]string{}
	each := func(row []any) error {
		found[number(row[0])] = text(row[1])
		return nil
	}
	for _, t := range e.texts {
		within, args := t.within(at)
		sql := `SELECT seq, ` + column + ` FROM ` + table + ` WHERE ` + e.Holds(column, false) + within
		if err := e.Each(sql, each, append([]any{t.text}, args...)...); err != nil {
			return err
		}
	}
	if column == "errors" || column == "asked" { // short keys are texts of their own there
		for _, i := range e.items {
			sql := `SELECT seq, ` + column + ` FROM ` + table + ` WHERE job = ? AND ` + e.Holds(column, false)
			quoted, err := json.Marshal(i.key)
			if err != nil {
				return err
			}
			if err := e.Each(sql, each, i.job, string(quoted)); err != nil {
				return err
			}
		}
	}
	for seq, was := range found {
		became, err := e.scrubbed(was)
		if err != nil {
			return fmt.Errorf("%s of row %d: %w", column, seq, err)
		}
		if _, err := e.Exec(`UPDATE `+table+` SET `+column+` = ? WHERE seq = ?`, became, seq); err != nil {
			return err
		}
	}
	return nil
}

// scrubbed returns a text, or JSON, without what tells of the people.
func (e *eraser) scrubbed(was string) (string, error) {
	if !json.Valid([]byte(was)) {
		return e.word(was), nil
	}
	var v any
	dec := json.NewDecoder(strings.NewReader(was))
	dec.UseNumber() // so that those that are no ids of theirs stay as they are
	if err := dec.Decode(&v); err != nil {
		return "", err
	}
	out, err := json.Marshal(e.value(v))
	return string(out), err
}

func (e *eraser) value(v any) any {
	switch v := v.(type) {
	case string:
		return e.word(v)
	case json.Number: // an input may be a number without its plus
		if word := e.word(v.String()); word != v.String() {
			return word
		}
	case []any:
		for i := range v {
			v[i] = e.value(v[i])
		}
	case map[string]any:
		item := v["item"]
		for k := range v {
			v[k] = e.value(v[k])
		}
		if _, says := v["message"]; says && v["item"] != item {
			v["message"] = gone // what was wrong with a row of theirs
		}
	}
	return v
}

// word returns a text without what tells of the people: a key or an id becomes what stands in its place, another text goes.
func (e *eraser) word(s string) string {
	if known := e.known.Person(s); known != s {
		return known
	}
	for _, i := range e.items {
		if s == i.key {
			return e.known.Item(i.job, i.key)
		}
	}
	for _, t := range e.texts {
		if strings.Contains(s, t.text) {
			return gone
		}
	}
	return s
}
