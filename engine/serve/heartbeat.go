package serve

import (
	"context"
	"log/slog"
	"time"
)

const (
	beatEvery  = 10 * time.Second
	aliveAfter = 3 * beatEvery // a server that was killed is believed alive for this long
)

// heartbeat lets runs know that a receiver is alive on their ledger, so that they stay to hear what becomes of their messages. Where no
// callback can be checked, none is taken, and there is no receiver.
func (s *Server) heartbeat(ctx context.Context) error {
	if !s.receiver.signed {
		return nil
	}
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	for {
		if err := s.ledger.Listen(ctx, s.options.Now().Add(aliveAfter)); err != nil && ctx.Err() == nil {
			s.log.LogAttrs(ctx, slog.LevelWarn, "runs cannot be told that webhooks are received here", slog.String("error", err.Error()))
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return s.ledger.Listen(context.WithoutCancel(ctx), s.options.Now())
		}
	}
}
