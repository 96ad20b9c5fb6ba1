package wording_test

import (
	"testing"

	"waybill/engine/wording"
)

func TestAgree(t *testing.T) {
	for n, want := range map[int]string{0: "they are", 1: "it is", 2: "they are", 1200: "they are"} {
		if got := wording.Agree(n, "it is", "they are"); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
	for n, want := range map[int]string{0: "0 people", 1: "1 person", 1200: "1,200 people"} {
		if got := wording.People(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}
