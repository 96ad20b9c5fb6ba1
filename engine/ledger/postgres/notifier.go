package postgres

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/engine"
)

const (
	// pollEvery is how often the database is asked whether anything was committed, while a caller waits. A NOTIFY would have all
	// commits of the server take turns.
	pollEvery = 200 * time.Millisecond
	// lookAnyway is when Change returns without a reason, as a condition variable may: a change between a caller's
	// last look and its call of Change is so missed for a second at most.
	lookAnyway = time.Second
)

// notifier tells waiters that something was committed: at once by this process, by a poll when by another.
type notifier struct {
	l       *Ledger
	mu      sync.Mutex
	changed chan struct{}   // closed at the next change
	awaited waiters[int32]  // who waits for a status of a message, by the hash of its id
	watched waiters[string] // who waits for news of a run, by its id
	waiting int
	polling bool
	closed  bool
	stop    chan struct{}
	pollers sync.WaitGroup
}

func newNotifier(l *Ledger) *notifier {
	return &notifier{l: l, changed: make(chan struct{}), awaited: waiters[int32]{}, watched: waiters[string]{}, stop: make(chan struct{})}
}

// waiters are who waits for something, by what it is.
type waiters[K comparable] map[K]map[chan struct{}]struct{}

func (w waiters[K]) add(k K, woken chan struct{}) {
	if w[k] == nil {
		w[k] = map[chan struct{}]struct{}{}
	}
	w[k][woken] = struct{}{}
}

func (w waiters[K]) remove(k K, woken chan struct{}) {
	delete(w[k], woken)
	if len(w[k]) == 0 {
		delete(w, k)
	}
}

func (w waiters[K]) wake(k K) {
	for woken := range w[k] {
		select {
		case woken <- struct{}{}:
		default: // woken already
		}
	}
}

// announce wakes all that wait.
func (n *notifier) announce() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.waiting == 0 {
		return
	}
	close(n.changed)
	n.changed = make(chan struct{})
}

// tell wakes those that watch runs of which there are news.
func (n *notifier) tell(runs []string) {
	if len(runs) == 0 {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, run := range runs {
		if run == everyRun {
			for watched := range n.watched {
				n.watched.wake(watched)
			}
			continue
		}
		n.watched.wake(run)
	}
}

// close ends the poll and all waiting.
func (n *notifier) close() {
	n.mu.Lock()
	if !n.closed {
		n.closed = true
		close(n.stop)
	}
	n.mu.Unlock()
	n.pollers.Wait()
}

// Change blocks until something was committed to the ledger since the call, by any process, or ctx ends. It also
// returns now and then for no reason: look again, and call it again.
func (l *Ledger) Change(ctx context.Context) error {
	n := l.notifier
	var changed chan struct{}
	if err := n.watch(func() { changed = n.changed }); err != nil {
		return err
	}
	defer n.leave(func() {})
	return n.wait(ctx, changed)
}

// Await blocks until the ledger has more than known statuses of a message, recorded by any process, or ctx ends.
func (l *Ledger) Await(ctx context.Context, messageID string, known int) error {
	for {
		enough, err := l.awaitOnce(ctx, messageID, known)
		if enough || err != nil {
			return err
		}
	}
}

// awaitOnce looks, waits until it is time to look again, and says whether there were enough statuses.
func (l *Ledger) awaitOnce(ctx context.Context, messageID string, known int) (enough bool, err error) {
	n := l.notifier
	hash := *hashMessage(messageID + " ")
	if h := hashMessage(messageID); h != nil {
		hash = *h
	}
	woken := make(chan struct{}, 1)
	if err := n.watch(func() { n.awaited.add(hash, woken) }); err != nil {
		return false, err
	}
	defer n.leave(func() { n.awaited.remove(hash, woken) })
	// Looked at after it was asked to be woken: what comes between the two is not missed.
	statuses, err := l.Statuses(ctx, messageID)
	if err != nil || len(statuses) > known {
		return true, err
	}
	return false, n.wait(ctx, woken)
}

// wait blocks until a caller was woken, or it is time that it looks again.
func (n *notifier) wait(ctx context.Context, woken <-chan struct{}) error {
	t := time.NewTimer(lookAnyway)
	defer t.Stop()
	select {
	case <-woken:
	case <-t.C:
	case <-n.stop:
		return engine.ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// watch makes the caller one of those that wait, and sees to it that there is a poll. enter is called under the lock.
func (n *notifier) watch(enter func()) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return engine.ErrClosed
	}
	if !n.polling {
		n.polling = true
		n.pollers.Go(n.poll)
	}
	n.waiting++
	enter()
	return nil
}

// leave ends what watch began. out is called under the lock.
func (n *notifier) leave(out func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.waiting--
	out()
}

// poll looks until no caller waits any more. The text of the current snapshot changes with each commit of the cluster, and costs
// nearly nothing to ask for, through a pooler too.
func (n *notifier) poll() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	stop := context.AfterFunc(ctx, func() {})
	defer stop()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	seen, counted := "", map[int32]int64{}
	for {
		select {
		case <-n.stop:
		case <-tick.C:
			if n.wakeWatchers() {
				break
			}
			// While the database is away there is nothing to tell: those that wait look by themselves, and see.
			if now, err := n.snapshot(ctx); err == nil && now != seen {
				if err := n.look(ctx, counted); err == nil {
					seen = now
				}
				n.announce()
			}
		}
		n.mu.Lock()
		if n.closed || n.waiting == 0 {
			n.polling = false // under the lock: the next that waits starts another
			n.mu.Unlock()
			return
		}
		n.mu.Unlock()
	}
}

// wakeWatchers wakes those that watch runs: whether anything was committed, their own question tells. It says whether nobody else waits.
func (n *notifier) wakeWatchers() (alone bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	watching := 0
	for run, woken := range n.watched {
		n.watched.wake(run)
		watching += len(woken)
	}
	return watching == n.waiting
}

func (n *notifier) snapshot(ctx context.Context) (string, error) {
	var now string
	err := n.l.query(ctx, `SELECT pg_current_snapshot()::text`, func(rows pgx.Rows) error { return rows.Scan(&now) })
	return now, err
}

// look wakes those that wait for statuses, of which there are other than were counted last.
func (n *notifier) look(ctx context.Context, counted map[int32]int64) error {
	n.mu.Lock()
	hashes := make([]int32, 0, len(n.awaited))
	for h := range n.awaited {
		hashes = append(hashes, h)
	}
	n.mu.Unlock()
	for h := range counted {
		if !slices.Contains(hashes, h) {
			delete(counted, h)
		}
	}
	if len(hashes) == 0 {
		return nil
	}
	return n.l.query(ctx, `SELECT h, (SELECT count(*) FROM waybill.status s WHERE s.message_hash = h) FROM unnest($1::int4[]) AS h`,
		func(rows pgx.Rows) error {
			var h, found num
			if err := rows.Scan(&h, &found); err != nil {
				return err
			}
			hash := int32(h) //nolint:gosec // it is one
			before, known := counted[hash]
			counted[hash] = int64(found)
			if known && before == int64(found) {
				return nil
			}
			n.mu.Lock()
			defer n.mu.Unlock()
			n.awaited.wake(hash)
			return nil
		}, hashes)
}
