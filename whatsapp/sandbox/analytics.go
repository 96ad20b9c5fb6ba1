package sandbox

import (
	"maps"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
)

// period is what every kind of analytics is asked for: from, to (both UNIX seconds) and the size of a point.
type period struct {
	from, to    time.Time
	granularity string
	filters     map[string]string
}

// analytics computes one of the analytics fields of the WABA. The caller holds the lock. Source: Meta, analytics.
func (s *Server) analytics(f field) (any, *graphError) {
	switch f.name {
	case "analytics":
		return s.messageAnalytics(f)
	case "conversation_analytics":
		return s.conversationAnalytics(f)
	case "pricing_analytics":
		return s.pricingAnalytics(f)
	default:
		return nil, nonexisting(f.name, "WhatsAppBusinessAccount")
	}
}

func readPeriod(f field, granularities ...string) (period, *graphError) {
	asked := period{filters: f.filters}
	for key, into := range map[string]*time.Time{"start": &asked.from, "end": &asked.to} {
		seconds, err := strconv.ParseInt(strings.Trim(f.filters[key], `" `), 10, 64)
		if err != nil {
			return asked, refuse(100, "%s: the parameter %s is required, in UNIX seconds.", f.name, key)
		}
		*into = time.Unix(seconds, 0).UTC()
	}
	if !asked.from.Before(asked.to) {
		return asked, refuse(100, "%s: start has to be before end.", f.name)
	}
	asked.granularity = strings.Trim(f.filters["granularity"], `" `)
	if !slices.Contains(granularities, asked.granularity) {
		return asked, refuse(100, "%s: granularity must be one of {%s} - got \"%s\".", f.name,
			strings.Join(granularities, ", "), asked.granularity)
	}
	return asked, nil
}

// choice is a filter that holds words from a closed list; empty means all.
func (a period) choice(name string, allowed ...string) ([]string, *graphError) {
	words := listFilter(a.filters[name])
	for i, word := range words {
		words[i] = strings.ToUpper(word)
		if !slices.Contains(allowed, words[i]) {
			return nil, refuse(100, "%s must be of {%s} - got \"%s\".", name, strings.Join(allowed, ", "), word)
		}
	}
	return words, nil
}

// bucket is the point that a time falls into: it begins at midnight UTC, since the account's zone is UTC.
func (a period) bucket(at time.Time) (time.Time, time.Time) {
	year, month, day := at.UTC().Date()
	switch a.granularity {
	case "HALF_HOUR":
		begin := at.Truncate(30 * time.Minute)
		return begin, begin.Add(30 * time.Minute)
	case "MONTH", "MONTHLY":
		begin := time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
		return begin, begin.AddDate(0, 1, 0)
	default:
		begin := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
		return begin, begin.AddDate(0, 0, 1)
	}
}

// group is one point: its start and the values of the asked dimensions.
type group struct {
	start, end int64
	key        string // sorts and joins
	labels     map[string]any
	tally      tally
}

// collect sums the cells of a period that pass, by point and by the labels that label returns.
func (s *Server) collect(a period, pass func(analyticsCell) bool, label func(analyticsCell) map[string]any) []*group {
	groups, numbers := map[string]*group{}, a.numbers(s)
	take := func(cells map[analyticsCell]*tally) {
		for key, t := range cells {
			at := time.Unix(key.halfHour*halfHour, 0).UTC()
			if at.Before(a.from) || !at.Before(a.to) || !slices.Contains(numbers, key.number) || !pass(key) {
				continue
			}
			begin, end := a.bucket(at)
			labels := label(key)
			name := strconv.FormatInt(begin.Unix(), 10) + string(mustEncode(labels))
			g := groups[name]
			if g == nil {
				g = &group{start: begin.Unix(), end: end.Unix(), key: name, labels: labels}
				groups[name] = g
			}
			g.tally.sent += t.sent
			g.tally.delivered += t.delivered
			g.tally.cost += t.cost
		}
	}
	take(s.counts.cells)
	if s.options.SampleAnalytics {
		take(samples(s.numbers[0].own, a.from, minTime(a.to, s.clock.now())))
	}
	list := make([]*group, 0, len(groups))
	for _, g := range groups {
		list = append(list, g)
	}
	sort.Slice(list, func(i, k int) bool {
		if list[i].start != list[k].start {
			return list[i].start < list[k].start
		}
		return list[i].key < list[k].key
	})
	return list
}

