package ledger

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"iter"
	"strings"
	"time"

	"waybill/engine"
	"waybill/engine/audience"
	"waybill/engine/ledger/internal/form"
	"waybill/engine/ledger/internal/watch"
)

// OptOut keeps words about opt-outs; see engine.Persons.
func (l *Ledger) OptOut(ctx context.Context, words []engine.OptOut) error {
	if len(words) == 0 {
		return nil
	}
	return l.write(ctx, optOut{words})
}

type optOut struct{ words []engine.OptOut }

func (o optOut) apply(t *transaction) error { return t.keepOptOuts(o.words) }

// keepOptOuts keeps words, under the ids, too, by which their people went later.
func (t *transaction) keepOptOuts(words []engine.OptOut) error {
	var all []engine.OptOut
	for _, w := range words {
		if w.At.IsZero() {
			w.At = t.now
		}
		word, codes := t.known.OptOut(w)
		if err := t.remember(codes); err != nil {
			return err
		}
		later, err := t.followed(word)
		if err != nil {
			return err
		}
		all = append(append(all, word), later...)
	}
	return t.keepWords(all)
}

// followed returns what a word makes of the ids by which its person went later.
func (t *transaction) followed(w engine.OptOut) ([]engine.OptOut, error) {
	if some, err := t.number(`SELECT EXISTS (SELECT 1 FROM moved)`); err != nil || some == 0 {
		return nil, err
	}
	return audience.FollowNew(w, t.links())
}

// keepWords keeps words as they are, and tells runs that are under way when one is new. A word that names a person by two ids stands under
// both.
func (t *transaction) keepWords(words []engine.OptOut) error {
	fresh := false
	for i := range words {
		w := &words[i]
		if w.Person == "" {
			continue
		}
		kept, err := t.keepOptOut(w, w.Person, w.Also, false)
		if err == nil && kept && w.Also != "" {
			_, err = t.keepOptOut(w, w.Also, w.Person, true)
		}
		if err != nil {
			return err
		}
		fresh = fresh || kept
	}
	if !fresh {
		return nil
	}
	return t.tell(watch.EveryRun, 0, 0)
}

func (t *transaction) keepOptOut(w *engine.OptOut, person, also string, second bool) (bool, error) {
	by, err := json.Marshal(w.By)
	if err != nil {
		return false, fmt.Errorf("keep an opt-out: %w", err)
	}
	changed, _, err := t.exec(`INSERT INTO opt_out (person, also, number_id, scope, back, source, word, by, at, received_at, second)
		VALUES (`+placeholders(11)+`) ON CONFLICT DO NOTHING`, packRecipient(person), orNull(also), w.NumberID, string(w.Scope), flag(w.Back),
		string(w.Source), orNull(form.Cut(w.Word, form.LongestText)), orNull(strings.TrimPrefix(string(by), "{}")), w.At.UnixMilli(), t.now.UnixMilli(),
		flag(second))
	return changed > 0, err
}

// wordsOf returns the words about ids.
func (t *transaction) wordsOf(ids []string) (words []engine.OptOut, err error) {
	err = t.query(context.Background(), optOutColumns+` WHERE person IN (`+placeholders(len(ids))+`) ORDER BY seq`, func(v []driver.Value) error {
		w, err := scanOptOut(v)
		words = append(words, w)
		return err
	}, packAll(ids)...)
	return words, err
}

const optOutColumns = `SELECT seq, person, also, number_id, scope, back, source, word, by, at FROM opt_out`

// OptOuts yields words about opt-outs; see engine.Persons.
func (l *Ledger) OptOuts(ctx context.Context, f engine.OptOutFilter) iter.Seq2[engine.OptOut, error] {
	var w where
	if len(f.Persons) > 0 {
		w.also(`person IN (`+placeholders(len(f.Persons))+`)`, packAll(l.known.get().Persons(f.Persons))...)
	}
	if f.After > 0 {
		w.also(`seq > ?`, f.After)
	}
	order := ` ORDER BY seq`
	if f.ByPerson {
		order = ` ORDER BY person, seq`
	} else if len(f.Persons) == 0 {
		w.also(`second = 0`)
	}
	return stream(ctx, l.readers, optOutColumns+w.sql()+order+
		w.limit(f.Limit), scanOptOut, w.args)
}

func scanOptOut(v []driver.Value) (engine.OptOut, error) {
	w := engine.OptOut{
		Seq: asInt(v[0]), Person: unpackRecipient(v[1]), Also: asText(v[2]), NumberID: asText(v[3]), Scope: engine.OptOutScope(asText(v[4])),
		Back: asInt(v[5]) != 0, Source: engine.OptOutSource(asText(v[6])), Word: asText(v[7]), At: asTime(v[9]).In(time.UTC),
	}
	if by := asBytes(v[8]); len(by) > 0 {
		_ = json.Unmarshal(by, &w.By) // for people: better a word without it than none
	}
	return w, nil
}
