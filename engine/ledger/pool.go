package ledger

import (
	"context"
	"database/sql/driver"
	"errors"
	"sync"

	"waybill/engine"
)

// idleReaders is how many connections wait for the next reader. More are opened when more read at once.
const idleReaders = 4

// pool lends connections to readers.
type pool struct {
	open func() (*connection, error)

	mu     sync.Mutex
	idle   []*connection
	lent   sync.WaitGroup
	closed bool
}

func newPool(open func() (*connection, error)) *pool {
	return &pool{open: open}
}

func (p *pool) get() (*connection, error) {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil, engine.ErrClosed
	}
	p.lent.Add(1)
	if n := len(p.idle); n > 0 {
		c := p.idle[n-1]
		p.idle = p.idle[:n-1]
		p.mu.Unlock()
		return c, nil
	}
	p.mu.Unlock()
	c, err := p.open()
	if err != nil {
		p.lent.Done()
	}
	return c, err
}

// put keeps a connection for the next reader.
func (p *pool) put(c *connection) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = append(p.idle, c)
}

func (p *pool) giveBack(c *connection) error {
	defer p.lent.Done()
	p.mu.Lock()
	if !p.closed && len(p.idle) < idleReaders {
		p.idle = append(p.idle, c)
		p.mu.Unlock()
		return nil
	}
	p.mu.Unlock()
	return c.close()
}

// use lends a connection for one read.
func (p *pool) use(read func(c *connection) error) error {
	c, err := p.get()
	if err != nil {
		return err
	}
	return errors.Join(read(c), p.giveBack(c))
}

// query runs one query on a connection of its own: all its rows are of one moment.
func (p *pool) query(ctx context.Context, sql string, each rowFunc, args ...driver.Value) error {
	return p.use(func(c *connection) error { return c.query(ctx, sql, each, args...) })
}

// close ends the pool when the last reader has given back what it holds.
func (p *pool) close() error {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil
	}
	p.closed = true
	idle := p.idle
	p.idle = nil
	p.mu.Unlock()
	var errs []error
	for _, c := range idle {
		errs = append(errs, c.close())
	}
	p.lent.Wait()
	return errors.Join(errs...)
}
