package runner

import (
	"hash/maphash"

	"waybill/engine/phone"
)

// numberCount is what a plan says of the numbers it would send to: of which countries they are, and which of them are odd.
type numberCount struct {
	seed      maphash.Seed
	people    map[uint64]struct{} // by a hash of their number
	countries map[string]int
	odd       oddCount
}

func newNumberCount() *numberCount {
	return &numberCount{
		seed: maphash.MakeSeed(), people: map[uint64]struct{}{}, countries: map[string]int{}, odd: oddCount{},
	}
}

// meet counts the person of a message that would be sent.
func (n *numberCount) meet(c *candidate) {
	number := c.call.Message.Number
	person := maphash.String(n.seed, c.call.Message.Recipient)
	if _, known := n.people[person]; known {
		return
	}
	n.people[person] = struct{}{}
	region := number.Region
	if number.Text == "" { // an operation that read it otherwise
		region = phone.Region(c.call.Message.Recipient)
	}
	n.countries[region]++
	n.odd.meet(c)
}
