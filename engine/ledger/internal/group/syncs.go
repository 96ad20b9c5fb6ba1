package group

import "slices"

// syncs makes groups durable that were written, in their order, and lets their callers go.
type syncs[C any] struct {
	queue   *Queue[C]
	syncer  Syncer
	written chan []*Submission[C]
	ended   chan struct{}
}

// writtenAhead is how many groups may wait for the disk beside the one that is on its way: more would only be larger groups.
const writtenAhead = 1

func startSyncs[C any](q *Queue[C], s Syncer) *syncs[C] {
	y := &syncs[C]{queue: q, syncer: s, written: make(chan []*Submission[C], writtenAhead), ended: make(chan struct{})}
	go y.run()
	return y
}

// hand hands a group over. The slice is the caller's again afterwards.
func (y *syncs[C]) hand(batch []*Submission[C]) {
	y.written <- slices.Clone(batch)
}

// stop waits until all are durable.
func (y *syncs[C]) stop() {
	close(y.written)
	<-y.ended
}

func (y *syncs[C]) run() {
	defer close(y.ended)
	for batch := range y.written {
		batch = y.others(batch)
		if err := y.syncer.Sync(); err != nil {
			for _, r := range batch {
				r.Err = err
			}
		}
		y.queue.release(batch)
	}
}

// others adds the groups that were written meanwhile.
func (y *syncs[C]) others(batch []*Submission[C]) []*Submission[C] {
	for {
		select {
		case more, open := <-y.written:
			if !open {
				return batch
			}
			batch = append(batch, more...)
		default:
			return batch
		}
	}
}
