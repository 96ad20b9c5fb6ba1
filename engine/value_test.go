package engine_test

import (
	"testing"
	"time"

	"waybill/engine"
)

func TestExpiry(t *testing.T) {
	began := time.Date(2026, 3, 25, 9, 0, 0, 0, time.UTC)
	for given, want := range map[any]time.Time{
		"2026-03-25T18:00:00+01:00": time.Date(2026, 3, 25, 17, 0, 0, 0, time.UTC), " 2026-03-25T18:00:00Z ": began.Add(9 * time.Hour),
		"2h": began.Add(2 * time.Hour), int64(60000): began.Add(time.Minute),
		"": {}, "0": {}, "-2h": {}, "18:00": {}, "2026-03-25": {}, "2026-03-25T18:00:00": {},
	} {
		got, err := engine.Expiry(given, began)
		if !got.Equal(want) || (err == nil) == want.IsZero() {
			t.Errorf("%v: got %v, %v", given, got, err)
		}
	}
	if _, err := engine.Expiry(nil, began); err == nil {
		t.Error("nothing expires at a time")
	}
}
