package schedule_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"waybill/engine"
	"waybill/engine/schedule"
)

// book is a ledger's runs, and the clock of a test. It outlives the loops that use it, as a file does.
type book struct {
	mu     sync.Mutex
	runs   []engine.Run  // oldest first
	offset time.Duration // of the wall clock over the bubble's
	asked  int
	fault  error // of every reading
}

func (b *book) now() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return time.Now().Add(b.offset)
}

// set sets the wall clock.
func (b *book) set(t time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.offset = time.Until(t)
}

func (b *book) read(_ context.Context, f engine.RunFilter) iter.Seq2[engine.Run, error] {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked++
	fault, runs := b.fault, slices.Clone(b.runs)
	return func(yield func(engine.Run, error) bool) {
		if fault != nil {
			yield(engine.Run{}, fault)
			return
		}
		for _, r := range slices.Backward(runs) {
			if f.Job != "" && r.Job != f.Job || f.Status != "" && r.Status != f.Status {
				continue
			}
			if !yield(r, nil) {
				return
			}
		}
	}
}

func (b *book) add(job string, scope string, status engine.RunStatus) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.runs = append(
		b.runs,
		engine.Run{ID: fmt.Sprintf("run-%d", len(b.runs)), Job: job, Mode: engine.ModeServe, Scope: scope, Status: status},
	)
}

// serve is one process with a Loop.
type serve struct {
	*book
	loop    *schedule.Loop
	jobs    []*engine.Job
	takes   time.Duration // of each run
	breaks  error         // what the first run ends with, after takes; nil: as it should
	refuse  func(o schedule.Occurrence) error
	events  []string
	skips   []schedule.Skip
	log     strings.Builder
	active  map[string]int
	changed chan struct{}
	stop    func()
}

func (b *book) serve(t *testing.T, jobs ...*engine.Job) *serve {
	t.Helper()
	s := &serve{book: b, jobs: jobs, active: map[string]int{}, changed: make(chan struct{}, 1)}
	s.loop = &schedule.Loop{
		Jobs: func() []*engine.Job {
			b.mu.Lock()
			defer b.mu.Unlock()
			return slices.Clone(s.jobs)
		},
		Changed: s.changed, Runs: b.read, Now: b.now,
		Log:     slog.New(slog.NewTextHandler(&s.log, nil)),
		Skipped: func(k schedule.Skip) { s.skips = append(s.skips, k) },
		Start:   func(ctx context.Context, job *engine.Job, o schedule.Occurrence) error { return s.run(t, ctx, job, o) },
	}
	return s
}

// startDue lets the loop run until the end of the test, or until stop is called.
func (s *serve) start(t *testing.T) *serve {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.loop.Run(ctx) }()
	s.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	synctest.Wait()
	return s
}

