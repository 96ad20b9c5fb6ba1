package dashboard_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"waybill/engine"
	"waybill/engine/dashboard"
	"waybill/engine/delivery"
)

// TestSandboxBand has every page say that it is the sandbox, and print command lines that work there.
func TestSandboxBand(t *testing.T) {
	o := demoOptions(demo())
	for _, path := range demoPaths() {
		lacks(t, get(t, dashboard.New(o), path).Body.String(), "SANDBOX", " --state")
	}
	o.Sandbox, o.Where = true, " --state s.db --sandbox"
	h := dashboard.New(o)
	pages := []string{}
	for _, path := range append(demoPaths(), "/runs/none") {
		pages = append(pages, get(t, h, path).Body.String())
	}
	var report strings.Builder
	if err := dashboard.WriteReport(t.Context(), &report, o, "20260325-090000-k3v9"); err != nil {
		t.Fatal(err)
	}
	command := regexp.MustCompile(`waybill (?:resume|resolve|deliveries|show) [^<]*`)
	seen := 0
	for _, page := range append(pages, report.String()) {
		contains(t, page, "<strong>SANDBOX</strong>")
		for _, line := range command.FindAllString(page, -1) {
			seen++
			if !strings.HasSuffix(line, " --state s.db --sandbox") {
				t.Errorf("%q does not find the ledger", line)
			}
		}
	}
	if seen < 8 {
		t.Errorf("%d command lines", seen)
	}
}

// bars returns how far each bar of the list of runs is filled, in thousandths, and what it says.
func bars(page string) (filled []int, labels []string) {
	for _, svg := range regexp.MustCompile(`<svg class="bar"[^>]*aria-label="([^"]*)".*?</svg>`).FindAllStringSubmatch(page, -1) {
		sum := 0.0
		for _, m := range regexp.MustCompile(`<rect class="(\w+)" x="[^"]*" width="([^"]*)"`).FindAllStringSubmatch(svg[0], -1) {
			if width, err := strconv.ParseFloat(m[2], 64); err == nil && m[1] != "none" {
				sum += width
			}
		}
		filled, labels = append(filled, int(sum+0.5)), append(labels, svg[1])
	}
	return filled, labels
}

func TestProgressBars(t *testing.T) {
	for name, tc := range map[string]struct {
		status engine.RunStatus
		rest   map[delivery.Outcome]int
		filled int
		label  string
	}{
		"over":                 {engine.RunSucceeded, nil, 1000, "100 read"},
		"under way":            {engine.RunRunning, nil, 500, "100 read so far; how many are to come is not known"},
		"interrupted":          {engine.RunInterrupted, nil, 500, "100 read so far; how many are to come is not known"},
		"stopped, and counted": {engine.RunStopped, map[delivery.Outcome]int{delivery.OutcomeNotSent: 300}, 250, "100 read, 300 not sent"},
	} {
		f := small(map[delivery.State]int{delivery.Read: 100}, aRun(tc.status))
		f.outcomes = map[string]map[delivery.Outcome]int{"r1": tc.rest}
		filled, labels := bars(get(t, dashboard.New(demoOptions(f)), "/").Body.String())
		if fmt.Sprint(filled, labels) != fmt.Sprint([]int{tc.filled}, []string{tc.label}) {
			t.Errorf("%s: %v %q", name, filled, labels)
		}
	}
}

