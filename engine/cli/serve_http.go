package cli

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"syscall"
	"time"

	"waybill/engine/dashboard"
)

// webhookPath is where WhatsApp calls.
const webhookPath = "/webhooks"

// ears are the sockets, open before anything else is.
type ears struct {
	public   net.Listener
	emulator net.Listener // nil outside the sandbox
	scheme   string
}

// close lets go of what no server took over.
func (e *ears) close() error {
	var errs []error
	for _, l := range []net.Listener{e.public, e.emulator} {
		if l == nil {
			continue
		}
		if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (e *ears) url() string { return e.scheme + "://" + e.public.Addr().String() }

// listen opens the sockets. Without TLS, strangers could read along what people write, and the dashboard's token.
func (s *station) listen(ctx context.Context) (*ears, error) {
	o := s.options
	e := &ears{scheme: "http"}
	var err error
	if e.public, err = listenOn(ctx, "--listen", o.listen); err != nil {
		return nil, err
	}
	if o.tlsCert != "" {
		config, err := tlsConfig(o.tlsCert, o.tlsKey, s.app.env.Now)
		if err != nil {
			return nil, errors.Join(err, e.close())
		}
		e.public, e.scheme = tls.NewListener(e.public, config), "https"
	} else if !o.behindProxy && !isLoopback(e.public.Addr()) {
		return nil, errors.Join(usageError(fmt.Sprintf("--listen %s is open beyond this machine, and there is no TLS", o.listen),
			"give --tls-cert and --tls-key; or say --behind-proxy, if a proxy in front of it does the TLS"), e.close())
	}
	if s.emulator == nil {
		return e, nil
	}
	e.emulator, err = listenOn(ctx, "--sandbox-listen", o.sandboxListen)
	if err != nil && !o.sandboxListenGiven {
		e.emulator, err = listenOn(ctx, "--sandbox-listen", "127.0.0.1:0")
	}
	if err == nil && !isLoopback(e.emulator.Addr()) {
		err = usageError("--sandbox-listen is for this machine alone: the emulator's back door asks for no token", "")
	}
	if err != nil {
		return nil, errors.Join(err, e.close())
	}
	return e, nil
}

func listenOn(ctx context.Context, flag, address string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, usageError(fmt.Sprintf("%s %s: another program listens there already", flag, address),
			"is another waybill serve running? Choose another address; port 0 takes a free one")
	case err != nil:
		return nil, usageError(fmt.Sprintf("%s %s: %v", flag, address, err), "write HOST:PORT, such as 127.0.0.1:8080")
	}
	return l, nil
}

func isLoopback(address net.Addr) bool {
	tcp, ok := address.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

// handler knows the way to everything. The webhook and the probes are open to all who reach this address; the webhook has
// its signature. The rest is the operator's, behind the dashboard's door.
func (s *station) handler() http.Handler {
	door := s.doorOptions()
	health := dashboard.Health(s.ready, s.log)
	mux := http.NewServeMux()
	mux.Handle(webhookPath, s.receiver)
	mux.Handle(webhookPath+"/{$}", s.receiver)
	mux.Handle("/healthz", health)
	mux.Handle("/readyz", health)
	mux.Handle("/metrics", dashboard.Guard(door, s.metrics.Handler()))
	mux.Handle("/", dashboard.New(door))
	return mux
}

// serveHTTP answers until ctx ends, and a little longer to those who were under way.
func (s *station) serveHTTP(ctx context.Context, l net.Listener, h http.Handler) error {
	const patience = 10 * time.Second
	server := &http.Server{
		Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: 60 * time.Second,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: log.New(&serverNoise{log: slog.New(newThrottled(s.log.Handler()))}, "", 0),
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if err := server.Shutdown(last); err != nil {
		s.log.LogAttrs(last, slog.LevelInfo, "connections cut that were still open", slog.Any("error", err))
		_ = server.Close() // of what is left there is nothing to say
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// serverNoise sorts what net/http says: handshakes that scanners break off are noise, and a panic is a fault of ours.
type serverNoise struct{ log *slog.Logger }

// Write takes one message.
func (n *serverNoise) Write(text []byte) (int, error) {
	level := slog.LevelDebug
	if bytes.Contains(text, []byte("panic")) {
		level = slog.LevelError
	}
	n.log.LogAttrs(context.Background(), level, "http server", slog.String("said", string(bytes.TrimSpace(text))))
	return len(text), nil
}
