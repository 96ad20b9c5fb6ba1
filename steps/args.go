package steps

import (
	"fmt"
	"time"

	"waybill/engine"
	"waybill/engine/eval"
)

// text returns a parameter as text; "" when it is absent.
func text(a engine.Args, name string) (string, error) {
	v, ok := a[name]
	if !ok || v == nil {
		return "", nil
	}
	s, err := eval.Text(v)
	if err != nil {
		return "", fmt.Errorf("%s %w", name, err)
	}
	return s, nil
}

// required returns a parameter as text, and an error when it is empty, as an expression may have left it.
func required(a engine.Args, name string) (string, error) {
	s, err := text(a, name)
	if err == nil && eval.Blank(s) {
		err = fmt.Errorf("%s is empty", name)
	}
	return s, err
}

// textList returns a parameter as a list of texts; a single text is a list of one.
func textList(a engine.Args, name string) ([]string, error) {
	list, ok := a[name].([]any)
	if !ok {
		s, err := text(a, name)
		if s == "" || err != nil {
			return nil, err
		}
		return []string{s}, nil
	}
	out := make([]string, 0, len(list))
	for i, v := range list {
		s, err := eval.Text(v)
		if err != nil {
			return nil, fmt.Errorf("%s[%d] %w", name, i, err)
		}
		out = append(out, s)
	}
	return out, nil
}

// boolean returns a parameter that is true or false; nil when it is absent.
func boolean(a engine.Args, name string) (*bool, error) {
	switch v := a[name].(type) {
	case nil:
		return nil, nil
	case bool:
		return &v, nil
	case string:
		if v == "true" || v == "false" {
			b := v == "true"
			return &b, nil
		}
	}
	return nil, fmt.Errorf("%s is neither true nor false", name)
}

// integer returns a parameter that is a whole number; 0 when it is absent.
func integer(a engine.Args, name string) (int, error) {
	s, err := text(a, name)
	if err != nil || s == "" {
		return 0, err
	}
	var n int
	if _, err := fmt.Sscanf(s, "%d", &n); err != nil || fmt.Sprint(n) != s {
		return 0, fmt.Errorf("%s: %q is not a whole number", name, s)
	}
	return n, nil
}

// parseTime reads a point in time: RFC 3339, or a date, which means midnight UTC; day reports that it was a date.
func parseTime(s string) (at time.Time, day bool, err error) {
	if at, err := time.Parse(time.DateOnly, s); err == nil {
		return at, true, nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04"} {
		if at, err := time.Parse(layout, s); err == nil {
			return at.UTC(), false, nil
		}
	}
	return time.Time{}, false, fmt.Errorf("%q is no date: write 2026-03-25 or 2026-03-25T09:00:00Z", s)
}
