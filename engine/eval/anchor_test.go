package eval_test

import (
	"testing"

	"waybill/engine/diag"
	"waybill/engine/eval"
)

func TestAnchorOfSeveralLines(t *testing.T) {
	all := diag.Range{Start: diag.Pos{Line: 1, Column: 7}, End: diag.Pos{Line: 4, Column: 3}}
	// Three runes on line 2 from column 5, then two on line 3; the last cannot be told.
	known := []diag.Pos{{Line: 2, Column: 5}, {Line: 2, Column: 6}, {Line: 2, Column: 7}, {Line: 3, Column: 5}, {Line: 3, Column: 6}}
	a := eval.Anchor{Range: all, Place: func(rune int) diag.Pos {
		if rune < len(known) {
			return known[rune]
		}
		return diag.Pos{}
	}}
	for _, c := range []struct {
		from, to int
		want     diag.Range
	}{
		{0, 3, diag.Range{Start: known[0], End: known[2]}},
		{0, 2, diag.Range{Start: known[0], End: known[2]}},
		{1, 5, diag.Range{Start: known[1], End: known[4]}},
		{2, 2, diag.Range{Start: known[2], End: known[2]}},
		{4, 9, diag.Range{Start: known[4], End: known[4]}},
		{5, 6, all},
		{-1, 2, all},
	} {
		if got := a.At(c.from, c.to); got != c.want {
			t.Errorf("%d to %d: got %v to %v, want %v to %v", c.from, c.to, got.Start, got.End, c.want.Start, c.want.End)
		}
	}
	if got := (eval.Anchor{Range: all}).At(1, 2); got != all {
		t.Errorf("without places: got %v", got)
	}
}
