package runner

import "sync"

// workers do pieces of work side by side. One that is done waits for the next piece, so that few are ever started and
// their stacks have grown already. The caller bounds how much work there is at a time.
type workers struct {
	next chan func()
	all  sync.WaitGroup
}

func newWorkers() *workers { return &workers{next: make(chan func())} }

// do hands work to a worker that waits, or to a new one. It does not wait for the work.
func (w *workers) do(work func()) {
	select {
	case w.next <- work:
	default:
		w.all.Go(func() {
			work()
			for work := range w.next {
				work()
			}
		})
	}
}

// finish waits until all work is done. Nothing may be given afterwards.
func (w *workers) finish() {
	close(w.next)
	w.all.Wait()
}