// run is what the engine would do: a run in the ledger, from its start to its end.
func (s *serve) run(t *testing.T, ctx context.Context, job *engine.Job, o schedule.Occurrence) error {
	t.Helper()
	if s.refuse != nil {
		if err := s.refuse(o); err != nil {
			return err
		}
	}
	s.mu.Lock()
	s.active[job.Name]++
	if s.active[job.Name] > 1 {
		t.Errorf("%s of job %s overlaps another", o.Scope, job.Name)
	}
	word := "start"
	place := len(s.runs)
	if o.Resume != nil {
		word = "resume"
		place = slices.IndexFunc(s.runs, func(r engine.Run) bool { return r.ID == o.Resume.ID })
	} else {
		s.runs = append(s.runs, engine.Run{ID: fmt.Sprintf("run-%d", place), Job: job.Name, Mode: engine.ModeServe, Scope: o.Scope})
	}
	s.runs[place].Status = engine.RunRunning
	s.events = append(
		s.events,
		fmt.Sprintf(
			"%s %s %s at %s", word, o.Job, strings.TrimPrefix(o.Scope, "schedule/"),
			time.Now().Add(s.offset).UTC().Format("2T15:04:05"),
		),
	)
	s.mu.Unlock()
	status := engine.RunSucceeded
	if s.takes > 0 {
		select {
		case <-ctx.Done():
			status = engine.RunInterrupted
		case <-time.After(s.takes):
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	broke := s.breaks
	if s.breaks = nil; broke != nil {
		status = engine.RunInterrupted
	}
	s.runs[place].Status = status
	s.active[job.Name]--
	return broke
}

func (s *serve) expect(t *testing.T, want ...string) {
	t.Helper()
	synctest.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	if got := strings.Join(s.events, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s\nlog\n%s", got, strings.Join(want, "\n"), s.log.String())
	}
	s.events = nil
}

func (s *serve) expectSkips(t *testing.T, want ...string) {
	t.Helper()
	synctest.Wait()
	var got []string
	for _, k := range s.skips {
		got = append(got, fmt.Sprintf("%d until %s: %s", k.Count, strings.TrimPrefix(k.Last.Scope, "schedule/"), k.Reason))
	}
	if got, want := strings.Join(got, "\n"), strings.Join(want, "\n"); got != want {
		t.Errorf("skipped\n%s\nwant\n%s", got, want)
	}
	s.skips = nil
}

func job(tb testing.TB, name, cron, missed string, most time.Duration) *engine.Job {
	tb.Helper()
	return &engine.Job{
		Name: name, Schedule: &engine.Schedule{Cron: cron, Zone: zone(tb, "Europe/Madrid"), Missed: missed, MaxLateness: most},
	}
}

func at(tb testing.TB, text string) time.Time {
	tb.Helper()
	t, err := time.ParseInLocation("2006-01-02 15:04:05", text, zone(tb, "Europe/Madrid"))
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

// bubble runs a test with the wall clock at a time in Madrid.
func bubble(t *testing.T, start string, test func(t *testing.T, b *book)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := &book{}
		b.set(at(t, start))
		test(t, b)
	})
}

func TestLoopThroughClockChanges(t *testing.T) {
	bubble(t, "2026-03-28 12:00:00", func(t *testing.T, b *book) {
		t.Helper()
		s := b.serve(t, job(t, "night", "30 2 * * *", "run", 0), &engine.Job{Name: "unscheduled"}).start(t)
		time.Sleep(48 * time.Hour)
		s.expect(t,
			"start night 2026-03-29T02:30[Europe/Madrid] at 29T01:30:00",
			"start night 2026-03-30T02:30[Europe/Madrid] at 30T00:30:00")
		s.stop()
	})
	bubble(t, "2026-10-25 00:00:00", func(t *testing.T, b *book) {
		t.Helper()
		s := b.serve(t, job(t, "night", "30 2 * * *", "run", 0), job(t, "hourly", "0 1-3/1,*/2 * * *", "run", 0)).start(t)
		time.Sleep(5*time.Hour + 30*time.Minute)
		s.expect(t,
			"start hourly 2026-10-25T01:00[Europe/Madrid] at 24T23:00:00",
			"start hourly 2026-10-25T02:00[Europe/Madrid] at 25T00:00:00",
			"start night 2026-10-25T02:30[Europe/Madrid] at 25T00:30:00",
			"start hourly 2026-10-25T02:00+01:00[Europe/Madrid] at 25T01:00:00",
			"start hourly 2026-10-25T03:00[Europe/Madrid] at 25T02:00:00",
			"start hourly 2026-10-25T04:00[Europe/Madrid] at 25T03:00:00")
		s.stop()
		s.expectSkips(t)
	})
}

func TestMissedWhileStopped(t *testing.T) {
	const last = "schedule/2026-03-25T09:00[Europe/Madrid]"
	for _, test := range []struct {
		name, missed string
		most         time.Duration
		now          string
		want, skips  []string
	}{
		{
			"run takes the latest", "run", 0, "2026-03-28 08:00:00",
			[]string{"start morning 2026-03-27T09:00[Europe/Madrid] at 28T07:00:00"},
			[]string{"1 until 2026-03-26T09:00[Europe/Madrid]: a later one was due as well"},
		},
		{
			"within maxLateness", "run", time.Hour, "2026-03-26 10:00:00",
			[]string{"start morning 2026-03-26T09:00[Europe/Madrid] at 26T09:00:00"},
			nil,
		},
		{
			"beyond maxLateness", "run", time.Hour, "2026-03-26 10:00:01", nil,
			[]string{"1 until 2026-03-26T09:00[Europe/Madrid]: it is 1h0m1s late, and maxLateness is 1h0m0s"},
		},
		{
			"skip", "skip", 0, "2026-03-28 08:00:00", nil,
			[]string{
				"1 until 2026-03-26T09:00[Europe/Madrid]: a later one was due as well",
				"1 until 2026-03-27T09:00[Europe/Madrid]: it is 23h0m0s late, and missed is skip",
			},
		},
		{
			"skip, a restart in the very minute", "skip", 0, "2026-03-26 09:00:20",
			[]string{"start morning 2026-03-26T09:00[Europe/Madrid] at 26T08:00:20"},
			nil,
		},
		{"nothing missed", "run", 0, "2026-03-26 08:59:00", nil, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, test.now, func(t *testing.T, b *book) {
				t.Helper()
				b.add("other", "schedule/2026-03-27T09:00[Europe/Madrid]", engine.RunSucceeded)
				b.add("morning", last, engine.RunFailed)
				b.runs = append(
					b.runs,
					engine.Run{ID: "by hand", Job: "morning", Mode: engine.ModeRun, Scope: "by hand", Status: engine.RunInterrupted},
				)
				s := b.serve(t, job(t, "morning", "0 9 * * *", test.missed, test.most)).start(t)
				time.Sleep(10 * time.Second)
				s.stop()
				s.expect(t, test.want...)
				s.expectSkips(t, test.skips...)
				// The next process has nothing more to do.
				again := b.serve(t, job(t, "morning", "0 9 * * *", test.missed, test.most)).start(t)
				time.Sleep(10 * time.Second)
				again.stop()
				again.expect(t)
			})
		})
	}
}

