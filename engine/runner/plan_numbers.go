package runner

import (
	"hash/maphash"

	"waybill/engine/phone"
	"waybill/engine/spill"
)

// numberCount is what a plan says of the numbers it would send to: of which countries they are, and which of them are odd.
type numberCount struct {
	seed      maphash.Seed
	people    spill.Table // by a hash of their number
	countries map[string]int
	odd       oddCount
}

func newNumberCount() *numberCount {
	return &numberCount{
		seed: maphash.MakeSeed(), countries: map[string]int{}, odd: oddCount{},
	}
}

// meet counts the person of a message that would be sent.
func (n *numberCount) meet(c *candidate) {
	number := c.call.Message.Number
	person := maphash.String(n.seed, c.call.Message.Recipient)
	if _, known := n.people.Meet(person, 0); known {
		return
	}
	region := number.Region
	if number.Text == "" { // an operation that read it otherwise
		region = phone.Region(c.call.Message.Recipient)
	}
	n.countries[region]++
	n.odd.meet(c)
}
