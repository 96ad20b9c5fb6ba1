package notify

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// Target is where to tell events. It shows its name and its scheme, never its address.
type Target struct {
	name, scheme string
	// once tells an event, or returns a *failure.
	once func(ctx context.Context, over http.RoundTripper, e Event) error
}

// Name returns what the job file calls the target: the same name in the same job means the same target later.
func (t Target) Name() string { return t.name }

// String returns name and kind: "$<SLACK_URL> (slack)".
func (t Target) String() string { return t.name + " (" + t.scheme + ")" }

// Parse makes a Target of an address. https, and http to loopback, are sent the event as JSON; teams+https a card for a workflow of
// Teams; the others are addresses of shoutrrr (https://shoutrrr.nickfedor.com). Name is how people and the Outbox call it:
// "$<SLACK_URL>", or its place in the job file. An error says the name and the scheme, and never repeats the address.
func Parse(name, address string) (Target, error) {
	to, err := url.Parse(address)
	if err != nil || to.Scheme == "" || !strings.Contains(address, "://") {
		return Target{}, fmt.Errorf("notify %s: cannot be read as an address", name) // the reason would repeat it
	}
	t := Target{name: name, scheme: to.Scheme}
	switch {
	case to.Scheme == "https" || to.Scheme == "http":
		t.once, err = toAddress(to, Event.MarshalJSON)
	case to.Scheme == "teams+https" && !strings.HasSuffix(strings.ToLower(to.Hostname()), oldTeamsHost):
		workflow := *to
		workflow.Scheme = "https"
		t.once, err = toAddress(&workflow, teamsCard)
	default:
		t.once, err = toService(to)
	}
	if err != nil {
		return Target{}, fmt.Errorf("notify %s: %w", t, err)
	}
	return t, nil
}

var errClear = errors.New("must be https: the address, a secret, would travel in the clear")

func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	address := net.ParseIP(host)
	return address != nil && address.IsLoopback()
}
