package cli_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"waybill/whatsapp/sandbox"
)

// TestSecondProcess starts a second apply while one is sending: it is refused, told who sends, and sends nothing. Once
// the first is dead the next one goes on at once.
func TestSecondProcess(t *testing.T) {
	t.Parallel()
	p := newProof(t, terms{people: 400, throughput: 100})
	elsewhere := sandbox.New(sandbox.Options{Now: time.Now})
	server := httptest.NewServer(elsewhere)
	defer server.Close()

	first := p.start(p.apply())
	p.awaitMessages(first, 1)
	second := p.start(p.apply(), environment(server.URL)...)
	second.want(1)
	for _, words := range []string{"in use for sending by waybill apply", fmt.Sprintf("pid %d on host", first.cmd.Process.Pid), "hint:"} {
		if !strings.Contains(second.errs.String(), words) {
			t.Errorf("the second was told\n%swithout %q", &second.errs, words)
		}
	}
	if n := elsewhere.State().Requests; n != 0 {
		t.Errorf("the second made %d requests", n)
	}
	p.readable()
	first.kill()
	var sum figures
	p.killed(dice(t), 0, &sum)
	p.concluded(&sum)
}

// TestTogether starts several at the same instant, again and again, until nothing is left.
func TestTogether(t *testing.T) {
	t.Parallel()
	p := newProof(t, terms{people: 300, throughput: 150})
	r, refused := dice(t), 0
	var sum figures
	for range 6 {
		var all []*child
		for range 3 {
			all = append(all, p.start(p.apply()))
		}
		p.await(all[0], r, 0, new(300*time.Millisecond))
		all[r.IntN(3)].kill()
		for _, c := range all {
			switch status := c.status(); {
			case status == 1 && strings.Contains(c.errs.String(), "in use for sending by"):
				refused++
			case status > 0 && status != 4:
				c.want(0, 4)
			}
		}
		p.nobodyTwice()
		p.readable()
	}
	if refused == 0 {
		t.Error("none of them was ever refused: they did not meet")
	}
	p.killed(r, 0, &sum)
	p.concluded(&sum)
}

// awaitMessages waits until the sandbox took so many.
func (p *proof) awaitMessages(c *child, want int) {
	p.Helper()
	for limit := time.After(time.Minute); ; {
		got, next := p.log.seen()
		if got >= want {
			return
		}
		select {
		case <-next:
		case <-c.ended:
			p.Fatalf("%s ended with status %d after %d messages\n%s", c.args, c.exitStatus, got, &c.errs)
		case <-limit:
			p.Fatalf("%d messages within a minute, want %d", got, want)
		}
	}
}
