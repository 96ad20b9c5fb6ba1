package tally

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"
)

// What engine/reliability tells the tests that it runs.
const (
	EnvDir      = "WAYBILL_PROOFS"         // the folder of the files; empty: a check, in which nothing is kept
	EnvAmount   = "WAYBILL_PROOF_AMOUNT"   // how much a proof does in all, in its own unit
	EnvUntil    = "WAYBILL_PROOF_UNTIL"    // no world begins after that time (RFC 3339); empty: no limit
	EnvParallel = "WAYBILL_PROOF_PARALLEL" // worlds side by side, of a proof that allows it; empty: one
	EnvSeed     = "WAYBILL_SEED"           // has the same worlds again
	EnvWorld    = "WAYBILL_WORLD"          // this world alone; with EnvSeed, and with EnvDir where it was set, to see a fault again
)

// Worlds plays worlds of a proof until they came to amount, or to what EnvAmount says, or until one of them fails. world
// returns what its world came to, also when it failed. One that does nothing three times in a row fails the test: a proof that
// proves nothing would never end.
func Worlds(t *testing.T, proof string, amount int, world func(t *testing.T, r *rand.Rand) Count) {
	t.Helper()
	Numbered(t, proof, amount, func(t *testing.T, _ int, r *rand.Rand) Count {
		t.Helper()
		return world(t, r)
	})
}

// Numbered is Worlds of worlds that are told their number, from 1, and may be played side by side: EnvParallel says how many.
func Numbered(t *testing.T, proof string, amount int, world func(t *testing.T, number int, r *rand.Rand) Count) {
	t.Helper()
	p := begin(t, proof, amount)
	var players sync.WaitGroup
	for range p.parallel {
		players.Go(func() {
			for w, more := p.claim(t); more; w, more = p.claim(t) {
				t.Run(fmt.Sprintf("world %d", w.Number), func(t *testing.T) {
					defer func() { w.Failed = t.Failed() || w.Twice+w.Lost > 0 }()
					w.Count = world(t, w.Number, rand.New(rand.NewPCG(w.Seed, uint64(w.Number))))
				})
				p.ended(t, w)
			}
		})
	}
	players.Wait()
	if p.idle == mostIdle {
		t.Fatalf("three worlds of %s in a row did nothing", proof)
	}
	t.Logf("%s: %d done with %d people, %d sent twice, %d lost, %d ended in doubt, longest pause %d ms",
		proof, p.sum.Done, p.sum.People, p.sum.Twice, p.sum.Lost, p.sum.InDoubt, p.sum.PauseMS)
}

// AtLength says whether a proof is played for the table, and not in a check: then a world may be as large as it can be.
func AtLength() bool { return os.Getenv(EnvDir) != "" }

// mostIdle is how many worlds in a row may do nothing.
const mostIdle = 3

// play is a proof under way.
type play struct {
	proof    string
	dir      string // empty: nothing is kept
	amount   int
	until    time.Time
	seed     uint64
	only     bool // one world alone
	parallel int

	mu       sync.Mutex
	next     int // number of the next world
	underWay int
	idle     int // worlds in a row that did nothing
	sum      Count
}

func begin(t *testing.T, proof string, amount int) *play {
	t.Helper()
	p := &play{proof: proof, dir: os.Getenv(EnvDir), amount: amount, seed: 1 + rand.Uint64N(1<<30), next: 1}
	p.parallel = int(setting(t, EnvParallel, 1))
	p.seed = setting(t, EnvSeed, p.seed)
	if world := setting(t, EnvWorld, 0); world > 0 {
		p.next, p.only, p.dir = int(world), true, ""
	}
	if p.dir != "" {
		p.goOn(t)
	}
	t.Logf("%s=%d has the same worlds of %s again, %s=N one of them", EnvSeed, p.seed, proof, EnvWorld)
	return p
}

// goOn takes up what an earlier process did.
func (p *play) goOn(t *testing.T) {
	t.Helper()
	p.amount = int(setting(t, EnvAmount, uint64(p.amount)))
	if text := os.Getenv(EnvUntil); text != "" {
		until, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatalf("%s: %v", EnvUntil, err)
		}
		p.until = until
	}
	before, err := Read(p.dir, p.proof)
	if err != nil {
		t.Fatal(err)
	}
	p.sum, _ = Total(before)
	for _, w := range before { // those that were side by side did not end in their order
		p.next, p.seed = max(p.next, w.Number+1), w.Seed
	}
}

func setting(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil || n == 0 {
		t.Fatalf("%s=%s: a count is wanted", name, text)
	}
	return n
}

// claim takes the next world, if one more is to be played. What is under way counts as one done each.
func (p *play) claim(t *testing.T) (w World, more bool) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case t.Failed() || t.Skipped() || p.idle == mostIdle:
		return World{}, false
	case !p.until.IsZero() && time.Now().After(p.until):
		return World{}, false
	case p.sum.Done+p.underWay >= p.amount:
		return World{}, false
	}
	w = World{Number: p.next, Seed: p.seed}
	p.next++
	p.underWay++
	if p.only {
		p.amount = 0
	}
	return w, true
}

func (p *play) ended(t *testing.T, w World) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.underWay--
	p.sum = p.sum.Plus(w.Count)
	if p.idle++; w.Done > 0 {
		p.idle = 0
	}
	if w.Failed {
		again := fmt.Sprintf("%s=%d %s=%d", EnvSeed, w.Seed, EnvWorld, w.Number)
		if AtLength() {
			again += " " + EnvDir + "=."
		}
		t.Errorf("%s go test -run '%s' shows it again", again, t.Name())
	}
	if p.dir == "" {
		return
	}
	if err := Append(p.dir, p.proof, w); err != nil {
		t.Error(err)
	}
}
