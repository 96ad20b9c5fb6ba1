package ledgertest

import (
	"strings"
	"testing"

	"waybill/engine"
	"waybill/engine/delivery"
)

// testOddTexts keeps texts that a database may not take as they are, and gives them back as they were: no two keys become one.
func testOddTexts(t *testing.T, newStore NewStore) {
	t.Helper()
	odd := []string{"a\x00b", "a\uFFFDb", "ab", "a\xffb", "a\xfeb", "a\uE000b", "a\uE00000b", "a\uE000", `a\u0000b`, `a\x00b`, "%", "'", "ñ", "n\u0303"}
	d := newDesk(t, newStore)
	seen := map[delivery.ID]string{}
	for n, text := range odd {
		i := intent("item " + text)
		i.Recipient = "to " + strings.ToValidUTF8(text, "?")
		ticket := d.intend(i)
		if before, has := seen[ticket.Delivery]; has {
			t.Errorf("%q and %q are one delivery", before, text)
		}
		seen[ticket.Delivery] = text
		end := accepted(wamid(n))
		if n%2 == 0 {
			end = delivery.Attempt{Result: delivery.ResultRefused, Cause: delivery.CausePerson}
		}
		end.Answer = delivery.Answer{Status: 400, Message: "answer " + text, TraceID: "trace " + text}
		d.settle(ticket, end)
		got := d.look("item " + text)
		if got.ID != ticket.Delivery || got.Key != i.Key || got.Recipient != i.Recipient || got.Answer != end.Answer {
			t.Errorf("%q came back as %+v", text, got)
		}
	}
	d.must(d.Record(t.Context(), engine.Report{
		Body: []byte("\x00\xff"), ReceivedAt: at(3),
		Inbound: []engine.Inbound{{ID: "wamid.X", From: "1", At: at(3), Type: "text", Text: "a\x00b\xff", Raw: []byte("\x00")}},
	}))
	for m, err := range d.Inbound(t.Context(), engine.InboundFilter{}) {
		if d.must(err); m.Text != "a\x00b\xff" || string(m.Raw) != "\x00" {
			t.Errorf("%q, %q", m.Text, m.Raw)
		}
	}
	d.must(d.Note(t.Context(), theRun, []engine.Unsent{{Item: "a\x00", Outcome: delivery.OutcomeInvalid, Message: "a\x00b", Row: 3}}))
	d.must(d.FinishRun(t.Context(), engine.Run{ID: theRun, Status: engine.RunFailed, FinishedAt: at(5), Reason: "a\x00b"}, nil))
	for u, err := range d.Unsent(t.Context(), engine.UnsentFilter{}) {
		if d.must(err); u.Item != "a\x00" || u.Message != "a\x00b" {
			t.Errorf("%+v", u)
		}
	}
	if got, err := d.Run(t.Context(), theRun); err != nil || got.Reason != "a\x00b" {
		t.Errorf("%+v, %v", got, err)
	}
}
