package webhook

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"time"
	"unicode/utf8"
)

// flexString is a text that may come as a JSON string, number or boolean, whose digits are then the text. Ids exceed 2^53,
// so no number goes through a float. Lists and objects are errors.
type flexString string

func (l *flexString) UnmarshalJSON(raw []byte) error {
	switch {
	case bytes.Equal(raw, []byte("null")):
		*l = ""
		return nil
	case raw[0] == '"' && bytes.IndexByte(raw, '\\') < 0 && utf8.Valid(raw): // as nearly all are: it says what it stands for
		*l = flexString(raw[1 : len(raw)-1])
		return nil
	case raw[0] == '"':
		var text string
		if err := json.Unmarshal(raw, &text); err != nil {
			return err
		}
		*l = flexString(text)
		return nil
	case raw[0] == '{' || raw[0] == '[':
		return errors.New("want a text or a number, found a list or an object")
	default:
		*l = flexString(raw)
		return nil
	}
}

// flexTime is a time in UNIX seconds, as a string or as an integer; Meta sends both. Another text reads as the
// zero time, and is in the item's bytes.
type flexTime time.Time

func (s *flexTime) UnmarshalJSON(raw []byte) error {
	var text flexString
	if err := text.UnmarshalJSON(raw); err != nil {
		return err
	}
	seconds, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil || seconds <= 0 {
		*s = flexTime{}
		return nil //nolint:nilerr // an odd time must not cost the status it stands in
	}
	*s = flexTime(time.Unix(seconds, 0).UTC())
	return nil
}

// flexInt is an integer that may come as a string; anything else is zero.
type flexInt int

func (w *flexInt) UnmarshalJSON(raw []byte) error {
	var text flexString
	if err := text.UnmarshalJSON(raw); err != nil {
		return err
	}
	number, err := strconv.Atoi(string(text))
	if err != nil {
		number = 0
	}
	*w = flexInt(number)
	return nil
}

// flexBool is a boolean that may come as a string.
type flexBool bool

func (y *flexBool) UnmarshalJSON(raw []byte) error {
	var text flexString
	if err := text.UnmarshalJSON(raw); err != nil {
		return err
	}
	*y = text == "true" || text == "1"
	return nil
}

// object decodes a JSON object; null and everything else is refused, where encoding/json takes null for anything.
func object(raw json.RawMessage, into any) error {
	if trimmed := bytes.TrimLeft(raw, " \t\r\n"); len(trimmed) == 0 || trimmed[0] != '{' {
		return errors.New("want an object")
	}
	return json.Unmarshal(raw, into)
}