// A job that never ran owes nothing of the time before it was there.
func TestFirstStart(t *testing.T) {
	bubble(t, "2026-03-26 09:00:01", func(t *testing.T, b *book) {
		t.Helper()
		s := b.serve(t, job(t, "morning", "0 9 * * *", "run", 0)).start(t)
		time.Sleep(24 * time.Hour)
		s.stop()
		s.expect(t, "start morning 2026-03-27T09:00[Europe/Madrid] at 27T08:00:00")
	})
}

func TestInterruptedIsTakenUp(t *testing.T) {
	bubble(t, "2026-10-25 00:00:00", func(t *testing.T, b *book) {
		t.Helper()
		morning := job(t, "night", "30 2 * * *", "skip", 12*time.Hour)
		s := b.serve(t, morning)
		s.takes = time.Hour
		s.start(t)
		time.Sleep(2*time.Hour + 40*time.Minute)
		s.stop()
		s.expect(t, "start night 2026-10-25T02:30[Europe/Madrid] at 25T00:30:00")
		if got := b.runs[0].Status; got != engine.RunInterrupted {
			t.Fatalf("got %s", got)
		}
		b.runs[0].Status = engine.RunRunning // as a kill leaves it
		time.Sleep(3 * time.Hour)
		s = b.serve(t, morning).start(t)
		time.Sleep(time.Minute)
		s.stop()
		s.expect(t, "resume night 2026-10-25T02:30[Europe/Madrid] at 25T03:40:00")
		if got := len(b.runs); got != 1 {
			t.Errorf("got %d runs, want one", got)
		}
		b.runs[0].Status = engine.RunInterrupted
		time.Sleep(10 * time.Hour)
		s = b.serve(t, morning).start(t)
		time.Sleep(time.Minute)
		s.stop()
		s.expect(t)
		s.expectSkips(t, "1 until 2026-10-25T02:30[Europe/Madrid]: it is 13h11m0s late, and maxLateness is 12h0m0s")
	})
}

