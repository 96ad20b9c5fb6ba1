package steps

import (
	"net/http"
	"net/url"
	"time"

	"waybill/engine"
	"waybill/steps/template"
)

// World holds what the operations depend on.
type World struct {
	Transport http.RoundTripper                     // nil: the network
	Proxy     func(*http.Request) (*url.URL, error) // of the network: http.ProxyFromEnvironment; nil: none
	Ledger    engine.Ledger                         // of getStatus and getMessages; nil where no operation is called
	Now       func() time.Time
	Version   string // for the User-Agent

	Templates *template.Locks // what is known of templates; nil: nothing
}

// The three that reach a person.
var (
	_ engine.Sender = (*sendTemplate)(nil)
	_ engine.Sender = (*sendText)(nil)
	_ engine.Sender = (*sendMedia)(nil)
)

// All returns the six operations, in the order of the manual.
func All(w World) []engine.Operation {
	shared := newClients(w)
	return []engine.Operation{
		&sendTemplate{sending{shared, templateDraft}},
		&sendText{sending{shared, textDraft}},
		&sendMedia{sending{shared, mediaDraft}},
		&getStatus{clients: shared, ledger: w.Ledger},
		&listConversations{clients: shared},
		&getMessages{ledger: w.Ledger},
	}
}
