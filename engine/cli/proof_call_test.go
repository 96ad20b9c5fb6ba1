//go:build linux

package cli_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"waybill/engine/reliability/tally"
)

// TestSystemCalls lets one system call on the ledger's files fail, or kills the program at it: the kth of its kind in a thread,
// by strace. Without further faults the next applies bring it to its end.
func TestSystemCalls(t *testing.T) {
	t.Parallel()
	strace := tracer(t)
	tally.Worlds(t, "calls", sized(t, 6, 2), func(t *testing.T, r *rand.Rand) tally.Count {
		t.Helper()
		var sum figures
		p := newProof(t, terms{people: 100, throughput: 500, concurrency: 1 + r.IntN(16)})
		if r.IntN(2) == 0 { // of a ledger that is there; else its birth is among the moments
			p.start(append(p.apply(), "--limit", "5")).want(0)
		}
		struck := 0
		for range 3 { // in one batch, one after another, while there is something to do
			fault := drawCall(r)
			if p.strikes(strace, fault) {
				struck++
			}
			p.nobodyTwice()
			if t.Failed() {
				t.Logf("after %s", fault)
				return sum.count(struck)
			}
		}
		p.killed(r, 0, &sum)
		p.concluded(&sum)
		return sum.count(struck)
	})
}

// drawCall returns what strace does to a call: to which, what, and when. The moments are about as many as there are.
func drawCall(r *rand.Rand) string {
	calls := []struct {
		name string
		most int
	}{{"pwrite64", 150}, {"pwrite64", 20}, {"fsync", 16}, {"fsync", 4}, {"ftruncate", 2}, {"open", 4}, {"openat", 3}, {"unlink", 2}, {"write", 3}, {"pread64", 30}, {"renameat", 1}}
	call := calls[r.IntN(len(calls))]
	return fmt.Sprintf("%s:%s:when=%d", call.name, [...]string{"signal=KILL", "error=EIO", "error=ENOSPC"}[r.IntN(3)], 1+r.IntN(call.most))
}

// strikes applies the job with a fault, and says whether it struck.
func (p *proof) strikes(strace, fault string) bool {
	p.Helper()
	story := filepath.Join(p.TempDir(), "story")
	command := []string{strace, "-f", "-s", "16", "-o", story, "-e", "inject=" + fault}
	for _, path := range p.files() {
		command = append(command, "-P", path)
	}
	c := launch(p.T, append(append(append(command, "waybill"), p.apply()...), "--state", p.state), filepath.Dir(p.job), p.env)
	c.want(-1, 0, 1, 3, 4, 5)
	seen, err := os.ReadFile(story)
	if err != nil {
		p.Fatal(err)
	}
	hit := strings.Contains(string(seen), "INJECTED") || c.exitStatus < 0
	p.Logf("%s: struck %t, status %d, %d requests without an outcome", fault, hit, c.exitStatus, p.readable())
	return hit
}

// files are those of the ledger, also those that are not there yet.
func (p *proof) files() []string {
	p.Helper()
	list := []string{filepath.Dir(p.state), p.state, p.state + "-wal", p.state + "-journal", p.state + "-shm", p.state + ".lock", p.state + ".ballast"}
	there, err := filepath.Glob(filepath.Join(filepath.Dir(p.state), "*"))
	if err != nil {
		p.Fatal(err)
	}
	return append(list, there...)
}
