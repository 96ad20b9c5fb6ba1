package form

import (
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"waybill/engine/delivery"
)

// TestSet wants a set to hold what was put in, less what was left out, also after it was stored.
func TestSet(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		const ids = 30
		var all delivery.IDs
		var less []int64
		var set Set
		want := map[int64]int64{}
		for id := int64(1); id <= ids; id++ {
			in := rapid.Bool().Draw(rt, "in")
			if in {
				all.Add(delivery.ID(id))
			}
			attempts := rapid.Int64Range(0, 3).Draw(rt, "attempts")
			switch {
			case attempts == 0:
				less = append(less, id)
			case !in:
			default:
				want[id] = attempts
				if attempts > 1 {
					set.More = append(set.More, More{id, attempts})
				}
			}
		}
		set.Spans = SpansOf(&all, less)
		got, err := UnpackSet(set.Pack())
		if err != nil || !reflect.DeepEqual(got, set) {
			rt.Fatalf("stored %+v, read %+v, %v", set, got, err)
		}
		for id := int64(0); id <= ids+1; id++ {
			if n := set.Attempts(id); n != want[id] {
				rt.Fatalf("%d had %d attempts, want %d, in %+v", id, n, want[id], set)
			}
		}
	})
}

func TestSet_Bits(t *testing.T) {
	gaps := Set{Spans: []Span{{First: 11, Last: 12}, {First: 14, Last: 14}, {First: 20, Last: 21}}}
	if got, want := gaps.Bits(), []byte{0b0000_1011, 0b0000_0110}; !slices.Equal(got, want) || gaps.Len() != 5 {
		t.Errorf("%08b of %d, want %08b", got, gaps.Len(), want)
	}
	for _, apart := range []Set{{}, {Spans: []Span{{First: 1, Last: 1000}}}, {Spans: []Span{{First: 1, Last: 1}, {First: 1000, Last: 1000}}}} {
		if got := apart.Bits(); got != nil {
			t.Errorf("%v has %08b", apart, got)
		}
	}
}
