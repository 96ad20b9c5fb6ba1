package runner

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"sync"

	"waybill/engine"
	"waybill/engine/delivery"
)

// placeOf is where a key stands among all keys of a forEach: as good as drawn by lot, and always the same.
func placeOf(step, key string) uint64 {
	sum := sha256.Sum256([]byte(step + "\x00" + key))
	return binary.BigEndian.Uint64(sum[:8])
}

// census counts the places of keys in so many equal stretches, so that waves can be divided without remembering any key.
const censusBits = 20

type census struct {
	counts []uint32
	total  int
}

func (c *census) add(place uint64) {
	if c.counts == nil {
		c.counts = make([]uint32, 1<<censusBits)
	}
	c.counts[place>>(64-censusBits)]++
	c.total++
}

// divide says up to which place each wave goes. A wave is never greater than what the file says: where a stretch would make it so, it
// ends before.
func (c *census) divide(r *engine.Rollout) (until []uint64, sizes []int) {
	reached, stretch := 0, 0
	for i, wave := range r.Waves {
		want := wave.Count
		if want == 0 {
			want = int(wave.Share * float64(c.total))
		}
		before := reached
		last := i == len(r.Waves)-1
		for stretch < len(c.counts) && (last || reached+int(c.counts[stretch]) <= want) {
			reached += int(c.counts[stretch])
			stretch++
		}
		end := uint64(stretch)<<(64-censusBits) - 1
		if last || stretch == 1<<censusBits {
			end = ^uint64(0)
		}
		until, sizes = append(until, end), append(sizes, reached-before)
	}
	return until, sizes
}

// wave is one wave under way: which keys are in it, and how many messages it has. What became of them is in the ledger.
type wave struct {
	after, until uint64
	first        bool // the rows of earlier waves go with it

	mu       sync.Mutex
	messages int // that were answered, by this run or an earlier one
	held     int
}

// holds says whether an item is in the wave; a row that cannot be read is in the first. Without waves every item is.
func (w *wave) holds(s *engine.Step, e element) bool {
	if w == nil {
		return true
	}
	place := placeOf(s.Path, e.Key)
	if e.err != nil {
		return w.first
	}
	return place <= w.until && (w.first || place > w.after)
}

// follows says whether an item is in a later wave. Behind no wave at all are all items.
func (w *wave) follows(s *engine.Step, e element) bool {
	return w == nil || e.err == nil && placeOf(s.Path, e.Key) > w.until
}

// judges says whether a message of an item is one of the wave's own.
func (w *wave) judges(s *engine.Step, item string) bool {
	place := placeOf(s.Path, item)
	return place <= w.until && (w.after == 0 || place > w.after)
}

// include counts messages that were answered.
func (w *wave) include(messages, held int) {
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.messages, w.held = w.messages+messages, w.held+held
}

// meet counts a message of an item that was answered. One that an earlier run sent, which was killed before it looked, is the wave's too.
func (l *loop) meet(item string, d *delivery.Delivery) {
	if l == nil || l.wave == nil || d.State == delivery.Planned || !l.wave.judges(l.step, d.Key.Item) {
		return
	}
	held := 0
	if d.HeldBack != "" {
		held = 1
	}
	if l.portion != nil {
		l.portion.meet(item, held)
		return
	}
	l.wave.include(1, held)
}

// reached says why the rollout ends with this wave, of whose messages some failed with these codes; empty: it does not.
func (w *wave) reached(s engine.StopIf, failed []int) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, code := range failed {
		if slices.Contains(s.Codes, code) {
			return fmt.Sprintf("a message failed with code %d", code)
		}
	}
	switch {
	case over(s.Failed, len(failed), w.messages):
		return fmt.Sprintf("%d of %d messages failed", len(failed), w.messages)
	case over(s.Held, w.held, w.messages):
		return fmt.Sprintf("WhatsApp holds %d of %d messages back", w.held, w.messages)
	}
	return ""
}

// over says whether a number of a wave's messages is as much as a threshold. A share means nothing below twenty.
func over(t engine.Threshold, n, of int) bool {
	const enough = 20
	if t.Count > 0 {
		return n >= t.Count
	}
	return t.Share > 0 && of >= enough && float64(n) >= t.Share*float64(of)
}

// waveOf is the wave that a rollout has come to.
func waveOf(state *engine.RolloutState, withEarlier bool) *wave {
	now := &wave{until: state.Until[state.Wave], first: state.Wave == 0 || withEarlier}
	if state.Wave > 0 {
		now.after = state.Until[state.Wave-1]
	}
	return now
}
