package form

import (
	"fmt"
	"time"

	"waybill/engine"
	"waybill/engine/mould"
)

// The rows of mould that are none, in a delivery or an attempt.
const (
	NoMould      = 0  // the text was not to be kept
	EarlierMould = -1 // of an attempt: it was made before ledgers kept texts. A delivery has NULL then.
)

// StoredText is the text of an attempt as it is stored.
type StoredText struct {
	Attempt int
	At      time.Time // when it was intended
	Mould   *int64    // nil: of an earlier attempt, it is the text of the next one; of the current one, EarlierMould
	Form    string    // of that mould
	Keep    time.Duration
	Values  []byte // nil: it was taken out
}

// SentTexts returns the texts of a delivery's attempts, which are given in order, as they are now. forgotten: the person was.
func SentTexts(stored []StoredText, forgotten bool, now time.Time) ([]engine.SentText, error) {
	out := make([]engine.SentText, len(stored))
	for n := len(stored) - 1; n >= 0; n-- {
		if s := &stored[n]; s.Mould == nil && n+1 < len(stored) {
			next := stored[n+1]
			next.Attempt, next.At = s.Attempt, s.At
			*s = next
		}
		var err error
		if out[n], err = stored[n].read(forgotten, now); err != nil {
			return nil, fmt.Errorf("%w: the text of attempt %d: %w", engine.ErrDamaged, stored[n].Attempt, err)
		}
	}
	return out, nil
}

func (s *StoredText) read(forgotten bool, now time.Time) (engine.SentText, error) {
	text := engine.SentText{Attempt: s.Attempt}
	switch {
	case forgotten:
		text.Why = engine.NotKeptForgotten
	case s.Mould == nil || *s.Mould == EarlierMould:
		text.Why = engine.NotKeptEarlier
	case *s.Mould == NoMould:
		text.Why = engine.NotKeptOff
	case s.Values == nil || !now.Before(s.At.Add(s.Keep)):
		text.Why = engine.NotKeptTakenOut
	default:
		var err error
		text.Body, err = mould.Join(s.Form, string(s.Values))
		return text, err
	}
	return text, nil
}
