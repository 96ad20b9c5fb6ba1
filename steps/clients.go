package steps

import (
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/eval"
	"waybill/whatsapp"
)

// clients holds what the operations of one program share: a client for each token and address, a limiter for each
// sending number, and the uploaded files.
type clients struct {
	world   World
	outputs map[string]eval.Type // of a send; made once, since every message asks for them

	mu       sync.Mutex
	clients  map[clientKey]*whatsapp.Client
	limiters map[numberKey]*whatsapp.Limiter
	hosts    map[string]string // of base addresses: each message asks, and an address is dear to parse
	uploads  *uploadCache
}

type clientKey struct {
	baseURL, token string
	connect, read  time.Duration
}

// numberKey identifies a sending number, whatever version of the API is called. The host is part of it, so that a number
// of an emulator is another one.
type numberKey struct{ host, phoneNumberID string }

// numberOf identifies a connection's number. The caller holds the lock.
func (cs *clients) numberOf(c engine.Connection) numberKey {
	host, known := cs.hosts[c.BaseURL]
	if !known {
		host = c.BaseURL // an address that cannot be parsed is refused by client
		if base, err := url.Parse(c.BaseURL); err == nil {
			host = strings.TrimSuffix(strings.ToLower(base.Host), ":443")
		}
		cs.hosts[c.BaseURL] = host
	}
	return numberKey{host, c.PhoneNumberID}
}

func newClients(w World) *clients {
	return &clients{
		world:   w,
		outputs: map[string]eval.Type{"messageId": eval.String(), "messageStatus": eval.String(), "recipient": eval.String()},
		clients: map[clientKey]*whatsapp.Client{}, limiters: map[numberKey]*whatsapp.Limiter{}, hosts: map[string]string{},
		uploads: newUploadCache(),
	}
}

// client returns the client of a connection. Its error is about the job file: a token or an address that cannot be used.
func (cs *clients) client(c engine.Connection) (*whatsapp.Client, error) {
	key := clientKey{c.BaseURL, c.Token.Reveal(), c.ConnectTimeout, c.ReadTimeout}
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if client, ok := cs.clients[key]; ok {
		return client, nil
	}
	client, err := whatsapp.New(whatsapp.Config{
		BaseURL: c.BaseURL, Token: whatsapp.Token(c.Token.Reveal()), ConnectTimeout: c.ConnectTimeout, ReadTimeout: c.ReadTimeout,
		Transport: cs.world.Transport, Proxy: cs.world.Proxy, Version: cs.world.Version, Now: cs.world.Now,
	})
	if err != nil {
		return nil, &engine.Verdict{
			Result: delivery.ResultRefused, Stop: true, Retryable: true, Cause: delivery.CauseAccount, Err: fmt.Errorf("connection: %w", err),
		}
	}
	cs.clients[key] = client
	return client, nil
}

// pace returns the pace of a call's messages. All calls of a number share its limiter, and each brings the throughput of
// its step. So one step may be slower than the others, and a job file that changes while `serve` runs takes effect with
// the next run.
func (cs *clients) pace(c engine.Connection) whatsapp.Pace {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	key := cs.numberOf(c)
	limiter, ok := cs.limiters[key]
	if !ok {
		limiter = cs.newLimiter(key)
		cs.limiters[key] = limiter
	}
	return limiter.At(c.Throughput)
}
