package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"waybill/engine"
	"waybill/engine/eval"
	"waybill/engine/secret"
	"waybill/steps"
	"waybill/whatsapp"
)

// doctor asks about one account after the other.
type doctor struct {
	app      *app
	flags    *jobFlags
	found    checkup
	patients []*patient
	emulator *emulator // nil outside the sandbox
	state    string    // path of the ledger; empty: the jobs have several
	ledgers  []string  // paths of all of them
}

// patient is a number with the account that it belongs to, as some jobs reach it.
type patient struct {
	connection engine.Connection
	varies     []string // parts of the connection that differ from item to item
	steps      []use    // that use it
	client     *whatsapp.Client
	clock      *clockReader
	templates  map[string][]whatsapp.Template // by name, as far as they were asked for
	throughput float64                        // the highest that a job asks for
}

// use is a step of a job with what its expressions can see before any run.
type use struct {
	job   *engine.Job
	step  *engine.Step
	names eval.Names
}

func (a *app) newDoctor(ctx context.Context, paths []string, f *jobFlags) (*doctor, error) {
	d := &doctor{app: a, flags: f, found: checkup{Checks: []check{}}}
	world := steps.World{Now: a.env.Now, Version: version().Version}
	lookup := a.env.LookupEnv
	if f.sandbox {
		d.emulator = a.newEmulator(nil, a.log(a.err))
		lookup, world.Transport = sandboxLookup(lookup), d.emulator.server
	}
	files, err := serveFiles(paths)
	if err != nil {
		return nil, err
	}
	if d.state, err = serveState(f, files); err != nil && f.state != "" {
		return nil, err
	}
	if d.ledgers, err = ledgerPaths(f, files); err != nil {
		return nil, err
	}
	loader := a.loader(lookup, world, f)
	var failures []error
	for _, file := range files {
		jobs, err := a.loadFile(file, loader)
		failures = append(failures, err)
		for _, job := range jobs {
			failures = append(failures, d.takeIn(ctx, job))
		}
	}
	if err := joinFindings(failures); err != nil {
		return nil, err
	}
	if len(files) == 0 {
		d.patients = append(d.patients, &patient{connection: d.fromVariables()})
	}
	return d, nil
}

// fromVariables is the connection that a job has which says nothing.
func (d *doctor) fromVariables() engine.Connection {
	if d.emulator != nil {
		return *d.emulator.connection()
	}
	token := d.app.variable("WHATSAPP_TOKEN")
	d.app.redactor.Add(token)
	c := steps.DefaultConnection()
	c.Token, c.PhoneNumberID, c.WABAID = secret.New(token), d.app.variable("WHATSAPP_PHONE_NUMBER_ID"), d.app.variable("WHATSAPP_WABA_ID")
	c.Throughput = 0 // the job asks for none
	return c
}

// takeIn finds the connections of a job's steps.
func (d *doctor) takeIn(ctx context.Context, job *engine.Job) error {
	given, err := d.flags.givenInputs()
	if err != nil {
		return err
	}
	for name := range given {
		if !slices.ContainsFunc(job.Inputs, func(in engine.Input) bool { return in.Name == name }) {
			delete(given, name)
		}
	}
	inputs, _ := job.ParseInputs(given) // one that is missing is missing in the checks that need it
	names := eval.Names{"inputs": inputs, "job": map[string]any{"name": job.Name}}
	vars := map[string]any{}
	for _, v := range job.Vars {
		if value, ok := known(ctx, v.Value, names); ok {
			vars[v.Name] = value
		}
	}
	if len(vars) == len(job.Vars) {
		names["vars"] = vars
	}
	d.walk(ctx, job, job.Steps, names)
	return nil
}

func (d *doctor) walk(ctx context.Context, job *engine.Job, list []*engine.Step, names eval.Names) {
	for _, s := range list {
		d.walk(ctx, job, s.Steps, names)
		if s.Operation == nil || !slices.Contains(s.Operation.Needs(), "token") {
			continue
		}
		connection, varies := d.connectionOf(ctx, job, s, names)
		at := slices.IndexFunc(d.patients, func(p *patient) bool { return p.same(connection, varies) })
		if at < 0 {
			at = len(d.patients)
			d.patients = append(d.patients, &patient{connection: connection, varies: varies})
		}
		p := d.patients[at]
		p.throughput = max(p.throughput, connection.Throughput)
		p.steps = append(p.steps, use{job: job, step: s, names: names})
	}
}

