package doctor

import (
	"fmt"
	"net/http"
	"sync"
	"time"
)

// clockReader compares the clock of the servers that answer with this machine's.
type clockReader struct {
	inner http.RoundTripper
	now   func() time.Time

	mu    sync.Mutex
	told  bool
	ahead time.Duration // this machine, of the answers; within the time that the request took
}

// RoundTrip passes the request on and reads the Date of its answer.
func (c *clockReader) RoundTrip(r *http.Request) (*http.Response, error) {
	before := c.now()
	answer, err := c.inner.RoundTrip(r)
	if err != nil {
		return answer, err
	}
	after := c.now()
	if at, err := http.ParseTime(answer.Header.Get("Date")); err == nil {
		const halfSecond = 500 * time.Millisecond // the header is cut to seconds
		c.mu.Lock()
		c.told, c.ahead = true, before.Add(after.Sub(before)/2).Sub(at.Add(halfSecond))
		c.mu.Unlock()
	}
	return answer, nil
}

// checkClock compares the clocks. A wrong one runs schedules at the wrong time, and `since` reads the wrong messages.
func checkClock(a *sendingAccount, add addCheck) {
	const slight, much = 30 * time.Second, 5 * time.Minute
	if !a.clock.told {
		add("clock", Skipped, "no answer told the time", "")
		return
	}
	off := a.clock.ahead.Round(time.Second)
	text := fmt.Sprintf("this machine's is %s ahead of WhatsApp's", off)
	if off < 0 {
		text = fmt.Sprintf("this machine's is %s behind WhatsApp's", -off)
	}
	switch {
	case off.Abs() > much:
		add("clock", Failed, text, "set it, and let NTP keep it: schedules run by it")
	case off.Abs() > slight:
		add("clock", Warning, text, "let NTP keep it: schedules run by it")
	default:
		add("clock", OK, "right to within "+max(off.Abs(), time.Second).String(), "")
	}
}
