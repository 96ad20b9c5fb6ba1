package serve

import (
	"context"
	"log/slog"

	"waybill/steps"
)

// hearWordsSaidBefore looks for stop words in what arrived before this server knew them. It is done before anything is sent, so that
// somebody who wrote one last week is not messaged by today's first occurrence. With a word that is new to the ledger the whole inbox is
// read, which takes some seconds for a million messages.
func (s *Server) hearWordsSaidBefore(ctx context.Context) error {
	if s.options.Words.None() {
		return nil
	}
	found, err := steps.SaidBefore(ctx, s.ledger, s.options.Words, s.options.Now())
	if err == nil && found > 0 {
		s.log.LogAttrs(ctx, slog.LevelInfo, "stop and start words in the inbox: they count by the messages' own times", slog.Int("messages", found))
	}
	return err
}
