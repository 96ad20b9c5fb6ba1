package report_test

import (
	"strings"
	"testing"
	"time"

	"waybill/engine/delivery"
	"waybill/engine/report"
)

// Each attempt is told with what WhatsApp said of its own message; one that only a webhook settled says so.
func TestStoryHasTheStatusesOfEveryAttempt(t *testing.T) {
	at := func(s int) time.Time { return began().Add(time.Duration(s) * time.Second) }
	d := delivery.Delivery{
		Key: delivery.Key{Step: "hello", Item: "1"}, Recipient: "+34600000001", State: delivery.Sent, MessageID: "wamid.2",
		Attempts: 2,
	}
	story := report.NewDeliveryDetail(d, []delivery.Attempt{
		{
			Number: 1, At: at(0), Result: delivery.ResultAccepted, MessageID: "wamid.1",
			Answer: delivery.Answer{Message: "the request left and no answer came"},
		},
		{Number: 2, At: at(9), Result: delivery.ResultAccepted, MessageID: "wamid.2", Answer: delivery.Answer{Status: 200}},
	}, []delivery.Status{
		{MessageID: "wamid.1", Word: "failed", At: at(3), Answer: delivery.Answer{Code: 131000, Message: "Something went wrong"}},
		{MessageID: "wamid.2", Word: "sent", At: at(10)},
	})
	if got := []string{story.Attempts[0].ToldBy, story.Attempts[1].ToldBy}; got[0] != "webhook" || got[1] != "" {
		t.Errorf("told by %q", got)
	}
	var out strings.Builder
	if err := report.WriteDeliveryDetail(&out, story, false, report.Paint{}); err != nil {
		t.Fatal(err)
	}
	want := `step hello, item 1 to +34600000001: sent
  wamid.2
  2026-03-25T09:00:00.000Z  attempt 1: accepted, as a webhook told; until then in doubt: the request left and no answer came
  2026-03-25T09:00:03.000Z  WhatsApp says failed, code 131000: Something went wrong
  2026-03-25T09:00:09.000Z  attempt 2: accepted, HTTP 200
  2026-03-25T09:00:10.000Z  WhatsApp says sent
`
	if got := out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
