package ledgertest

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"waybill/engine"
)

func testInbox(t *testing.T, newStore NewStore) {
	t.Helper()
	hello := engine.Inbound{
		ID: "wamid.A", NumberID: "1", From: "34612345678", ProfileName: "Ana", At: at(10), Type: "text", Text: "hola",
		ReplyTo: wamid(1), Raw: json.RawMessage(`{"a":1}`),
	}
	image := engine.Inbound{ID: "wamid.B", NumberID: "1", UserID: "US.1", Username: "ana.b", At: at(20), Type: "image", Text: "look"}
	other := engine.Inbound{ID: "wamid.C", NumberID: "2", From: "34612345678", At: at(15), Type: "button", Payload: "NO_MORE", Standby: true}
	paused := engine.Notice{Field: "message_template_status_update", AccountID: "7", At: at(5), Raw: json.RawMessage(`{"event":"PAUSED"}`)}
	quality := engine.Notice{Field: "phone_number_quality_update", AccountID: "7", At: at(6)}
	report := engine.Report{
		Body: []byte("the bytes"), ReceivedAt: at(30), Inbound: []engine.Inbound{hello, image, other},
		Notices: []engine.Notice{paused, quality},
	}
	d := newDesk(t, newStore)
	if got, err := d.Receiving(t.Context()); err != nil || !got.IsZero() {
		t.Errorf("receiving since %v, %v", got, err)
	}
	d.must(d.release()) // recording needs no lock
	d.must(d.Record(t.Context(), report))
	report.ReceivedAt = at(40)
	d.must(d.Record(t.Context(), report))
	d.reopen()
	if got, err := d.Receiving(t.Context()); err != nil || !got.Equal(at(40)) {
		t.Errorf("receiving since %v, %v", got, err)
	}
	for _, c := range []struct {
		filter engine.InboundFilter
		want   []engine.Inbound
	}{
		{engine.InboundFilter{}, []engine.Inbound{image, other, hello}},
		{engine.InboundFilter{Limit: 1}, []engine.Inbound{image}},
		{engine.InboundFilter{NumberID: "1"}, []engine.Inbound{image, hello}},
		{engine.InboundFilter{Contact: "34612345678"}, []engine.Inbound{other, hello}},
		{engine.InboundFilter{Contact: "US.1"}, []engine.Inbound{image}},
		{engine.InboundFilter{Since: at(15)}, []engine.Inbound{image, other}},
		{engine.InboundFilter{Contact: "34612345678", NumberID: "2", Since: at(16)}, nil},
	} {
		var got []engine.Inbound
		for m, err := range d.Inbound(t.Context(), c.filter) {
			d.must(err)
			got = append(got, m)
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%+v\n got %+v\nwant %+v", c.filter, got, c.want)
		}
	}
	for limit, want := range map[int][]engine.Notice{0: {quality, paused}, 1: {quality}} {
		var got []engine.Notice
		for n, err := range d.Notices(t.Context(), limit) {
			d.must(err)
			got = append(got, n)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%d\n got %+v\nwant %+v", limit, got, want)
		}
	}
}

func testNoticeTwice(t *testing.T, newStore NewStore) {
	t.Helper()
	d := newDesk(t, newStore)
	for i := range 3 {
		at := time.Unix(1750000000+int64(i), 0) // no moment of its own: that of receipt
		d.must(d.Record(t.Context(), engine.Report{
			Body: []byte(`{"the same":"bytes"}`), ReceivedAt: at, Notices: []engine.Notice{{
				Field:     "account_update",
				AccountID: "1", At: at,
			}},
		}))
	}
	n := 0
	for _, err := range d.Notices(t.Context(), 0) {
		d.must(err)
		n++
	}
	if n != 1 {
		t.Errorf("%d notices of one webhook that came three times", n)
	}
}
