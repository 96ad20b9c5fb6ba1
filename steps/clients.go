package steps

import (
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"waybill/engine"
	"waybill/engine/eval"
	"waybill/whatsapp"
)

// clients are the connections to WhatsApp that the operations of one program share: a client for each token and
// address, and a limiter for each sending number.
type clients struct {
	world   World
	outputs map[string]eval.Type // of a send; made once, since every message asks for them

	mu       sync.Mutex
	clients  map[clientKey]*whatsapp.Client
	limiters map[numberKey]*whatsapp.Limiter
	uploads  *uploadCache
}

type clientKey struct {
	baseURL, token string
	connect, read  time.Duration
}

// numberKey is a sending number, whichever version of the API is asked. Hosts keep it apart from one of an emulator.
type numberKey struct{ host, phoneNumberID string }

func numberOf(c engine.Connection) numberKey {
	host := c.BaseURL // what cannot be read is refused by client
	if base, err := url.Parse(c.BaseURL); err == nil {
		host = strings.TrimSuffix(strings.ToLower(base.Host), ":443")
	}
	return numberKey{host, c.PhoneNumberID}
}

func newClients(w World) *clients {
	return &clients{
		world:   w,
		outputs: map[string]eval.Type{"messageId": eval.String(), "messageStatus": eval.String(), "recipient": eval.String()},
		clients: map[clientKey]*whatsapp.Client{}, limiters: map[numberKey]*whatsapp.Limiter{},
		uploads: newUploadCache(),
	}
}

// client gives the client of a connection. Its error is about the file: a token or an address that cannot be used.
func (l *clients) client(c engine.Connection) (*whatsapp.Client, error) {
	key := clientKey{c.BaseURL, c.Token.Reveal(), c.ConnectTimeout, c.ReadTimeout}
	l.mu.Lock()
	defer l.mu.Unlock()
	if client, ok := l.clients[key]; ok {
		return client, nil
	}
	client, err := whatsapp.New(whatsapp.Config{
		BaseURL: c.BaseURL, Token: whatsapp.Token(c.Token.Reveal()), ConnectTimeout: c.ConnectTimeout, ReadTimeout: c.ReadTimeout,
		Transport: l.world.Transport, Proxy: l.world.Proxy, Version: l.world.Version, Now: l.world.Now,
	})
	if err != nil {
		return nil, &engine.Verdict{Judgement: engine.JudgedRefused, Stop: true, Again: true, Err: fmt.Errorf("connection: %w", err)}
	}
	l.clients[key] = client
	return client, nil
}

// pace gives the pace of a call's messages: whoever sends for the number shares its limiter, and each call brings the
// throughput that its step asks for. So a step may be slower than the others, and a file that changed while `serve`
// runs is obeyed from the next run on.
func (l *clients) pace(c engine.Connection) whatsapp.Pace {
	key := numberOf(c)
	l.mu.Lock()
	defer l.mu.Unlock()
	limiter, ok := l.limiters[key]
	if !ok {
		limiter = whatsapp.NewLimiter(l.world.Now)
		l.limiters[key] = limiter
	}
	return limiter.At(c.Throughput)
}
