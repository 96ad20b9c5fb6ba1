package cli_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"waybill/engine/audience"
	"waybill/engine/ledger"
	"waybill/engine/reliability/tally"
	"waybill/steps"
	"waybill/whatsapp/sandbox"
	"waybill/whatsapp/webhook"
)

// TestKill kills apply at random moments over batches of 2,000 people, until it says that nothing is left.
func TestKill(t *testing.T) {
	t.Parallel()
	kills, people := sized(t, 30, 8), sized(t, 2000, 500)
	tally.Worlds(t, "kills", kills*2/3, func(t *testing.T, r *rand.Rand) tally.Count {
		t.Helper()
		var sum figures
		p := newProof(t, terms{people: people, live: r.IntN(2) == 1})
		p.killed(r, kills, &sum)
		p.concluded(&sum)
		t.Log(sum)
		return sum.count(sum.kills)
	})
}

// TestKillUnderFaults is the same while the world is at its worst: connections cut before and after acceptance, answers
// lost, cut in the middle and without an id, storms of 429, 5xx, and webhooks that are early, double and out of order.
func TestKillUnderFaults(t *testing.T) {
	t.Parallel()
	people, kills := sized(t, 250, 180), sized(t, 3, 2)
	for _, policy := range []string{"hold", "strict"} {
		for _, live := range []bool{false, true} { // statuses settle doubts, and so would hide that one was not held
			t.Run(fmt.Sprintf("%s, live %t", policy, live), func(t *testing.T) {
				t.Parallel()
				var sum figures
				r := dice(t)
				p := newProof(t, terms{people: people, throughput: 500, policy: policy, live: live})
				for _, f := range faults(policy, people, live, r.Uint64()) {
					if _, err := p.box.AddFault(f); err != nil {
						t.Fatal(err)
					}
				}
				cutting := p.cutConnections(200 * time.Millisecond)
				p.killed(r, kills, &sum)
				cutting()
				for _, f := range p.box.Faults() {
					if f.Fired == 0 && f.Probability == 0 {
						t.Errorf("the fault %s never struck", f.Kind)
					}
				}
				p.box.ClearFaults()
				p.concluded(&sum)
				t.Log(sum)
			})
		}
	}
}

// faults are what goes wrong under a policy. An answer of 5xx to a message that was taken is what hold retries by the
// user's own words, and strict does not.
func faults(policy string, people int, live bool, seed uint64) []sandbox.Fault {
	list := []sandbox.Fault{
		{Kind: sandbox.FaultThrottle, Skip: people / 10, Times: people / 6},
		{Kind: sandbox.FaultStatus, Status: 429, Skip: people / 6, Times: people / 12},
		{Kind: sandbox.FaultCut, Probability: .03},
		{Kind: sandbox.FaultLost, Probability: .03},
		{Kind: sandbox.FaultCutBody, Probability: .03},
		{Kind: sandbox.FaultNoID, Probability: .02},
		{Kind: sandbox.FaultNotJSON, Probability: .02},
		{Kind: sandbox.FaultError, Code: 131000, Probability: .03},
		{Kind: sandbox.FaultStatus, Status: 503, Probability: .03},
		{Kind: sandbox.FaultHTML, Probability: .03},
		{Kind: sandbox.FaultWebhookTwice, Probability: .1},
		{Kind: sandbox.FaultWebhookDisorder, Probability: .1},
		{Kind: sandbox.FaultLatency, Delay: 30 * time.Millisecond, Probability: .2},
	}
	if live {
		list = append(list, sandbox.Fault{Kind: sandbox.FaultWebhookEarly, Probability: .05})
	}
	if policy == "strict" {
		list = append(list, sandbox.Fault{Kind: sandbox.FaultHTML, Accepted: true, Probability: .03},
			sandbox.Fault{Kind: sandbox.FaultStatus, Status: 503, Accepted: true, Probability: .03})
	}
	for i := range list {
		list[i].Seed, list[i].Match.Operation = seed+uint64(i), "messages"
	}
	return list
}

