package temporal

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"go.temporal.io/api/workflowservice/v1"
)

// watchEvery is how often a process that needs Temporal asks whether it is there.
const watchEvery = 5 * time.Second

// watched tells the person when Temporal is lost, and when it is there again, until end is called.
func (c *connection) watched(ctx context.Context) (end func()) {
	ctx, done := context.WithCancel(ctx)
	var watching sync.WaitGroup
	watching.Go(func() {
		watch(ctx, c.log.With(slog.String("address", c.options.HostPort)), func(ctx context.Context) error {
			_, err := c.client.WorkflowService().GetSystemInfo(ctx, &workflowservice.GetSystemInfoRequest{})
			return err
		})
	})
	return func() {
		done()
		watching.Wait()
	}
}

// watch asks until ctx ends, and says once that nobody answers, and once that somebody does again, after how long.
func watch(ctx context.Context, log *slog.Logger, ask func(context.Context) error) {
	var lost time.Time // by the ticker; zero: it is not
	every := time.NewTicker(watchEvery)
	defer every.Stop()
	for {
		var now time.Time
		select {
		case <-ctx.Done():
			return
		case now = <-every.C:
		}
		asking, cancel := context.WithTimeout(ctx, answersWithin)
		err := ask(asking)
		cancel()
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && lost.IsZero():
			lost = now
			log.LogAttrs(ctx, slog.LevelWarn, "Temporal does not answer; what is under way goes on, and it is asked again", slog.String("error", err.Error()))
		case err == nil && !lost.IsZero():
			log.LogAttrs(ctx, slog.LevelWarn, "Temporal answers again", slog.Duration("away", now.Sub(lost).Round(time.Second)))
			lost = time.Time{}
		}
	}
}

// lower passes on what the SDK logs. Its warnings come by the dozen while Temporal is away, each poll and each part its own: they count as
// information, since watch says what there is to know.
type lower struct{ slog.Handler }

// Enabled says whether a level is wanted.
func (l lower) Enabled(ctx context.Context, level slog.Level) bool {
	return l.Handler.Enabled(ctx, lowered(level))
}

// Handle passes a record on.
func (l lower) Handle(ctx context.Context, r slog.Record) error {
	r.Level = lowered(r.Level)
	return l.Handler.Handle(ctx, r)
}

// WithAttrs passes attributes on.
func (l lower) WithAttrs(attrs []slog.Attr) slog.Handler { return lower{l.Handler.WithAttrs(attrs)} }

// WithGroup passes a group on.
func (l lower) WithGroup(name string) slog.Handler { return lower{l.Handler.WithGroup(name)} }

func lowered(level slog.Level) slog.Level {
	if level == slog.LevelWarn {
		return slog.LevelInfo
	}
	return level
}
