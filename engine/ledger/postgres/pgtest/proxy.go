package pgtest

import (
	"context"
	"errors"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
)

// Proxy stands before a server. It can stop forwarding, as a network does that is cut, and lead to another server. Use NewProxy.
type Proxy struct {
	listener net.Listener
	running  sync.WaitGroup

	mu      sync.Mutex
	turns   int
	breakAt int  // the turn with which all connections end; zero: none
	answers bool // it is the answer of that turn that does not arrive
	to      string
	mended  chan struct{} // open while it forwards nothing
	closing bool
	open    map[net.Conn]bool
}

// NewProxy begins to forward to the server of an address, and returns the address that leads through it.
func NewProxy(address string) (*Proxy, string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, "", err
	}
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", err
	}
	p := &Proxy{listener: l, to: u.Host, mended: make(chan struct{}), open: map[net.Conn]bool{}}
	close(p.mended)
	p.running.Go(p.serve)
	u.Host = l.Addr().String()
	return p, u.String(), nil
}

// Cut stops forwarding, in both directions: connections stay open, new ones are taken, and nothing passes. What is sent meanwhile waits.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mended = make(chan struct{})
}

// Mend ends Cut: what waited passes.
func (p *Proxy) Mend() {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.mended)
}

// Turns is how often a client of it had to wait for an answer before it went on, over all connections: round trips.
func (p *Proxy) Turns() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.turns
}

// Break ends all connections, once, at the turn that is so many after this moment: before its request passes or, with answers, when the
// server has answered and the client does not hear it.
func (p *Proxy) Break(turn int, answers bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.breakAt, p.answers = p.turns+turn, answers
}

// Broke says whether it came to that.
func (p *Proxy) Broke() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.breakAt == 0
}

// Lead leads to the server of another address, and ends the connections to the one before.
func (p *Proxy) Lead(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.to = u.Host
	return p.closeAll()
}

// Close ends all connections.
func (p *Proxy) Close() error {
	err := p.listener.Close()
	p.mu.Lock()
	p.closing = true
	select {
	case <-p.mended:
	default:
		close(p.mended)
	}
	err = errors.Join(err, p.closeAll())
	p.mu.Unlock()
	p.running.Wait()
	return err
}

// closeAll closes what is open. The caller holds the lock.
func (p *Proxy) closeAll() error {
	var errs []error
	for c := range p.open {
		errs = append(errs, c.Close())
	}
	clear(p.open)
	return errors.Join(errs...)
}

func (p *Proxy) serve() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.running.Go(func() { p.connect(client) })
	}
}

// connect leads one client to the server.
func (p *Proxy) connect(client net.Conn) {
	if !p.keep(client) {
		return
	}
	defer p.end(client)
	p.passes()
	p.mu.Lock()
	to := p.to
	p.mu.Unlock()
	server, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", to)
	if err != nil || !p.keep(server) { // a server that is down: the client sees its connection end
		return
	}
	defer p.end(server)
	var asked atomic.Bool // since the server spoke last
	p.running.Go(func() {
		defer p.end(client)
		p.forward(server, client, func() bool { asked.Store(false); return p.lasts(true) })
	})
	p.forward(client, server, func() bool {
		if asked.CompareAndSwap(false, true) {
			p.mu.Lock()
			p.turns++
			p.mu.Unlock()
		}
		return p.lasts(false)
	})
}

// lasts says whether the connections hold when an answer, or else a request, comes; see Break.
func (p *Proxy) lasts(answer bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.breakAt == 0 || p.turns < p.breakAt || p.answers != answer {
		return true
	}
	p.breakAt = 0
	_ = p.closeAll() // that is what they are to see
	return false
}

// forward passes on what comes, while it may pass. passed is told before each piece of it, and says whether it may.
func (p *Proxy) forward(from, to net.Conn, passed func() bool) {
	defer p.end(to)
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		p.passes()
		if n > 0 {
			if !passed() {
				return
			}
			if _, bad := to.Write(buf[:n]); bad != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// passes waits until something may pass.
func (p *Proxy) passes() {
	p.mu.Lock()
	mended := p.mended
	p.mu.Unlock()
	<-mended
}

// keep notes a connection, or closes it when the proxy ends.
func (p *Proxy) keep(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closing {
		_ = c.Close() // nobody waits for it
		return false
	}
	p.open[c] = true
	return true
}

// end closes a connection, if it is open.
func (p *Proxy) end(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.open[c] {
		delete(p.open, c)
		_ = c.Close() // the other side sees it
	}
}
