package runner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"waybill/engine"
	"waybill/engine/eval"
	"waybill/engine/secret"
)

// connectionPart is one key of a connection: its value in the file, nil where it is not given, and where it goes.
type connectionPart struct {
	name string
	tree *eval.Tree
	set  func(any) error
}

// connectionParts are the keys of a step's connection: what stands inside the operation wins over the job's.
func connectionParts(j *engine.Job, s *engine.Step, c *engine.Connection, token *string) []connectionPart {
	in, out := s.Connection, j.Connection
	return []connectionPart{
		{"token", cmp.Or(in.Token, out.Token), secretInto(token)},
		{"phoneNumberId", cmp.Or(in.PhoneNumberID, out.PhoneNumberID), idInto(&c.PhoneNumberID)},
		{"wabaId", cmp.Or(in.WABAID, out.WABAID), idInto(&c.WABAID)},
		{"messagingAccountId", cmp.Or(in.MessagingAccountID, out.MessagingAccountID), idInto(&c.MessagingAccountID)},
		{"baseUrl", cmp.Or(in.BaseURL, out.BaseURL), textInto(&c.BaseURL)},
		{"connectTimeout", cmp.Or(in.ConnectTimeout, out.ConnectTimeout), durationInto(&c.ConnectTimeout)},
		{"readTimeout", cmp.Or(in.ReadTimeout, out.ReadTimeout), durationInto(&c.ReadTimeout)},
		{"throughput", cmp.Or(in.Throughput, out.Throughput), rateInto(&c.Throughput)},
	}
}

// renderConnections renders where and as whom a step calls: one connection for each number that it names.
func renderConnections(ctx context.Context, j *engine.Job, s *engine.Step, n eval.Names) ([]engine.Connection, error) {
	needs := s.Operation.Needs()
	if op, ok := s.Operation.(engine.Categorizer); ok {
		needs = append(slices.Clone(needs), op.Wants()...)
	}
	var unused engine.Connection
	values := map[string]any{}
	for _, p := range connectionParts(j, s, &unused, new(string)) {
		if p.tree == nil || optionalID(p.name) && !slices.Contains(needs, p.name) {
			continue
		}
		value, err := p.tree.Render(ctx, n)
		if err != nil {
			return nil, err
		}
		values[p.name] = value
	}
	return connectionsOf(j, s, values)
}

// mostNumbers is how many numbers a connection may name.
const mostNumbers = 100

// connectionsOf makes the connections of a step of the values of its keys, one for each number. A key whose value cannot be used is an
// error, and stays at its default; the connections are all there all the same.
func connectionsOf(j *engine.Job, s *engine.Step, values map[string]any) ([]engine.Connection, error) {
	count := 1
	if numbers, several := values["phoneNumberId"].([]any); several {
		count = len(numbers)
	}
	var failed error
	if count > mostNumbers {
		failed, count = fmt.Errorf("phoneNumberId names %d numbers, and %d are the most", count, mostNumbers), 1
	}
	list := make([]engine.Connection, count)
	for i := range list {
		c, token := &list[i], ""
		*c = j.Defaults
		for _, p := range connectionParts(j, s, c, &token) {
			value, given := values[p.name]
			if !given {
				continue
			}
			value, err := ofNumber(value, i, count)
			if err == nil {
				err = p.set(value)
			}
			if err == nil && p.name == "phoneNumberId" && slices.ContainsFunc(list[:i], func(o engine.Connection) bool { return o.PhoneNumberID == c.PhoneNumberID }) {
				err = errors.New("names a number twice")
			}
			if err != nil && failed == nil {
				failed = &eval.RenderError{Range: p.tree.Range(), Path: p.name, Err: err}
			}
		}
		c.Token = secret.New(token)
	}
	return list, failed
}

// ofNumber is the value of a key for the number at a place: its own where the key lists one for each, else that of all.
func ofNumber(value any, at, count int) (any, error) {
	list, several := value.([]any)
	switch {
	case !several:
		return value, nil
	case len(list) != count:
		return nil, fmt.Errorf("lists %d values for %d numbers", len(list), count)
	}
	return list[at], nil
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

// secretInto is textInto without the white space that a file or a clipboard brought along.
func secretInto(to *string) func(any) error {
	return func(v any) error {
		err := textInto(to)(v)
		if *to = secret.Trim(*to); err == nil && *to == "" {
			return errors.New("is empty")
		}
		return err
	}
}

// idInto is secretInto for an id, which is digits alone. The text is not repeated: it may be a secret in the wrong place.
func idInto(to *string) func(any) error {
	return func(v any) error {
		if err := secretInto(to)(v); err != nil {
			return err
		}
		if strings.Trim(*to, "0123456789") != "" {
			return errors.New("is no id: an id is digits alone, and not a phone number")
		}
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
