package whatsapp

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math/big"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// AnalyticsQuery asks for the analytics between Start and End. An empty list means all. Words are the API's, in capitals.
// Source: Meta, analytics.
type AnalyticsQuery struct {
	Start, End   time.Time // whole seconds are sent; one year back at most
	Granularity  string    // HALF_HOUR, DAILY, MONTHLY; empty means DAILY
	PhoneNumbers []string  // digits
	MetricTypes  []string  // COST and CONVERSATION, or COST and VOLUME
	Countries    []string  // pricing only
	Categories   []string  // AUTHENTICATION, MARKETING, SERVICE, UTILITY; more for pricing
	Types        []string  // conversations: FREE_ENTRY, FREE_TIER, REGULAR; pricing: REGULAR, FREE_CUSTOMER_SERVICE, FREE_ENTRY_POINT
	Directions   []string  // conversations only: BUSINESS_INITIATED, USER_INITIATED, UNKNOWN
	Dimensions   []string  // what a point is split by
}

// Analytics is the answer to an AnalyticsQuery. Meta says that it is approximate and may differ from invoices.
type Analytics struct {
	Points []AnalyticsPoint
	// Absent says that the answer did not have the field: Graph leaves out what has no value.
	Absent bool
}

// AnalyticsPoint is one bucket, split by the dimensions that were asked for; the others are empty.
type AnalyticsPoint struct {
	Start, End  time.Time
	Count       int64       // conversations, or messages of pricing
	Cost        json.Number // as it came; empty: not reported
	PhoneNumber string
	Country     string
	Category    string
	Type        string
	Direction   string
	Tier        string // pricing: "from:to"
}

// Total returns the sum of the counts.
func (a Analytics) Total() int64 {
	var total int64
	for _, p := range a.Points {
		total += p.Count
	}
	return total
}

// Cost returns the exact sum of the costs, and false when no point has one.
func (a Analytics) Cost() (float64, bool) {
	total, known := new(big.Rat), false
	for _, p := range a.Points {
		if len(p.Cost) > 40 { // no amount of money; an exponent could make a number of a million digits
			continue
		}
		if cost, ok := new(big.Rat).SetString(string(p.Cost)); ok {
			total.Add(total, cost)
			known = true
		}
	}
	sum, _ := total.Float64()
	return sum, known
}

// ConversationAnalytics returns the conversations of an account: the field conversation_analytics of its node.
// Since July 2025 messages are billed one by one, so that a conversation is no unit of billing any more.
func (c *Client) ConversationAnalytics(ctx context.Context, wabaID string, q AnalyticsQuery) (Analytics, error) {
	return c.analytics(ctx, wabaID, "conversation_analytics", q, []filter{
		{"phone_numbers", q.PhoneNumbers},
		{"metric_types", q.MetricTypes},
		{"conversation_categories", q.Categories},
		{"conversation_types", q.Types},
		{"conversation_directions", q.Directions},
		{"dimensions", q.Dimensions},
	})
}

// PricingAnalytics returns what was billed: the field pricing_analytics of the account's node.
func (c *Client) PricingAnalytics(ctx context.Context, wabaID string, q AnalyticsQuery) (Analytics, error) {
	return c.analytics(ctx, wabaID, "pricing_analytics", q, []filter{
		{"phone_numbers", q.PhoneNumbers},
		{"country_codes", q.Countries},
		{"metric_types", q.MetricTypes},
		{"pricing_types", q.Types},
		{"pricing_categories", q.Categories},
		{"dimensions", q.Dimensions},
	})
}

var wordPattern = regexp.MustCompile(`^[A-Z_]+$`)

type filter struct {
	name   string
	values []string
}

// field writes a field with its filters chained by dots, each list as JSON.
func (q AnalyticsQuery) field(name string, filters []filter) (string, error) {
	granularity := q.Granularity
	if granularity == "" {
		granularity = "DAILY"
	}
	if !wordPattern.MatchString(granularity) {
		return "", fmt.Errorf("%q is no granularity; there are HALF_HOUR, DAILY and MONTHLY", shorten(granularity))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s.start(%d).end(%d).granularity(%s)", name, q.Start.Unix(), q.End.Unix(), granularity)
	for _, f := range filters {
		if len(f.values) == 0 {
			continue
		}
		list, err := json.Marshal(f.values)
		if err != nil {
			return "", fmt.Errorf("write the filter %s: %w", f.name, err)
		}
		fmt.Fprintf(&b, ".%s(%s)", f.name, list)
	}
	return b.String(), nil
}

func (c *Client) analytics(ctx context.Context, wabaID, name string, q AnalyticsQuery, filters []filter) (Analytics, error) {
	op := "read " + name
	if err := needID("WABA id", wabaID); err != nil {
		return Analytics{}, &Error{Op: op, Err: err}
	}
	field, err := q.field(name, filters)
	if err != nil {
		return Analytics{}, &Error{Op: op, Err: fmt.Errorf("%w: %w", ErrUnsendable, err)}
	}
	members := map[string]json.RawMessage{}
	if err := c.get(ctx, op, &members, c.address(url.Values{"fields": {field}}, wabaID)); err != nil {
		return Analytics{}, err
	}
	raw, there := members[name]
	if !there {
		// One of Meta's samples shows the field's content in the field's place.
		if raw, there = members["data"]; there {
			raw = json.RawMessage(`{"data":` + string(raw) + `}`)
		}
	}
	if !there {
		return Analytics{Absent: true}, nil
	}
	points, err := readPoints(raw)
	if err != nil {
		return Analytics{}, misread(op, fmt.Errorf("the answer is not what it should be: %w", err))
	}
	return Analytics{Points: points}, nil
}

type pointWire struct {
	Start                 flexTime    `json:"start"`
	End                   flexTime    `json:"end"`
	Conversation          flexInt     `json:"conversation"`
	Volume                flexInt     `json:"volume"`
	Cost                  json.Number `json:"cost"`
	PhoneNumber           flexString  `json:"phone_number"`
	Country               flexString  `json:"country"`
	ConversationCategory  flexString  `json:"conversation_category"`
	PricingCategory       flexString  `json:"pricing_category"`
	ConversationType      flexString  `json:"conversation_type"`
	PricingType           flexString  `json:"pricing_type"`
	ConversationDirection flexString  `json:"conversation_direction"`
	Tier                  flexString  `json:"tier"`
}

// readPoints reads the points of all wrappers; a wrapper itself has no meaning.
func readPoints(raw json.RawMessage) ([]AnalyticsPoint, error) {
	var wire struct {
		Data []struct {
			Points []pointWire `json:"data_points"`
		} `json:"data"`
		Points []pointWire `json:"data_points"`
	}
	if err := json.Unmarshal(raw, &wire); err != nil {
		return nil, err
	}
	all := wire.Points
	for _, wrapper := range wire.Data {
		all = append(all, wrapper.Points...)
	}
	points := make([]AnalyticsPoint, 0, len(all))
	for _, p := range all {
		points = append(points, AnalyticsPoint{
			Start: time.Time(p.Start), End: time.Time(p.End), Count: int64(p.Conversation) + int64(p.Volume), Cost: p.Cost,
			PhoneNumber: string(p.PhoneNumber), Country: string(p.Country), Tier: string(p.Tier),
			Direction: string(p.ConversationDirection),
			Category:  cmp.Or(string(p.ConversationCategory), string(p.PricingCategory)),
			Type:      cmp.Or(string(p.ConversationType), string(p.PricingType)),
		})
	}
	return points, nil
}
