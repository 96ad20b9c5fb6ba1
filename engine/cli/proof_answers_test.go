//go:build linux

package cli_test

import (
	"bufio"
	"crypto/tls"
	"encoding/pem"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"waybill/engine/reliability/tally"
)

// Linux alone: there SSL_CERT_FILE makes a child trust the test's certificate.

// TestFaultedAnswers has connections and answers go wrong in each way at each moment, by TLS, under `strict`, and kills what sends. What an answer
// that lies would do is not among it: a refusal of a message that was taken is believed.
func TestFaultedAnswers(t *testing.T) {
	t.Parallel()
	tally.Worlds(t, "answers", sized(t, 40, 20), func(t *testing.T, r *rand.Rand) tally.Count {
		t.Helper()
		var sum figures
		size := terms{people: sized(t, 200, 60), throughput: 1000, concurrency: 32, policy: "strict"}
		decks := 1
		if tally.AtLength() { // those who are tried again wait beside each other
			size.people, size.concurrency, decks = 4000, 400, 10
		}
		p := newProof(t, size)
		job, err := os.ReadFile(p.job)
		if err != nil {
			t.Fatal(err)
		}
		p.file(p.job, strings.Replace(string(job), "connection: { ", "connection: { connectTimeout: 500, readTimeout: 500, ", 1))
		w := newWorstServer(p, r, decks)
		// Who is tried again waits for seconds in each life, and in the next one not.
		for life := 0; w.left() > 0 && life < 4 && !p.lives(w, 2*time.Second+within(r, 3*time.Second)); life++ {
			p.nobodyTwice()
		}
		struck := w.calm()
		p.env = append(p.env, w.environment()...)
		p.killed(r, 0, &sum)
		p.concluded(&sum)
		t.Logf("%d struck: %s", struck, sum)
		return sum.count(struck)
	})
}

// lives lets an apply send for a while, kills it, and says whether it ended by itself before.
func (p *proof) lives(w *worstServer, most time.Duration) bool {
	p.Helper()
	c := p.start(p.apply(), w.environment()...)
	select {
	case <-c.ended:
		c.want(0, 1, 4, 5)
		return true
	case <-time.After(most):
		c.kill()
		return false
	}
}

// moment is when a fault strikes.
type moment int

const (
	beforeTLS      moment                           = iota
	inHandshake                                     // once the client began it
	afterHead                                       // of the request; its body was not read
	afterRequest                                    // nothing was taken
	afterTaken                                      // in place of the answer
	inAnswer                                        // in the middle of it
	moments                                         // how many there are
	fatal          = "\x15\x03\x03\x00\x02\x02\x28" // an alert of TLS: the handshake failed
	settings       = "\x00\x00\x00\x04\x00\x00\x00\x00\x00"
	page           = "<html><body>The gateway gave up</body></html>"
	withoutMessage = `{"messaging_product":"whatsapp","messages":[]}`
)

// words are what the server says when it goes wrong.
func words(r *rand.Rand) []string {
	noise := make([]byte, 64)
	for n := range noise {
		noise[n] = byte(r.UintN(256))
	}
	return []string{
		"", "H", string(noise), fatal, settings,
		"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: " + fmt.Sprint(len(page)) + "\r\n\r\n" + page,
		"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine",
		"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + fmt.Sprint(len(withoutMessage)) + "\r\n\r\n" + withoutMessage,
		"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"messages\":[{\"id\":\"wamid.",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{",
		"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n",
	}
}

// farewell is how a connection ends after that.
type farewell int

const (
	closed    farewell = iota
	reset              // by RST
	hanging            // it is left open, and nothing comes
	halfOpen           // the server says no more, and reads on
	farewells          // how many there are
)

// mishap is one way of going wrong: 12 words and 4 farewells make 48, at 6 moments.
type mishap struct {
	at   moment
	says string
	ends farewell
}

// mishaps are all of them.
func mishaps(r *rand.Rand) (all []mishap) {
	for _, says := range words(r) {
		for at := range moments {
			for ends := range farewells {
				all = append(all, mishap{at, says, ends})
			}
		}
	}
	return all
}

// worstServer stands before the proof's sandbox. Each request needs a connection of its own, and about every second one goes wrong,
// until each mishap was met as often as there are decks of them.
type worstServer struct {
	proof    *proof
	listener net.Listener
	config   *tls.Config
	trust    string
	working  sync.WaitGroup

	mu     sync.Mutex
	dice   *rand.Rand
	deck   []mishap
	struck int
	open   map[net.Conn]bool
}

func newWorstServer(p *proof, r *rand.Rand, decks int) *worstServer {
	p.Helper()
	lender := httptest.NewUnstartedServer(nil) // of its certificate
	lender.StartTLS()
	defer lender.Close()
	w := &worstServer{proof: p, dice: rand.New(rand.NewPCG(r.Uint64(), r.Uint64())), trust: filepath.Join(p.TempDir(), "trust.pem"), open: map[net.Conn]bool{}}
	w.config = &tls.Config{Certificates: lender.TLS.Certificates}
	p.file(w.trust, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: lender.Certificate().Raw})))
	for range decks {
		w.deck = append(w.deck, mishaps(r)...)
	}
	r.Shuffle(len(w.deck), func(a, b int) { w.deck[a], w.deck[b] = w.deck[b], w.deck[a] })
	var err error
	if w.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		p.Fatal(err)
	}
	w.working.Go(w.accept)
	p.Cleanup(w.close)
	return w
}