// What was interrupted goes first, then what was missed, one after the other.
func TestInterruptedThenMissed(t *testing.T) {
	bubble(t, "2026-03-27 10:00:00", func(t *testing.T, b *book) {
		t.Helper()
		b.add("morning", "schedule/2026-03-26T09:00[Europe/Madrid]", engine.RunInterrupted)
		s := b.serve(t, job(t, "morning", "0 9 * * *", "run", 0))
		s.takes = 10 * time.Minute
		s.start(t)
		time.Sleep(time.Hour)
		s.stop()
		s.expect(t,
			"resume morning 2026-03-26T09:00[Europe/Madrid] at 27T09:00:00",
			"start morning 2026-03-27T09:00[Europe/Madrid] at 27T09:10:00")
	})
}

// An unfinished run whose scope another run has finished since is no reason to do anything.
func TestFinishedByAnother(t *testing.T) {
	bubble(t, "2026-03-26 10:00:00", func(t *testing.T, b *book) {
		t.Helper()
		b.add("morning", "schedule/2026-03-26T09:00[Europe/Madrid]", engine.RunRunning)
		b.add("morning", "schedule/2026-03-26T09:00[Europe/Madrid]", engine.RunSucceeded)
		s := b.serve(t, job(t, "morning", "0 9 * * *", "run", 0)).start(t)
		time.Sleep(time.Hour)
		s.stop()
		s.expect(t)
		s.expectSkips(t)
	})
}

func TestNoOverlap(t *testing.T) {
	bubble(t, "2026-03-26 09:55:00", func(t *testing.T, b *book) {
		t.Helper()
		s := b.serve(t, job(t, "often", "*/10 * * * *", "run", 0))
		s.takes = 35 * time.Minute
		s.start(t)
		time.Sleep(time.Hour)
		s.expect(t,
			"start often 2026-03-26T10:00[Europe/Madrid] at 26T09:00:00",
			"start often 2026-03-26T10:30[Europe/Madrid] at 26T09:35:00")
		s.expectSkips(t,
			"1 until 2026-03-26T10:10[Europe/Madrid]: a later one came due while it waited",
			"1 until 2026-03-26T10:20[Europe/Madrid]: a later one came due while it waited",
			"1 until 2026-03-26T10:40[Europe/Madrid]: a later one came due while it waited")
		s.stop()
	})
	bubble(t, "2026-03-26 09:55:00", func(t *testing.T, b *book) {
		t.Helper()
		s := b.serve(t, job(t, "often", "*/10 * * * *", "skip", 0))
		s.takes = 15 * time.Minute
		s.start(t)
		time.Sleep(30 * time.Minute)
		s.expect(t,
			"start often 2026-03-26T10:00[Europe/Madrid] at 26T09:00:00",
			"start often 2026-03-26T10:20[Europe/Madrid] at 26T09:20:00")
		s.expectSkips(t, "1 until 2026-03-26T10:10[Europe/Madrid]: the one before still ran, and missed is skip")
		s.stop()
	})
}

// Two processes on one ledger: the second finds the scope done, or waits for the lock and then finds it.
func TestTwoProcesses(t *testing.T) {
	bubble(t, "2026-03-26 08:59:00", func(t *testing.T, b *book) {
		t.Helper()
		var lock sync.Mutex
		var all []*serve
		for range 2 {
			s := b.serve(t, job(t, "morning", "0 9 * * *", "skip", 0))
			s.takes = 10 * time.Minute
			start := s.loop.Start
			s.loop.Start = func(ctx context.Context, j *engine.Job, o schedule.Occurrence) error {
				if !lock.TryLock() {
					return fmt.Errorf("lock the ledger: %w", &engine.LockedError{Ledger: "ledger.db", Holder: "waybill serve"})
				}
				defer lock.Unlock()
				return start(ctx, j, o)
			}
			all = append(all, s.start(t))
		}
		time.Sleep(time.Hour)
		for _, s := range all {
			s.stop()
		}
		if got := len(b.runs); got != 1 {
			t.Errorf("got %d runs, want one: %v", got, b.runs)
		}
		waited := all[0].log.String() + all[1].log.String()
		if got := strings.Count(waited, "waits for another sender"); got != 1 {
			t.Errorf("it was said %d times that the occurrence waits, want once\n%s", got, waited)
		}
	})
}

