// Package group gathers changes of many callers into groups, so that what is durable costs one fsync a group and not one a change.
// It knows neither what a change is nor how a group is written.
//
// Start reading at queue.go; wait.go says when it pays to wait for more.
package group

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"waybill/engine"
)

// Submission is a change on its way. They are used again and again, save those that were withdrawn.
type Submission[C any] struct {
	Change C
	Err    error // its answer

	taken atomic.Bool   // by the writer, or by the caller that gave up
	done  chan struct{} // one value when Err is there
	then  func(error)   // called instead, where nobody waits
}

// Writer writes groups. Its methods are called by one goroutine.
type Writer[C any] interface {
	// Write writes a group, and gives each submission its answer. So many of them are urgent.
	Write(batch []*Submission[C], urgent int)
	// Close is called when no group follows.
	Close() error
	// Groups is what watches how changes arrive.
	Groups() *Wait
}

// Queue hands the changes of many callers to one goroutine, in groups. Use Start.
type Queue[C any] struct {
	writer Writer[C]
	urgent func(C) bool
	now    func() time.Time

	mu      sync.Mutex
	waiting []*Submission[C]
	hurried int  // how many of them are urgent
	handed  int  // how many of them nobody waits for
	want    int  // how many that are waited for must wait before wake is given; 1 unless the writer waits for a batch
	quiet   bool // the writer waits for an urgent one, or for one that is waited for
	stopped bool
	wake    chan struct{}
	spare   sync.Pool // of *Submission
	ended   sync.WaitGroup
	closed  error
}

// Start starts the goroutine. urgent says of a change that it is to be written at once: an intent, whose request waits for it. Stop
// waits for the goroutine.
func Start[C any](w Writer[C], urgent func(C) bool, now func() time.Time) *Queue[C] {
	q := &Queue[C]{
		writer: w, urgent: urgent, now: now, want: 1, wake: make(chan struct{}, 1),
		spare: sync.Pool{New: func() any { return &Submission[C]{done: make(chan struct{}, 1)} }},
	}
	q.ended.Go(q.run)
	return q
}

// Stop ends the goroutine after what waits is written, and returns what the writer's Close does.
func (q *Queue[C]) Stop() error {
	q.mu.Lock()
	q.stopped = true
	q.signal()
	q.mu.Unlock()
	q.ended.Wait()
	return q.closed
}

// Paced notes until when a pace holds messages up, and not the ledger: meanwhile groups wait longer, to be larger.
func (q *Queue[C]) Paced(until time.Time) { q.writer.Groups().Paced(until) }

// Stopped says whether it takes no more.
func (q *Queue[C]) Stopped() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.stopped
}

// signal wakes the goroutine. mu is held.
func (q *Queue[C]) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// Do hands over a change and waits until its group is written. When ctx ends before the writer took it, it is withdrawn; after that
// its end is near and is waited for: a request that may be allowed already is not given up. engine.ErrClosed: it was stopped.
func (q *Queue[C]) Do(ctx context.Context, c C) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r, err := q.put(c, nil)
	if err != nil {
		return err
	}
	select {
	case <-r.done:
	case <-ctx.Done():
		if r.taken.CompareAndSwap(false, true) {
			return ctx.Err()
		}
		<-r.done
	}
	err = r.Err
	q.reuse(r)
	return err
}

// Hand hands over a change and does not wait. It is written soon, in its place among the others; then is called with its answer, once, by
// the queue's goroutine: it must not block. engine.ErrClosed: the queue was stopped, and then is not called.
func (q *Queue[C]) Hand(c C, then func(error)) error {
	_, err := q.put(c, then)
	return err
}