// TestErrorsWithoutADelivery shows why a run failed that sent nothing, and no error twice.
func TestErrorsWithoutADelivery(t *testing.T) {
	f := small(map[delivery.State]int{delivery.Rejected: 1}, aRun(engine.RunFailed))
	f.unsent = []engine.Unsent{{
		Run: "r1", Step: "s", Item: "bad-row", Row: 7, File: "people.csv", Cell: "phone", Outcome: delivery.OutcomeInvalid,
		Message: "the row has no number",
	}}
	f.runs[0].Errors = []engine.RunError{
		{Step: "s", Item: "item-1", Message: "error of a delivery"},
		{Step: "s", Item: "bad-row", Row: 7, Message: "error of a row"},
		{Step: "upload/leaf_let", Message: "there is no file gone.png"},
	}
	for i := range 12 {
		f.runs[0].Errors = append(f.runs[0].Errors, engine.RunError{Step: fmt.Sprint("step-", i), Code: 131026, Message: "Message undeliverable"})
	}
	page := get(t, dashboard.New(demoOptions(f)), "/runs/r1").Body.String()
	contains(t, page, "Errors without a delivery", "there is no file gone.png", "upload/<wbr>leaf_<wbr>let", "3 more errors",
		"people.csv", ">phone<", "the row has no number", "Reach this person another way")
	lacks(t, page, "error of a delivery", "error of a row")

	f = small(nil, aRun(engine.RunFailed))
	f.runs[0].Counts = engine.Counts{Total: 2, Succeeded: 1, Failed: 1}
	f.runs[0].Errors = []engine.RunError{{Step: "upload", Message: "there is no file gone.png"}}
	page = get(t, dashboard.New(demoOptions(f)), "/runs/r1").Body.String()
	contains(t, page, "there is no file gone.png")
	for name, want := range map[string]string{"Steps": "2", "Succeeded": "1", "Failed": "1", "Accepted": "absent"} {
		if got := keyFigure(t, page, name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	contains(t, get(t, dashboard.New(demoOptions(f)), "/").Body.String(), "of its steps")
}

func TestRowsNotSent(t *testing.T) {
	f := small(nil, aRun(engine.RunFailed))
	for i := range 70 {
		f.unsent = append(f.unsent, engine.Unsent{Run: "r1", Item: fmt.Sprint("bad-", i), Row: i + 2, Outcome: delivery.OutcomeInvalid})
	}
	f.unsent = append(f.unsent, engine.Unsent{Run: "r1", Item: "later", Outcome: delivery.OutcomeWaiting, Message: "quiet hours"},
		engine.Unsent{Run: "r1", Outcome: delivery.OutcomeSkipped, Count: 40, Message: "opted out"})
	h := dashboard.New(demoOptions(f))
	page := get(t, h, "/runs/r1").Body.String()
	contains(t, page, `<a href="/runs/r1/unsent">… and 61 more</a>`)
	if got := keyFigure(t, page, "Invalid"); got != "70" {
		t.Errorf("invalid is %s", got)
	}
	page = get(t, h, "/runs/r1/unsent?outcome=invalid").Body.String()
	contains(t, page, "bad-49<", "/runs/r1/unsent?outcome=invalid&amp;show=200")
	lacks(t, page, "bad-50<", ">later<")
	contains(t, get(t, h, "/runs/r1/unsent?outcome=waiting").Body.String(), ">later<", "quiet hours")
	contains(t, get(t, h, "/runs/r1/unsent?outcome=skipped").Body.String(), "×&nbsp;40", "opted out")
	contains(t, get(t, h, "/runs/r1/unsent?outcome=notSent").Body.String(), "No such rows")
	for path, want := range map[string]int{"/runs/none/unsent": 404, "/runs/r1/unsent?outcome=lost": 400} {
		if w := get(t, h, path); w.Code != want {
			t.Errorf("%s: status %d, want %d", path, w.Code, want)
		}
	}
}

// TestWordsAndAdvice keeps what WhatsApp said and what we advise in places of their own.
func TestWordsAndAdvice(t *testing.T) {
	f := small(map[delivery.State]int{delivery.Failed: 1, delivery.InDoubt: 1}, aRun(engine.RunFailed))
	f.deliveries[0].Answer.Message = "no answer within 60 s"
	h := dashboard.New(demoOptions(f))
	words := `<div class="wa"><strong><span class="mono">131026</span> <bdi>Message undeliverable</bdi></strong></div>`
	advice := `<div class="do"><bdi>The number is not on WhatsApp`
	contains(t, get(t, h, "/runs/r1").Body.String(), words, advice)
	page := get(t, h, "/deliveries/2").Body.String()
	contains(t, page, `<p class="by">WhatsApp says</p>`+words, `<p class="by">What to do</p>`+advice)
	if n := strings.Count(page, "The number is not on WhatsApp"); n != 1 {
		t.Errorf("the advice stands there %d times", n)
	}
	page = get(t, h, "/deliveries/1").Body.String()
	contains(t, page, "no answer within 60 s", `<div class="do">Settle it by hand`)
	lacks(t, page, `class="wa"`)
}

// TestWordsAreWhatsApps: what the ledger keeps of an answer ends with our advice, and begins with our words.
func TestWordsAreWhatsApps(t *testing.T) {
	const advice = "The number is not on WhatsApp"
	f := small(map[delivery.State]int{delivery.Failed: 1}, aRun(engine.RunFailed))
	title, action := demoOptions(f).Meaning(131026)
	message := "WhatsApp error 131026, " + title + ": Not in reach. (trace Abc). " + action
	f.deliveries[0].Answer.Message = message
	f.attempts = map[delivery.ID][]delivery.Attempt{
		f.deliveries[0].ID: {{Number: 1, Answer: delivery.Answer{Code: 131026, Message: message}}},
	}
	h := dashboard.New(demoOptions(f))
	for _, path := range []string{"/runs/r1", "/deliveries/1"} {
		page := get(t, h, path).Body.String()
		contains(t, page, "Not in reach")
		lacks(t, page, "WhatsApp error 131026", "trace Abc")
		if n := strings.Count(page, advice); n != 1 {
			t.Errorf("%s: the advice stands there %d times", path, n)
		}
	}
}

func TestWhoAndWhoListens(t *testing.T) {
	f := small(map[delivery.State]int{delivery.Accepted: 1}, aRun(engine.RunSucceeded))
	h := dashboard.New(demoOptions(f))
	page := get(t, h, "/runs/r1").Body.String()
	contains(t, page, "no receiver listens now", "no webhook ever came")
	lacks(t, page, "Started by")
	for by, want := range map[engine.Actor]string{
		{User: "ana", Host: "clinic-1"}:                           "<bdi>ana@clinic-1</bdi>",
		{Host: "clinic-1", CI: "javascript://x/%0aalert(1)"}:      "<bdi>clinic-1</bdi>",
		{CI: "https://ci.example.org/7"}:                          `<a href="https://ci.example.org/7" rel="noreferrer"><bdi>ci.example.org</bdi></a>`,
		{CI: "job 7"}:                                             "<bdi>job 7</bdi>",
		{User: "ana", Commit: "0123456789abcdef0123456789abcdef"}: ">0123456789ab<",
	} {
		f.runs[0].By, f.listening, f.webhook = by, noon().Add(1), noon().Add(-3e9)
		page := get(t, dashboard.New(demoOptions(f)), "/runs/r1").Body.String()
		contains(t, page, want, "a receiver listens; the last came 3 seconds ago")
		lacks(t, page, "javascript:", "ZgotmplZ")
	}
}
