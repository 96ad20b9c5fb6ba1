package phone

import (
	"regexp"
	"strconv"
	"sync"

	"github.com/nyaruka/phonenumbers"

	"waybill/engine/pattern"
)

// plan is the numbering plan of one region, made of libphonenumber's tables when it is first needed. Its expressions are compiled
// when they are: the 25 regions of +1 have hundreds, and a number asks a few.
type plan struct {
	region  string
	code    int                   // its country code
	leading func() *regexp.Regexp // what the numbers of this region begin with, where several share a country code; nil: not said
	prefix  func() *regexp.Regexp // what is dialled before a number inside the country; nil: nothing
	general kind
	kinds   []kind // mobile, fixed and all others
}

// kind is one kind of numbers: how long they are and what they look like.
type kind struct {
	lengths uint32 // bit n: of n digits; 0: any
	pattern func() *regexp.Regexp
}

func (k kind) matches(national string) bool {
	return (k.lengths == 0 || k.lengths&(1<<len(national)) != 0) && k.pattern().MatchString(national)
}

// valid reports whether a number without country code is one of the region's.
func (p *plan) valid(national string) bool {
	if !p.general.matches(national) {
		return false
	}
	for _, k := range p.kinds {
		if k.matches(national) {
			return true
		}
	}
	return false
}

// plans are the numbering plans by country code, made once each: a job's numbers are of a few countries, and all plans together
// are thousands of regular expressions.
var plans = struct { //nolint:gochecknoglobals // a memo of constant tables
	sync.RWMutex
	of     map[int][]*plan
	tables map[string]*phonenumbers.PhoneMetadata // by region; those of no country by their code
}{of: map[int][]*plan{}}

// plansOf returns the plans of the regions that share a country code, the main one first; none: the code is unknown.
func plansOf(code int) []*plan {
	plans.RLock()
	found, known := plans.of[code]
	plans.RUnlock()
	if known {
		return found
	}
	plans.Lock()
	defer plans.Unlock()
	if plans.tables == nil {
		plans.tables = tables()
	}
	for _, region := range phonenumbers.GetRegionCodesForCountryCode(code) {
		table := plans.tables[region]
		if table == nil {
			table = plans.tables[strconv.Itoa(code)]
		}
		if table != nil {
			found = append(found, newPlan(region, table))
		}
	}
	if len(found) > 0 { // those of unknown codes are not remembered: they can be many
		plans.of[code] = found
	}
	return found
}

// tables are libphonenumber's, by region.
func tables() map[string]*phonenumbers.PhoneMetadata {
	all := map[string]*phonenumbers.PhoneMetadata{}
	collection, err := phonenumbers.MetadataCollection()
	if err != nil {
		return all // the library has read the same when the program began, and would have ended it
	}
	for _, m := range collection.GetMetadata() {
		if m.GetId() == noCountry {
			all[strconv.Itoa(int(m.GetCountryCode()))] = m
			continue
		}
		all[m.GetId()] = m
	}
	return all
}

// noCountry is the region of numbers that belong to no country, such as +800.
const noCountry = "001"

func newPlan(region string, m *phonenumbers.PhoneMetadata) *plan {
	p := &plan{region: region, code: int(m.GetCountryCode()), general: newKind(m.GetGeneralDesc())}
	if leading := m.GetLeadingDigits(); leading != "" {
		p.leading = pattern.Lazy("^(?:" + leading + ")")
	}
	if prefix := m.GetNationalPrefixForParsing(); prefix != "" {
		p.prefix = pattern.Lazy("^(?:" + prefix + ")")
	}
	for _, d := range []*phonenumbers.PhoneNumberDesc{
		m.GetMobile(), m.GetFixedLine(), m.GetTollFree(), m.GetPremiumRate(), m.GetSharedCost(), m.GetVoip(), m.GetPersonalNumber(),
		m.GetPager(), m.GetUan(), m.GetVoicemail(),
	} {
		if d.GetNationalNumberPattern() != "" {
			p.kinds = append(p.kinds, newKind(d))
		}
	}
	return p
}

func newKind(d *phonenumbers.PhoneNumberDesc) kind {
	k := kind{pattern: pattern.Lazy("^(?:" + d.GetNationalNumberPattern() + ")$")}
	for _, length := range d.GetPossibleLength() {
		if length < 0 { // no number is of this kind
			length = 31
		}
		k.lengths |= 1 << length
	}
	return k
}

// split parts digits into country code and the rest; the plans are those of the code, and none where it is unknown.
func split(digits string) (found []*plan, national string) {
	for i := 1; i <= 3 && i < len(digits); i++ {
		code, err := strconv.Atoi(digits[:i])
		if err != nil {
			return nil, ""
		}
		if found = plansOf(code); len(found) > 0 {
			return found, digits[i:]
		}
	}
	return nil, ""
}

// regionOf returns which of the regions of a country code a number is of, and whether it is valid there.
func regionOf(shared []*plan, national string) (region string, valid bool) {
	if len(shared) == 1 {
		return shared[0].region, shared[0].valid(national)
	}
	for _, p := range shared {
		if p.leading != nil {
			if p.leading().MatchString(national) {
				return p.region, p.valid(national)
			}
		} else if p.valid(national) {
			return p.region, true
		}
	}
	return shared[0].region, false
}