// same says whether a connection is the patient's. Steps that do not need one of the ids have none.
func (p *patient) same(c engine.Connection, varies []string) bool {
	return p.connection.BaseURL == c.BaseURL && p.connection.Token == c.Token && p.connection.PhoneNumberID == c.PhoneNumberID &&
		p.connection.WABAID == c.WABAID && slices.Equal(p.varies, varies)
}

// connectionOf gives a step's connection as far as it is known before any item, and the parts that are not.
func (d *doctor) connectionOf(ctx context.Context, job *engine.Job, s *engine.Step, names eval.Names) (c engine.Connection, varies []string) {
	if d.emulator != nil {
		return *d.emulator.connection(), nil
	}
	part := func(name string, own, common *eval.Tree, otherwise string) string {
		tree := cmp.Or(own, common)
		if tree == nil {
			return otherwise
		}
		value, ok := known(ctx, tree, names)
		text, err := eval.Text(value)
		if !ok || err != nil {
			varies = append(varies, name)
			return ""
		}
		return text
	}
	in, out := s.Connection, job.Connection
	c = job.Defaults
	c.Token = secret.New(part("token", in.Token, out.Token, d.app.variable("WHATSAPP_TOKEN")))
	c.PhoneNumberID = part("phoneNumberId", in.PhoneNumberID, out.PhoneNumberID, d.app.variable("WHATSAPP_PHONE_NUMBER_ID"))
	c.WABAID = part("wabaId", in.WABAID, out.WABAID, d.app.variable("WHATSAPP_WABA_ID"))
	c.BaseURL = part("baseUrl", in.BaseURL, out.BaseURL, job.Defaults.BaseURL)
	rate := part("throughput", in.Throughput, out.Throughput, "")
	c.Throughput, _ = strconv.ParseFloat(rate, 64) // zero: the job asks for none
	return c, varies
}

// known renders a value that is the same for the whole run; false when an item or a step's answer decides it.
func known(ctx context.Context, t *eval.Tree, names eval.Names) (any, bool) {
	if value, ok := t.Constant(); ok {
		return value, true
	}
	for _, root := range t.Roots() {
		if _, ok := names[root]; !ok && root != "env" {
			return nil, false
		}
	}
	value, err := t.Render(ctx, names)
	return value, err == nil
}

// name tells the patients apart.
func (p *patient) name() string {
	var jobs []string
	for _, u := range p.steps {
		if !slices.Contains(jobs, u.job.Name) {
			jobs = append(jobs, u.job.Name)
		}
	}
	text := "number id " + cmp.Or(p.connection.PhoneNumberID, "(none)")
	if len(jobs) > 0 {
		text += ", used by " + strings.Join(jobs, ", ")
	}
	return text
}

// connect makes the client. Its error says what about the connection cannot be.
func (d *doctor) connect(p *patient) error {
	if len(p.varies) > 0 {
		return fmt.Errorf("%s differs from item to item", strings.Join(p.varies, ", "))
	}
	if p.connection.Token.IsZero() {
		return errors.New("there is no token: WHATSAPP_TOKEN is not set")
	}
	p.clock = &clockReader{now: d.app.env.Now}
	if d.emulator != nil {
		p.clock.inner = d.emulator.server
	} else {
		p.clock.inner = &http.Transport{Proxy: http.ProxyFromEnvironment, TLSHandshakeTimeout: p.connection.ConnectTimeout, ForceAttemptHTTP2: true}
	}
	client, err := whatsapp.New(whatsapp.Config{
		BaseURL: p.connection.BaseURL, Token: whatsapp.Token(p.connection.Token.Reveal()), Transport: p.clock, Version: version().Version, Now: d.app.env.Now,
	})
	p.client = client
	return err
}

// clockReader compares the clock of whoever answers with this machine's.
type clockReader struct {
	inner http.RoundTripper
	now   func() time.Time

	mu    sync.Mutex
	told  bool
	ahead time.Duration // this machine, of the answers; within the time that the request took
}

// RoundTrip passes the request on and reads the Date of its answer.
func (c *clockReader) RoundTrip(r *http.Request) (*http.Response, error) {
	before := c.now()
	answer, err := c.inner.RoundTrip(r)
	if err != nil {
		return answer, err
	}
	after := c.now()
	if at, err := http.ParseTime(answer.Header.Get("Date")); err == nil {
		const halfSecond = 500 * time.Millisecond // the header is cut to seconds
		c.mu.Lock()
		c.told, c.ahead = true, before.Add(after.Sub(before)/2).Sub(at.Add(halfSecond))
		c.mu.Unlock()
	}
	return answer, nil
}
