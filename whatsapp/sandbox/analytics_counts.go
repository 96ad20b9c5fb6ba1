package sandbox

import (
	"time"
)

// analyticsCounts counts what was accepted, by half hour and by each dimension of the analytics. A million messages are
// a few cells. The caller holds the server's lock.
type analyticsCounts struct{ cells map[analyticsCell]*tally }

// analyticsCell identifies one count of the analytics.
type analyticsCell struct {
	halfHour int64  // UNIX seconds / 1800
	number   string // the digits of the business's
	country  string
	product  int // 0 template, 2 other, 100 inbound
	category string
	kind     string // pricing type
}

type tally struct {
	sent      int
	delivered int
	cost      float64
}

const halfHour = 1800 // seconds

func newAnalyticsCounts() analyticsCounts { return analyticsCounts{cells: map[analyticsCell]*tally{}} }

func (c *analyticsCounts) at(key analyticsCell) *tally {
	found := c.cells[key]
	if found == nil {
		found = &tally{}
		c.cells[key] = found
	}
	return found
}

// add counts a message, and its delivery when that is to come.
func (c *analyticsCounts) add(r *record) {
	key := analyticsCell{
		halfHour: r.At.Unix() / halfHour, number: r.number.own, country: r.country, product: 2, category: r.pricing.Category, kind: r.pricing.Type,
	}
	if r.Template != "" {
		key.product = 0
	}
	c.at(key).sent++
	for _, st := range r.stages {
		if st.status == "delivered" || st.status == "read" {
			key.halfHour = st.due.Unix() / halfHour
			reached := c.at(key)
			reached.delivered++
			reached.cost += r.pricing.cost()
			return
		}
	}
}

// addInbound counts what a person wrote.
func (c *analyticsCounts) addInbound(in *inbound) {
	c.at(analyticsCell{halfHour: in.at.Unix() / halfHour, number: in.number.own, country: in.who.country(), product: 100, category: "service"}).sent++
}

// samples returns invented counts of a number for every day of a period, the same ones each time.
func samples(number string, from, to time.Time) map[analyticsCell]*tally {
	by := map[analyticsCell]*tally{}
	first := from.UTC().Truncate(24 * time.Hour)
	for day := first; day.Before(to) && day.Sub(first) < 400*24*time.Hour; day = day.AddDate(0, 0, 1) {
		for i, kind := range []struct {
			country, category string
			product           int
		}{{"ES", "utility", 0}, {"ES", "marketing", 0}, {"US", "authentication", 0}, {"US", "service", 2}} {
			noon := day.Add(12 * time.Hour)
			if noon.Before(from) || !noon.Before(to) {
				continue
			}
			price := samplePrice(kind.category, noon)
			n := 20 + int(mix(uint64(day.Unix())*7+uint64(i))%180) //nolint:gosec // small
			cell := analyticsCell{
				halfHour: noon.Unix() / halfHour, number: number, country: kind.country, product: kind.product, category: kind.category, kind: price.Type,
			}
			by[cell] = &tally{sent: n + n/20, delivered: n, cost: float64(n) * price.cost()}
		}
	}
	return by
}
