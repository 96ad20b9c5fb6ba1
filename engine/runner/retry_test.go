package runner_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/whatsapp/sandbox"
)

func TestThrottlingSlowsARunAndDoesNotStopIt(t *testing.T) {
	for _, rate := range []string{"10", "80"} {
		t.Run(rate, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := build(t, sandbox.Options{Throughput: 1000})
				job := strings.Replace(table(h, 600, ""), "throughput: 1000", "throughput: "+rate, 1)
				go func() {
					for range 5 {
						time.Sleep(1500 * time.Millisecond)
						_, _ = h.sandbox.AddFault(sandbox.Fault{Kind: sandbox.FaultThrottle, Times: 1})
					}
				}()
				s := h.do(job, engine.ModeRun)
				wantCounts(t, s, engine.Counts{Total: 600, Succeeded: 600}, engine.RunSucceeded)
			})
		})
	}
}

func TestRetriesByCode(t *testing.T) {
	for _, c := range []struct {
		name     string
		fault    sandbox.Fault
		requests int
		accepted int
		status   engine.RunStatus
		code     int
		least    time.Duration // virtual time that must pass
	}{
		{"throttling as HTTP 400", sandbox.Fault{Kind: sandbox.FaultThrottle, Times: 2}, 3, 1, engine.RunSucceeded, 0, 3 * time.Second},
		{"bare 429 with Retry-After", sandbox.Fault{Kind: sandbox.FaultStatus, Status: 429, RetryAfter: 30, Times: 1}, 2, 1, engine.RunSucceeded, 0, 30 * time.Second},
		{"500 with a code", sandbox.Fault{Kind: sandbox.FaultError, Code: 131000, Times: 3}, 4, 1, engine.RunSucceeded, 0, 7 * time.Second},
		{"a gateway's page", sandbox.Fault{Kind: sandbox.FaultHTML, Times: 1}, 2, 1, engine.RunSucceeded, 0, time.Second},
		{"no connection", sandbox.Fault{Kind: sandbox.FaultRefuse, Times: 2}, 3, 1, engine.RunSucceeded, 0, 3 * time.Second},
		{"throttling without end", sandbox.Fault{Kind: sandbox.FaultThrottle, Times: 99}, 5, 0, engine.RunFailed, 130429, 15 * time.Second},
		{"refused for good", sandbox.Fault{Kind: sandbox.FaultError, Code: 131030, Times: 9}, 1, 0, engine.RunFailed, 131030, 0},
		{"permanent despite 500", sandbox.Fault{Kind: sandbox.FaultError, Code: 131045, Status: 500, Times: 9}, 1, 0, engine.RunStopped, 131045, 0},
		{"bad token", sandbox.Fault{Kind: sandbox.FaultError, Code: 190, Status: 401, Times: 9}, 1, 0, engine.RunStopped, 190, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := build(t, sandbox.Options{})
				h.fault(c.fault)
				began := time.Now()
				s := h.do(hello, engine.ModeRun)
				if got := len(h.posts()); got != c.requests {
					t.Errorf("%d requests, want %d", got, c.requests)
				}
				if got := h.accepted("+34612345678"); got != c.accepted {
					t.Errorf("%d accepted, want %d", got, c.accepted)
				}
				if s.Run.Status != c.status {
					t.Errorf("run is %s (%s), want %s", s.Run.Status, s.Run.Reason, c.status)
				}
				if passed := time.Since(began); passed < c.least {
					t.Errorf("took %s, want at least %s", passed, c.least)
				}
				if c.code != 0 && (len(s.Errors) != 1 || s.Errors[0].Code != c.code) {
					t.Errorf("errors %v, want one with code %d", s.Errors, c.code)
				}
			})
		})
	}
}

// slowLedger lets an intent take as long as a stopped process does.
type slowLedger struct {
	engine.Ledger
	sleep time.Duration
}

func (l *slowLedger) Intend(ctx context.Context, i delivery.Intent) (delivery.Ticket, error) {
	ticket, err := l.Ledger.Intend(ctx, i)
	time.Sleep(l.sleep)
	l.sleep = 0
	return ticket, err
}

func TestDeadlineStopsALateSend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		h.ledger = &slowLedger{Ledger: h.ledger, sleep: time.Minute}
		s := h.do(hello, engine.ModeRun)
		wantCounts(t, s, engine.Counts{Total: 1, Succeeded: 1}, engine.RunSucceeded)
		attempts, err := h.ledger.Attempts(context.Background(), 1)
		if err != nil {
			t.Fatal(err)
		}
		if len(attempts) != 2 || attempts[0].Result != delivery.ResultNotSent || attempts[1].Result != delivery.ResultAccepted {
			t.Errorf("attempts %+v: the first was late and must not have left", attempts)
		}
		if told := h.waiting("slow-ledger"); len(told) != 1 || !strings.Contains(told[0], "nothing left") {
			t.Errorf("told %q of a ledger that took a minute", told)
		}
	})
}

// slowIntents lets each intent take a while, and notes how many are written whose requests did not come back.
type slowIntents struct {
	engine.Ledger
	mu         sync.Mutex
	open, most int
}

func (l *slowIntents) Intend(ctx context.Context, i delivery.Intent) (delivery.Ticket, error) {
	ticket, err := l.Ledger.Intend(ctx, i)
	l.note(1)
	time.Sleep(50 * time.Millisecond)
	return ticket, err
}

func (l *slowIntents) Settle(ctx context.Context, a delivery.Attempt) (delivery.Delivery, error) {
	l.note(-1)
	return l.Ledger.Settle(ctx, a)
}

func (l *slowIntents) SettleSoon(a delivery.Attempt, then func(error)) {
	l.note(-1)
	l.Ledger.SettleSoon(a, then)
}

func (l *slowIntents) note(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open += n
	l.most = max(l.most, l.open)
}

// TestFewIntentsWaitWhileThrottled has a job ask for more than its number bears. Messages that the number throttles are no reason for others to
// wait with an intent that is written: all of these were in doubt if the process died.
func TestFewIntentsWaitWhileThrottled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{Throughput: 80})
		l := &slowIntents{Ledger: h.ledger}
		h.ledger = l
		s := h.do("defaults: { retry: { attempts: 20 } }\n"+table(h, 800, ""), engine.ModeRun)
		wantCounts(t, s, engine.Counts{Total: 800, Succeeded: 800}, engine.RunSucceeded)
		if l.most > 80 { // 50 are written at any time, at 1,000 a second
			t.Errorf("up to %d intents waited", l.most)
		}
	})
}

func TestAdvisedWaitsKeepToMaxDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		h.fault(sandbox.Fault{Kind: sandbox.FaultError, Code: 134101, Times: 2})
		began := time.Now()
		s := h.do("defaults: { retry: { attempts: 3, delay: 200ms, maxDelay: 2s } }\n"+hello, engine.ModeRun)
		wantCounts(t, s, engine.Counts{Total: 1, Succeeded: 1}, engine.RunSucceeded)
		if passed := time.Since(began); passed > 5*time.Second {
			t.Errorf("took %s, the file lets two waits of 2 s", passed)
		}
	})
}
