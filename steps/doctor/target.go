package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"waybill/engine"
	"waybill/engine/runner"
	"waybill/whatsapp"
)

// sendingAccount is a number with the account that it belongs to, as some jobs reach it.
type sendingAccount struct {
	connection engine.Connection
	varies     []string    // keys of the connection that differ from item to item
	steps      []knownStep // that use it
	client     *whatsapp.Client
	clock      *clockReader
	templates  map[string][]whatsapp.Template // by name, as far as they were asked for
	testNumber bool                           // one of Meta's, for trying

	marketingOff bool    // marketing templates are refused by messages
	throughput   float64 // the highest that a job asks for
}

// knownStep is a step of a job with what is known of it before any run.
type knownStep struct {
	job     *engine.Job
	step    *engine.Step
	inputs  map[string]any
	preview *runner.Preview
}

// accounts are those that the jobs send with; without jobs, that of the variables.
func (d *doctor) accounts(ctx context.Context) []*sendingAccount {
	if len(d.Jobs) == 0 {
		return []*sendingAccount{{connection: d.Account}}
	}
	var list []*sendingAccount
	for _, job := range d.Jobs {
		inputs, _ := job.ParseInputs(job.OwnInputs(d.Inputs)) // one that is missing is missing in the checks that need it
		known := knownStep{job: job, inputs: inputs, preview: runner.NewPreview(ctx, job, inputs)}
		list = d.collectAccounts(ctx, list, known, job.Steps)
	}
	return list
}

// collectAccounts adds the accounts of some steps of a job, and of those inside them.
func (d *doctor) collectAccounts(ctx context.Context, list []*sendingAccount, known knownStep, steps []*engine.Step) []*sendingAccount {
	for _, s := range steps {
		list = d.collectAccounts(ctx, list, known, s.Steps)
		if s.Operation == nil || !slices.Contains(s.Operation.Needs(), "token") {
			continue
		}
		known.step = s
		connections, varies := d.connections(ctx, known.preview, s)
		for _, connection := range connections {
			at := slices.IndexFunc(list, func(a *sendingAccount) bool { return a.same(connection, varies) })
			if at < 0 {
				at = len(list)
				list = append(list, &sendingAccount{connection: connection, varies: varies})
			}
			list[at].throughput = max(list[at].throughput, connection.Throughput)
			list[at].steps = append(list[at].steps, known)
		}
	}
	return list
}

// connections returns a step's connections as far as they are known before any item, one for each of its numbers, and the keys that are
// not. How long is waited for an answer tells no accounts apart.
func (d *doctor) connections(ctx context.Context, preview *runner.Preview, s *engine.Step) (list []engine.Connection, varies []string) {
	if d.Override != nil {
		return []engine.Connection{*d.Override}, nil
	}
	list, varies = preview.Connections(ctx, s)
	varies = slices.DeleteFunc(varies, func(key string) bool { return key == "connectTimeout" || key == "readTimeout" })
	for i := range list {
		c := &list[i]
		if c.Token.IsZero() && !slices.Contains(varies, "token") {
			c.Token = d.Account.Token
		}
		if !slices.Contains(varies, "phoneNumberId") {
			c.PhoneNumberID = cmp.Or(c.PhoneNumberID, d.Account.PhoneNumberID)
		}
		if !slices.Contains(varies, "wabaId") {
			c.WABAID = cmp.Or(c.WABAID, d.Account.WABAID)
		}
	}
	return list, varies
}

// same says whether a connection reaches this account.
func (a *sendingAccount) same(c engine.Connection, varies []string) bool {
	return a.connection.BaseURL == c.BaseURL && a.connection.Token == c.Token && a.connection.PhoneNumberID == c.PhoneNumberID &&
		a.connection.WABAID == c.WABAID && slices.Equal(a.varies, varies)
}

// name tells the accounts apart.
func (a *sendingAccount) name() string {
	var jobs []string
	for _, known := range a.steps {
		if !slices.Contains(jobs, known.job.Name) {
			jobs = append(jobs, known.job.Name)
		}
	}
	text := "number id " + cmp.Or(a.connection.PhoneNumberID, "(none)")
	if len(jobs) > 0 {
		text += ", used by " + strings.Join(jobs, ", ")
	}
	return text
}

// connect makes the account's client. Its error says what about the connection cannot be.
func (d *doctor) connect(a *sendingAccount) error {
	if len(a.varies) > 0 {
		return fmt.Errorf("%s differs from item to item", strings.Join(a.varies, ", "))
	}
	if a.connection.Token.IsZero() {
		return errors.New("there is no token: WHATSAPP_TOKEN is not set")
	}
	a.clock = &clockReader{now: d.Now, inner: d.Transport}
	if a.clock.inner == nil {
		a.clock.inner = &http.Transport{
			Proxy: http.ProxyFromEnvironment, TLSHandshakeTimeout: a.connection.ConnectTimeout, ForceAttemptHTTP2: true,
		}
	}
	client, err := whatsapp.New(whatsapp.Config{
		BaseURL: a.connection.BaseURL, Token: whatsapp.Token(a.connection.Token.Reveal()), Transport: a.clock,
		Version: d.Version, Now: d.Now,
	})
	a.client = client
	return err
}
