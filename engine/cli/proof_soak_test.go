//go:build linux

package cli_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
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
		door := newIdleWatch(t, p.box)
		p.env = environment(door.url)
		c := p.start(p.apply())
		sending, receiving := watchProcess(c.cmd.Process.Pid), watchProcess(serving.Process.Pid)
		for tick := time.NewTicker(time.Second); ; <-tick.C {
			select {
			case <-c.ended:
				tick.Stop()
			default:
				sending.look(t)
				receiving.look(t)
				door.look(t)
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
	files  []int // open, but for connections: they come and go with every hitch of the machine
}

func watchProcess(pid int) *processWatch { return &processWatch{pid: pid} }

// look notes what the process takes now. One that has just ended takes nothing.
func (w *processWatch) look(t *testing.T) {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", w.pid))
	if err != nil {
		return
	}
	open, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", w.pid))
	if err != nil {
		t.Fatal(err)
	}
	files := slices.DeleteFunc(open, func(path string) bool {
		to, err := os.Readlink(path)
		return err != nil || strings.HasPrefix(to, "socket:")
	})
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

// flat wants no more at the end than there was after the first quarter.
func (w *processWatch) flat(t *testing.T, name string) {
	t.Helper()
	quarter := len(w.memory) / 4
	middle := func(list []int) int { return slices.Sorted(slices.Values(list))[len(list)/2] }
	early, late := middle(w.memory[quarter:2*quarter]), middle(w.memory[3*quarter:])
	filesEarly, filesLate := middle(w.files[quarter:2*quarter]), middle(w.files[3*quarter:])
	t.Logf("%s: %.1f MiB and %d open files in the second quarter, %.1f MiB and %d in the last", name, float64(early)/1024, filesEarly, float64(late)/1024, filesLate)
	if late > early*115/100+4096 || filesLate > filesEarly+4 {
		t.Errorf("%s grows: open files were %v", name, w.files)
	}
}

// idleWatch is a way to the sandbox that knows since when each connection has been idle.
type idleWatch struct {
	url  string
	mu   sync.Mutex
	idle map[net.Conn]time.Time
}

func newIdleWatch(t *testing.T, to http.Handler) *idleWatch {
	t.Helper()
	w := &idleWatch{idle: map[net.Conn]time.Time{}}
	server := httptest.NewUnstartedServer(to)
	server.Config.ConnState = func(c net.Conn, state http.ConnState) {
		w.mu.Lock()
		defer w.mu.Unlock()
		if state == http.StateIdle || state == http.StateNew {
			w.idle[c] = time.Now()
		} else {
			delete(w.idle, c)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	w.url = server.URL
	return w
}

// look wants each connection closed or used after a while: the client keeps an idle one for 20 seconds.
func (w *idleWatch) look(t *testing.T) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, since := range w.idle {
		if idle := time.Since(since); idle > time.Minute {
			t.Fatalf("one of %d connections has been idle for %s", len(w.idle), idle)
		}
	}
}
