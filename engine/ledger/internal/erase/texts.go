package erase

import (
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
		n, err := e.Exec(`DELETE FROM .inbound WHERE sender = ? OR user_id = ?`, strings.TrimPrefix(id, "+"), id)
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
		digits := strings.TrimPrefix(id, "+")
		_, err := e.Exec(`DELETE FROM .status WHERE delivery IS NULL AND (recipient = ? OR recipient = ? OR `+e.Holds("message", true)+`)`,
			id, digits, []byte(digits))
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
		err := e.Each(`SELECT t.`+of.key+`, m.form, t.text FROM `+of.table+` t JOIN .mould m ON m.seq = t.mould WHERE t.text IS NOT NULL`,
			func(row []any) error {
				said, err := mould.Join(text(row[1]), text(row[2]))
				if err != nil {
					return fmt.Errorf("the text of delivery %d: %w", number(row[0]), err)
				}
				if slices.ContainsFunc(e.texts, func(t string) bool { return strings.Contains(said, t) }) {
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
		err := e.Each(`SELECT seq FROM .inbox WHERE `+e.Holds("body", true), func(row []any) error {
			seen[number(row[0])] = true
			return nil
		}, []byte(t))
		if err != nil {
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
		if _, err := e.Exec(`UPDATE .status SET raw = NULL WHERE `+e.Holds("raw", true), []byte(t)); err != nil {
			return err
		}
	}
	return nil
}

// runs takes the people out of what runs keep in words: errors, what they were asked to do, inputs, reasons, and news that are still to
// be told.
func (e *eraser) runs() error {
	for _, c := range []struct{ table, column string }{
		{".run", "errors"}, {".run", "asked"}, {".run", "inputs"}, {".run", "repairs"}, {".run", "reason"}, {".letter", "event"},
	} {
		if err := e.scrub(c.table, c.column); err != nil {
			return err
		}
	}
	return nil
}

// notices takes out the bodies of notices that name the people.
func (e *eraser) notices() error {
	for _, t := range e.texts {
		if _, err := e.Exec(`UPDATE .notice SET raw = NULL WHERE `+e.Holds("raw", true), []byte(t)); err != nil {
			return err
		}
	}
	return nil
}

// scrub takes texts that tell of the people out of a column of texts and JSON.
func (e *eraser) scrub(table, column string) error {
	found := map[int64]string{}
	each := func(row []any) error {
		found[number(row[0])] = text(row[1])
		return nil
	}
	for _, t := range e.texts {
		if err := e.Each(`SELECT seq, `+column+` FROM `+table+` WHERE `+e.Holds(column, false), each, t); err != nil {
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
		if strings.Contains(s, t) {
			return gone
		}
	}
	return s
}
