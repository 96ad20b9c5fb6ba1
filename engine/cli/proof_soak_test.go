//go:build linux

package cli_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"waybill/engine/reliability/tally"
)

// TestSoak sends 80 messages a second with serve beside, which takes their webhooks and is asked for its metrics. In a check it
// does so for five seconds; WAYBILL_SOAK_MINUTES says for how long, and then neither memory nor open files may grow.
func TestSoak(t *testing.T) {
	t.Parallel()
	minutes := number(t, "WAYBILL_SOAK_MINUTES", 0)
	if os.Getenv(tally.EnvDir) != "" && minutes == 0 {
		minutes = number(t, tally.EnvAmount, 120)
	}
	tally.Worlds(t, "soak", 1, func(t *testing.T, _ *rand.Rand) tally.Count {
		t.Helper()
		const rate = 80
		people := rate * 5
		if minutes > 0 {
			people = rate * 60 * minutes
		}
		p := newProof(t, terms{people: people, throughput: rate})
		serving, url := serveChild(t, p.state)
		p.post.url = url
		p.record()
		c := p.start(p.apply())
		sending, receiving := watchProcess(c.cmd.Process.Pid), watchProcess(serving.Process.Pid)
		for tick := time.NewTicker(time.Second); ; <-tick.C {
			select {
			case <-c.ended:
				tick.Stop()
			default:
				sending.look(t)
				receiving.look(t)
				fetched(t, strings.TrimSuffix(url, "/webhooks")+"/metrics")
				continue
			}
			break
		}
		c.want(0)
		p.nobodyTwice()
		_, _, lost := p.nobodyLost()
		eventually(t, "the webhooks", func() bool { return len(p.deliveries("delivered,read")) == people })
		if minutes > 0 {
			sending.flat(t, "apply")
			receiving.flat(t, "serve")
		}
		return tally.Count{Done: max(1, minutes), People: people, Lost: lost}
	})
}

// fetched gets an address, which has to answer 200.
func fetched(t *testing.T, url string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	if err := answer.Body.Close(); err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s answered %d, %v", url, answer.StatusCode, err)
	}
}

// processWatch is what a process takes, second by second.
type processWatch struct {
	pid    int
	memory []int // resident KiB
	files  []int // open
}

func watchProcess(pid int) *processWatch { return &processWatch{pid: pid} }

// look notes what the process takes now. One that has just ended takes nothing.
func (w *processWatch) look(t *testing.T) {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", w.pid))
	if err != nil {
		return
	}
	files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", w.pid))
	if err != nil {
		return
	}
	for line := range bytes.Lines(status) {
		if rest, found := strings.CutPrefix(string(line), "VmRSS:"); found {
			kib, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(rest), " kB"))
			if err != nil {
				t.Fatal(err)
			}
			w.memory, w.files = append(w.memory, kib), append(w.files, len(files))
		}
	}
}

// flat wants no more at the end than there was after the first quarter. Connections come and go with every hitch of the machine, so
// that of open files the fewest count: what leaks is never given back.
func (w *processWatch) flat(t *testing.T, name string) {
	t.Helper()
	quarter := len(w.memory) / 4
	memory := func(from, to int) int { return atShare(w.memory[from:to], 2) }
	files := func(from, to int) int { return atShare(w.files[from:to], 10) }
	early, late := memory(quarter, 2*quarter), memory(3*quarter, len(w.memory))
	filesEarly, filesLate := files(quarter, 2*quarter), files(3*quarter, len(w.files))
	t.Logf("%s: %.1f MiB and %d open files in the second quarter, %.1f MiB and %d in the last", name, float64(early)/1024, filesEarly, float64(late)/1024, filesLate)
	if late > early*115/100+4096 || filesLate > filesEarly+16 {
		t.Errorf("%s grows: open files were %v", name, w.files)
	}
}

// atShare is the value that one of so many does not exceed: 2 for the middle one.
func atShare(list []int, of int) int {
	sorted := slices.Sorted(slices.Values(list))
	return sorted[len(sorted)/of]
}
