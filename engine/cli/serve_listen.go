package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"

	"waybill/engine/serve"
)

// listen opens the sockets of serve. Without TLS, others could read along what people write, and the dashboard's token.
func (a *app) listen(ctx context.Context, o *serveOptions) (_ *serve.Listeners, err error) {
	l := &serve.Listeners{}
	defer func() {
		if err != nil && l.Public != nil {
			err = errors.Join(err, l.Close())
		}
	}()
	if l.Public, err = listenOn(ctx, "--listen", o.listen); err != nil {
		return nil, err
	}
	if o.tlsCert != "" {
		if err := l.Encrypt(o.tlsCert, o.tlsKey, a.env.Now); err != nil {
			return nil, usageError(fmt.Sprintf("the certificate cannot be used: %v", err),
				"--tls-cert and --tls-key are two PEM files that belong to each other")
		}
	} else if !o.behindProxy && !isLoopback(l.Public.Addr()) {
		return nil, usageError(fmt.Sprintf("--listen %s is open beyond this machine, and there is no TLS", o.listen),
			"give --tls-cert and --tls-key; or say --behind-proxy, if a proxy in front of it does the TLS")
	}
	if o.sandbox {
		l.Emulator, err = listenForSandbox(ctx, o)
	}
	return l, err
}

// listenForSandbox opens the emulator's socket; a free port when the usual one is taken and none was asked for.
func listenForSandbox(ctx context.Context, o *serveOptions) (net.Listener, error) {
	l, err := listenOn(ctx, "--sandbox-listen", o.sandboxListen)
	if err != nil && !o.sandboxListenGiven {
		l, err = listenOn(ctx, "--sandbox-listen", "127.0.0.1:0")
	}
	if err != nil {
		return nil, err
	}
	if !isLoopback(l.Addr()) {
		refusal := usageError("--sandbox-listen is for this machine alone: the emulator's back door asks for no token", "")
		return nil, errors.Join(refusal, l.Close())
	}
	return l, nil
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