func (w *worstServer) environment() []string {
	return append(environment("https://"+w.listener.Addr().String()), "SSL_CERT_FILE="+w.trust)
}

func (w *worstServer) accept() {
	for {
		c, err := w.listener.Accept()
		if err != nil {
			return // it was closed
		}
		w.mu.Lock()
		w.open[c] = true
		w.mu.Unlock()
		w.working.Go(func() {
			w.serve(c)
			_ = c.Close() // it may be closed already
			w.mu.Lock()
			delete(w.open, c)
			w.mu.Unlock()
		})
	}
}

func (w *worstServer) close() {
	_ = w.listener.Close()
	w.mu.Lock()
	for c := range w.open {
		_ = c.Close()
	}
	w.mu.Unlock()
	w.working.Wait()
}

// draw returns what goes wrong with the next connection; false: nothing does.
func (w *worstServer) draw() (mishap, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.deck) == 0 || w.dice.IntN(2) == 0 {
		return mishap{}, false
	}
	next := w.deck[0]
	w.deck = w.deck[1:]
	w.struck++
	return next, true
}

func (w *worstServer) left() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.deck)
}

// calm lets nothing more go wrong, and says how much did.
func (w *worstServer) calm() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.deck = nil
	return w.struck
}

// serve is one connection.
func (w *worstServer) serve(raw net.Conn) {
	m, wrong := w.draw()
	at := func(now moment) bool { return wrong && m.at == now }
	if at(beforeTLS) {
		m.strike(raw, raw)
		return
	}
	if at(inHandshake) {
		_, _ = raw.Read(make([]byte, 64)) // part of the client's first words
		m.strike(raw, raw)
		return
	}
	c := tls.Server(raw, w.config)
	request, err := http.ReadRequest(bufio.NewReader(c))
	if err != nil {
		return // the client gave up
	}
	if at(afterHead) {
		m.strike(raw, c)
		return
	}
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return
	}
	if at(afterRequest) {
		m.strike(raw, c)
		return
	}
	answer := w.ask(request, string(body))
	switch {
	case at(afterTaken):
		m.strike(raw, c)
	case at(inAnswer):
		if _, err := io.WriteString(c, answer[:len(answer)*2/3]); err == nil {
			m.strike(raw, c)
		}
	default:
		if _, err := io.WriteString(c, answer); err == nil {
			_ = c.Close()
		}
	}
}

// ask has the sandbox answer, and returns that as it goes over the line.
func (w *worstServer) ask(request *http.Request, body string) string {
	inside := request.Clone(request.Context())
	inside.Body = io.NopCloser(strings.NewReader(body))
	answer := httptest.NewRecorder()
	w.proof.box.ServeHTTP(answer, inside)
	return fmt.Sprintf("HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s",
		answer.Code, http.StatusText(answer.Code), answer.Body.Len(), answer.Body)
}

// strike says what there is to say and ends the connection. An alert of TLS goes beneath it.
func (m mishap) strike(raw, c net.Conn) {
	to := c
	if m.says == fatal {
		to = raw
	}
	if _, err := io.WriteString(to, m.says); err != nil {
		return // the client gave up
	}
	line, _ := raw.(*net.TCPConn)
	switch m.ends {
	case reset:
		_ = line.SetLinger(0)
	case halfOpen:
		_ = line.CloseWrite()
		fallthrough
	case hanging:
		_ = raw.SetReadDeadline(time.Now().Add(patience))
		_, _ = io.Copy(io.Discard, raw) // until the client gives up
	case closed, farewells:
	}
}
