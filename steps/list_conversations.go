package steps

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/eval"
	"waybill/engine/phone"
	"waybill/whatsapp"
)

// defaultPeriod is how far listConversations looks back when the step has no startDate.
const defaultPeriod = 30 * 24 * time.Hour

// listConversations reads the account's analytics: conversations, or what was charged by message.
type listConversations struct{ *clients }

// Name is the key in the file.
func (*listConversations) Name() string { return "listConversations" }

// Outputs are the points, the sum of their counts, and the sum of their costs: null when the answer has none.
func (*listConversations) Outputs() map[string]eval.Type {
	point := eval.Object(map[string]eval.Type{
		"start": eval.String(), "end": eval.String(), "count": eval.Integer(), "cost": eval.Number(),
		"phoneNumber": eval.String(), "country": eval.String(), "category": eval.String(), "type": eval.String(),
		"direction": eval.String(), "tier": eval.String(),
	})
	return map[string]eval.Type{"conversations": eval.List(point), "totalCount": eval.Integer(), "cost": eval.Number()}
}

// Needs names the account whose analytics they are.
func (*listConversations) Needs() []string { return []string{"token", "wabaId"} }

// Check checks the literal parameters.
func (*listConversations) Check(s *engine.Step) diag.List {
	day := func(v string) error { _, _, err := parseTime(v); return err }
	return checkLiteralValues(s, map[string]func(string) error{"startDate": day, "endDate": day})
}

// Do makes one request.
func (o *listConversations) Do(ctx context.Context, c *engine.Call) (engine.Outcome, error) {
	query, source, err := o.query(c)
	if err != nil {
		return engine.Outcome{}, err
	}
	for _, n := range c.Numbers {
		if n.WABAID != c.Connection.WABAID {
			return engine.Outcome{}, errors.New("wabaId lists several accounts, and this step reads one: give it a wabaId of its own")
		}
	}
	client, err := o.client(c.Connection)
	if err != nil {
		return engine.Outcome{}, err
	}
	fetch := client.ConversationAnalytics
	if source == "pricing" {
		fetch = client.PricingAnalytics
	}
	analytics, err := fetch(ctx, c.Connection.WABAID, query)
	if err != nil {
		return engine.Outcome{}, readVerdict(err)
	}
	if analytics.Absent {
		return engine.Outcome{}, errors.New("the answer holds no analytics: the token needs whatsapp_business_management on " +
			"this account, " +
			"and the period must lie within the last year" + hintPricing(source))
	}
	return conversationOutcome(analytics), nil
}

// hintPricing leads to what bills are made of.
func hintPricing(source string) string {
	if source == "pricing" {
		return ""
	}
	return "; what messages cost is told by source: pricing"
}

func (o *listConversations) query(c *engine.Call) (whatsapp.AnalyticsQuery, string, error) {
	var q whatsapp.AnalyticsQuery
	var source string
	var err error
	read := func(f func() error) {
		if err == nil {
			err = f()
		}
	}
	read(func() (e error) { source, e = text(c.Args, "source"); return })
	read(func() (e error) { q.Granularity, e = text(c.Args, "granularity"); return })
	read(func() (e error) { q.PhoneNumbers, e = numbers(c.Args); return })
	read(func() (e error) { q.MetricTypes, e = textList(c.Args, "metricTypes"); return })
	read(func() (e error) { q.Dimensions, e = textList(c.Args, "dimensions"); return })
	read(func() error { return o.period(c.Args, &q) })
	return q, source, err
}

// period reads startDate and endDate. A date is a whole day in UTC: the API does not report the account's own zone
// in a documented form.
func (o *listConversations) period(a engine.Args, q *whatsapp.AnalyticsQuery) error {
	end, err := text(a, "endDate")
	if err != nil {
		return err
	}
	q.End = o.world.Now().UTC().Truncate(time.Second)
	if end != "" {
		at, day, err := parseTime(end)
		if err != nil {
			return fmt.Errorf("endDate: %w", err)
		}
		if q.End = at; day {
			q.End = at.AddDate(0, 0, 1)
		}
	}
	start, err := text(a, "startDate")
	if err != nil {
		return err
	}
	q.Start = q.End.Add(-defaultPeriod)
	if start != "" {
		if q.Start, _, err = parseTime(start); err != nil {
			return fmt.Errorf("startDate: %w", err)
		}
	}
	if !q.Start.Before(q.End) {
		return fmt.Errorf("startDate %s is not before endDate %s", timestamp(q.Start), timestamp(q.End))
	}
	return nil
}

// numbers reads the numbers to count, as the digits that the API takes.
func numbers(a engine.Args) ([]string, error) {
	list, err := textList(a, "phoneNumbers")
	if err != nil {
		return nil, err
	}
	for i, s := range list {
		to, err := phone.Reading{Literal: true}.Read(s)
		if err != nil {
			return nil, fmt.Errorf("phoneNumbers[%d]: %w", i, err)
		}
		list[i] = to.Text[1:]
	}
	return list, nil
}

func conversationOutcome(a whatsapp.Analytics) engine.Outcome {
	points := []any{}
	for _, p := range a.Points {
		points = append(points, map[string]any{
			"start": timestamp(p.Start), "end": timestamp(p.End), "count": int(p.Count), "cost": number(p.Cost),
			"phoneNumber": p.PhoneNumber, "country": p.Country, "category": p.Category, "type": p.Type,
			"direction": p.Direction, "tier": p.Tier,
		})
	}
	values := map[string]any{"conversations": points, "totalCount": int(a.Total()), "cost": nil}
	if cost, known := a.Cost(); known {
		values["cost"] = cost
	}
	return engine.Outcome{Values: values}
}

// number returns a number's value; null for one that was not reported.
func number(n json.Number) any {
	if f, err := n.Float64(); err == nil {
		return f
	}
	return nil
}
