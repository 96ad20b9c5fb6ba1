package runner

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/diag"
)

// planFormat is the version of SavedPlan's JSON form.
const planFormat = 1

// SavedPlan is a plan as it is kept to be applied later, exactly: references and digests, and no message and no
// secret. A job's secrets are in it as digests keyed by the ledger.
type SavedPlan struct {
	Format      int                        `json:"waybillPlan"` // 1; also tells such a file from a job
	Job         string                     `json:"job"`
	Scope       string                     `json:"scope"`
	File        string                     `json:"file"` // the job file, absolute
	Inputs      map[string]any             `json:"inputs"`
	Only        string                     `json:"only,omitempty"`
	Limit       int                        `json:"limit,omitempty"`
	RetryFailed bool                       `json:"retryFailed,omitempty"`
	Again       engine.Again               `json:"again,omitzero"`
	MadeAt      time.Time                  `json:"madeAt"`
	JobDigest   string                     `json:"jobDigest"`
	Files       map[string]string          `json:"files"`     // name of a file, an address or a query → digest of what was read
	Variables   map[string]delivery.Digest `json:"variables"` // environment variable → keyed digest of its value
	Ledger      delivery.Digest            `json:"ledger"`    // keyed digest of nothing in particular: tells one ledger from another; 0: not known
	Fingerprint string                     `json:"fingerprint"`
	New         int                        `json:"new"`
	ToRetry     int                        `json:"toRetry"`
	AlreadySent int                        `json:"alreadySent"`
	People      int                        `json:"people"`
}

// Save plans a request and gives the form of the plan that can be kept. It needs the ledger.
func (e *Engine) Save(ctx context.Context, req Request) (*engine.Plan, *SavedPlan, error) {
	req.pins = &pins{opener: req.Open, seen: map[string]map[string]bool{}}
	req.Open = req.pins
	plan, err := e.Plan(ctx, req)
	if err != nil {
		return nil, nil, err
	}
	inputs, err := json.Marshal(req.Inputs)
	if err != nil {
		return nil, nil, fmt.Errorf("inputs of the plan: %w", err)
	}
	saved := &SavedPlan{
		Format: planFormat, Job: plan.Job, Scope: plan.Scope, File: req.File, Inputs: req.Inputs,
		Only: req.Only, Limit: req.Limit, RetryFailed: req.RetryFailed, Again: req.Again, MadeAt: e.Now().UTC().Truncate(time.Second),
		JobDigest: jobDigest(req.Job, inputs), Files: req.pins.digests(), Variables: map[string]delivery.Digest{}, Ledger: e.Ledger.Digest([]byte("ledger")),
		Fingerprint: plan.Fingerprint, New: plan.New, ToRetry: plan.ToRetry, AlreadySent: plan.AlreadySent, People: plan.People,
	}
	if req.Job.Variables != nil {
		for _, name := range req.Job.Variables.Names() {
			value, _ := req.Job.Variables.Lookup(name)
			saved.Variables[name] = e.Ledger.Digest([]byte(name + "=" + value))
		}
	}
	return plan, saved, nil
}

// Audience returns how many people the plan would reach.
func (p *SavedPlan) Audience() Audience {
	return Audience{People: cmp.Or(p.People, p.New+p.ToRetry)} // a plan of an earlier version does not say
}

// ReadSavedPlan reads a file that Save's result was written to, and says by ok whether it is one.
func ReadSavedPlan(text []byte) (plan *SavedPlan, ok bool, err error) {
	var p SavedPlan
	if err := json.Unmarshal(text, &p); err != nil || p.Format == 0 {
		return nil, false, nil //nolint:nilerr // it is something else: a job file
	}
	if p.Format != planFormat {
		return nil, true, fmt.Errorf("the plan has format %d, and this program reads %d: make it again", p.Format, planFormat)
	}
	return &p, true, nil
}

// checkNotStale checks, under the ledger's lock, that a saved plan still says what would be done, and returns the plan as it is now. Where
// only the ledger moved, and others may be applying the same plan, it is theirs to say whether this process helps: see execution.moved.
func (x *execution) checkNotStale(ctx context.Context) (*engine.Plan, error) {
	plan, now, err := x.engine.Save(ctx, x.req)
	if err != nil {
		return nil, err
	}
	reasons := x.req.Expect.staleness(now)
	if len(reasons) == 0 && x.req.Expect.Fingerprint == now.Fingerprint {
		return plan, nil
	}
	if len(reasons) > 0 {
		return nil, x.req.Expect.stale(reasons...)
	}
	x.moved = x.req.Expect.stale(x.req.Expect.movement(now))
	if _, shared := x.engine.Ledger.(engine.Divider); shared {
		return plan, nil
	}
	return nil, x.moved
}

