package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"waybill/engine"
	"waybill/engine/ledger/postgres"
	"waybill/steps/doctor"
)

// stateVariable names the ledger where --state does not.
const stateVariable = "WAYBILL_STATE"

// isShared says whether a state is a ledger in a database, which many processes send from.
func isShared(state string) bool {
	return strings.HasPrefix(state, "postgres://") || strings.HasPrefix(state, "postgresql://")
}

// takeState takes the ledger from the environment where the command line names none. The sandbox has a ledger of its own, whatever the
// environment says.
func (a *app) takeState(c *cobra.Command) error {
	f := c.Flags().Lookup("state")
	if f == nil {
		return nil
	}
	if f.Changed {
		return refusePassword("--state", f.Value.String())
	}
	state := a.variable(stateVariable)
	if sandbox := c.Flags().Lookup("sandbox"); state == "" || sandbox != nil && sandbox.Value.String() == "true" {
		return nil
	}
	if u, err := url.Parse(state); err == nil && isShared(state) {
		if password, has := u.User.Password(); has {
			a.redactor.Add(password)
			a.redactor.Add(url.QueryEscape(password))
		}
	}
	a.stateOfVariable = true
	return f.Value.Set(state)
}

// refusePassword refuses a ledger whose address on the command line has a password.
func refusePassword(what, state string) error {
	if u, err := url.Parse(state); err == nil && isShared(state) {
		if _, has := u.User.Password(); has {
			return usageError(what+" holds a password, and everybody on this machine sees command lines",
				"give it in PGPASSWORD, in ~/.pgpass, or with the whole address in "+stateVariable)
		}
	}
	return nil
}

// openShared opens a ledger in a database.
func (a *app) openShared(state string, want access, log *slog.Logger) (engine.Ledger, error) {
	if a.env.Shared != nil {
		a.env.Shared()
	}
	lease, err := a.lease()
	if err != nil {
		return nil, err
	}
	l, err := postgres.Open(state, postgres.Options{
		Lease: lease, Now: a.env.Now, Log: log, ReadOnly: want == toRead, Sandbox: want == toEmulate, Insecure: a.insecureLedger, Witness: stateDir, WitnessFile: a.witness,
	})
	if err != nil {
		return nil, err // and not a nil *Ledger, which would not be nil in the interface
	}
	return l, nil
}

// sharedToCheck is a ledger in a database as doctor looks at it.
func (a *app) sharedToCheck(state string) doctor.Ledger {
	isNew, err := a.isNew(state)
	return doctor.Ledger{
		Witness: func() (doctor.Witness, error) { return a.witnessOf(state) },
		Path:    nameOfState(state), Exists: err != nil || !isNew,
		Open: func() (doctor.Reader, error) { return a.readAsIs(state) },
		Holder: func() (who string, err error) {
			l, err := a.readAsIs(state)
			if err != nil {
				return "", err
			}
			defer func() { err = errors.Join(err, l.Close()) }()
			return l.Holder(context.Background())
		},
	}
}

// withoutPassword is the address of a ledger as it may be written down.
func withoutPassword(state string) string {
	u, err := url.Parse(state)
	if err != nil || !isShared(state) || u.User == nil {
		return state
	}
	u.User = url.User(u.User.Username())
	return u.String()
}

// nameOfState is a ledger's name for people: without a password.
func nameOfState(state string) string {
	u, err := url.Parse(state)
	if err != nil || !isShared(state) {
		return state
	}
	return fmt.Sprintf("%s://%s%s", u.Scheme, u.Host, u.Path)
}