// TestKilledAtBirth is about a ledger whose maker was killed before it was one: an empty file, or one that SQLite has
// begun. It is as if there was none.
func TestKilledAtBirth(t *testing.T) {
	for name, begin := range map[string]string{"empty": "", "begun": "PRAGMA journal_mode = WAL"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProof(t, terms{people: 3})
			if err := os.MkdirAll(filepath.Dir(p.state), 0o700); err != nil {
				t.Fatal(err)
			}
			p.file(p.state, "")
			if begin != "" {
				db, err := sql.Open("sqlite", p.state)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := db.ExecContext(t.Context(), begin); err != nil {
					t.Fatal(err)
				}
				if err := db.Close(); err != nil {
					t.Fatal(err)
				}
			}
			p.look(3, "runs")
			p.look(2, "plan", p.job, "--detailed-exitcode")
			p.start([]string{"apply", p.job}).want(0) // without --yes it looks into the ledger first
			p.everybodyOnce()
		})
	}
}

// cutConnections cuts all connections to the sandbox again and again, until it is told to stop.
func (p *proof) cutConnections(every time.Duration) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() {
		for ctx.Err() == nil {
			select {
			case <-time.After(every):
				p.server.CloseClientConnections()
			case <-ctx.Done():
			}
		}
	})
	stop = func() { cancel(); done.Wait() }
	p.Cleanup(stop)
	return stop
}

// figures are what the README may say.
type figures struct {
	batches, people int
	lives, kills    int
	resumes         int // lives that were begun by resume, of those after a kill
	twice, lost     int
	window          int // most requests that one kill left without an outcome
	inDoubt         int // deliveries left in doubt when nothing else was left to do
	unsent          int // of those: never sent
	byThemselves    int // of those: settled by a webhook
}

func (f figures) String() string {
	return fmt.Sprintf("%d kills of %d processes over %d batches of %d people in all: %d sent twice, %d lost; "+
		"a kill left at most %d requests without an outcome; %d went on by resume; %d ended in doubt, of which %d were sent and settled by their webhooks and %d were not",
		f.kills, f.lives, f.batches, f.people, f.twice, f.lost, f.window, f.resumes, f.inDoubt, f.byThemselves, f.unsent)
}

// count is what a proof of so many units says of them.
func (f figures) count(done int) tally.Count {
	return tally.Count{Done: done, People: f.people, Twice: f.twice, Lost: f.lost, InDoubt: f.inDoubt}
}

// killed applies the job and kills it, again and again, until an apply ends by itself and says that nothing is left.
func (p *proof) killed(r *rand.Rand, most int, sum *figures) {
	p.Helper()
	sum.batches++
	sum.people += p.people
	start, kills := 300*time.Millisecond, 0
	for life := 0; ; life++ {
		if life > 40+3*most {
			p.Fatalf("after %d kills and %d processes there is something to do yet", kills, life)
		}
		command := p.apply()
		if life > 0 && r.IntN(4) == 0 && p.hasRun() {
			command = []string{"resume", "last", "--yes"}
			sum.resumes++
		}
		before, _ := p.log.seen()
		c := p.start(command)
		sum.lives++
		if kills < most {
			p.await(c, r, before, &start)
		} else {
			c.status()
		}
		c.kill()
		if c.exitStatus < 0 { // by a signal
			kills++
			sum.kills++
			sum.window = max(sum.window, p.readable())
			sum.twice += p.nobodyTwice()
			continue
		}
		if p.Failed() || p.over(c) {
			return
		}
	}
}

// over says whether a process that ended by itself left nothing to do. What failed for a passing reason is tried
// again by the next.
func (p *proof) over(c *child) bool {
	p.Helper()
	if status := c.want(0, 1, 4); status == 1 {
		return false
	}
	return len(p.deliveries("planned,intended,rejected")) == 0 && len(p.deliveries("")) == p.people
}

func (p *proof) hasRun() bool {
	p.Helper()
	status, out, _ := call(p.T, nil, "runs", "-o", "csv", "--state", p.state)
	return status == 0 && strings.Count(out, "\n") > 1
}

