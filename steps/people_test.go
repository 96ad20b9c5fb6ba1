package steps_test

import (
	"reflect"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/audience"
	"waybill/engine/delivery"
	"waybill/steps"
	"waybill/whatsapp/webhook"
)

// A word is looked for in the whole inbox once, and later in what came lately.
func TestSaidBefore(t *testing.T) {
	h := newHarness(t)
	now := time.Date(2026, 3, 25, 9, 0, 0, 0, time.UTC)
	wrote := func(id, text string, ago time.Duration) {
		t.Helper()
		if err := h.ledger.Record(t.Context(), engine.Report{Inbound: []engine.Inbound{
			{ID: id, NumberID: "555", From: "3460000000" + id, Type: "text", Text: text, At: now.Add(-ago)},
		}}); err != nil {
			t.Fatal(err)
		}
	}
	want := func(found int, kept string, words ...string) {
		t.Helper()
		n, err := steps.SaidBefore(t.Context(), h.ledger, audience.NewWords(words...), now)
		if err != nil || n != found {
			t.Errorf("%d words found, %v; want %d", n, err, found)
		}
		got := ""
		for w, err := range h.ledger.OptOuts(t.Context(), engine.OptOutFilter{}) {
			if err != nil {
				t.Fatal(err)
			}
			got += w.Person[len(w.Person)-1:]
			if w.At.After(now.Add(-time.Hour)) {
				t.Errorf("the word of %s counts from %s on", w.Person, w.At)
			}
		}
		if got != kept {
			t.Errorf("kept of %s, want %s", got, kept)
		}
	}
	const month = 30 * 24 * time.Hour
	wrote("1", "STOP", month)
	wrote("2", "baja", month)
	want(1, "1")
	wrote("3", "stop", month) // nothing tells of it: the word was looked for
	wrote("4", "stop", time.Hour)
	want(1, "14")
	want(4, "1432", "Baja")
	want(1, "1432", "Baja")
}

// TestCharge: what a status says of its price, whatever form it has.
func TestCharge(t *testing.T) {
	for name, c := range map[string]struct {
		status string
		want   *delivery.Charge
	}{
		"paid":          {`"status":"delivered","recipient_id":"34612345678","pricing":{"billable":true,"pricing_model":"PMP","type":"regular","category":"utility"}`, &delivery.Charge{Category: "utility", Type: "regular", Model: "PMP", Country: "ES"}},
		"free":          {`"status":"read","recipient_id":"34612345678","pricing":{"pricing_model":"PMP","type":"free_customer_service","category":"service"}`, &delivery.Charge{Category: "service", Type: "free_customer_service", Model: "PMP", Country: "ES"}},
		"exempt":        {`"status":"delivered","recipient_id":"34612345678","pricing":{"type":"regular","subtype":"paid_exempt","category":"utility"}`, &delivery.Charge{Category: "utility", Type: "paid_exempt", Country: "ES"}},
		"old":           {`"status":"delivered","recipient_id":"34612345678","pricing":{"billable":true,"pricing_model":"CBP","category":"marketing"}`, &delivery.Charge{Category: "marketing", Type: "regular", Model: "CBP", Country: "ES"}},
		"hidden number": {`"status":"delivered","recipient_user_id":"BR.13491208655302741918","pricing":{"type":"regular","category":"marketing"}`, &delivery.Charge{Category: "marketing", Type: "regular", Country: "BR"}},
		"only sent":     {`"status":"sent","recipient_id":"34612345678","pricing":{"type":"regular","category":"utility"}`, nil},
		"says nothing":  {`"status":"delivered","recipient_id":"34612345678"`, nil},
		"another shape": {`"status":"delivered","recipient_id":"34612345678","pricing":[1]`, nil},
	} {
		raw := []byte(`{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"messaging_product":"whatsapp",
			"metadata":{"phone_number_id":"1"},"statuses":[{"id":"wamid.1","timestamp":"1774000000",` + c.status + `}]}}]}]}`)
		ev, err := webhook.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		got := steps.Receive(ev, raw, time.Now(), audience.Words{})
		if len(got.Statuses) != 1 || !reflect.DeepEqual(got.Statuses[0].Charge, c.want) {
			t.Errorf("%s: %+v, want %+v", name, got.Statuses[0].Charge, c.want)
		}
	}
}