// Two jobs that are due at the same time take turns when the ledger allows one sender, with any value of `missed`.
func TestTwoJobsTakeTurns(t *testing.T) {
	bubble(t, "2026-03-26 08:59:00", func(t *testing.T, b *book) {
		t.Helper()
		s := b.serve(t, job(t, "one", "0 9 * * *", "skip", 0), job(t, "two", "0 9 * * *", "skip", 0))
		s.takes = 10*time.Minute + 7*time.Second
		var lock sync.Mutex
		start := s.loop.Start
		s.loop.Start = func(ctx context.Context, j *engine.Job, o schedule.Occurrence) error {
			if !lock.TryLock() {
				return &engine.LockedError{}
			}
			defer lock.Unlock()
			return start(ctx, j, o)
		}
		s.start(t)
		time.Sleep(time.Hour)
		s.stop()
		if len(s.events) != 2 || !strings.HasSuffix(s.events[0], "26T08:00:00") || !strings.HasSuffix(s.events[1], "26T08:10:07") {
			t.Errorf("got %q", s.events)
		}
		s.expectSkips(t)
	})
}

// A ledger that is away for minutes, is full, or took the process for dead: the occurrence goes on when it is there again, by itself.
func TestLedgerIsAway(t *testing.T) {
	bubble(t, "2026-03-26 08:59:00", func(t *testing.T, b *book) {
		t.Helper()
		s := b.serve(t, job(t, "morning", "0 9 * * *", "run", 0))
		trouble := []error{engine.ErrBusy, engine.ErrBusy, engine.ErrFull, engine.ErrNotLocked}
		s.refuse = func(schedule.Occurrence) error {
			if len(trouble) == 0 {
				return nil
			}
			err := trouble[0]
			trouble = trouble[1:]
			return fmt.Errorf("watch run: %w", err)
		}
		s.start(t)
		time.Sleep(time.Hour)
		s.stop()
		s.expect(t, "start morning 2026-03-26T09:00[Europe/Madrid] at 26T08:02:00")
		if got := strings.Count(s.log.String(), "occurrence waits for the ledger"); got != 1 {
			t.Errorf("it was said %d times that it waits, want once\n%s", got, s.log.String())
		}
	})
}

// What began before the ledger failed it goes on before the later occurrence that came due meanwhile; what had not begun is superseded by it.
func TestLedgerFailsWhatBegan(t *testing.T) {
	bubble(t, "2026-03-26 09:55:00", func(t *testing.T, b *book) {
		t.Helper()
		s := b.serve(t, job(t, "often", "*/10 * * * *", "run", 0))
		s.takes, s.breaks = 12*time.Minute, fmt.Errorf("write the outcome: %w", engine.ErrNotLocked)
		s.start(t)
		time.Sleep(30 * time.Minute)
		s.stop()
		s.expect(t,
			"start often 2026-03-26T10:00[Europe/Madrid] at 26T09:00:00",
			"resume often 2026-03-26T10:00[Europe/Madrid] at 26T09:12:30",
			"start often 2026-03-26T10:20[Europe/Madrid] at 26T09:24:30")
		s.expectSkips(t, "1 until 2026-03-26T10:10[Europe/Madrid]: a later one came due while it waited")
	})
	bubble(t, "2026-03-26 09:59:00", func(t *testing.T, b *book) {
		t.Helper()
		s := b.serve(t, job(t, "often", "*/10 * * * *", "run", 0))
		away := time.Now().Add(12 * time.Minute)
		s.refuse = func(schedule.Occurrence) error {
			if time.Now().Before(away) {
				return engine.ErrBusy
			}
			return nil
		}
		s.start(t)
		time.Sleep(15 * time.Minute)
		s.stop()
		s.expect(t, "start often 2026-03-26T10:10[Europe/Madrid] at 26T09:11:00")
		s.expectSkips(t, "1 until 2026-03-26T10:00[Europe/Madrid]: a later one came due while it waited")
	})
}

