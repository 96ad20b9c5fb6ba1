package dashboard_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/dashboard"
	"waybill/engine/delivery"
)

// get asks a handler as a browser on the same machine would.
func get(t *testing.T, h http.Handler, path string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	r.Host = "127.0.0.1:8080"
	for _, c := range change {
		c(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// contains reports what a page lacks.
func contains(t *testing.T, page string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(page, w) {
			t.Errorf("the page lacks %q", w)
		}
	}
}

func lacks(t *testing.T, page string, not ...string) {
	t.Helper()
	for _, n := range not {
		if strings.Contains(page, n) {
			t.Errorf("the page has %q", n)
		}
	}
}

func demoPaths() []string {
	return []string{
		"/", "/?status=failed", "/?job=none", "/runs/20260325-090000-k3v9", "/runs/20260325-115500-live", "/runs/20260324-090000-a1b2",
		"/runs/20260323-141500-zz00", "/runs/last", "/runs/20260325-090000-k3v9/deliveries",
		"/runs/20260325-090000-k3v9/deliveries?scope=all&state=read,failed",
		"/runs/20260325-090000-k3v9/unsent", "/runs/20260325-090000-k3v9/unsent?outcome=invalid", "/runs/20260325-115500-live/stop",
		"/runs/20260325-115500-live/cancel", "/runs/20260322-101010-q7q7", "/search", "/search?q=%2B34+612", "/search?q=B-00019",
		"/deliveries/1", "/deliveries/9", "/inbox", "/inbox?contact=%2B34+600-000-001", "/schedules", "/notices",
	}
}

func TestEveryPage(t *testing.T) {
	h := dashboard.New(demoOptions(demo()))
	for _, path := range demoPaths() {
		t.Run(path, func(t *testing.T) {
			w := get(t, h, path)
			if w.Code != http.StatusOK {
				t.Fatalf("status %d", w.Code)
			}
			page := strings.ReplaceAll(w.Body.String(), "xmlns='http://www.w3.org/2000/svg'", "")
			contains(t, page, "<!doctype html>", `<html lang="en">`, "<main", "<h1>", "</html>", "last webhook", "Waybill 0.1.0")
			lacks(
				t, strings.ReplaceAll(page, `href="https://ci.example.org/`, ""),
				"<script", "<img", "onerror=alert(1)>\"", " style=", "http://", "https://", "ZgotmplZ", "<no value>",
				"\u202e", "\x1b",
			)
			menu, _, _ := strings.Cut(page, "</nav>")
			if n := strings.Count(menu, "aria-current="); n != 1 && !strings.HasPrefix(path, "/search") {
				t.Errorf("%d places of the menu are marked", n)
			}
		})
	}
}

func TestHeaders(t *testing.T) {
	h := dashboard.New(demoOptions(demo()))
	for _, path := range []string{"/", "/runs/none", "/style.css", "/inbox"} {
		w := get(t, h, path)
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; " +
				"form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
			"X-Content-Type-Options": "nosniff",
			"Referrer-Policy":        "same-origin",
			"Cache-Control":          "no-store",
			"Content-Type":           "text/html; charset=utf-8",
		} {
			if got := w.Header().Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
	}
}

func TestStyleSheet(t *testing.T) {
	h := dashboard.New(demoOptions(demo()))
	_, after, found := strings.Cut(get(t, h, "/").Body.String(), `<link rel="stylesheet" href="`)
	path, _, _ := strings.Cut(after, `"`)
	if !found {
		t.Fatal("the page has no style")
	}
	w := get(t, h, path)
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "text/css; charset=utf-8" ||
		!strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
		t.Errorf("status %d, %v", w.Code, w.Header())
	}
	lacks(t, w.Body.String(), "@import", "url(", "http")
}

func TestOnlyReads(t *testing.T) {
	h := dashboard.New(demoOptions(demo()))
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions, "TRACE"} {
		w := get(t, h, "/", func(r *http.Request) { r.Method = method })
		if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: status %d, Allow %q", method, w.Code, w.Header().Get("Allow"))
		}
	}
	if w := get(t, h, "/", func(r *http.Request) { r.Method = http.MethodHead }); w.Code != http.StatusOK {
		t.Errorf("HEAD: status %d", w.Code)
	}
}

