package engine

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"waybill/engine/eval"
	"waybill/engine/secret"
)

// What a connection has where the file says nothing.
const (
	DefaultBaseURL        = "https://graph.facebook.com/v23.0"
	DefaultConnectTimeout = 30 * time.Second
	DefaultReadTimeout    = 60 * time.Second
	DefaultThroughput     = 80.0 // messages a second: what the vendor gives a number at first
)

// connection renders where and as whom a step calls: what stands inside the operation wins over the job's.
func (j *Job) connection(ctx context.Context, s *Step, n eval.Names) (Connection, error) {
	c := Connection{
		BaseURL: DefaultBaseURL, ConnectTimeout: DefaultConnectTimeout,
		ReadTimeout: DefaultReadTimeout, Throughput: DefaultThroughput,
	}
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
			return Connection{}, err
		}
		if err := p.set(value); err != nil {
			return Connection{}, &eval.RenderError{Range: tree.Range(), Path: p.name, Err: err}
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
		d, err := Duration(v)
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
		rate, err := parseRate(text)
		if err != nil {
			return err
		}
		*to = rate
		return nil
	}
}

// parseRate reads a number of messages a second. However great it is, it is one: what a number may send is the
// vendor's to say, and a local server takes more.
func parseRate(text string) (float64, error) {
	rate, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || !(rate > 0) || math.IsInf(rate, 1) {
		return 0, fmt.Errorf("%q is no number of messages a second: write one above 0, such as 80", text)
	}
	return rate, nil
}

// Duration reads a duration as the job file writes it: a number of milliseconds, or text such as 30s or 10m.
func Duration(v any) (time.Duration, error) {
	text, err := eval.Text(v)
	if err != nil {
		return 0, err
	}
	var d time.Duration
	if ms, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64); err == nil {
		if ms > int64(365*24*time.Hour/time.Millisecond) {
			return 0, fmt.Errorf("%d ms is longer than a year", ms)
		}
		d = time.Duration(ms) * time.Millisecond
	} else if d, err = time.ParseDuration(strings.TrimSpace(text)); err != nil {
		return 0, fmt.Errorf("%q is no duration: write milliseconds, or 30s, 10m, 2h", text)
	}
	if d < 0 {
		return 0, fmt.Errorf("%q is negative", text)
	}
	return d, nil
}