// put puts a change behind the others. then is nil where the caller waits.
func (q *Queue[C]) put(c C, then func(error)) (*Submission[C], error) {
	r := q.spare.Get().(*Submission[C]) //nolint:forcetypeassert // New makes no other
	r.Change, r.then = c, then
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.stopped {
		return nil, engine.ErrClosed
	}
	q.waiting = append(q.waiting, r)
	hurries := q.urgent(c)
	if hurries {
		q.hurried++
	}
	if then != nil {
		q.handed++
	}
	if q.awaited() >= q.want || len(q.waiting) >= mostHanded || q.want == 1 || q.quiet && (hurries || then == nil) {
		q.signal()
	}
	return r, nil
}

// awaited is how many changes wait that somebody waits for. mu is held.
func (q *Queue[C]) awaited() int { return len(q.waiting) - q.handed }

func (q *Queue[C]) reuse(r *Submission[C]) {
	var none C
	r.Change, r.Err, r.then = none, nil, nil
	r.taken.Store(false)
	q.spare.Put(r)
}

func (q *Queue[C]) run() {
	var batch []*Submission[C]
	for range q.wake {
		for {
			q.waitForBatch()
			var awaited, urgent int
			var last bool
			batch, awaited, urgent, last = q.take(batch[:0])
			if len(batch) > 0 {
				began := q.now()
				q.writer.Groups().Arrived(began, awaited, urgent)
				q.writer.Write(batch, urgent)
				q.writer.Groups().Wrote(q.now().Sub(began))
				q.release(batch)
				continue
			}
			if last {
				q.closed = q.writer.Close()
				return
			}
			break
		}
	}
}

// take returns the changes that wait, less those withdrawn, how many of them are waited for and how many are urgent, and whether no more
// will come.
func (q *Queue[C]) take(into []*Submission[C]) (batch []*Submission[C], awaited, urgent int, last bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	awaited = q.awaited()
	urgent, q.hurried, q.handed = q.hurried, 0, 0
	for i, r := range q.waiting {
		if r.taken.CompareAndSwap(false, true) {
			into = append(into, r)
		}
		q.waiting[i] = nil
	}
	q.waiting = q.waiting[:0]
	return into, awaited, urgent, q.stopped
}

// release lets the callers of a group go, and then the processor, so that those who come back at once are in the
// next group together instead of one by one.
func (q *Queue[C]) release(batch []*Submission[C]) {
	for i, r := range batch {
		if r.then != nil {
			r.then(r.Err)
			q.reuse(r)
		} else {
			r.done <- struct{}{}
		}
		batch[i] = nil
	}
	runtime.Gosched()
}

// waitForBatch waits a little for others when the way in which changes come promises some: outcomes for the next intent, also where
// nothing promises one while nobody waits for them, and the first of a group for others.
func (q *Queue[C]) waitForBatch() {
	q.mu.Lock()
	defer q.mu.Unlock()
	groups := q.writer.Groups()
	switch n := len(q.waiting); {
	case q.hurried > 0 || q.stopped:
	case n > 0 && n == q.handed:
		q.quiet = true
		q.pause(outcomeWait, Worthwhile)
		q.quiet = false
	default:
		if wait := groups.forIntent(q.now(), n); wait > 0 {
			q.quiet = true
			q.pause(wait, Worthwhile)
			q.quiet = false
			groups.intent.fulfilled(q.hurried > 0)
		}
	}
	n := q.awaited()
	wait, want := groups.forOthers(q.now(), n)
	if wait > 0 && n < want && !q.stopped {
		q.pause(wait, want)
		groups.waited(q.now(), n, q.awaited(), want)
	}
}

// pause waits until so many changes wait, or what else Do wakes it for. mu is held, and released meanwhile.
func (q *Queue[C]) pause(wait time.Duration, want int) {
	select { // a wake-up for those that are here already tells nothing new
	case <-q.wake:
	default:
	}
	q.want = want
	q.mu.Unlock()
	t := time.NewTimer(wait)
	select {
	case <-q.wake:
	case <-t.C:
	}
	t.Stop()
	q.mu.Lock()
	q.want = 1
	if q.stopped {
		q.signal()
	}
}