func TestNotThere(t *testing.T) {
	h := dashboard.New(demoOptions(demo()))
	for path, want := range map[string]int{
		"/runs/none": 404, "/runs/none/deliveries": 404, "/deliveries/0": 404, "/deliveries/99999999": 404, "/nothing": 404,
		"/deliveries/x": 400, "/deliveries/-4": 400, "/runs/last/deliveries?code=abc": 400, "/runs/last/deliveries?state=lost": 400,
		"/runs/last/deliveries?after=x": 400, "/runs/last/deliveries?trail=1.x": 400,
	} {
		if w := get(t, h, path); w.Code != want {
			t.Errorf("%s: status %d, want %d", path, w.Code, want)
		}
	}
	page := get(t, h, "/runs/last/deliveries?state=%3Cscript%3E").Body.String()
	contains(t, page, "There is no state")
	lacks(t, page, "<script")
}

func TestErrorsStayInside(t *testing.T) {
	var log bytes.Buffer
	o := demoOptions(&fake{err: errors.New("disk /srv/secret/ledger.db is gone")})
	o.Log = slog.New(slog.NewTextHandler(&log, nil))
	h := dashboard.New(o)
	for _, path := range demoPaths() {
		log.Reset()
		w := get(t, h, path)
		if w.Code != http.StatusInternalServerError {
			t.Errorf("%s: status %d", path, w.Code)
		}
		lacks(t, w.Body.String(), "secret")
		contains(t, log.String(), "disk /srv/secret/ledger.db is gone")
	}
}

func TestTooLong(t *testing.T) {
	f := demo()
	f.onRun = func(context.Context) error { return context.DeadlineExceeded }
	w := get(t, dashboard.New(demoOptions(f)), "/runs/20260325-090000-k3v9")
	if w.Code != http.StatusServiceUnavailable {
		t.Errorf("status %d", w.Code)
	}
	contains(t, w.Body.String(), "Narrow the search")
	// A list without a total is better than none.
	f.onRun, f.onTally = nil, func(context.Context) error { return context.DeadlineExceeded }
	w = get(t, dashboard.New(demoOptions(f)), "/runs/20260325-090000-k3v9/deliveries")
	if w.Code != http.StatusOK {
		t.Errorf("status %d", w.Code)
	}
	contains(t, w.Body.String(), "counting them would take too long", "A-00001")
}

func TestEmpty(t *testing.T) {
	h := dashboard.New(dashboard.Options{Ledger: &fake{}, Now: noon})
	for path, want := range map[string]string{
		"/": "waybill init", "/inbox": "WHATSAPP_APP_SECRET", "/schedules": "waybill serve jobs/*.yaml",
		"/notices": "message_template_status_update",
		"/?job=x":  "No run is like that",
	} {
		w := get(t, h, path)
		if w.Code != http.StatusOK {
			t.Errorf("%s: status %d", path, w.Code)
		}
		contains(t, w.Body.String(), want, "last webhook never")
	}
	f := &fake{webhook: noon().Add(-time.Hour)}
	contains(t, get(t, dashboard.New(dashboard.Options{Ledger: f, Now: noon}), "/inbox").Body.String(), "Nobody wrote yet", "1 hour ago")
}

func TestCounting(t *testing.T) {
	f := demo()
	var mu sync.Mutex
	now := noon()
	o := demoOptions(f)
	o.Now = func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	h := dashboard.New(o)
	var wait sync.WaitGroup
	for range 20 {
		wait.Go(func() { get(t, h, "/runs/20260324-090000-a1b2") })
	}
	wait.Wait()
	if n := f.counted.Load(); n != 1 {
		t.Errorf("20 readers counted %d times", n)
	}
	mu.Lock()
	now = now.Add(time.Hour)
	mu.Unlock()
	get(t, h, "/runs/20260324-090000-a1b2")
	if n := f.counted.Load(); n != 2 {
		t.Errorf("an hour later there were %d counts", n)
	}
}

func TestManyCounts(t *testing.T) {
	f := &fake{runs: []engine.Run{{ID: "r", Scope: "r"}}}
	h := dashboard.New(demoOptions(f))
	for i := range dashboard.Keep + 10 {
		if w := get(t, h, "/runs/r/deliveries?code="+strconv.Itoa(i+1)); w.Code != http.StatusOK {
			t.Fatalf("status %d", w.Code)
		}
	}
	was := f.tallies.Load()
	get(t, h, "/runs/r/deliveries?code="+strconv.Itoa(dashboard.Keep+10))
	if n := f.tallies.Load(); n != was {
		t.Error("the latest count was not kept")
	}
}

