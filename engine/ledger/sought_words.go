package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
)

// SoughtWords returns the words that the inbox was looked through for; see engine.Persons.
func (l *Ledger) SoughtWords(ctx context.Context) (words []string, err error) {
	err = l.readers.use(func(c *connection) error {
		words, err = soughtWords(ctx, c)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read which words were looked for: %w", err)
	}
	return words, nil
}

func soughtWords(ctx context.Context, c *connection) ([]string, error) {
	v, err := readMeta(ctx, c, metaSought)
	if err != nil || v == nil {
		return nil, err
	}
	var words []string
	err = json.Unmarshal([]byte(asText(v)), &words)
	return words, err
}

// KeepSoughtWords adds to them; see engine.Persons.
func (l *Ledger) KeepSoughtWords(ctx context.Context, words []string) error {
	return l.write(ctx, keepSought{words})
}

type keepSought struct{ words []string }

func (o keepSought) apply(t *transaction) error {
	words, err := soughtWords(context.Background(), t.connection)
	if err != nil {
		return err
	}
	words = append(words, o.words...)
	slices.Sort(words)
	text, err := json.Marshal(slices.Compact(words))
	if err != nil {
		return fmt.Errorf("keep which words were looked for: %w", err)
	}
	return putMeta(t.connection, metaSought, string(text))
}
