//go:build linux

package cli_test

import (
	"crypto/tls"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/ledger"
)

// Linux alone: there SSL_CERT_FILE makes a child trust the test's certificate.

// TestStoppedAndWoken stops a process between its intents and its requests, as a debugger or a hypervisor does, takes
// its lock away as another machine's would be, settles its deliveries by what WhatsApp has, lets another process send
// the rest, and wakes the first. What it intended long ago must not leave any more.
//
// The requests wait in the TLS handshake, which the test holds back: their intents are on the disk and not one byte
// of them has left, so that without the deadline each of them would be sent twice.
func TestStoppedAndWoken(t *testing.T) {
	t.Parallel()
	const (
		working   = 32 // items at once
		answered  = 20 // requests that are answered
		unheard   = 8  // requests after these that are taken, and answered after the process woke
		atTheDoor = working - unheard
	)
	p := newProof(t, terms{people: 120, concurrency: working})
	release := make(chan struct{})
	door := newDoor(p, answered+unheard, answered, release)

	first := p.start(p.apply(), door.environment()...)
	p.awaitMessages(first, answered+unheard)
	eventually(t, "all workers at the door", func() bool { return len(p.deliveries("intended")) == working && door.waiting.Load() >= atTheDoor })
	p.signal(first, syscall.SIGSTOP)
	stopped := time.Now()

	if sent, open := p.settleByProof(); sent != unheard || open != atTheDoor {
		t.Fatalf("%d were settled as sent and %d as open, want %d and %d", sent, open, unheard, atTheDoor)
	}
	p.start(p.apply()).want(0)
	p.nobodyTwice()
	if got, _ := p.log.seen(); got != p.people {
		t.Fatalf("the second process brought it to %d messages, want %d", got, p.people)
	}

	time.Sleep(time.Until(stopped.Add(6 * time.Second))) // past the deadline of 5 s: the process that is stopped has the real clock
	p.signal(first, syscall.SIGCONT)
	close(release)
	first.want(0)
	p.nobodyTwice()
	p.nobodyLost()
	p.everybodyOnce()
	if got := p.ask("SELECT count(*) FROM attempt WHERE number = 1 AND result = 3"); got != strconv.Itoa(atTheDoor) {
		t.Errorf("%s first attempts are known as not sent, want %d", got, atTheDoor)
	}
}

// settleByProof does what an operator does who looks at WhatsApp's own list: what is there was sent, all else was not.
func (p *proof) settleByProof() (sent, open int) {
	p.Helper()
	if err := os.Remove(p.state + ".lock"); err != nil {
		p.Fatal(err)
	}
	l, err := ledger.Open(p.state, ledger.Options{Now: time.Now})
	if err != nil {
		p.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	if _, err := l.Lock(p.Context(), "the test"); err != nil {
		p.Fatal(err)
	}
	var all []delivery.Delivery
	for d, err := range l.Deliveries(p.Context(), engine.DeliveryFilter{States: []delivery.State{delivery.InDoubt}}) {
		if err != nil {
			p.Fatal(err)
		}
		all = append(all, d)
	}
	for _, d := range all {
		taken := len(p.log.of(d.Recipient)) > 0
		if _, err := l.Resolve(p.Context(), d.ID, taken, engine.Actor{}); err != nil {
			p.Fatal(err)
		}
		if taken {
			sent++
		} else {
			open++
		}
	}
	return sent, open
}

// door is a way to the proof's sandbox by TLS. Every request needs a connection of its own. After the first ones the
// handshakes wait, and after the first of those the answers wait.
type door struct {
	server   *httptest.Server
	trust    string // path of the certificate
	shaken   atomic.Int64
	waiting  atomic.Int64
	requests atomic.Int64
}

func newDoor(p *proof, passing, answered int64, release <-chan struct{}) *door {
	p.Helper()
	d := &door{trust: filepath.Join(p.TempDir(), "trust.pem")}
	d.server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		p.box.ServeHTTP(answer, r)
		if d.requests.Add(1) > answered {
			<-release
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Connection", "close")
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes()) // a client that went away is no matter here
	}))
	d.server.TLS = &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
		if d.shaken.Add(1) > passing {
			d.waiting.Add(1)
			<-release
		}
		return nil, nil
	}}
	d.server.StartTLS()
	p.Cleanup(func() {
		select {
		case <-release:
			d.server.Close()
		default: // the test failed before: handlers wait for ever, and so would Close
		}
	})
	p.file(d.trust, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: d.server.Certificate().Raw})))
	return d
}

func (d *door) environment() []string {
	return append(environment(d.server.URL), "SSL_CERT_FILE="+d.trust)
}
