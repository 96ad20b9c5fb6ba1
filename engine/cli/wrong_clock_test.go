package cli_test

import (
	"os"
	"strings"
	"testing"
	"time"
	"unsafe"
)

// clockFile names a file from which a process of the tests reads by how much its clock is wrong; see TestStopsAndJumps.
const clockFile = "WAYBILL_TEST_CLOCK"

// wrongClock is the clock of a process of the tests. The file is read each time, so that the clock can be set while it runs.
func wrongClock(path string) func() time.Time {
	if path == "" {
		return time.Now
	}
	return func() time.Time {
		text, err := os.ReadFile(path)
		by, parsed := time.ParseDuration(strings.TrimSpace(string(text)))
		if err != nil || parsed != nil {
			return time.Now() // nobody set it
		}
		return setBy(time.Now(), by)
	}
}

// setBy returns a reading of both clocks as it would be if the one on the wall had been set by d: the monotonic one goes on. No
// function of time can do that; TestWrongClock notices when its innards change.
func setBy(now time.Time, d time.Duration) time.Time {
	const seconds, nanoseconds = 30, 1<<30 - 1
	wall := (*uint64)(unsafe.Pointer(&now))
	moment := int64(*wall<<1>>(seconds+1))*int64(time.Second) + int64(*wall&nanoseconds) + int64(d)
	*wall = 1<<63 | uint64(moment/int64(time.Second))<<seconds | uint64(moment%int64(time.Second))
	return now
}

func TestWrongClock(t *testing.T) {
	now := time.Now()
	for _, by := range []time.Duration{-72 * time.Hour, -1, 700 * time.Millisecond, time.Hour} {
		set := setBy(now, by)
		if !set.Round(0).Equal(now.Round(0).Add(by)) || set.Sub(now) != 0 {
			t.Errorf("set by %s: %s, and by the monotonic clock %s later", by, set, set.Sub(now))
		}
	}
}