// An error that passes by itself neither when the lock is free nor when the ledger is back ends the occurrence, and is reported.
func TestStartFails(t *testing.T) {
	bubble(t, "2026-03-26 08:59:00", func(t *testing.T, b *book) {
		t.Helper()
		s := b.serve(t, job(t, "morning", "0 9 * * *", "run", 0))
		tries := 0
		s.refuse = func(schedule.Occurrence) error { tries++; return errors.New("the disk is on fire") }
		s.start(t)
		time.Sleep(time.Hour)
		s.stop()
		if tries != 1 || strings.Count(s.log.String(), "the disk is on fire") != 1 {
			t.Errorf("tried %d times, log\n%s", tries, s.log.String())
		}
	})
}

func TestMachineSlept(t *testing.T) {
	bubble(t, "2026-03-26 08:50:00", func(t *testing.T, b *book) {
		t.Helper()
		s := b.serve(t, job(t, "run", "0 9 * * *", "run", 0), job(t, "skip", "0 9 * * *", "skip", 0)).start(t)
		time.Sleep(10 * time.Second)
		b.set(at(t, "2026-03-26 11:00:00"))
		time.Sleep(31 * time.Second)
		s.stop()
		if len(s.events) != 1 || !strings.HasPrefix(s.events[0], "start run 2026-03-26T09:00") {
			t.Errorf("got %q", s.events)
		}
		if len(s.skips) != 1 || s.skips[0].Job != "skip" {
			t.Errorf("skipped %v", s.skips)
		}
	})
}

func TestClockSetBack(t *testing.T) {
	bubble(t, "2026-03-26 08:50:00", func(t *testing.T, b *book) {
		t.Helper()
		s := b.serve(t, job(t, "morning", "0 9 * * *", "run", 2*time.Hour)).start(t)
		time.Sleep(20 * time.Minute)
		s.expect(t, "start morning 2026-03-26T09:00[Europe/Madrid] at 26T08:00:00")
		b.set(at(t, "2026-03-26 08:30:00"))
		time.Sleep(time.Hour)
		s.expect(t) // the scope is done
		// A clock that was a year ahead does not stop the schedule for a year.
		b.set(at(t, "2027-03-26 08:59:00"))
		time.Sleep(2 * time.Minute)
		s.expect(t, "start morning 2027-03-26T09:00[Europe/Madrid] at 26T08:00:00")
		b.set(at(t, "2026-03-27 08:59:00"))
		time.Sleep(2 * time.Minute)
		s.expect(t, "start morning 2026-03-27T09:00[Europe/Madrid] at 27T08:00:00")
		s.stop()
	})
	// Back while it runs: the occurrence under way is neither put into the queue again nor skipped.
	bubble(t, "2026-03-26 08:59:00", func(t *testing.T, b *book) {
		t.Helper()
		s := b.serve(t, job(t, "morning", "0 9 * * *", "skip", 0))
		s.takes = time.Hour
		s.start(t)
		time.Sleep(2 * time.Minute)
		b.set(at(t, "2026-03-26 08:59:00"))
		time.Sleep(3 * time.Hour)
		s.stop()
		if len(s.events) != 1 {
			t.Errorf("got %q", s.events)
		}
		s.expectSkips(t)
	})
}

// Time passes while the loop looks at its jobs: what comes due between two of its looks at the clock is not late.
func TestDueWhileLooking(t *testing.T) {
	for k := range 12 {
		bubble(t, "2026-03-26 09:00:00", func(t *testing.T, b *book) {
			t.Helper()
			b.add("morning", "schedule/2026-03-25T09:00[Europe/Madrid]", engine.RunSucceeded)
			b.offset -= time.Duration(k) * time.Millisecond
			s := b.serve(t, job(t, "morning", "0 9 * * *", "run", 0))
			s.loop.Now = func() time.Time {
				defer b.set(b.now().Add(time.Millisecond))
				return b.now()
			}
			s.start(t)
			time.Sleep(time.Second)
			s.stop()
			if len(s.events) != 1 {
				t.Errorf("%d ms before: got %q\n%s", k, s.events, s.log.String())
			}
		})
	}
}