// await waits for a moment to kill: any, so that planning, opening and taking over are hit; right at the first message
// of this life, when the first claims are settled; or somewhere in the sending, up to its end.
func (p *proof) await(c *child, r *rand.Rand, before int, start *time.Duration) {
	pause := func(d time.Duration) {
		select {
		case <-c.ended:
		case <-time.After(d):
		}
	}
	kind := r.IntN(10)
	if kind < 3 {
		pause(within(r, *start*5/4))
		return
	}
	for limit := time.After(30 * time.Second); ; {
		now, next := p.log.seen()
		if now > before {
			break
		}
		select {
		case <-next:
			continue
		case <-c.ended:
		case <-limit:
		}
		return
	}
	*start = (*start*3 + time.Since(c.began)) / 4
	if kind < 5 {
		pause(within(r, 10*time.Millisecond))
	} else {
		pause(within(r, 320*time.Millisecond))
	}
}

// concluded counts how a batch ended, lets the webhooks settle what they can, sends again what was never sent, and
// wants one message for each person.
func (p *proof) concluded(sum *figures) {
	p.Helper()
	if p.Failed() {
		return
	}
	sum.twice += p.nobodyTwice()
	inDoubt, unsent, lost := p.nobodyLost()
	sum.inDoubt, sum.unsent, sum.lost = sum.inDoubt+inDoubt, sum.unsent+unsent, sum.lost+lost
	want := 0
	if inDoubt > 0 {
		want = 4
	}
	p.start(p.apply()).want(want)
	p.record()
	p.settled(unsent)
	sum.byThemselves += inDoubt - unsent
	if unsent > 0 {
		p.look(4, "resolve", "last")
		p.start([]string{"resolve", "last", "--resend", "--yes"}).want(0)
	}
	p.look(0, "resolve", "last")
	p.everybodyOnce()
}

// settled waits until so many deliveries are in doubt and no more.
func (p *proof) settled(want int) {
	p.Helper()
	eventually(p, fmt.Sprintf("the %d deliveries that were never sent are in doubt, and no more", want), func() bool {
		return len(p.deliveries("inDoubt")) == want
	})
}

// record lets the sandbox deliver its webhooks, those that wait first.
func (p *proof) record() {
	p.post.once.Do(func() {
		ctx, stop := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() { defer close(done); _ = p.box.Run(ctx) }()
		p.Cleanup(func() { stop(); <-done; p.post.close() })
	})
}

// recorder is the receiver of webhooks: it records them in the ledger, beside whoever sends.
type recorder struct {
	path string
	url  string // of serve's receiver; empty: it is the test itself
	once sync.Once
	mu   sync.Mutex
	to   *ledger.Ledger
}

func (r *recorder) deliver(ctx context.Context, body []byte, signature string) error {
	if r.url != "" {
		return post(ctx, r.url, body, signature)
	}
	l, err := r.open()
	if err != nil {
		return err
	}
	receive := &webhook.Handler{
		Secrets: []string{sandbox.DefaultAppSecret}, VerifyToken: sandbox.DefaultVerifyToken,
		Receive: func(ctx context.Context, raw []byte, ev webhook.Event) error {
			return l.Record(ctx, steps.Receive(ev, raw, time.Now(), audience.NewWords()))
		},
	}
	request := httptest.NewRequestWithContext(ctx, http.MethodPost, "/webhooks", strings.NewReader(string(body)))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Hub-Signature-256", signature)
	answer := httptest.NewRecorder()
	receive.ServeHTTP(answer, request)
	if answer.Code != http.StatusOK {
		return fmt.Errorf("the receiver answered %d", answer.Code)
	}
	return nil
}

// post hands a webhook to a receiver.
func post(ctx context.Context, url string, body []byte, signature string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("X-Hub-Signature-256", signature)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	if err := answer.Body.Close(); err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the receiver answered %d", answer.StatusCode)
	}
	return nil
}

func (r *recorder) open() (*ledger.Ledger, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.to != nil {
		return r.to, nil
	}
	l, err := ledger.Open(r.path, ledger.Options{Now: time.Now})
	r.to = l
	return l, err
}

func (r *recorder) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.to != nil {
		_ = r.to.Close()
	}
}
