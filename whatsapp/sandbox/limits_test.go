package sandbox_test

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"waybill/whatsapp/sandbox"
)

func TestThroughputIsASlidingSecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sandbox.New(sandbox.Options{Throughput: 10})
		send := func(n int) int {
			got := ask(t, s, http.MethodPost, messagesPath, text(fmt.Sprintf("+3461234%04d", n), "x"))
			return got.code()
		}
		for i := range 5 {
			if code := send(i); code != 0 {
				t.Fatalf("message %d: %d", i, code)
			}
		}
		time.Sleep(900 * time.Millisecond)
		for i := range 6 {
			want := 0
			if i == 5 {
				want = 130429
			}
			if code := send(10 + i); code != want {
				t.Errorf("message %d at 0.9 s: got %d, want %d", i, code, want)
			}
		}
		// The first five leave the window at 1 s; those of 0.9 s are still in it.
		time.Sleep(100 * time.Millisecond)
		for i := range 6 {
			want := 0
			if i == 5 {
				want = 130429
			}
			if code := send(20 + i); code != want {
				t.Errorf("message %d at 1 s: got %d, want %d", i, code, want)
			}
		}
	})
}

func TestPairLimitBorrowsFromTheFuture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sandbox.New(sandbox.Options{Throughput: -1})
		send := func(to string) int { return ask(t, s, http.MethodPost, messagesPath, text(to, "x")).code() }
		for i := range 45 {
			if code := send("+34612345678"); code != 0 {
				t.Fatalf("message %d of the burst: %d", i, code)
			}
		}
		if code := send("+34612345678"); code != 131056 {
			t.Errorf("message 46: got %d, want 131056", code)
		}
		if code := send("+34612345679"); code != 0 {
			t.Errorf("another recipient: got %d, want none", code)
		}
		time.Sleep(45*6*time.Second - time.Millisecond)
		if code := send("+34612345678"); code != 131056 {
			t.Errorf("before 270 s: got %d, want 131056", code)
		}
		time.Sleep(time.Millisecond)
		if code := send("+34612345678"); code != 0 {
			t.Errorf("after 270 s: got %d, want none", code)
		}
		s.SetPairLimit(false)
		for range 100 {
			if code := send("+34612345678"); code != 0 {
				t.Fatalf("without the limit: %d", code)
			}
		}
	})
}

// The steady rate Meta names, one message in 6 s, never meets the limit.
func TestPairLimitLetsTheSteadyRatePass(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sandbox.New(sandbox.Options{})
		for i := range 100 {
			if code := ask(t, s, http.MethodPost, messagesPath, text("+34612345678", "x")).code(); code != 0 {
				t.Fatalf("message %d: %d", i, code)
			}
			time.Sleep(6 * time.Second)
		}
	})
}

func TestCallBudgetOfAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sandbox.New(sandbox.Options{CallBudget: 3})
		path := "/v23.0/" + sandbox.DefaultWABAID
		for range 3 {
			ask(t, s, http.MethodGet, path, "")
		}
		if code := ask(t, s, http.MethodGet, path, "").code(); code != 80007 {
			t.Errorf("fourth call: got %d, want 80007", code)
		}
		if code := ask(t, s, http.MethodPost, messagesPath, text("+34612345678", "x")).code(); code != 0 {
			t.Errorf("a send is not in the budget: got %d", code)
		}
		time.Sleep(time.Hour)
		if code := ask(t, s, http.MethodGet, path, "").code(); code != 0 {
			t.Errorf("an hour later: got %d, want none", code)
		}
	})
}

func TestAllowList(t *testing.T) {
	s := sandbox.New(sandbox.Options{AllowedRecipients: []string{"+34 612 345 678"}})
	for to, want := range map[string]int{"+34612345678": 0, "+34612345679": 131030} {
		if got := ask(t, s, http.MethodPost, messagesPath, text(to, "x")).code(); got != want {
			t.Errorf("%s: got %d, want %d", to, got, want)
		}
	}
}
