package tally

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"
)

// What engine/reliability tells the tests that it runs.
const (
	EnvDir    = "WAYBILL_PROOFS"       // the folder of the files; empty: a check, in which nothing is kept
	EnvAmount = "WAYBILL_PROOF_AMOUNT" // how much a proof does in all, in its own unit
	EnvUntil  = "WAYBILL_PROOF_UNTIL"  // no world begins after that time (RFC 3339); empty: no limit
	EnvSeed   = "WAYBILL_SEED"         // has the same worlds again
	EnvWorld  = "WAYBILL_WORLD"        // this world alone; with EnvSeed, to see a fault again
)

// Worlds plays worlds of a proof until they came to amount, or to what EnvAmount says, or until one of them fails. world
// returns what its world came to, also when it failed. One that does nothing three times in a row fails the test: a proof that
// proves nothing would never end.
func Worlds(t *testing.T, proof string, amount int, world func(t *testing.T, r *rand.Rand) Count) {
	t.Helper()
	p := begin(t, proof, amount)
	for idle := 0; p.more(t); {
		w := World{Number: p.next, Seed: p.seed}
		t.Run(fmt.Sprintf("world %d", w.Number), func(t *testing.T) {
			defer func() { w.Failed = t.Failed() || w.Twice+w.Lost > 0 }()
			w.Count = world(t, rand.New(rand.NewPCG(w.Seed, uint64(w.Number))))
		})
		p.ended(t, w)
		if idle++; w.Done > 0 {
			idle = 0
		}
		if idle == 3 {
			t.Fatalf("three worlds of %s in a row did nothing", proof)
		}
	}
	t.Logf("%s: %d done with %d people, %d sent twice, %d lost, %d ended in doubt", proof, p.sum.Done, p.sum.People, p.sum.Twice, p.sum.Lost, p.sum.InDoubt)
}

// play is a proof under way.
type play struct {
	proof  string
	dir    string // empty: nothing is kept
	amount int
	until  time.Time
	seed   uint64
	next   int // number of the next world
	only   bool
	sum    Count
}

func begin(t *testing.T, proof string, amount int) *play {
	t.Helper()
	p := &play{proof: proof, dir: os.Getenv(EnvDir), amount: amount, seed: 1 + rand.Uint64N(1<<30), next: 1}
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
	if n := len(before); n > 0 {
		p.next, p.seed = before[n-1].Number+1, before[n-1].Seed
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

func (p *play) more(t *testing.T) bool {
	t.Helper()
	switch {
	case t.Failed() || t.Skipped():
		return false
	case !p.until.IsZero() && time.Now().After(p.until):
		return false
	}
	return p.sum.Done < p.amount
}

func (p *play) ended(t *testing.T, w World) {
	t.Helper()
	p.sum = p.sum.Plus(w.Count)
	p.next++
	if p.only {
		p.amount = 0
	}
	if w.Failed {
		t.Errorf("%s=%d %s=%d go test -run '%s' shows it again", EnvSeed, w.Seed, EnvWorld, w.Number, t.Name())
	}
	if p.dir == "" {
		return
	}
	if err := Append(p.dir, p.proof, w); err != nil {
		t.Fatal(err)
	}
}
