package tally_test

import (
	"math/rand/v2"
	"os"
	"testing"

	"waybill/engine/reliability/tally"
)

// TestWorlds has a proof go on where an earlier process ended, with the dice that it would have had, also after one that was
// killed in the middle of a line.
func TestWorlds(t *testing.T) {
	dir := t.TempDir()
	t.Setenv(tally.EnvDir, dir)
	t.Setenv(tally.EnvSeed, "7")
	var drawn []uint64
	world := func(_ *testing.T, r *rand.Rand) tally.Count {
		drawn = append(drawn, r.Uint64())
		return tally.Count{Done: 2, People: 5}
	}
	t.Setenv(tally.EnvAmount, "4")
	tally.Worlds(t, "kills", 1, world)
	f, err := os.OpenFile(tally.Path(dir, "kills"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(`{"world":3,"se`); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	t.Setenv(tally.EnvSeed, "8") // the file's own seed wins
	t.Setenv(tally.EnvAmount, "7")
	tally.Worlds(t, "kills", 1, world)
	worlds, err := tally.Read(dir, "kills")
	if err != nil {
		t.Fatal(err)
	}
	sum, failed := tally.Total(worlds)
	if want := (tally.Count{Done: 8, People: 20}); sum != want || failed != 0 {
		t.Errorf("it came to %+v and %d failed, want %+v and none", sum, failed, want)
	}
	for n, w := range worlds {
		if r := rand.New(rand.NewPCG(7, uint64(n+1))); w.Number != n+1 || w.Seed != 7 || drawn[n] != r.Uint64() {
			t.Errorf("world %d is %+v with the dice of another", n+1, w)
		}
	}
}

// TestRead names the line that is none.
func TestRead(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(tally.Path(dir, "kills"), []byte("{\"world\":1}\nnonsense\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := tally.Read(dir, "kills"); err == nil {
		t.Error("a damaged file was read")
	}
}

// TestSideBySide plays worlds together: none twice, none too many, each with its own dice, and the longest pause of all is kept.
func TestSideBySide(t *testing.T) {
	dir := t.TempDir()
	t.Setenv(tally.EnvDir, dir)
	t.Setenv(tally.EnvParallel, "4")
	t.Setenv(tally.EnvAmount, "10")
	together := make(chan struct{})
	begun := make(chan int, 10)
	tally.Numbered(t, "many", 1, func(_ *testing.T, n int, _ *rand.Rand) tally.Count {
		if begun <- n; len(begun) == 4 {
			close(together)
		}
		<-together
		return tally.Count{Done: 1, PauseMS: 100 * n}
	})
	worlds, err := tally.Read(dir, "many")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[int]bool{}
	for _, w := range worlds {
		seen[w.Number] = true
	}
	if sum, _ := tally.Total(worlds); len(seen) != 10 || sum.Done != 10 || sum.PauseMS != 1000 {
		t.Errorf("the worlds %v came to %+v", seen, sum)
	}
}
