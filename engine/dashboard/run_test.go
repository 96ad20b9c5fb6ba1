package dashboard_test

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/dashboard"
	"waybill/engine/delivery"
)

// small is a run with a known number of deliveries in each state.
func small(states map[delivery.State]int, run engine.Run) *fake {
	f := &fake{runs: []engine.Run{run}}
	for _, s := range delivery.States() {
		for range states[s] {
			id := delivery.ID(len(f.deliveries) + 1)
			d := delivery.Delivery{
				ID: id, Run: run.ID, Key: delivery.Key{Job: run.Job, Scope: run.Scope, Step: "s", Item: fmt.Sprint("item-", id)},
				Recipient: fmt.Sprintf("+3460000%04d", id), State: s, IntendedAt: run.StartedAt.Add(time.Duration(id) * time.Second),
			}
			switch s {
			case delivery.Failed:
				d.Answer = delivery.Answer{Code: 131026, Message: "Message undeliverable"}
			case delivery.Rejected:
				d.Answer = delivery.Answer{Code: 131047, Message: "Re-engagement message"}
			case delivery.Planned, delivery.Intended, delivery.InDoubt, delivery.Accepted, delivery.Sent, delivery.Delivered, delivery.Read:
			}
			f.deliveries = append(f.deliveries, d)
		}
	}
	return f
}

func aRun(status engine.RunStatus) engine.Run {
	r := engine.Run{ID: "r1", Job: "job", Mode: engine.ModeRun, Scope: "r1", Status: status, StartedAt: noon().Add(-time.Minute)}
	if status != engine.RunRunning {
		r.FinishedAt = noon()
	}
	return r
}

// keyFigure reads a number at the head of a run's page, and of its funnel, which must be the same where both have it.
func keyFigure(t *testing.T, page, name string) string {
	t.Helper()
	found := "absent"
	for _, shape := range []string{
		`<span class="name">` + name + `</span><strong>([^<]*)</strong>`,
		`<th scope="row" title="[^"]*">` + name + `</th><td class="n">(?:<a[^>]*>)?([^<]*)`,
	} {
		m := regexp.MustCompile(shape).FindStringSubmatch(page)
		if m != nil && found != "absent" && found != m[1] {
			t.Errorf("%s is %s at the head and %s in the funnel", name, found, m[1])
		}
		if m != nil {
			found = m[1]
		}
	}
	return found
}

