package dashboard_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"waybill/engine"
	"waybill/engine/dashboard"
	"waybill/engine/delivery"
)

// waitingRun is a run under way with a message that waits, and what is ordered of it.
func waitingRun() (*fake, dashboard.Options, *[]string) {
	f := small(map[delivery.State]int{delivery.Read: 3}, aRun(engine.RunRunning))
	f.outcomes = map[string]map[delivery.Outcome]int{"r1": {delivery.OutcomeWaiting: 1}}
	f.orders = map[string]*engine.Order{}
	var given []string
	give := func(kind engine.OrderKind) func(context.Context, string) error {
		return func(_ context.Context, run string) error {
			given = append(given, string(kind)+" "+run)
			f.orders[run] = &engine.Order{Kind: kind, By: engine.Actor{User: "ana"}, At: noon()}
			return nil
		}
	}
	o := demoOptions(f)
	o.Stop, o.Cancel = give(engine.OrderStop), give(engine.OrderCancel)
	return f, o, &given
}

func post(t *testing.T, h http.Handler, path string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	return get(t, h, path, func(r *http.Request) {
		r.Method = http.MethodPost
		for i := 0; i+1 < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
	})
}

func TestOrders(t *testing.T) {
	f, o, given := waitingRun()
	h := dashboard.New(o)
	contains(t, get(t, h, "/runs/r1").Body.String(), `href="/runs/r1/stop"`, `href="/runs/r1/cancel"`)
	for _, order := range []string{"stop", "cancel"} {
		contains(t, get(t, h, "/runs/r1/"+order).Body.String(), `<form class="filter" action="/runs/r1/`+order+`" method="post">`)
	}
	if len(*given) != 0 {
		t.Fatalf("looking ordered %v", *given)
	}
	w := post(t, h, "/runs/r1/stop", "Sec-Fetch-Site", "same-origin")
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/runs/r1" || len(*given) != 1 || (*given)[0] != "stop r1" {
		t.Fatalf("status %d, ordered %v", w.Code, *given)
	}
	page := get(t, h, "/runs/r1").Body.String()
	contains(t, page, "<strong>Ordered to stop</strong> by <bdi>ana</bdi>")
	lacks(t, page, `href="/runs/r1/stop"`)
	if w := post(t, h, "/runs/r1/stop"); w.Code != http.StatusBadRequest || len(*given) != 1 {
		t.Errorf("a second stop: status %d, ordered %v", w.Code, *given)
	}
	if w := post(t, h, "/runs/r1/cancel"); w.Code != http.StatusSeeOther || len(*given) != 2 {
		t.Errorf("cancel: status %d, ordered %v", w.Code, *given)
	}
	f.orders, f.outcomes = nil, nil
	f.runs[0].Status = engine.RunSucceeded
	for _, order := range []string{"stop", "cancel"} {
		if w := post(t, h, "/runs/r1/"+order); w.Code != http.StatusBadRequest {
			t.Errorf("%s of a run that is over: status %d", order, w.Code)
		}
	}
}

// TestOrdersOfOthers has pages of other sites, and requests without the token, that try to stop a run.
func TestOrdersOfOthers(t *testing.T) {
	_, o, given := waitingRun()
	open := dashboard.New(o)
	o.Token = "the-token"
	closed := dashboard.New(o)
	bearer := []string{"Authorization", "Bearer the-token"}
	for name, tc := range map[string]struct {
		handler http.Handler
		headers []string
		want    int
	}{
		"another site":          {open, []string{"Sec-Fetch-Site", "cross-site"}, 403},
		"another port":          {open, []string{"Sec-Fetch-Site", "same-site"}, 403},
		"another origin":        {open, []string{"Origin", "https://evil.example"}, 403},
		"no origin of its own":  {open, []string{"Origin", "null"}, 403},
		"a proxy":               {open, []string{"X-Forwarded-For", "203.0.113.9"}, 403},
		"no token":              {closed, nil, 401},
		"a token, another site": {closed, append(bearer, "Sec-Fetch-Site", "cross-site"), 403},
		"a wrong token":         {closed, []string{"Authorization", "Bearer x"}, 401},
	} {
		if w := post(t, tc.handler, "/runs/r1/stop", tc.headers...); w.Code != tc.want || len(*given) != 0 {
			t.Errorf("%s: status %d, want %d; ordered %v", name, w.Code, tc.want, *given)
		}
	}
	if w := post(t, closed, "/runs/r1/stop", append(bearer, "Origin", "http://127.0.0.1:8080")...); w.Code != 303 || len(*given) != 1 {
		t.Errorf("with the token, from its own page: status %d", w.Code)
	}
}

func TestNoOrders(t *testing.T) {
	_, o, _ := waitingRun()
	o.Stop, o.Cancel = nil, nil
	h := dashboard.New(o)
	lacks(t, get(t, h, "/runs/r1").Body.String(), "/runs/r1/stop", "/runs/r1/cancel")
	if w := get(t, h, "/runs/r1/stop"); w.Code != http.StatusBadRequest {
		t.Errorf("status %d", w.Code)
	}
	if w := post(t, h, "/runs/r1/stop"); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("status %d", w.Code)
	}
}

func TestOrderThatCannotBeKept(t *testing.T) {
	_, o, _ := waitingRun()
	o.Stop = func(context.Context, string) error { return errors.New("the disk /srv/secret is full") }
	w := post(t, dashboard.New(o), "/runs/r1/stop")
	if w.Code != http.StatusInternalServerError {
		t.Errorf("status %d", w.Code)
	}
	lacks(t, w.Body.String(), "secret")
	if w := post(t, dashboard.New(o), "/runs/none/stop"); w.Code != http.StatusNotFound {
		t.Errorf("status %d", w.Code)
	}
}
