package sandbox

import (
	"fmt"
	"strconv"
	"strings"
)

// person is who is behind a recipient or a sender. A number always has a user id; a user id has a number only where it
// was made from one here.
type person struct {
	waID   string // digits; empty: known by the user id alone
	userID string // business-scoped; empty for groups, and in a world without user ids
}

// key is what makes a person the same person, whichever way they were named.
func (p person) key() string {
	if p.waID != "" {
		return p.waID
	}
	return p.userID
}

// profile is what a person is called.
type profile struct {
	name     string
	username string
}

const usualName = "Sandbox customer"

// whoHas is the person with a number, in digits.
func (s *Server) whoHas(digits string) person {
	p := person{waID: waIDOf(digits)}
	if s.rules.userIDs {
		p.userID = userIDOf(p.waID)
	}
	return p
}

// whoIs is the person that a number or a user id names; the error says that it is neither.
func (s *Server) whoIs(text string) (person, error) {
	if s.rules.userIDs && scopedID().MatchString(text) {
		return person{waID: numberOfUserID(text), userID: text}, nil
	}
	digits, ok := normalNumber(text)
	if !ok {
		return person{}, fmt.Errorf("%q is neither a phone number nor a business-scoped user id", text)
	}
	return s.whoHas(digits), nil
}

// addressee is the person that a message is for; a group's id is nobody's.
func (s *Server) addressee(d *draft) person {
	switch {
	case d.group:
		return person{waID: d.to}
	case d.scoped:
		return person{waID: numberOfUserID(d.to), userID: d.to}
	default:
		return s.whoHas(d.to)
	}
}

// profileOf is how a person is called. The caller holds the lock.
func (s *Server) profileOf(p person) profile {
	known := s.profiles[p.key()]
	setText(&known.name, usualName)
	return known
}

// usernameOf makes a user name for a person who hides the number: a user name is what hides it.
func usernameOf(p person) string {
	_, tail, _ := strings.Cut(p.userID, ".")
	return "customer." + strings.ToLower(tail[max(0, len(tail)-6):])
}

// userIDOf makes the business-scoped user id of a wa_id: its country, and a bijection of its digits, so that no two
// people share one and the number can be found again without a table.
func userIDOf(waID string) string {
	n, err := strconv.ParseUint(waID, 10, 64)
	if err != nil {
		return ""
	}
	id := make([]byte, 0, 23)
	id = append(id, countryOf(waID)...)
	id = append(id, '.')
	return string(strconv.AppendUint(id, mix(n), 10))
}

// numberOfUserID is the wa_id that userIDOf made an id from; empty for the ids of anybody else.
func numberOfUserID(id string) string {
	_, tail, _ := strings.Cut(id, ".")
	n, err := strconv.ParseUint(tail, 10, 64)
	if err != nil {
		return ""
	}
	waID := strconv.FormatUint(unmix(n), 10)
	if len(waID) < 7 || len(waID) > 15 || userIDOf(waID) != id {
		return ""
	}
	return waID
}

// waIDOf is the account that WhatsApp has for a number: its answers say it, and it is the sender of what comes back.
// Mexico keeps the 1 that its numbers lost; Brazil drops the ninth digit but in the areas 11 to 28; Argentina has a 9 and
// no 15. Source: Meta, business-phone-numbers/phone-numbers; public logs for the areas.
func waIDOf(digits string) string {
	switch {
	case strings.HasPrefix(digits, "52") && len(digits) == 12:
		return "521" + digits[2:]
	case strings.HasPrefix(digits, "55") && len(digits) == 13 && digits[4] == '9' && digits[2] > '2':
		return digits[:4] + digits[5:]
	case strings.HasPrefix(digits, "54") && !strings.HasPrefix(digits, "549"):
		return "549" + withoutFifteen(digits[2:])
	default:
		return digits
	}
}

// withoutFifteen takes the domestic mobile prefix out of an Argentine number: it stands behind an area of 2 to 4 digits
// and makes the number twelve digits long.
func withoutFifteen(national string) string {
	if len(national) != 12 {
		return national
	}
	for _, area := range [...]int{2, 3, 4} {
		if national[area:area+2] == "15" && (area > 2 || national[:2] == "11") {
			return national[:area] + national[area+2:]
		}
	}
	return national
}

// country is where a person is, by the number or else by the user id.
func (p person) country() string {
	if p.waID == "" && len(p.userID) > 2 {
		return p.userID[:2]
	}
	return countryOf(p.waID)
}

// countryOf is the country of a number, in two letters, by its calling code; ZZ where it is not in the table, which holds the countries that
// examples and tests are likely to use. All of +1 passes for the US.
func countryOf(digits string) string {
	for _, known := range [...][2]string{
		{"351", "PT"},
		{"353", "IE"},
		{"971", "AE"},
		{"27", "ZA"},
		{"31", "NL"},
		{"32", "BE"},
		{"33", "FR"},
		{"34", "ES"},
		{"39", "IT"},
		{"41", "CH"},
		{"43", "AT"},
		{"44", "GB"},
		{"48", "PL"},
		{"49", "DE"},
		{"52", "MX"},
		{"54", "AR"},
		{"55", "BR"},
		{"56", "CL"},
		{"57", "CO"},
		{"61", "AU"},
		{"62", "ID"},
		{"91", "IN"},
		{"1", "US"},
	} {
		if strings.HasPrefix(digits, known[0]) {
			return known[1]
		}
	}
	return "ZZ"
}
