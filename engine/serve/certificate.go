package serve

import (
	"crypto/tls"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"
)

// certificate is a pair of files that is read again when one of them changed: certificates are renewed every few weeks,
// and serve runs for longer.
type certificate struct {
	certFile, keyFile string
	now               func() time.Time

	mu      sync.Mutex
	pair    *tls.Certificate
	version string    // of the files that pair was read from
	looked  time.Time // at the files, last
}

// get returns the pair. A new one that cannot be used, or is half written, leaves the old one in force.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	const every = 10 * time.Second
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.now(); now.Sub(c.looked) >= every || now.Before(c.looked) {
		_ = c.read() // it is tried again; and every client complains of an outdated certificate
	}
	return c.pair, nil
}

// read reads the pair when the files' sizes or times changed since.
func (c *certificate) read() error {
	c.looked = c.now()
	var seen strings.Builder
	for _, name := range []string{c.certFile, c.keyFile} {
		about, err := os.Stat(name)
		if err != nil {
			return err
		}
		fmt.Fprintf(&seen, "%d %d\n", about.Size(), about.ModTime().UnixNano())
	}
	if seen.String() == c.version {
		return nil
	}
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return err
	}
	c.pair, c.version = &pair, seen.String()
	return nil
}
