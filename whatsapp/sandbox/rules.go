package sandbox

import "time"

// rules are what WhatsApp's platform does since some date. Where the sources name a month alone, its first day counts.
type rules struct {
	perMessage  bool // prices by message instead of by conversation
	longCoupons bool // coupon codes of 20 characters instead of 15
	userIDs     bool // business-scoped user ids in answers and webhooks, and contacts in statuses
	toUserID    bool // sends to a user id ("recipient")
	hidden      bool // user names, and people without a number
	routing     bool // fields standby and messaging_handovers
	servicePaid bool // messages without a template cost money beyond an allowance
}

// rulesAsOf are the platform's rules on a day; the zero time stands for the end of 2026.
func rulesAsOf(day time.Time) rules {
	since := func(year int, month time.Month, dayOfMonth int) bool {
		return day.IsZero() || !day.Before(time.Date(year, month, dayOfMonth, 0, 0, 0, 0, time.UTC))
	}
	return rules{
		perMessage:  since(2025, time.July, 1),
		longCoupons: since(2025, time.December, 3),
		userIDs:     since(2026, time.March, 31),
		toUserID:    since(2026, time.May, 1),
		hidden:      since(2026, time.July, 1),
		routing:     since(2026, time.August, 4),
		servicePaid: since(2026, time.October, 1),
	}
}