// A ledger that is restored from an older copy has forgotten the last run: its scope is the same all the same.
func TestRestoredLedger(t *testing.T) {
	bubble(t, "2026-03-26 08:59:00", func(t *testing.T, b *book) {
		t.Helper()
		b.add("morning", "schedule/2026-03-25T09:00[Europe/Madrid]", engine.RunSucceeded)
		s := b.serve(t, job(t, "morning", "0 9 * * *", "run", 0)).start(t)
		time.Sleep(2 * time.Minute)
		s.stop()
		b.runs = b.runs[:1]
		again := b.serve(t, job(t, "morning", "0 9 * * *", "run", 0)).start(t)
		again.stop()
		const scope = "2026-03-26T09:00[Europe/Madrid]"
		if !strings.Contains(s.events[0], scope) || len(again.events) != 1 || !strings.Contains(again.events[0], scope) {
			t.Errorf("got %q, then %q", s.events, again.events)
		}
	})
}

// TestAdoptedLedger: what was due before the ledger was adopted may have run in the time that is lost. It is skipped, and what is due after
// runs.
func TestAdoptedLedger(t *testing.T) {
	bubble(t, "2026-03-26 09:30:00", func(t *testing.T, b *book) {
		t.Helper()
		b.add("morning", "schedule/2026-03-25T09:00[Europe/Madrid]", engine.RunSucceeded)
		s := b.serve(t, job(t, "morning", "0 9 * * *", "run", 0))
		s.loop.Adopted = b.now().Add(-10 * time.Minute)
		s.start(t)
		time.Sleep(24 * time.Hour)
		s.stop()
		s.expect(t, "start morning 2026-03-27T09:00[Europe/Madrid] at 27T08:00:00")
		s.expectSkips(t, "1 until 2026-03-26T09:00[Europe/Madrid]: it was due before the ledger was adopted, and may have run in the time that is lost")
	})
}

func TestLedgerCannotBeRead(t *testing.T) {
	bubble(t, "2026-03-26 08:50:00", func(t *testing.T, b *book) {
		t.Helper()
		b.fault = errors.New("disk I/O error")
		s := b.serve(t, job(t, "morning", "0 9 * * *", "run", 0)).start(t)
		time.Sleep(5 * time.Minute)
		b.mu.Lock()
		b.fault = nil
		b.mu.Unlock()
		time.Sleep(time.Minute)
		b.mu.Lock()
		b.fault = errors.New("disk I/O error")
		b.mu.Unlock()
		time.Sleep(6 * time.Minute)
		s.expect(t)
		b.mu.Lock()
		b.fault = nil
		b.mu.Unlock()
		time.Sleep(time.Minute)
		s.stop()
		if len(s.events) != 1 {
			t.Errorf("got %q", s.events)
		}
		if got := strings.Count(s.log.String(), "disk I/O error"); got != 2 {
			t.Errorf("the error was reported %d times, want once each time it came\n%s", got, s.log.String())
		}
	})
}

func TestJobsChange(t *testing.T) {
	bubble(t, "2026-03-26 08:50:00", func(t *testing.T, b *book) {
		t.Helper()
		s := b.serve(t, job(t, "morning", "0 9 * * *", "run", 0)).start(t)
		change := func(jobs ...*engine.Job) {
			b.mu.Lock()
			s.jobs = jobs
			b.mu.Unlock()
			s.changed <- struct{}{}
			synctest.Wait()
		}
		time.Sleep(15 * time.Minute)
		s.expect(t, "start morning 2026-03-26T09:00[Europe/Madrid] at 26T08:00:00")
		// 08:00 of the new schedule is past, and was not due when it was.
		change(job(t, "morning", "0 8,10 * * *", "run", 0))
		time.Sleep(time.Hour)
		s.expect(t, "start morning 2026-03-26T10:00[Europe/Madrid] at 26T09:00:00")
		// A version that cannot be scheduled leaves the old one.
		change(job(t, "morning", "nonsense", "run", 0))
		time.Sleep(22 * time.Hour)
		s.expect(t, "start morning 2026-03-27T08:00[Europe/Madrid] at 27T07:00:00")
		// Another text with the same times goes on where the first was.
		change(
			job(t, "morning", "0 8,10 * * *", "run", time.Hour), job(t, "evening", "0 20 * * *", "run", 0),
			job(t, "evening", "0 21 * * *", "run", 0),
		)
		time.Sleep(13 * time.Hour)
		s.expect(t,
			"start morning 2026-03-27T10:00[Europe/Madrid] at 27T09:00:00",
			"start evening 2026-03-27T20:00[Europe/Madrid] at 27T19:00:00")
		change()
		time.Sleep(48 * time.Hour)
		s.expect(t)
		s.stop()
		s.expectSkips(t)
		if got := strings.Count(s.log.String(), "cannot be scheduled"); got != 1 {
			t.Errorf("the bad version was reported %d times\n%s", got, s.log.String())
		}
	})
}

