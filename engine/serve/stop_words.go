package serve

import (
	"context"
	"log/slog"

	"waybill/steps"
)

// hearWordsSaidBefore looks for stop words in what arrived before this server knew them. It is over before anything is sent: who wrote
// one last week is not messaged by the first occurrence of today. The inbox is read each time, some seconds for a million messages;
// what was found before is not kept twice.
func (s *Server) hearWordsSaidBefore(ctx context.Context) error {
	if s.options.Words.None() {
		return nil
	}
	found, err := steps.SaidBefore(ctx, s.ledger, s.options.Words)
	if err == nil && found > 0 {
		s.log.LogAttrs(ctx, slog.LevelInfo, "stop and start words in the inbox: they count by the messages' own times", slog.Int("messages", found))
	}
	return err
}
