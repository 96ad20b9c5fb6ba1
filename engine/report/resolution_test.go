package report_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"waybill/engine/delivery"
	"waybill/engine/report"
)

func TestResolution(t *testing.T) {
	at := time.Date(2026, 3, 25, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		state delivery.State
		how   string
		want  string
	}{
		{delivery.InDoubt, "", "step remind, item 1, +34612345678: still in doubt: no answer"},
		{delivery.Accepted, report.SettledByHand, "step remind, item 1, +34612345678: taken as sent, by your word at 2026-03-25T09:00:00Z"},
		{
			delivery.Delivered, report.SettledByWebhook,
			"step remind, item 1, +34612345678: settled by a webhook: delivered at 2026-03-25T09:01:00Z",
		},
		{delivery.Accepted, report.SettledByResend, "step remind, item 1, +34612345678: sent again: accepted"},
		{delivery.Planned, report.SettledByResend, "step remind, item 1, +34612345678: to be sent again: not sent yet"},
		{delivery.Rejected, report.SettledByResend, "step remind, item 1, +34612345678: sent again: rejected: no answer"},
		{delivery.Read, report.SettledByAnswer, "step remind, item 1, +34612345678: not in doubt: read"},
	} {
		r := report.NewResolution("r1")
		r.Add(delivery.Delivery{
			Key: delivery.Key{Step: "remind", Item: "1"}, Recipient: "+34612345678", State: c.state, SettledAt: at,
			StatusAt: at.Add(time.Minute), Answer: delivery.Answer{Message: "no answer"},
		}, c.how)
		var b strings.Builder
		if err := report.WriteResolution(&b, r, report.Paint{}); err != nil {
			t.Fatal(err)
		}
		if got := strings.TrimSpace(b.String()); got != c.want {
			t.Errorf("\n got %s\nwant %s", got, c.want)
		}
		if remains := len(r.Remaining) == 1; remains != (c.state == delivery.InDoubt) {
			t.Errorf("%s: remaining %v", c.state, r.Remaining)
		}
	}
}

func TestResolutionIsBoundedInText(t *testing.T) {
	r := report.NewResolution("r1")
	for n := range 1200 {
		r.Add(delivery.Delivery{Key: delivery.Key{Step: "remind", Item: fmt.Sprint(n)}, State: delivery.InDoubt}, "")
	}
	var b strings.Builder
	if err := report.WriteResolution(&b, r, report.Paint{}); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(b.String(), "\n"); got != 51 || !strings.HasSuffix(b.String(), "… and 1,150 more: -o json has them all\n") {
		t.Errorf("%d lines:\n%s", got, b.String())
	}
	if len(r.Remaining) != 1200 {
		t.Errorf("%d remain in the document", len(r.Remaining))
	}
}
