package dashboard_test

import (
	"html"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/dashboard"
	"waybill/engine/ledger"
)

// known is a ledger of a few people: Ana, known by three ids, Luis, who came back, and Eva, of whom only the user id is known.
func known(t *testing.T) *ledger.Ledger {
	t.Helper()
	l, err := ledger.Open(filepath.Join(t.TempDir(), "ledger.db"), ledger.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	const ana, anaKnown, luis = "+5531988888888", "+553188888888", "+34600000001"
	word := func(person, number string, source engine.OptOutSource, back bool, minute int) engine.OptOut {
		return engine.OptOut{
			Person: person, NumberID: number, Scope: engine.ScopeAll, Source: source, Back: back, At: noon().Add(time.Duration(minute) * time.Minute),
		}
	}
	stop, hand := word("ES.5", "555", engine.SourceWord, false, 1), word(ana, "", engine.SourceHand, false, 1)
	stop.Word, hand.By = "<b>Stop", engine.Actor{User: "olga", Host: "desk"}
	report := engine.Report{
		Body: []byte("{}"), ReceivedAt: noon(),
		Identities: []engine.Identity{
			{Number: ana, WaID: anaKnown, NumberID: "555", At: noon()},
			{WaID: anaKnown, UserID: "BR.1", Username: "ana.belo", NumberID: "555", At: noon()},
			{WaID: luis, UserID: "ES.1", NumberID: "555", At: noon()},
			{WaID: luis, UserID: "ES.2", NumberID: "555", At: noon().Add(time.Minute)}, // another person has the number now
		},
		OptOuts: []engine.OptOut{
			stop, hand, word("BR.1", "555", engine.SourceHand, true, 2),
			word(luis, "", engine.SourceHand, false, 1), word(luis, "", engine.SourceHand, true, 2),
		},
		Inbound: []engine.Inbound{
			{ID: "1", NumberID: "555", From: anaKnown[1:], Type: "text", Text: "by number", At: noon()},
			{ID: "2", NumberID: "555", UserID: "BR.1", Type: "text", Text: "by user id", At: noon(), Standby: true},
			{ID: "3", NumberID: "555", UserID: "ES.5", Username: "eva_r", Type: "text", Text: "by nothing else", At: noon()},
		},
	}
	if err := l.Record(t.Context(), report); err != nil {
		t.Fatal(err)
	}
	return l
}

func TestWhoLeft(t *testing.T) {
	l := known(t)
	o := demoOptions(l)
	if w := get(t, dashboard.New(o), "/opt-outs"); w.Code != http.StatusNotFound {
		t.Errorf("without people the page is there: status %d", w.Code)
	}
	o.People = l
	h := dashboard.New(o)
	page := get(t, h, "/opt-outs").Body.String()
	contains(t, page, "5531988888888", "553188888888", "BR.1", "written down by olga@desk", "but <bdi>555", "wrote &lt;b&gt;Stop", "everything",
		`aria-current="page">Opt-outs`)
	lacks(t, page, "34600000001", "came back", "<b>")
	for query, want := range map[string]string{
		"%2B34+600-000.001": "came back", "BR.1": "written down by olga", "0055+31+8888-8888": "written down by olga", "ES.9": "Not on the list",
	} {
		contains(t, get(t, h, "/opt-outs?of="+query).Body.String(), want)
	}
}

func TestPersonsInInboxAndSearch(t *testing.T) {
	l := known(t)
	o := demoOptions(l)
	o.People = l
	h := dashboard.New(o)
	page := html.UnescapeString(get(t, h, "/inbox").Body.String())
	contains(t, page, "@<bdi>eva_r", "standby")
	if n := strings.Count(page, "@<bdi>ana.belo"); n != 2 {
		t.Errorf("%d messages are by ana.belo, want 2", n)
	}
	if n := strings.Count(page, "<bdi>+5531988888888"); n != 2 {
		t.Errorf("%d messages show the number that was written to, want 2", n)
	}
	contains(t, html.UnescapeString(get(t, h, "/inbox?contact=%2B5531988888888").Body.String()), "by number", "by user id")
	for query, want := range map[string][]string{
		"%40ana.belo": {"+553188888888", "BR.1"}, "ANA.B": {"+553188888888"}, "eva_r": {"by nothing else"}, "%40eva_r": {"by nothing else"},
		"+55+31+8888-8888": {"@<bdi>ana.belo", "by number"},
	} {
		contains(t, html.UnescapeString(get(t, h, "/search?q="+query).Body.String()), want...)
	}
	notices := html.UnescapeString(get(t, h, "/notices").Body.String())
	contains(t, notices, "identity_change", "the number has another user id now: it may be another person's", "ES.1", "ES.2")
}