// CheckNotStale checks that a request's saved plan still says what would be done, with a ledger from which nothing was sent, before it is
// begun: it may be open for reading, and nil is none. Under the lock it is checked again.
func (e *Engine) CheckNotStale(ctx context.Context, req Request) error {
	if e.Ledger == nil {
		if req.Expect.Ledger == 0 {
			return nil
		}
		return req.Expect.stale(anotherLedger)
	}
	_, now, err := e.Save(ctx, req)
	if err != nil {
		return err
	}
	reasons := req.Expect.staleness(now)
	if len(reasons) == 0 && req.Expect.Fingerprint != now.Fingerprint {
		reasons = []string{req.Expect.movement(now)}
	}
	if len(reasons) == 0 {
		return nil
	}
	return req.Expect.stale(reasons...)
}

// stale refuses a plan for what changed since it was made.
func (p *SavedPlan) stale(reasons ...string) error {
	return diag.List{{
		Severity: diag.Error, Code: "stale-plan",
		Summary: fmt.Sprintf("the plan of %s is stale: %s", p.MadeAt.Format(time.RFC3339), strings.Join(reasons, "; ")),
		Detail:  "What was reviewed is not what would be sent now, so nothing was sent.",
		Hint:    "plan again, review, and apply the new plan",
	}}.Err()
}

// staleness says what changed between two plans of the same request, but for what the ledger has; nothing: they do the same with the same
// ledger.
func (p *SavedPlan) staleness(now *SavedPlan) []string {
	var reasons []string
	if p.JobDigest != now.JobDigest {
		reasons = append(reasons, "the job file or its inputs changed")
	}
	for _, path := range slices.Sorted(maps.Keys(p.Files)) {
		if p.Files[path] != now.Files[path] {
			reasons = append(reasons, path+" changed")
		}
	}
	if p.Ledger != 0 && p.Ledger != now.Ledger { // its key is another, so that no digest says anything
		return append(reasons, anotherLedger)
	}
	for _, name := range slices.Sorted(maps.Keys(p.Variables)) {
		if p.Variables[name] != now.Variables[name] {
			reasons = append(reasons, "the variable "+name+" changed")
		}
	}
	return reasons
}

// anotherLedger says that a plan was made with another ledger than it is applied with, or that there is none.
const anotherLedger = "the ledger is not the one that the plan was made with"

// movement says how two plans of the same request differ of which nothing changed but the ledger.
func (p *SavedPlan) movement(now *SavedPlan) string {
	if p.New == now.New && p.ToRetry == now.ToRetry && p.AlreadySent == now.AlreadySent {
		return "the counts are the same, and which deliveries they are of, or their texts, differ"
	}
	return fmt.Sprintf("the ledger moved: %d new, %d to retry and %d already sent then, %d, %d and %d now",
		p.New, p.ToRetry, p.AlreadySent, now.New, now.ToRetry, now.AlreadySent)
}

// Open opens a file of the job's parameters, and hashes it on the way.
func (p *pins) Open(path string) (fs.File, error) {
	file, err := p.opener.Open(path)
	if err != nil {
		return nil, err
	}
	return &hashedFile{File: file, sum: sha256.New(), done: func(digest string) { p.add(path, digest) }}, nil
}

// digests returns one for each name.
func (p *pins) digests() map[string]string {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := make(map[string]string, len(p.seen))
	for name, digests := range p.seen {
		all[name] = strings.Join(slices.Sorted(maps.Keys(digests)), " ")
		if len(digests) > 1 {
			sum := sha256.Sum256([]byte(all[name]))
			all[name] = hex.EncodeToString(sum[:])
		}
	}
	return all
}

type hashedFile struct {
	fs.File
	sum  hash.Hash
	done func(digest string)
}

func (f *hashedFile) Read(p []byte) (int, error) {
	n, err := f.File.Read(p)
	_, _ = f.sum.Write(p[:n]) // a hash never fails
	return n, err
}

// ReadAt looks at what is read later, or again: it is hashed then.
func (f *hashedFile) ReadAt(p []byte, offset int64) (int, error) {
	if at, ok := f.File.(io.ReaderAt); ok {
		return at.ReadAt(p, offset)
	}
	return 0, errors.ErrUnsupported
}

// Seek tells where the file is read, and moves nothing: what is passed over would not be hashed.
func (f *hashedFile) Seek(offset int64, whence int) (int64, error) {
	if seeker, ok := f.File.(io.Seeker); ok && offset == 0 && whence == io.SeekCurrent {
		return seeker.Seek(0, io.SeekCurrent)
	}
	return 0, errors.ErrUnsupported
}

// Close hashes what was not read, for the run will read it, and notes the digest.
func (f *hashedFile) Close() error {
	_, err := io.Copy(f.sum, f.File)
	f.done(hex.EncodeToString(f.sum.Sum(nil)))
	return errors.Join(err, f.File.Close())
}
