package whatsapp

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// flexString is a text that an answer may hold as a JSON string, number or boolean, whose digits are then the text. Ids
// exceed 2^53, so no number goes through a float. Any other shape reads as "".
type flexString string

func (l *flexString) UnmarshalJSON(raw []byte) error {
	switch raw[0] {
	case '{', '[', 'n':
		*l = ""
	case '"':
		*l = flexString(text(raw))
	default:
		*l = flexString(raw)
	}
	return nil
}

// flexInt is an integer that may come as a string; anything else is zero.
type flexInt int64

func (w *flexInt) UnmarshalJSON(raw []byte) error {
	number, err := strconv.ParseInt(strings.Trim(string(raw), `"`), 10, 64)
	if err != nil {
		number = 0
	}
	*w = flexInt(number)
	return nil
}

// flexTime is a time in UNIX seconds, as a number or a string, or in Graph's own notation; anything else is the zero
// time.
type flexTime time.Time

func (m *flexTime) UnmarshalJSON(raw []byte) error {
	*m = flexTime{}
	word := strings.Trim(string(raw), `"`)
	if seconds, err := strconv.ParseInt(word, 10, 64); err == nil {
		if seconds > 0 {
			*m = flexTime(time.Unix(seconds, 0).UTC())
		}
		return nil
	}
	for _, layout := range []string{"2006-01-02T15:04:05-0700", time.RFC3339} {
		if t, err := time.Parse(layout, word); err == nil {
			*m = flexTime(t.UTC())
			return nil
		}
	}
	return nil
}

var (
	_ json.Unmarshaler = (*flexString)(nil)
	_ json.Unmarshaler = (*flexInt)(nil)
	_ json.Unmarshaler = (*flexTime)(nil)
)
