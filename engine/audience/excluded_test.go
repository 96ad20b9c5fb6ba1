package audience_test

import (
	"testing"

	"waybill/engine"
	"waybill/engine/audience"
)

func TestExcludedJoin(t *testing.T) {
	var e audience.Excluded
	e.Join("+5531988888888", "+553188888888")
	e.Add("+34600000001")
	e.Add("+553188888888")
	e.Sort()
	e.Join("+5531988888888", "+553188888888", "BR.1")
	e.Join("+34600000002", "", "ES.2")
	e.Join("BR.1", "BR.2")
	e.Follow(engine.Moved{WasNumber: "+553188888888", Number: "+34600000009", UserID: "ES.9"})
	e.Follow(engine.Moved{WasNumber: "+34600000009", Number: "+34600000010"})
	e.Follow(engine.Moved{WasNumber: "+34600000002", Number: "+34600000001"}) // not from the other end
	for text, want := range map[string]bool{
		"+34600000001": true, "+553188888888": true, "+5531988888888": true, "BR.1": true, "BR.2": true,
		"+34600000002": false, "ES.2": false, "": false, "+34600000009": true, "ES.9": true, "+34600000010": true,
	} {
		if e.Has(text) != want {
			t.Errorf("%q is in: %v", text, !want)
		}
	}
}
