package runner

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"sync"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
)

const (
	probeEvery     = 5 * time.Second // how often one message is tried while nothing connects
	tellOfflineAll = time.Minute     // how often it is said again
)

// line is the connection to the API as the run has found it.
type line struct {
	mu    sync.Mutex
	since time.Time  // nothing connected from here on; zero: it connects
	next  time.Time  // when one message is tried again
	probe *candidate // that is tried now; nil: none
	told  time.Time
}

// connection pauses the messages of a forEach while nothing connects, but for one that is tried now and then. It is over after the
// job's offlineFor. A step outside a forEach follows its own retry.
func connection(_ context.Context, x *execution, c *candidate) decision {
	if x.looking || x.forEachOf[c.step] == nil {
		return decision{}
	}
	l := &x.line
	l.mu.Lock()
	defer l.mu.Unlock()
	now := x.engine.Now()
	switch {
	case l.since.IsZero(), l.probe == c:
		return decision{}
	case now.Sub(l.since) >= x.offlineFor():
		x.stop(&stopError{reason: fmt.Sprintf("nothing connected to %s for %s", hostOf(c), x.offlineFor())})
		return decision{admission: admitStop, reason: "offline"}
	case now.Before(l.next):
		return decision{admission: admitWait, reason: "offline", wait: l.next.Sub(now)}
	case l.probe != nil:
		return decision{admission: admitWait, reason: "offline", wait: probeEvery}
	}
	l.probe = c
	return decision{}
}

// down says whether nothing connects.
func (l *line) down() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.since.IsZero()
}

// online notes that something answered.
func (l *line) online() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.since, l.probe = time.Time{}, nil
}

// unreachable notes that a request did not connect, and tells it now and then.
func (x *execution) unreachable(c *candidate, v *engine.Verdict) {
	l := &x.line
	l.mu.Lock()
	defer l.mu.Unlock()
	now := x.engine.Now()
	if l.since.IsZero() {
		l.since = now
	}
	l.next, l.probe = now.Add(probeEvery), nil
	if now.Sub(l.told) < tellOfflineAll {
		return
	}
	l.told = now
	x.tell(engine.Event{
		Kind: engine.Waiting, Step: c.step, Reason: "offline", Wait: x.offlineFor() - now.Sub(l.since),
		Message: fmt.Sprintf("nothing connects to %s since %s: %s; sending pauses and tries again, until %s", hostOf(c),
			l.since.Format(time.TimeOnly), x.redact(v.Err.Error()), l.since.Add(x.offlineFor()).Format(time.TimeOnly)),
	})
}

// pausesFor says whether a try's failure is the line's, for which the messages of a forEach pause instead of failing.
func (x *execution) pausesFor(c *candidate, v *engine.Verdict) bool {
	return x.forEachOf[c.step] != nil && v.Result == delivery.ResultNotSent && v.Cause == delivery.CauseConnection
}

// hostOf is the address that a candidate's request goes to, without its path.
func hostOf(c *candidate) string {
	if c.call == nil {
		return "WhatsApp"
	}
	u, err := url.Parse(c.call.Connection.BaseURL)
	if err != nil || u.Host == "" {
		return "WhatsApp"
	}
	return u.Host
}

// offlineFor is how long the run waits for a connection.
func (x *execution) offlineFor() time.Duration {
	return cmp.Or(x.req.Job.OfflineFor, engine.DefaultOfflineFor)
}