func minTime(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// numbers are the digits of those of the sandbox's numbers that the filter by phone number includes; without one, of all.
func (a period) numbers(s *Server) []string {
	wanted := listFilter(a.filters["phone_numbers"])
	for i, number := range wanted {
		wanted[i], _ = normalNumber(number)
	}
	list := []string{}
	for _, n := range s.numbers {
		if oneOf(wanted, n.own) {
			list = append(list, n.own)
		}
	}
	return list
}

func (s *Server) messageAnalytics(f field) (any, *graphError) {
	a, refusal := readPeriod(f, "HALF_HOUR", "DAY", "MONTH")
	if refusal != nil {
		return nil, refusal
	}
	products, countries := listFilter(f.filters["product_types"]), listFilter(f.filters["country_codes"])
	groups := s.collect(a, func(key analyticsCell) bool {
		return (len(products) == 0 || slices.Contains(products, strconv.Itoa(key.product))) &&
			(len(countries) == 0 || slices.Contains(countries, key.country))
	}, func(analyticsCell) map[string]any { return nil })
	points := []map[string]any{}
	for _, g := range groups {
		points = append(points, map[string]any{"start": g.start, "end": g.end, "sent": g.tally.sent, "delivered": g.tally.delivered})
	}
	return map[string]any{
		"phone_numbers": a.numbers(s), "country_codes": emptyNotNull(countries), "granularity": a.granularity,
		"data_points": points,
	}, nil
}

// conversationAnalytics counts each delivered message as a conversation: that is what Meta's own id for it does since July 2025.
// Source: Meta, analytics.
func (s *Server) conversationAnalytics(f field) (any, *graphError) {
	a, refusal := readPeriod(f, "HALF_HOUR", "DAILY", "MONTHLY")
	if refusal != nil {
		return nil, refusal
	}
	metrics, refusal := a.choice("metric_types", "COST", "CONVERSATION")
	if refusal != nil {
		return nil, refusal
	}
	dimensions, refusal := a.choice("dimensions", "CONVERSATION_CATEGORY", "CONVERSATION_DIRECTION", "CONVERSATION_TYPE",
		"COUNTRY", "PHONE")
	if refusal != nil {
		return nil, refusal
	}
	categories, refusal := a.choice("conversation_categories", "AUTHENTICATION", "MARKETING", "SERVICE", "UTILITY")
	if refusal != nil {
		return nil, refusal
	}
	types, refusal := a.choice("conversation_types", "FREE_ENTRY", "FREE_ENTRY_POINT", "FREE_TIER", "REGULAR", "UNKNOWN")
	if refusal != nil {
		return nil, refusal
	}
	directions, refusal := a.choice("conversation_directions", "BUSINESS_INITIATED", "USER_INITIATED", "UNKNOWN")
	if refusal != nil {
		return nil, refusal
	}
	groups := s.collect(a, func(key analyticsCell) bool {
		return key.product != 100 && oneOf(categories, strings.ToUpper(key.category)) && oneOf(types, "REGULAR") &&
			oneOf(directions, key.direction())
	}, func(key analyticsCell) map[string]any {
		return pickLabels(dimensions, map[string][2]string{
			"CONVERSATION_CATEGORY":  {"conversation_category", strings.ToUpper(key.category)},
			"CONVERSATION_DIRECTION": {"conversation_direction", key.direction()},
			"CONVERSATION_TYPE":      {"conversation_type", "REGULAR"},
			"COUNTRY":                {"country", key.country},
			"PHONE":                  {"phone_number", key.number},
		})
	})
	return wrap(groups, metrics, "CONVERSATION", "conversation"), nil
}

func (s *Server) pricingAnalytics(f field) (any, *graphError) {
	a, refusal := readPeriod(f, "HALF_HOUR", "DAILY", "MONTHLY")
	if refusal != nil {
		return nil, refusal
	}
	metrics, refusal := a.choice("metric_types", "COST", "VOLUME")
	if refusal != nil {
		return nil, refusal
	}
	dimensions, refusal := a.choice("dimensions", "COUNTRY", "PHONE", "PRICING_CATEGORY", "PRICING_TYPE", "TIER")
	if refusal != nil {
		return nil, refusal
	}
	types, refusal := a.choice("pricing_types", "REGULAR", "FREE_CUSTOMER_SERVICE", "FREE_ENTRY_POINT",
		"FREE_GROUP_CUSTOMER_SERVICE")
	if refusal != nil {
		return nil, refusal
	}
	categories, refusal := a.choice("pricing_categories", "AUTHENTICATION", "AUTHENTICATION_INTERNATIONAL", "MARKETING",
		"SERVICE", "UTILITY", "REFERRAL_CONVERSION")
	if refusal != nil {
		return nil, refusal
	}
	countries := listFilter(f.filters["country_codes"])
	groups := s.collect(a, func(key analyticsCell) bool {
		return key.product != 100 && oneOf(types, strings.ToUpper(key.kind)) &&
			oneOf(categories, strings.ToUpper(key.category)) && oneOf(countries, key.country)
	}, func(key analyticsCell) map[string]any {
		return pickLabels(dimensions, map[string][2]string{
			"COUNTRY":          {"country", key.country},
			"PHONE":            {"phone_number", key.number},
			"PRICING_CATEGORY": {"pricing_category", strings.ToUpper(key.category)},
			"PRICING_TYPE":     {"pricing_type", strings.ToUpper(key.kind)},
			"TIER":             {"tier", "0:MAX"},
		})
	})
	return wrap(groups, metrics, "VOLUME", "volume"), nil
}

func (key analyticsCell) direction() string {
	if key.product == 0 {
		return "BUSINESS_INITIATED"
	}
	return "USER_INITIATED"
}

func oneOf(wanted []string, value string) bool {
	return len(wanted) == 0 || slices.Contains(wanted, value)
}

func emptyNotNull(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func pickLabels(dimensions []string, all map[string][2]string) map[string]any {
	labels := map[string]any{}
	for _, dimension := range dimensions {
		labels[all[dimension][0]] = all[dimension][1]
	}
	return labels
}

// wrap is the form with one wrapper that holds the points; points without a delivered message are left out.
func wrap(groups []*group, metrics []string, counted, name string) any {
	points := []map[string]any{}
	for _, g := range groups {
		if g.tally.delivered == 0 {
			continue
		}
		point := map[string]any{"start": g.start, "end": g.end}
		maps.Copy(point, g.labels)
		if oneOf(metrics, counted) {
			point[name] = g.tally.delivered
		}
		if oneOf(metrics, "COST") {
			point["cost"] = math.Round(g.tally.cost*10000) / 10000
		}
		points = append(points, point)
	}
	return map[string]any{"data": []any{map[string]any{"data_points": points}}}
}
