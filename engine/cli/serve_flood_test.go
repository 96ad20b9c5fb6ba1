package cli_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/ledger"
	"waybill/engine/reliability/tally"
	"waybill/whatsapp/sandbox"
	"waybill/whatsapp/webhook"
)

func listenTest(t *testing.T, h http.Handler) string {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

// flood is a great number of webhooks, each with one person's message and three statuses of one message.
type flood struct {
	*testing.T
	size   int
	client *http.Client
	taken  []atomic.Bool // answered 200
}

func (f *flood) inboundID(n int) string { return fmt.Sprintf("wamid.in%06d", n) }
func (f *flood) messageID(n int) string { return fmt.Sprintf("wamid.out%06d", n) }

// forged is the webhook of somebody who does not know the secret, with a message that nobody wrote and a failure that was none.
func (f *flood) forged(n int) []byte {
	body := bytes.ReplaceAll(f.body(n), []byte(f.inboundID(n)), []byte(forgedID))
	return bytes.ReplaceAll(body, []byte(`"status":"delivered"`), []byte(`"status":"failed"`))
}

const forgedID = "wamid.forged"

func (f *flood) body(n int) []byte {
	return fmt.Appendf(nil, `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"messaging_product":"whatsapp",`+
		`"metadata":{"phone_number_id":"106540352242922"},"contacts":[{"profile":{"name":"P %d"},"wa_id":"346%08d"}],`+
		`"messages":[{"from":"346%08d","id":"%s","timestamp":"1750000000","type":"text","text":{"body":"Hola %d"}}],`+
		`"statuses":[{"id":"%[4]s","status":"read","timestamp":"1750000003"},{"id":"%[6]s","status":"sent","timestamp":"1750000001"},`+
		`{"id":"%[6]s","status":"delivered","timestamp":"1750000002"}]}}]}]}`, n, n, n, f.inboundID(n), n, f.messageID(n))
}

// pour posts the webhooks in this order, by many at once, until they are through or stopped, and forged ones among them: those of
// ^n for n. It calls back with the number of those that were answered 200.
func (f *flood) pour(url string, order []int, progress func(int)) {
	var workers sync.WaitGroup
	next := make(chan int)
	var through atomic.Int64
	for range 48 {
		workers.Go(func() {
			for n := range next {
				body, secret, genuine := f.body(max(n, ^n)), sandbox.DefaultAppSecret, n >= 0
				if !genuine {
					body, secret = f.forged(^n), "another-secret"
				}
				req, err := http.NewRequestWithContext(f.Context(), http.MethodPost, url, bytes.NewReader(body))
				if err != nil {
					f.Error(err)
					return
				}
				req.Header.Set(webhook.SignatureHeader, webhook.Sign(secret, body))
				answer, err := f.client.Do(req)
				if err != nil {
					continue // it was killed; WhatsApp would send it again
				}
				_, _ = io.Copy(io.Discard, answer.Body)
				_ = answer.Body.Close()
				if taken := answer.StatusCode == http.StatusOK; taken && !genuine {
					f.Errorf("a forged webhook was answered 200")
				} else if taken {
					f.taken[n].Store(true)
					progress(int(through.Add(1)))
				}
			}
		})
	}
	for _, n := range order {
		next <- n
	}
	close(next)
	workers.Wait()
}

// stored compares the ledger with the answers: whatever was answered 200 is there, once.
func (f *flood) stored(path string) (taken int) {
	f.Helper()
	l, err := ledger.Open(path, ledger.Options{Now: time.Now, ReadOnly: true})
	if err != nil {
		f.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	there := map[string]int{}
	for m, err := range l.Inbound(f.Context(), engine.InboundFilter{}) {
		if err != nil {
			f.Fatal(err)
		}
		there[m.ID]++
	}
	if there[forgedID] > 0 {
		f.Error("a forged message is in the inbox")
	}
	lost := 0
	for n := range f.size {
		id := f.inboundID(n)
		if there[id] > 1 {
			f.Errorf("message %s is in the inbox %d times", id, there[id])
		}
		if !f.taken[n].Load() {
			continue
		}
		taken++
		if there[id] != 1 {
			lost++
		}
		if n%20 != 0 {
			continue
		}
		statuses, err := l.Statuses(f.Context(), f.messageID(n))
		if err != nil {
			f.Fatal(err)
		}
		if len(statuses) != 2 {
			f.Errorf("message %s has %d statuses, want 2", f.messageID(n), len(statuses))
		}
	}
	if lost > 0 {
		f.Errorf("%d of %d webhooks that were answered 200 are not there", lost, taken)
	}
	return taken
}

// serveChild starts serve as a process of its own, and returns the address of its webhook.
func serveChild(t *testing.T, state string) (*exec.Cmd, string) {
	t.Helper()
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), "waybill", "serve", "-o", "json", "--listen", "127.0.0.1:0", "--state", state)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.TempDir(), "WHATSAPP_APP_SECRET=" + sandbox.DefaultAppSecret}
	cmd.Stderr = &lines{}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	var card struct{ Webhooks string }
	if err := json.NewDecoder(bufio.NewReader(out)).Decode(&card); err != nil {
		t.Fatalf("serve did not stand up: %v\n%s", err, cmd.Stderr)
	}
	return cmd, card.Webhooks
}

