package sandbox

import (
	"fmt"
	"slices"
	"strconv"
)

// number is one of the business's numbers. Each has its own pace, files and conversations.
type number struct {
	id      string
	own     string // its digits
	display string
	limits  *limits // the caller holds the server's lock
}

// newNumbers makes as many numbers as the options say, ids and digits one behind the other.
func newNumbers(o Options) []*number {
	own, _ := normalNumber(o.DisplayNumber)
	list := []*number{{id: o.PhoneNumberID, own: own, display: o.DisplayNumber}}
	id, bad := strconv.ParseUint(o.PhoneNumberID, 10, 64)
	digits, alsoBad := strconv.ParseUint(own, 10, 64)
	for i := uint64(1); i < uint64(max(o.Numbers, 1)) && bad == nil && alsoBad == nil; i++ {
		own := strconv.FormatUint(digits+i, 10)
		list = append(list, &number{id: strconv.FormatUint(id+i, 10), own: own, display: "+" + own})
	}
	return list
}

// PhoneNumberIDs are the ids of the business's numbers, in order.
func (s *Server) PhoneNumberIDs() []string {
	ids := make([]string, len(s.numbers))
	for i, n := range s.numbers {
		ids[i] = n.id
	}
	return ids
}

// numberOf is the number with an id; nil: there is none.
func (s *Server) numberOf(id string) *number {
	at := slices.IndexFunc(s.numbers, func(n *number) bool { return n.id == id })
	if at < 0 {
		return nil
	}
	return s.numbers[at]
}

// numberNamed is the number that a lever names; empty: the first.
func (s *Server) numberNamed(id string) (*number, error) {
	if id == "" {
		return s.numbers[0], nil
	}
	n := s.numberOf(id)
	if n == nil {
		return nil, fmt.Errorf("phoneNumberId: the sandbox has no number %s", id)
	}
	return n, nil
}

// isOwn says whether digits are a number of the business.
func (s *Server) isOwn(digits string) bool {
	return slices.ContainsFunc(s.numbers, func(n *number) bool { return n.own == digits })
}

// shownID is the id under which a message tells its number: where there is one alone, none.
func (s *Server) shownID(n *number) string {
	if len(s.numbers) == 1 {
		return ""
	}
	return n.id
}
