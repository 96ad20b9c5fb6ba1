package doctor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"waybill/engine"
	"waybill/engine/wording"
)

// routedAway says whether another responder, a partner or Meta's own agent, has lately had threads of the account; empty: none had.
// Source: Meta, conversation-routing.
func routedAway(ctx context.Context, l Reader, now time.Time) (string, error) {
	const lately = 30 * 24 * time.Hour
	const notices = 1000
	standby, handovers := 0, 0
	var failures []error
	for in, err := range l.Inbound(ctx, engine.InboundFilter{Since: now.Add(-lately)}) {
		if err != nil {
			failures = append(failures, err)
			break
		}
		if in.Standby {
			standby++
		}
	}
	for n, err := range l.Notices(ctx, notices) {
		if err != nil {
			failures = append(failures, err)
			break
		}
		if n.Field == "messaging_handovers" && now.Sub(n.At) < lately {
			handovers++
		}
	}
	if standby == 0 && handovers == 0 {
		return "", errors.Join(failures...)
	}
	return fmt.Sprintf("another responder has threads of this account: %s came in standby and %s in the last 30 days",
		wording.Plural(standby, "message"), wording.Plural(handovers, "handover")), errors.Join(failures...)
}
