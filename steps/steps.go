package steps

import (
	"net/http"
	"net/url"
	"time"

	"waybill/engine"
)

// World is what the operations work with.
type World struct {
	Transport http.RoundTripper                     // nil: the network
	Proxy     func(*http.Request) (*url.URL, error) // of the network: http.ProxyFromEnvironment; nil: none
	Ledger    engine.Ledger                         // of getStatus and getMessages; nil where nothing is performed
	Now       func() time.Time
	Version   string // for the User-Agent
}

// All gives the six operations, in the order of the manual.
func All(w World) []engine.Operation {
	l := newClients(w)
	return []engine.Operation{
		&sendTemplate{sending{clients: l}},
		&sendText{sending{clients: l}},
		&sendMedia{sending{clients: l}},
		&getStatus{clients: l, ledger: w.Ledger},
		&listConversations{clients: l},
		&getMessages{ledger: w.Ledger},
	}
}
