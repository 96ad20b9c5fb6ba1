package runner

import (
	"fmt"
	"slices"
	"testing"

	"waybill/engine"
)

// TestFallsTo: people are divided in proportion to the throughputs, whatever the order of the numbers, and a number that is added takes
// people from the others without moving any between those.
func TestFallsTo(t *testing.T) {
	const people = 20_000
	numbers := []engine.Connection{{PhoneNumberID: "1065", Throughput: 80}, {PhoneNumberID: "1066", Throughput: 20}, {PhoneNumberID: "1067", Throughput: 100}}
	turned := slices.Clone(numbers)
	slices.Reverse(turned)
	more := append(slices.Clone(numbers), engine.Connection{PhoneNumberID: "1068", Throughput: 100})
	got, moved := map[string]int{}, 0
	for i := range people {
		person := fmt.Sprintf("+3460%07d", i)
		by := numbers[fallsTo(person, numbers)].PhoneNumberID
		got[by]++
		if other := turned[fallsTo(person, turned)].PhoneNumberID; other != by {
			t.Fatalf("%s is written to by %s, and by %s when the numbers stand in another order", person, by, other)
		}
		switch now := more[fallsTo(person, more)].PhoneNumberID; now {
		case by:
		case "1068":
			moved++
		default:
			t.Fatalf("%s goes from %s to %s because another number was added", person, by, now)
		}
	}
	for id, share := range map[string]float64{"1065": 0.4, "1066": 0.1, "1067": 0.5} {
		if part := float64(got[id]) / people; part < share-0.02 || part > share+0.02 {
			t.Errorf("%s has %.3f of the people, want %.2f", id, part, share)
		}
	}
	if part := float64(moved) / people; part < 0.31 || part > 0.36 {
		t.Errorf("a number with a third of the throughput took %.3f of the people", part)
	}
}
