package watch

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

func (w waiters[K]) wakeAll() {
	for k := range w {
		w.wake(k)
	}
}
