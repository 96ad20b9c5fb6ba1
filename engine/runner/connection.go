package runner

import (
	"context"
	"fmt"
	"slices"
	"time"

	"waybill/engine"
	"waybill/engine/eval"
	"waybill/engine/secret"
)

// renderConnection renders where and as whom a step calls: what stands inside the operation wins over the job's.
func renderConnection(ctx context.Context, j *engine.Job, s *engine.Step, n eval.Names) (engine.Connection, error) {
	c := j.Defaults
	in, out := s.Connection, j.Connection
	var token string
	parts := []struct {
		name     string
		own, job *eval.Tree
		set      func(any) error
	}{
		{"token", in.Token, out.Token, textInto(&token)},
		{"phoneNumberId", in.PhoneNumberID, out.PhoneNumberID, textInto(&c.PhoneNumberID)},
		{"wabaId", in.WABAID, out.WABAID, textInto(&c.WABAID)},
		{"baseUrl", in.BaseURL, out.BaseURL, textInto(&c.BaseURL)},
		{"connectTimeout", in.ConnectTimeout, out.ConnectTimeout, durationInto(&c.ConnectTimeout)},
		{"readTimeout", in.ReadTimeout, out.ReadTimeout, durationInto(&c.ReadTimeout)},
		{"throughput", in.Throughput, out.Throughput, rateInto(&c.Throughput)},
	}
	needs := s.Operation.Needs()
	for _, p := range parts {
		tree := p.own
		if tree == nil {
			tree = p.job
		}
		if tree == nil || optionalID(p.name) && !slices.Contains(needs, p.name) {
			continue
		}
		value, err := tree.Render(ctx, n)
		if err != nil {
			return engine.Connection{}, err
		}
		if err := p.set(value); err != nil {
			return engine.Connection{}, &eval.RenderError{Range: tree.Range(), Path: p.name, Err: err}
		}
	}
	c.Token = secret.New(token)
	return c, nil
}

// optionalID says whether a key of the connection is rendered only for operations that need it, so that a job
// which only reads does not ask for the sender's number.
func optionalID(name string) bool { return name == "phoneNumberId" || name == "wabaId" }

func textInto(to *string) func(any) error {
	return func(v any) error {
		text, err := eval.Text(v)
		if err != nil {
			return err
		}
		if text == "" {
			return fmt.Errorf("is empty")
		}
		*to = text
		return nil
	}
}

func durationInto(to *time.Duration) func(any) error {
	return func(v any) error {
		d, err := engine.Duration(v)
		if err != nil {
			return err
		}
		*to = d
		return nil
	}
}

func rateInto(to *float64) func(any) error {
	return func(v any) error {
		text, err := eval.Text(v)
		if err != nil {
			return err
		}
		rate, err := engine.ParseRate(text)
		if err != nil {
			return err
		}
		*to = rate
		return nil
	}
}
