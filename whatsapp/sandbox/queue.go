package sandbox

import (
	"container/heap"
	"time"
)

// update is one item of a webhook that is to be delivered: a status of a message, something a person wrote, or a change of
// another field.
type update struct {
	due     time.Time
	n       uint64 // keeps the order of equals
	record  *record
	stage   int
	inbound *inbound
	change  *noticeChange
	stops   *record // whose person stops marketing messages then
}

// queue orders updates by their due time. The caller holds the server's lock.
type queue struct {
	list  []*update
	n     uint64
	epoch int // counts Resets, so that a webhook under way is not put back
}

func (q *queue) Len() int { return len(q.list) }
func (q *queue) Less(a, b int) bool {
	if q.list[a].due.Equal(q.list[b].due) {
		return q.list[a].n < q.list[b].n
	}
	return q.list[a].due.Before(q.list[b].due)
}
func (q *queue) Swap(a, b int) { q.list[a], q.list[b] = q.list[b], q.list[a] }

// Push is heap.Interface's.
func (q *queue) Push(x any) { q.list = append(q.list, x.(*update)) }

// Pop is heap.Interface's.
func (q *queue) Pop() any {
	last := q.list[len(q.list)-1]
	q.list[len(q.list)-1] = nil
	q.list = q.list[:len(q.list)-1]
	return last
}

func (q *queue) put(u *update) {
	q.n++
	u.n = q.n
	heap.Push(q, u)
}

func (q *queue) drop() { q.list, q.epoch = nil, q.epoch+1 }

// due removes and returns up to limit updates that are due. Without any, next is the time until the first (0: none waits).
func (q *queue) due(now time.Time, limit int) (ready []*update, next time.Duration) {
	for len(q.list) > 0 && len(ready) < limit {
		if wait := q.list[0].due.Sub(now); wait > 0 {
			return ready, wait
		}
		ready = append(ready, heap.Pop(q).(*update))
	}
	return ready, 0
}

// schedule puts a message's statuses into the queue, changed by faults. The caller holds the lock.
func (s *Server) schedule(r *record, e effects) {
	if !s.delivers() {
		return
	}
	times := make([]time.Time, len(r.stages))
	for i := range r.stages {
		times[i] = r.stages[i].due
	}
	if e.disorder {
		for a, b := 0, len(times)-1; a < b; a, b = a+1, b-1 {
			times[a], times[b] = times[b], times[a]
		}
	}
	for i := range r.stages {
		if e.dropped || (e.early && i == 0) {
			continue
		}
		s.queue.put(&update{due: times[i], record: r, stage: i})
		if e.twice {
			s.queue.put(&update{due: times[i].Add(time.Millisecond), record: r, stage: i})
		}
	}
	s.answerBack(r)
	s.wakeRun()
}

// wakeRun makes Run look at the queue again.
func (s *Server) wakeRun() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}