func TestReadersOfOneRun(t *testing.T) {
	f := demo()
	f.onTally = func(ctx context.Context) error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
			return nil
		}
	}
	h := dashboard.New(demoOptions(f))
	var wait sync.WaitGroup
	for _, path := range demoPaths() {
		wait.Go(func() {
			if w := get(t, h, path); w.Code != http.StatusOK {
				t.Errorf("%s: status %d", path, w.Code)
			}
		})
	}
	// A client that goes away does not end the count for those that wait for the same one.
	ctx, leave := context.WithCancel(t.Context())
	wait.Go(func() { get(t, h, "/runs/last", func(r *http.Request) { *r = *r.WithContext(ctx) }) })
	leave()
	wait.Wait()
}

func TestScheduleList(t *testing.T) {
	page := get(t, dashboard.New(demoOptions(demo())), "/schedules").Body.String()
	contains(t, page, "Thu 2026-03-26 10:00 CET", "2026-03-26 09:00 UTC", "in 21 hours", "20260325-090000-k3v9", "sendTxt")
	if strings.Index(page, "appointment-reminders") > strings.Index(page, "weekly-report") ||
		strings.Index(page, "weekly-report") > strings.Index(page, "broken") {
		t.Error("what comes first is not first")
	}
	o := demoOptions(demo())
	o.Schedules = func() []dashboard.Schedule { return nil }
	contains(t, get(t, dashboard.New(o), "/schedules").Body.String(), "Give a job a <code>schedule</code>")
	o.Schedules = func() []dashboard.Schedule {
		return []dashboard.Schedule{{Job: "x", LastRun: "gone", Running: true, Waits: "run 7"}}
	}
	contains(t, get(t, dashboard.New(o), "/schedules").Body.String(), "gone", "running", "it waits:", "run 7")
}

// A person's page has what was sent to them and what they wrote, the newest first.
func TestConversation(t *testing.T) {
	f := &fake{}
	f.inbound = []engine.Inbound{{From: "34600000009", At: noon().Add(time.Minute), Text: "may I come at 11?", Type: "text"}, {From: "34600000008", At: noon(), Text: "not mine"}}
	f.deliveries = []delivery.Delivery{
		{ID: 1, Key: delivery.Key{Job: "reminders", Step: "patients/remind", Item: "7"}, Recipient: "+34600000009", IntendedAt: noon(), State: delivery.Read},
		{ID: 2, Key: delivery.Key{Job: "reminders", Step: "patients/answer", Item: "7"}, Recipient: "+34600000009", IntendedAt: noon().Add(2 * time.Minute), State: delivery.Rejected},
		{ID: 3, Key: delivery.Key{Job: "reminders", Step: "patients/other", Item: "8"}, Recipient: "+34600000008", IntendedAt: noon()},
	}
	for _, who := range []string{"34600000009", "%2B34+600-000-009"} {
		page := get(t, dashboard.New(demoOptions(f)), "/inbox?contact="+who).Body.String()
		at := -1
		for _, want := range []string{`href="/deliveries/2"`, "may I come at 11?", `href="/deliveries/1"`} {
			next := strings.Index(page, want)
			if next <= at {
				t.Errorf("%s: %s is missing, or not in its place:\n%s", who, want, page)
			}
			at = next
		}
		lacks(t, page, "not mine", `href="/deliveries/3"`)
	}
}

