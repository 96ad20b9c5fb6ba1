package doctor

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"waybill/engine"
)

// Options says what is checked. Now is required; the rest may be zero.
type Options struct {
	Jobs        []*engine.Job      // none: Account is checked alone
	Inputs      map[string]string  // as texts, by name; each job gets those that it has
	AllowPaths  []string           // folders beyond its own that a job may read
	Account     engine.Connection  // what a job uses where it says nothing, with its ids and token as far as they are known
	Credentials []Credential       // the variables of the account and of the webhook, as they are set
	Override    *engine.Connection // takes the place of every connection of a job: the sandbox
	Transport   http.RoundTripper  // nil: the network
	Ledgers     []Ledger           // that the jobs use
	Receiver    *Receiver          // nil: not checked
	Now         func() time.Time
	Version     string // for the User-Agent
}

// Run makes all checks. An error means that ctx ended first.
func Run(ctx context.Context, o Options) (*Report, error) {
	d := &doctor{Options: o, found: Report{Checks: []Check{}}}
	if !d.checkCredentials() && len(d.Jobs) == 0 {
		return &d.found, nil
	}
	for _, account := range d.accounts(ctx) {
		d.checkAccount(ctx, account)
		if ctx.Err() != nil {
			return nil, fmt.Errorf("checkup: %w", context.Cause(ctx))
		}
	}
	d.checkZones()
	d.checkReceiver(ctx)
	d.checkLedgers(ctx)
	return &d.found, nil
}

// doctor is one Run under way.
type doctor struct {
	Options

	found Report
}
