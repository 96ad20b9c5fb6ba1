package ledger

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"

	"waybill/engine"
	"waybill/engine/delivery"
)

// KeepRollout writes down how far a rollout has come; see engine.Dispatcher.
func (l *Ledger) KeepRollout(ctx context.Context, k delivery.Key, s engine.RolloutState) error {
	return l.write(ctx, &keepRollout{k, s})
}

type keepRollout struct {
	key   delivery.Key
	state engine.RolloutState
}

func (o *keepRollout) apply(t *transaction) error {
	step, err := t.stepOf(o.key)
	if err != nil {
		return err
	}
	state, err := json.Marshal(o.state)
	if err != nil {
		return fmt.Errorf("keep the rollout of %s: %w", o.key.Step, err)
	}
	_, _, err = t.exec(`INSERT INTO rollout (step, state) VALUES (?, ?) ON CONFLICT (step) DO UPDATE SET state = excluded.state`, step, string(state))
	return err
}

// Rollout returns how far a rollout has come; see engine.Reader.
func (l *Ledger) Rollout(ctx context.Context, k delivery.Key) (*engine.RolloutState, error) {
	var state *engine.RolloutState
	err := l.readers.use(func(c *connection) error {
		return c.query(ctx, `SELECT r.state FROM rollout r JOIN step s ON s.seq = r.step WHERE s.job = ? AND s.scope = ? AND s.path = ?`,
			func(row []driver.Value) error {
				state = &engine.RolloutState{}
				return json.Unmarshal([]byte(asText(row[0])), state)
			}, k.Job, k.Scope, k.Step)
	})
	return state, err
}