func TestRunFigures(t *testing.T) {
	f := small(map[delivery.State]int{
		delivery.Planned: 1, delivery.Intended: 2, delivery.InDoubt: 3, delivery.Rejected: 4, delivery.Accepted: 5, delivery.Sent: 6,
		delivery.Delivered: 7, delivery.Read: 8, delivery.Failed: 9,
	}, aRun(engine.RunFailed))
	f.outcomes = map[string]map[delivery.Outcome]int{"r1": {
		delivery.OutcomeHeld: 20, delivery.OutcomeInvalid: 30, delivery.OutcomeSkipped: 40, delivery.OutcomeWaiting: 50,
	}}
	page := get(t, dashboard.New(demoOptions(f)), "/runs/r1").Body.String()
	for name, want := range map[string]string{
		"Messages": "185", "Accepted": "55", "Sent": "absent", "Delivered": "15", "Read": "8", "Failed": "43", "Undelivered": "9",
		"Refused": "4", "Invalid": "30", "In doubt": "3", "Not sent": "1", "Waiting": "50", "Skipped": "40", "Held": "20", "Under way": "2",
	} {
		if got := keyFigure(t, page, name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	contains(t, page, "3 deliveries are in doubt", "waybill resolve r1", "43 messages failed", "waybill deliveries r1 --failed",
		"Reach this person another way", "/runs/r1/deliveries?code=131026", "Each delivery with its latest request")
	lacks(t, page, "http-equiv=\"refresh\"", "Estimated from")
	if got := strings.Count(page, `<rect class="track"`); got != 14 { // three of the way, nine beside it, two codes
		t.Errorf("%d bars", got)
	}
}

// TestNothingIsTallied has a ledger that counts deliveries by their states of now: no figure of a run comes from there.
func TestNothingIsTallied(t *testing.T) {
	f := small(map[delivery.State]int{delivery.Read: 3}, aRun(engine.RunFailed))
	f.deliveries[0].Run = "later" // another run has taken it up since, and r1 keeps what it did
	f.outcomes = map[string]map[delivery.Outcome]int{"r1": {delivery.OutcomeRefused: 1}}
	h := dashboard.New(demoOptions(f))
	page := get(t, h, "/runs/r1").Body.String()
	for name, want := range map[string]string{"Messages": "3", "Accepted": "2", "Failed": "1"} {
		if got := keyFigure(t, page, name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	f.attempts = map[delivery.ID][]delivery.Attempt{f.deliveries[0].ID: {{Run: "r1", Number: 1}, {Run: "later", Number: 2}}}
	contains(t, get(t, h, "/runs/r1/deliveries").Body.String(), "1–3 of 3, as they stand now")
	contains(t, page, "1 more failed in deliveries that another run decided")
	if n := f.tallies.Load(); n != 1 { // the length of the list
		t.Errorf("tallied %d times", n)
	}
}

func TestRunAdvice(t *testing.T) {
	for status, want := range map[engine.RunStatus]string{
		engine.RunStopped: "waybill resume r1", engine.RunInterrupted: "waybill resume r1", engine.RunInDoubt: "waybill resolve r1",
	} {
		f := small(map[delivery.State]int{delivery.InDoubt: 1, delivery.Read: 3}, aRun(status))
		page := get(t, dashboard.New(demoOptions(f)), "/runs/r1").Body.String()
		contains(t, page, want, "1 delivery is in doubt")
	}
	f := small(map[delivery.State]int{delivery.Read: 3}, aRun(engine.RunSucceeded))
	lacks(
		t, get(t, dashboard.New(demoOptions(f)), "/runs/r1").Body.String(), "waybill resume", "waybill resolve",
		"What to do next", "Errors by code",
	)
}

func TestOnlyRunningRefreshes(t *testing.T) {
	f := small(map[delivery.State]int{delivery.Read: 3}, aRun(engine.RunRunning))
	h := dashboard.New(demoOptions(f))
	contains(t, get(t, h, "/runs/r1").Body.String(), `<meta http-equiv="refresh" content="5">`, "looks again every 5 seconds")
	for _, path := range []string{"/", "/runs/r1/deliveries", "/inbox"} {
		lacks(t, get(t, h, path).Body.String(), `http-equiv="refresh"`)
	}
	contains(t, get(t, h, "/").Body.String(), "so far", ">running<")
}

func TestQuietRun(t *testing.T) {
	f := small(map[delivery.State]int{delivery.Read: 3}, aRun(engine.RunRunning))
	o := demoOptions(f)
	lacks(t, get(t, dashboard.New(o), "/runs/r1").Body.String(), "No request for")
	o.Now = func() time.Time { return noon().Add(time.Hour) }
	contains(t, get(t, dashboard.New(o), "/runs/r1").Body.String(), "No request for 1 h 00 m", "waybill resume r1")
}

func TestRunWithoutDeliveries(t *testing.T) {
	f := small(nil, aRun(engine.RunSucceeded))
	contains(t, get(t, dashboard.New(demoOptions(f)), "/runs/r1").Body.String(), "This run sent nothing", "waybill show r1")
	contains(t, get(t, dashboard.New(demoOptions(f)), "/runs/r1/deliveries").Body.String(), "No deliveries")
}

// TestApplyThatHadNothingToSend counts what earlier runs sent: its list of deliveries says where they are.
func TestApplyThatHadNothingToSend(t *testing.T) {
	first := aRun(engine.RunSucceeded)
	first.ID, first.Scope, first.Mode = "r0", "ever", engine.ModeApply
	f := small(map[delivery.State]int{delivery.Delivered: 20, delivery.InDoubt: 2}, first)
	second := first
	second.ID = "r1"
	f.runs = append(f.runs, second)
	f.outcomes = map[string]map[delivery.Outcome]int{"r1": {delivery.OutcomeDelivered: 20, delivery.OutcomeInDoubt: 2}}
	h := dashboard.New(demoOptions(f))
	page := get(t, h, "/runs/r1").Body.String()
	if got := keyFigure(t, page, "Delivered"); got != "20" {
		t.Errorf("delivered is %s", got)
	}
	contains(t, page, "2 deliveries are in doubt")
	contains(t, get(t, h, "/runs/r1/deliveries").Body.String(), "This run decided none itself")
	contains(t, get(t, h, "/runs/r1/deliveries?scope=all").Body.String(), "1–22 of 22", "item-22")
}

// lines returns the ids of the deliveries that a page lists.
func lines(page string) []int {
	var ids []int
	for _, m := range regexp.MustCompile(`href="/deliveries/(\d+)"`).FindAllStringSubmatch(page, -1) {
		id, _ := strconv.Atoi(m[1])
		ids = append(ids, id)
	}
	return ids
}

func link(page, rel string) string {
	m := regexp.MustCompile(`rel="` + rel + `" class="button" href="([^"]*)"`).FindStringSubmatch(page)
	if m == nil {
		return ""
	}
	return strings.ReplaceAll(m[1], "&amp;", "&")
}

func TestPaging(t *testing.T) {
	f := small(map[delivery.State]int{delivery.Read: 180, delivery.Delivered: 90, delivery.Failed: 55}, aRun(engine.RunSucceeded))
	h := dashboard.New(demoOptions(f))
	for name, tc := range map[string]struct {
		query string
		want  int
	}{
		"all":       {"", 325},
		"narrowed":  {"?state=read&state=failed&q=item", 235},
		"exactly":   {"?state=read&q=item-1", 100}, // 100–199: one full page and no next
		"no page":   {"?state=planned", 0},
		"one code":  {"?code=131026", 55},
		"of a step": {"?step=s", 325},
	} {
		t.Run(name, func(t *testing.T) {
			var seen, starts []int
			var pages []string
			path := "/runs/r1/deliveries" + tc.query
			for range 10 {
				page := get(t, h, path).Body.String()
				ids := lines(page)
				if len(ids) > 0 {
					contains(t, page, fmt.Sprintf("%d–%d of %d", len(seen)+1, len(seen)+len(ids), tc.want))
					starts = append(starts, ids[0])
				}
				seen, pages = append(seen, ids...), append(pages, page)
				if path = link(page, "next"); path == "" {
					break
				}
			}
			if len(seen) != tc.want || !slices.IsSorted(seen) || len(slices.Compact(slices.Clone(seen))) != tc.want {
				t.Fatalf("saw %d deliveries, want %d, each once and in order", len(seen), tc.want)
			}
			// And back again.
			for i := len(pages) - 1; i > 0; i-- {
				page := get(t, h, link(pages[i], "prev")).Body.String()
				if got := lines(page); got[0] != starts[i-1] {
					t.Errorf("back from page %d begins at %d, want %d", i+1, got[0], starts[i-1])
				}
			}
			if len(pages) > 0 && link(pages[0], "prev") != "" {
				t.Error("something comes before the first page")
			}
		})
	}
}

func TestFormRemembers(t *testing.T) {
	f := small(map[delivery.State]int{delivery.Read: 3}, aRun(engine.RunSucceeded))
	f.runs[0].Scope = "ever"
	page := get(
		t, dashboard.New(demoOptions(f)),
		`/runs/r1/deliveries?q=%22%3E%3Cb%3E&state=inDoubt,failed&code=131026&step=s&scope=all`,
	).Body.String()
	contains(
		t, page, `value="&#34;&gt;&lt;b&gt;"`, `value="inDoubt" checked`, `value="failed" checked`, `value="131026"`,
		`value="all" selected`, "No delivery is like that",
	)
	lacks(t, page, `value="read" checked`, "<b>")
}

func TestDeliveryStory(t *testing.T) {
	f := small(map[delivery.State]int{delivery.Rejected: 1, delivery.InDoubt: 1, delivery.Accepted: 1}, aRun(engine.RunFailed))
	f.deliveries[2].MessageID, f.deliveries[2].HeldBack = "wamid.A", "held_for_quality_assessment"
	at := noon()
	f.attempts = map[delivery.ID][]delivery.Attempt{2: {
		{
			Number: 1, At: at, Ended: at.Add(time.Second), Result: delivery.ResultRefused,
			Answer: delivery.Answer{Status: 400, Code: 131047, Message: "Re-engagement message", TraceID: "Tr4ce"},
		},
		{Number: 2, At: at.Add(time.Minute)},
	}}
	f.texts = map[delivery.ID][]engine.SentText{
		2: {{Attempt: 1, Body: `{"text":"<b>Ana"}`}, {Attempt: 2, Body: `{"text":"<b>Ana"}`}},
		1: {{Attempt: 1, Why: engine.NotKeptOff}},
	}
	o := demoOptions(f)
	o.Reads = func(_, body string) string { return "it reads " + body }
	h := dashboard.New(o)
	page := get(t, h, "/deliveries/2").Body.String()
	contains(t, page, "What was said", "it reads {", "&lt;b&gt;Ana", "Word for word")
	if n := strings.Count(page, "it reads"); n != 1 {
		t.Errorf("what two requests said alike is there %d times", n)
	}
	contains(t, page, "131047", "More than 24 hours passed", "Tr4ce", "unanswered", "Nothing: WhatsApp did not take the message")
	page = get(t, h, "/deliveries/1").Body.String()
	contains(t, page, "waybill resolve r1 --to", "may have reached WhatsApp", "keepText: 0")
	page = get(t, h, "/deliveries/3").Body.String()
	contains(t, page, "WhatsApp holds it back: held_for_quality_assessment", "No webhook ever arrived here")
	f.webhook = noon()
	contains(t, get(t, h, "/deliveries/3").Body.String(), "A phone that is off")
	if w := get(t, h, "/deliveries/4"); w.Code != http.StatusNotFound {
		t.Errorf("status %d", w.Code)
	}
}

func TestLostAnswerIsNoProblemOfWhatArrived(t *testing.T) {
	f := small(map[delivery.State]int{delivery.InDoubt: 1, delivery.Accepted: 1, delivery.Read: 1}, aRun(engine.RunFailed))
	for i := range f.deliveries {
		f.deliveries[i].Answer = delivery.Answer{Status: 500, Code: 131000, Message: "the request left and no answer came"}
		if f.deliveries[i].State == delivery.Read {
			f.deliveries[i].MessageID = "wamid.A"
		} else {
			f.deliveries[i].MessageID = ""
		}
	}
	h := dashboard.New(demoOptions(f))
	list := func(state string) string { return get(t, h, "/runs/r1/deliveries?state="+state).Body.String() }
	contains(t, list("inDoubt"), "131000")
	contains(t, list("accepted"), "taken as sent by hand")
	for _, page := range []string{list("accepted"), list("read"), get(t, h, "/deliveries/3").Body.String()} {
		lacks(t, page, "aria-label=\"Problem\"", "131000</span>")
	}
}

func TestManyFailures(t *testing.T) {
	f := small(map[delivery.State]int{delivery.Rejected: 1500, delivery.Failed: 1500}, aRun(engine.RunFailed))
	page := get(t, dashboard.New(demoOptions(f)), "/runs/r1").Body.String()
	contains(t, page, "Counted over the first 2,000 failures; 1,000 more are not in this table", "… and 2,990 more")
}

// TestRunSaysWhatItWasCharged, where statuses told.
func TestRunSaysWhatItWasCharged(t *testing.T) {
	f := small(map[delivery.State]int{delivery.Delivered: 1203}, aRun(engine.RunSucceeded))
	if page := get(t, dashboard.New(demoOptions(f)), "/runs/r1").Body.String(); strings.Contains(page, "charged:") {
		t.Error("it says what nobody told")
	}
	f.charged = []engine.Charged{
		{Charge: delivery.Charge{Category: "utility", Type: "regular", Country: "ES"}, Messages: 1200},
		{Charge: delivery.Charge{Category: "service", Type: "free_customer_service"}, Messages: 3},
	}
	contains(t, get(t, dashboard.New(demoOptions(f)), "/runs/r1").Body.String(), "charged: 1,200 utility; free: 3 service")
}
