package runner

import (
	"context"
	"hash/fnv"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"waybill/engine"
	"waybill/engine/phone"
	"waybill/engine/spill"
)

// writers says which of a job's business numbers writes to a person. The zero value knows nobody.
type writers struct {
	aliases aliases
	numbers []string

	others atomic.Bool // other runs are under way: who writes to a person first is decided in the step of the intent

	mu    sync.Mutex
	first spill.Table // the place in numbers of that which wrote to a person first, by a hash of the person
}

// loadWriters reads which numbers wrote to whom, by all jobs of the ledger, where a step names several.
func (x *execution) loadWriters(ctx context.Context) error {
	w := &x.writers
	for _, list := range x.connections {
		for _, c := range list {
			if len(list) > 1 && !slices.Contains(w.numbers, c.PhoneNumberID) {
				w.numbers = append(w.numbers, c.PhoneNumberID)
			}
		}
	}
	if len(w.numbers) == 0 || x.engine.Ledger == nil || !x.sends {
		return nil
	}
	if err := w.aliases.load(ctx, x.engine.Ledger); err != nil {
		return err
	}
	for d, err := range x.engine.Ledger.Reached(ctx, engine.ReachFilter{NumberIDs: w.numbers}) {
		if err != nil {
			return err
		}
		id, err := w.aliases.since(ctx, x.engine.Ledger, d)
		if err != nil {
			return err
		}
		person, err := w.person(ctx, x.engine.Ledger, id)
		if err != nil {
			return err
		}
		w.first.Meet(whoIs(person), slices.Index(w.numbers, d.NumberID))
	}
	return w.first.Err()
}

// wroteFirst is the number that wrote to a person first; empty: none of the job's did.
func (w *writers) wroteFirst(person string) (id string, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	at, met := w.first.Row(whoIs(person))
	if !met {
		return "", w.first.Err()
	}
	return w.numbers[at], nil
}

// wrote notes which number wrote to a person first.
func (w *writers) wrote(person, number string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.first.Meet(whoIs(person), slices.Index(w.numbers, number))
	return w.first.Err()
}

// person is the one id by which a person is told, in one spelling of a number.
func (w *writers) person(ctx context.Context, ledger engine.Ledger, id string) (string, error) {
	id, err := w.aliases.person(ctx, ledger, id)
	if other := phone.OtherSpelling(id); other != "" {
		id = min(id, other)
	}
	return id, err
}

// chooseNumber gives a message that was made to one of its connection's numbers: that which its delivery was intended with before, else
// that which wrote to the person first, else the one that falls to the person. Where that is of another account, the message is made
// once more, by what that account has.
func (x *execution) chooseNumber(ctx context.Context, c *candidate, call *engine.Call) error {
	chosen, err := x.numberFor(ctx, c, call)
	if err != nil {
		return err
	}
	again := call.Numbers[chosen].WABAID != call.Connection.WABAID
	if call.Connection = call.Numbers[chosen]; again {
		call.Message, err = x.message(c.step, c.op, call)
	}
	return err
}

func (x *execution) numberFor(ctx context.Context, c *candidate, call *engine.Call) (int, error) {
	to := call.Message.Recipient
	c.unwritten = false
	named := func(id string) int {
		return slices.IndexFunc(call.Numbers, func(n engine.Connection) bool { return n.PhoneNumberID == id })
	}
	if at := named(c.was.NumberID); c.known && at >= 0 && (c.was.Recipient == x.redact(to) || c.was.Recipient == x.known(to)) {
		return at, nil
	}
	person, err := x.writers.person(ctx, x.engine.Ledger, x.known(to))
	if err != nil {
		return 0, err
	}
	first, err := x.writers.wroteFirst(person)
	if err != nil {
		return 0, err
	}
	if at := named(first); first != "" && at >= 0 {
		return at, nil
	}
	c.unwritten = true
	return fallsTo(person, call.Numbers), nil
}

// fallsTo is the number that writes to a person whom none wrote to before. Each number bids by a hash of both and by its throughput, and
// the highest bid has it: people are divided in proportion to the throughputs, the order of the numbers means nothing, and a number
// that is added or taken out moves no more people than it must.
func fallsTo(person string, numbers []engine.Connection) int {
	best, highest := 0, math.Inf(-1)
	for i, n := range numbers {
		share := (float64(whoIs(n.PhoneNumberID+"\x00"+person)>>11) + 0.5) / (1 << 53) // above 0 and below 1
		if bid := -n.Throughput / math.Log(share); bid > highest || bid == highest && n.PhoneNumberID < numbers[best].PhoneNumberID {
			best, highest = i, bid
		}
	}
	return best
}

// whoIs is a hash that is the same in every process, its bits spread evenly.
func whoIs(text string) uint64 {
	f := fnv.New64a()
	_, _ = f.Write([]byte(text)) // it never fails
	h := f.Sum64()
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9 // of splitmix64: FNV alone moves its high bits little
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}
