package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"waybill/engine"
)

// keepOutline writes down what the job of a run says, once for all runs of the same.
func (t *transaction) keepOutline(r *engine.Run) error {
	if len(r.Outline) == 0 {
		return nil
	}
	parts, err := json.Marshal(r.Outline)
	if err != nil {
		return fmt.Errorf("start run %q: %w", r.ID, err)
	}
	_, err = t.exec(`INSERT INTO waybill.outline (digest, parts) VALUES ($1, $2) ON CONFLICT DO NOTHING`, putText(r.Digest), putText(string(parts)))
	return err
}

// Outline returns what a job said; see engine.Reader.
func (l *Ledger) Outline(ctx context.Context, digest string) (parts []engine.PartDigest, err error) {
	err = l.query(ctx, `SELECT parts FROM waybill.outline WHERE digest = $1`, func(rows pgx.Rows) error {
		var kept text
		if err := rows.Scan(&kept); err != nil {
			return err
		}
		return json.Unmarshal([]byte(kept), &parts)
	}, putText(digest))
	if err != nil {
		return nil, fmt.Errorf("look what a job said: %w", err)
	}
	return parts, nil
}

// Unchanged returns what the last run of a job in a scope found its rows unchanged with; see engine.Reader.
func (l *Ledger) Unchanged(ctx context.Context, job, scope string) (string, error) {
	var digest text
	err := l.query(ctx, `SELECT digest FROM waybill.unchanged WHERE job = $1 AND scope = $2`,
		func(rows pgx.Rows) error { return rows.Scan(&digest) }, putText(job), putText(scope))
	if err != nil {
		return "", fmt.Errorf("look whether rows changed: %w", err)
	}
	return string(digest), nil
}

// SoughtWords returns the words that the inbox was looked through for; see engine.Persons.
func (l *Ledger) SoughtWords(ctx context.Context) (words []string, err error) {
	err = l.query(ctx, `SELECT sought_words FROM waybill.ledger`, func(rows pgx.Rows) error {
		words, err = scanWords(rows)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read which words were looked for: %w", err)
	}
	return words, nil
}

func scanWords(rows pgx.Rows) (words []string, err error) {
	var kept text
	if err := rows.Scan(&kept); err != nil || kept == "" {
		return nil, err
	}
	err = json.Unmarshal([]byte(kept), &words)
	return words, err
}

// KeepSoughtWords adds to them; see engine.Persons.
func (l *Ledger) KeepSoughtWords(ctx context.Context, words []string) error {
	return l.write(ctx, keepSought{words})
}

type keepSought struct{ words []string }

func (o keepSought) apply(t *transaction) error {
	var words []string
	err := t.query(`SELECT sought_words FROM waybill.ledger FOR UPDATE`, func(rows pgx.Rows) (err error) {
		words, err = scanWords(rows)
		return err
	})
	if err != nil {
		return err
	}
	words = append(words, o.words...)
	slices.Sort(words)
	kept, err := json.Marshal(slices.Compact(words))
	if err != nil {
		return fmt.Errorf("keep which words were looked for: %w", err)
	}
	_, err = t.exec(`UPDATE waybill.ledger SET sought_words = $1`, putText(string(kept)))
	return err
}
