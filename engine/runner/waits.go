package runner

import (
	"fmt"
	"sync"
	"time"

	"waybill/engine"
	"waybill/engine/wording"
)

// longWait is the wait from which on the user is told of it, and how often at most.
const longWait = 5 * time.Second

// waits counts the messages that wait for long, by the reason.
type waits struct {
	mu     sync.Mutex
	reason map[string]*waiting
}

type waiting struct {
	messages int
	until    time.Time // of the one that waits longest
	told     time.Time
}

// begin notes that a message waits. It returns what there is to tell; the zero value: nothing now.
func (w *waits) begin(reason string, now, until time.Time) (messages int, longest time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.reason == nil {
		w.reason = map[string]*waiting{}
	}
	r := w.reason[reason]
	if r == nil {
		r = &waiting{}
		w.reason[reason] = r
	}
	r.messages++
	if until.After(r.until) {
		r.until = until
	}
	if now.Sub(r.told) < longWait {
		return 0, 0
	}
	r.told = now
	return r.messages, r.until.Sub(now)
}

// end notes that it waits no more.
func (w *waits) end(reason string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reason[reason].messages--
}

// waitFor waits for an admission that is to be asked again. It tells of a wait that is long.
func (d *dispatch) waitFor(answer decision, wait func() error) error {
	if answer.wait <= longWait || d.x.line.down() { // which tells of itself
		return wait()
	}
	now := d.x.engine.Now()
	messages, longest := d.x.waits.begin(answer.reason, now, now.Add(answer.wait))
	defer d.x.waits.end(answer.reason)
	if messages > 0 {
		d.x.tell(engine.Event{
			Kind: engine.Waiting, Step: d.step, Reason: answer.reason, Count: messages, Wait: longest,
			Message: fmt.Sprintf("waiting: %s; %d wait for it, the longest %s", wording.Reason(answer.reason), messages, longest.Round(time.Second)),
		})
	}
	return wait()
}

// tellLate tells that a request missed the time within which it may leave.
func (d *dispatch) tellLate() {
	const reason = "slow-ledger"
	now := d.x.engine.Now()
	messages, _ := d.x.waits.begin(reason, now, now)
	d.x.waits.end(reason)
	if messages > 0 {
		d.x.tell(engine.Event{
			Kind: engine.Waiting, Step: d.step, Reason: reason, Count: messages,
			Message: fmt.Sprintf("%s: nothing left, and each message is tried again", wording.Reason(reason)),
		})
	}
}