// TestServeFloodAndKill is a flood of 10,000 webhooks, repeated, in no order and with forged ones among them, and SIGKILL in the
// middle: what was answered 200 is there.
func TestServeFloodAndKill(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("waybill"); err != nil {
		t.Skipf("the program is not on the path as TestMain puts it there: %v", err)
	}
	size := sized(t, 10_000, 1_000)
	tally.Worlds(t, "webhooks", size, func(t *testing.T, r *rand.Rand) tally.Count {
		t.Helper()
		return floodAndKill(t, r, size)
	})
}

func floodAndKill(t *testing.T, r *rand.Rand, size int) tally.Count {
	t.Helper()
	f := &flood{T: t, size: size, client: &http.Client{
		Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64},
	}}
	defer f.client.CloseIdleConnections()
	f.taken = make([]atomic.Bool, f.size)
	order := f.mixed(r, r.Perm(f.size))
	poured := len(order)
	state := filepath.Join(t.TempDir(), "ledger.db")
	cmd, url := serveChild(t, state)
	began := time.Now()
	kill := sync.OnceFunc(func() { _ = cmd.Process.Kill() })
	half := f.size/2 + r.IntN(f.size/4)
	f.pour(url, order, func(through int) {
		if through >= half {
			kill()
		}
	})
	kill()
	_ = cmd.Wait() // killed
	before := f.stored(state)
	if before == 0 || before == f.size {
		t.Fatalf("%d of %d were answered before the kill", before, f.size)
	}
	again, url := serveChild(t, state)
	var rest []int
	for n := range f.size {
		if !f.taken[n].Load() || r.IntN(4) == 0 {
			rest = append(rest, n)
		}
	}
	rest = f.mixed(r, rest)
	poured += len(rest)
	f.pour(url, rest, func(int) {})
	got := f.stored(state)
	if got != f.size {
		t.Errorf("%d of %d were answered 200 in the end", got, f.size)
	}
	t.Logf("%d webhooks before the kill, %d after it, in %s", before, len(rest), time.Since(began).Round(time.Millisecond))
	_ = again.Process.Signal(os.Interrupt)
	if err := again.Wait(); err != nil {
		t.Errorf("serve ended badly: %v\n%s", err, again.Stderr)
	}
	return tally.Count{Done: poured, People: f.size, Lost: f.size - got}
}

// mixed adds a tenth of the webhooks again and a twentieth forged, and shuffles.
func (f *flood) mixed(r *rand.Rand, order []int) []int {
	genuine := len(order)
	order = append(order, order[:genuine/10]...)
	for _, n := range order[:genuine/20] {
		order = append(order, ^n)
	}
	r.Shuffle(len(order), func(a, b int) { order[a], order[b] = order[b], order[a] })
	return order
}
