package runner

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"waybill/engine"
)

// identify returns the run its id, its scope and the digest of what it will do; or takes up the run that is
// resumed, if it is still the same job.
func (x *execution) identify(ctx context.Context) error {
	inputs, err := json.Marshal(x.req.Inputs)
	if err != nil {
		return fmt.Errorf("inputs of the run: %w", err)
	}
	digest := jobDigest(x.req.Job, inputs)
	if x.req.Resume != nil {
		x.run = *x.req.Resume
		if x.run.Digest != digest {
			if err := x.takeRepaired(ctx, digest); err != nil {
				return err
			}
		}
		x.run.Status, x.run.FinishedAt, x.run.Reason = engine.RunRunning, time.Time{}, ""
		x.run.Resumes++
		x.run.Cancelled, x.run.Asked.Engine = nil, x.req.Engine
		if !x.req.Due {
			x.run.WaitsUntil = time.Time{}
		}
		x.only, x.limit, x.req.TestTo = x.run.Asked.Only, x.run.Asked.Limit, x.run.Asked.TestTo
		x.req.Again = x.run.Asked.Again
		if x.run.Asked.GoesOn = !x.req.Due; !x.req.Due {
			x.run.Asked.NoReceiver = x.req.NoReceiver
		}
		x.run.Asked.LateFails = !bearsLateFailures(x.req.Job)
		x.run.Outline = x.outline()
		return nil
	}
	x.run = engine.Run{
		ID: newRunID(x.began), Job: x.req.Job.Name, Mode: x.req.Mode, Scope: x.req.Scope, Status: engine.RunRunning,
		File: x.req.File, Digest: digest, Inputs: inputs, StartedAt: x.began, By: x.req.By,
		Asked: engine.Asked{
			Only: x.only, Limit: x.limit, RetryFailed: x.req.RetryFailed, AllowPaths: x.req.AllowPaths, AllowURLs: x.req.AllowURLs,
			NewRows: x.req.NewRows, TestTo: x.req.TestTo, Again: x.req.Again, Engine: x.req.Engine, GoesOn: x.req.NextWave, Plan: x.req.Plan,
			NoReceiver: x.req.NoReceiver,
		},
	}
	if x.req.Expect != nil {
		x.run.Asked.Plan = x.req.Expect.Fingerprint
	}
	x.run.Asked.LateFails = !bearsLateFailures(x.req.Job)
	if x.engine.Ledger != nil {
		x.run.Outline = x.outline()
	}
	if x.req.Mode == engine.ModeRun {
		x.run.Scope = x.run.ID
	}
	if sched := x.req.Job.Schedule; x.req.Mode == engine.ModeServe && sched != nil && sched.Sends == engine.SendsNew {
		x.run.Asked.DeliveryScope = engine.ScopeEver
	}
	return nil
}

// jobDigest tells one job with its inputs from another.
func jobDigest(j *engine.Job, inputs []byte) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\x00%d:%d\x00", j.Name, j.Range.Start.Line, len(inputs))
	h.Write(inputs)
	if j.Source != nil {
		h.Write(j.Source.Text)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// newRunID makes an id that sorts by time and that two runs of one second do not share.
func newRunID(at time.Time) string {
	var random [3]byte
	_, _ = rand.Read(random[:]) // never fails, as of Go 1.24
	return at.UTC().Format("20060102-150405") + "-" + hex.EncodeToString(random[:])
}