// A job that goes while its occurrence waits takes it along; one that is stopped reports no failure.
func TestGoneWhileWaiting(t *testing.T) {
	bubble(t, "2026-03-26 08:59:00", func(t *testing.T, b *book) {
		t.Helper()
		s := b.serve(t, job(t, "morning", "0 9 * * *", "run", 0), job(t, "slow", "0 9 * * *", "run", 0))
		s.refuse = func(o schedule.Occurrence) error {
			if o.Job == "morning" {
				return &engine.LockedError{Holder: "waybill apply"}
			}
			return nil
		}
		start := s.loop.Start
		s.loop.Start = func(ctx context.Context, j *engine.Job, o schedule.Occurrence) error {
			return errors.Join(start(ctx, j, o), ctx.Err())
		}
		s.takes = time.Hour
		s.start(t)
		time.Sleep(10 * time.Minute)
		b.mu.Lock()
		s.jobs = s.jobs[1:]
		b.mu.Unlock()
		time.Sleep(time.Minute)
		s.expectSkips(t, "1 until 2026-03-26T09:00[Europe/Madrid]: its job is gone")
		s.stop()
		s.expect(t, "start slow 2026-03-26T09:00[Europe/Madrid] at 26T08:00:00")
		if got := s.log.String(); strings.Contains(got, "level=ERROR") {
			t.Errorf("got\n%s", got)
		}
	})
}

// A loop with nothing to do wakes twice a minute, no more; and asks the ledger no more than it has to.
func TestIdle(t *testing.T) {
	bubble(t, "2026-03-26 08:50:00", func(t *testing.T, b *book) {
		t.Helper()
		s := b.serve(t, job(t, "leap", "0 0 29 2 *", "run", 0))
		rounds := 0
		jobs := s.loop.Jobs
		s.loop.Jobs = func() []*engine.Job { rounds++; return jobs() }
		close(s.changed)
		s.start(t)
		time.Sleep(time.Hour)
		s.stop()
		if rounds > 123 || b.asked > 3 {
			t.Errorf("%d rounds, %d readings in an hour", rounds, b.asked)
		}
	})
}

// Years of a schedule by the minute are passed over in no time, and told in one sentence.
func TestLongAbsence(t *testing.T) {
	bubble(t, "2026-03-26 08:50:00", func(t *testing.T, b *book) {
		t.Helper()
		b.add("often", "schedule/2020-03-25T09:00[Europe/Madrid]", engine.RunSucceeded)
		b.add("rare", "schedule/2016-02-29T00:00[Europe/Madrid]", engine.RunSucceeded)
		b.add("odd", "schedule/nonsense", engine.RunRunning)
		s := b.serve(
			t, job(t, "often", "* * * * 1-4", "skip", 0), job(t, "rare", "0 0 29 2 *", "run", time.Hour),
			job(t, "odd", "0 9 * * *", "run", 0),
		).start(t)
		time.Sleep(20 * time.Second)
		s.stop()
		s.expectSkips(t,
			"10000 until 2026-03-26T08:49[Europe/Madrid]: a later one was due as well",
			"1 until 2020-02-29T00:00[Europe/Madrid]: a later one was due as well",
			"1 until 2024-02-29T00:00[Europe/Madrid]: it is 18152h50m0s late, and maxLateness is 1h0m0s")
		s.expect(t, "start often 2026-03-26T08:50[Europe/Madrid] at 26T07:50:00")
	})
}
