package steps_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// people are n items of a forEach, from the one of that number on: nobody's own limit is in the way.
func people(from, n int) string {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf("%q", fmt.Sprintf("+3460000%04d", from+i)))
	}
	return "{ items: [" + strings.Join(list, ", ") + "], key: \"${{ item }}\" }"
}

// timed runs a step on the house and says how long its messages took.
func timed(t *testing.T, h *harness, step string, messages int) time.Duration {
	t.Helper()
	began, before := time.Now(), len(h.wire.asked)
	_, s := h.run(step)
	if got := len(h.wire.asked) - before; got != messages {
		t.Fatalf("%d messages, want %d: %v", got, messages, s.Errors)
	}
	return time.Since(began)
}

func between(t *testing.T, what string, took, least, most time.Duration) {
	t.Helper()
	if took < least || took > most {
		t.Errorf("%s took %s, want %s to %s", what, took, least, most)
	}
}

func TestAStepsOwnThroughput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t)
		took := timed(t, h, `
  - sendText: { to: "+34612345678", body: first }
  - forEach: `+people(0, 6)+`
    sendText: { to: "${{ item }}", body: slowly, throughput: 1 }
  - forEach: `+people(100, 80)+`
    sendText: { to: "${{ item }}", body: fast again }`, 87)
		between(t, "6 messages at 1 a second and 80 at 80", took, 6*time.Second, 8*time.Second)
	})
}

func TestVersionsOfTheAPIShareANumber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t)
		took := timed(t, h, `
  - forEach: `+people(0, 40)+`
    steps:
      - sendText: { to: "${{ item }}", body: a, throughput: 10, baseUrl: "https://graph.facebook.com/v25.0" }
      - sendText: { to: "${{ item }}", body: b, throughput: 10, baseUrl: "https://Graph.Facebook.com:443/v22.0/" }`, 80)
		between(t, "80 messages at 10 a second", took, 7900*time.Millisecond, 9*time.Second)
		took = timed(t, h, `
  - forEach: `+people(100, 40)+`
    steps:
      - sendText: { to: "${{ item }}", body: a, throughput: 10 }
      - sendText: { to: "${{ item }}", body: b, throughput: 10, phoneNumberId: "556" }`, 80)
		between(t, "40 messages of each of two numbers", took, 3900*time.Millisecond, 5*time.Second)
	})
}

// The operations of `waybill serve` outlive its runs: each run goes by the file as it is then.
func TestARunGoesByItsOwnThroughput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t)
		for i, c := range []struct {
			rate        string
			least, most time.Duration
		}{
			{"10", 2900 * time.Millisecond, 4 * time.Second},
			{"1000", 0, time.Second},
			{"5", 5900 * time.Millisecond, 8 * time.Second},
		} {
			took := timed(t, h, `
  - forEach: `+people(100*i, 30)+`
    sendText: { to: "${{ item }}", body: x, throughput: `+c.rate+` }`, 30)
			between(t, "30 messages at "+c.rate+" a second", took, c.least, c.most)
		}
	})
}

// TestTriesThatNeverLeftKeepNobodyWaiting: a person who got nothing yet is not told to have got a message six seconds ago.
func TestTriesThatNeverLeftKeepNobodyWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t)
		h.wire.away = 4
		took := timed(t, h, `
  - sendText: { to: "+34612345678", body: hello }
    retry: { attempts: 5, delay: 2000, maxDelay: 2000 }`, 1)
		between(t, "four tries that never left and one that did", took, 6*time.Second, 11*time.Second)
	})
}
