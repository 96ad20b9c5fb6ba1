package steps

import (
	"context"
	"time"

	"waybill/engine"
	"waybill/whatsapp"
)

// sharedPace is the pace of a number in a ledger that many processes send from.
type sharedPace struct {
	pacer  engine.Pacer
	number string
}

// Book takes places; see whatsapp.SharedPace.
func (s sharedPace) Book(ctx context.Context, perSecond float64, places, accepted int) (wait, every time.Duration, err error) {
	got, err := s.pacer.Book(ctx, engine.Booking{Number: s.number, PerSecond: perSecond, Places: places, Accepted: accepted})
	return got.Wait, got.Every, err
}

// Throttled lowers the rate for all; see whatsapp.SharedPace.
func (s sharedPace) Throttled(ctx context.Context, perSecond float64, pause time.Duration) error {
	return s.pacer.Throttled(ctx, s.number, perSecond, pause)
}

// newLimiter makes the limiter of a number: this process's alone, or one whose pace is kept in the ledger.
func (cs *clients) newLimiter(key numberKey) *whatsapp.Limiter {
	if cs.world.Pacer != nil {
		if pacer := cs.world.Pacer(); pacer != nil {
			return whatsapp.NewSharedLimiter(cs.world.Now, sharedPace{pacer, key.host + "/" + key.phoneNumberID})
		}
	}
	return whatsapp.NewLimiter(cs.world.Now)
}
