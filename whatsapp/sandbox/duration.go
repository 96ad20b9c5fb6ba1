package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// duration is a time.Duration in JSON: "1.5s" or a number of milliseconds.
type duration time.Duration

// UnmarshalJSON reads either form.
func (d *duration) UnmarshalJSON(text []byte) error {
	var words string
	if json.Unmarshal(text, &words) == nil {
		parsed, err := time.ParseDuration(words)
		if err != nil {
			return fmt.Errorf("%q is not a duration such as 2s or 500ms", words)
		}
		*d = duration(parsed)
		return nil
	}
	var milliseconds float64
	if err := json.Unmarshal(text, &milliseconds); err != nil {
		return fmt.Errorf("%s is not a duration such as \"2s\", nor a number of milliseconds", bytes.TrimSpace(text))
	}
	*d = duration(milliseconds * float64(time.Millisecond))
	return nil
}

// MarshalJSON writes the words.
func (d duration) MarshalJSON() ([]byte, error) { return json.Marshal(time.Duration(d).String()) }

type plainFault Fault

// UnmarshalJSON reads a fault; unknown keys are refused.
func (f *Fault) UnmarshalJSON(text []byte) error {
	var o struct {
		*plainFault
		Delay duration `json:"delay"`
	}
	o.plainFault = (*plainFault)(f)
	if err := strict(text, &o); err != nil {
		return err
	}
	f.Delay = time.Duration(o.Delay)
	return nil
}

// MarshalJSON writes a fault with its delay in words.
func (f Fault) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		plainFault
		Delay duration `json:"delay,omitempty"`
	}{plainFault(f), duration(f.Delay)})
}

type plainAnswers Answers

// UnmarshalJSON reads Answers; unknown keys are refused.
func (a *Answers) UnmarshalJSON(text []byte) error {
	var o struct {
		*plainAnswers
		Delay duration `json:"delay"`
	}
	o.plainAnswers = (*plainAnswers)(a)
	if err := strict(text, &o); err != nil {
		return err
	}
	a.Delay = time.Duration(o.Delay)
	return nil
}