// What was sent is there as the person reads it, of the newest request; what is not known so, word for word; and why it is not kept.
func TestConversationSaysWhatWasSent(t *testing.T) {
	f := &fake{runs: []engine.Run{aRun(engine.RunSucceeded)}}
	for id := range 4 {
		f.deliveries = append(f.deliveries, delivery.Delivery{ID: delivery.ID(id + 1), Run: f.runs[0].ID, Recipient: "+34600000009", IntendedAt: noon()})
	}
	f.texts = map[delivery.ID][]engine.SentText{
		1: {{Attempt: 1, Body: `{"body":"superseded"}`}, {Attempt: 2, Body: `{"body":"<b>new"}`}},
		2: {{Attempt: 1, Body: `{"body":"raw ***"}`}},
		3: {{Attempt: 1, Why: engine.NotKeptTakenOut}},
	}
	o := demoOptions(f)
	o.Reads = func(_, body string) string {
		if strings.Contains(body, "raw") {
			return ""
		}
		return "it reads " + body
	}
	page := get(t, dashboard.New(o), "/inbox?contact=34600000009").Body.String()
	contains(t, page, "it reads {&#34;body&#34;:&#34;&lt;b&gt;new", "Word for word", "raw ***", engine.NotKeptTakenOut.Said(), `href="/deliveries/4"`)
	lacks(t, page, "superseded")
	if n := strings.Count(page, "Word for word"); n != 1 {
		t.Errorf("what reads as text is there word for word too: %d times", n)
	}
}

// The table that is downloaded is what the page is narrowed to. One that breaks off is no whole table: the connection is cut.
func TestDeliveriesAsCSV(t *testing.T) {
	o := demoOptions(demo())
	lacks(t, get(t, dashboard.New(o), "/runs/20260325-090000-k3v9/deliveries").Body.String(), ".csv")
	var asked engine.DeliveryFilter
	var fails error
	o.CSV = func(_ context.Context, w io.Writer, run engine.Run, filter engine.DeliveryFilter) error {
		asked = filter
		_, err := io.WriteString(w, "run\n"+run.ID+"\n")
		return errors.Join(err, fails)
	}
	h := dashboard.New(o)
	const run = "/runs/20260325-090000-k3v9"
	contains(t, get(t, h, run+"/deliveries?state=rejected").Body.String(), `href="`+run+`/deliveries.csv?state=rejected" download`)
	answer := get(t, h, run+"/deliveries.csv?state=rejected&code=131026")
	if answer.Code != http.StatusOK || !strings.HasPrefix(answer.Body.String(), "run\n") || answer.Header().Get("Content-Type") != "text/csv; charset=utf-8" ||
		!strings.HasPrefix(answer.Header().Get("Content-Disposition"), "attachment; ") || asked.Code != 131026 || len(asked.States) != 1 || asked.Limit != 0 {
		t.Errorf("%d %v %q, asked for %+v", answer.Code, answer.Header(), answer.Body, asked)
	}
	if answer := get(t, h, run+"/deliveries.csv?code=x"); answer.Code != http.StatusBadRequest {
		t.Errorf("a code that is none: %d", answer.Code)
	}
	if answer := get(t, h, "/runs/none/deliveries.csv"); answer.Code != http.StatusNotFound {
		t.Errorf("a run that is none: %d", answer.Code)
	}
	fails = errors.New("the ledger is gone")
	defer func() {
		if r := recover(); r != http.ErrAbortHandler { //nolint:errorlint // it is that value
			t.Errorf("a table that breaks off ends with %v", r)
		}
	}()
	get(t, h, run+"/deliveries.csv")
}

func TestInboxOfOne(t *testing.T) {
	h := dashboard.New(demoOptions(demo()))
	page := get(t, h, "/inbox?contact=%2B34+612-345-678").Body.String()
	contains(t, page, "María Pérez", "allí estaré")
	lacks(t, page, "Ana")
	contains(t, get(t, h, "/inbox?contact=ES.1349128").Body.String(), "יוסי")
	contains(t, get(t, h, "/inbox?contact=1").Body.String(), "Nothing from there")
	contains(t, get(t, h, "/inbox").Body.String(), `<a href="/search?q=%2B34612345678" title="What was sent to this person">`)
	f := &fake{}
	for range 60 {
		f.inbound = append(f.inbound, engine.Inbound{From: "34600000009", At: noon(), Text: "hello"})
	}
	page = get(t, dashboard.New(demoOptions(f)), "/inbox").Body.String()
	contains(t, page, "/inbox?show=200")
	if n := strings.Count(page, "hello"); n != 50 {
		t.Errorf("%d messages", n)
	}
	if n := strings.Count(get(t, dashboard.New(demoOptions(f)), "/inbox?show=99").Body.String(), "hello"); n != 60 {
		t.Errorf("%d messages", n)
	}
}
