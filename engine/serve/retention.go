package serve

import (
	"context"
	"log/slog"
	"time"
)

// retention prunes old webhooks now, and once a day until ctx ends.
func (s *Server) retention(ctx context.Context) error {
	const pause = 24 * time.Hour
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		s.pruneWebhooks(ctx)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// pruneWebhooks takes away, of webhooks older than 30 days, their raw bytes and the statuses of messages that this ledger
// never sent. What they said of deliveries stays. A failure is logged; the next day is another try.
func (s *Server) pruneWebhooks(ctx context.Context) {
	const kept = 30 * 24 * time.Hour
	if err := s.ledger.Compact(ctx, s.options.Now().Add(-kept)); err != nil && ctx.Err() == nil {
		s.log.LogAttrs(ctx, slog.LevelError, "old webhooks could not be taken away", slog.String("error", err.Error()))
	}
}
