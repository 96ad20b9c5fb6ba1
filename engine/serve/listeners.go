package serve

import (
	"crypto/tls"
	"errors"
	"net"
	"time"
)

// Listeners are the sockets that a server answers on.
type Listeners struct {
	Public   net.Listener
	Emulator net.Listener // nil outside the sandbox
	TLS      bool         // Public is encrypted
}

// Encrypt puts TLS in front of Public, with a pair of PEM files that is read again when one of them changed. Its error says
// what is wrong with the files.
func (l *Listeners) Encrypt(certFile, keyFile string, now func() time.Time) error {
	c := &certificate{certFile: certFile, keyFile: keyFile, now: now}
	if err := c.read(); err != nil {
		return err
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.get, NextProtos: []string{"h2", "http/1.1"}}
	l.Public, l.TLS = tls.NewListener(l.Public, config), true
	return nil
}

// URL is where Public is reached, without a path.
func (l *Listeners) URL() string {
	scheme := "http"
	if l.TLS {
		scheme = "https"
	}
	return scheme + "://" + l.Public.Addr().String()
}

// Close closes the sockets that no server closed before.
func (l *Listeners) Close() error {
	var errs []error
	for _, one := range []net.Listener{l.Public, l.Emulator} {
		if one == nil {
			continue
		}
		if err := one.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
