package dashboard_test

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"waybill/engine"
	"waybill/engine/dashboard"
	"waybill/engine/delivery"
)

// everywhere is a ledger in which each text from outside is the same.
func everywhere(text string) *fake {
	run := aRun(engine.RunStopped)
	run.Job, run.Scope, run.File, run.Reason, run.Inputs = "j"+text, "s"+text, "f"+text, "r"+text, []byte(text)
	run.By = engine.Actor{User: "u" + text, Host: "h" + text, CI: "c" + text, Commit: "d" + text}
	run.Errors = []engine.RunError{{Step: "s" + text, Item: "i" + text, Message: "m" + text}, {Step: "s" + text, Code: 1, Message: "m" + text}}
	d := delivery.Delivery{
		ID: 1, Run: run.ID, Key: delivery.Key{Job: run.Job, Scope: run.Scope, Step: "p" + text, Item: "i" + text}, Recipient: "+" + text,
		State: delivery.Rejected, MessageID: "w" + text, HeldBack: "h" + text,
		Answer:     delivery.Answer{Code: 1, Message: "m" + text, TraceID: "t" + text},
		IntendedAt: noon(),
	}
	return &fake{
		orders: map[string]*engine.Order{run.ID: {By: run.By, At: noon()}},
		unsent: []engine.Unsent{{
			Run: run.ID, Step: "s" + text, Item: "i" + text, File: "f" + text, Cell: "c" + text, Row: 1, Reason: "r" + text,
			Message: "m" + text, Outcome: delivery.OutcomeInvalid,
		}},
		runs: []engine.Run{run}, deliveries: []delivery.Delivery{d}, webhook: noon(),
		attempts: map[delivery.ID][]delivery.Attempt{
			1: {{Number: 1, At: noon(), Run: "r" + text, HeldBack: "h" + text, MessageID: "w" + text, Answer: d.Answer}},
		},
		statuses: map[string][]delivery.Status{
			d.MessageID: {{State: delivery.Failed, Word: "w" + text, At: noon(), Answer: d.Answer, Raw: []byte("x" + text)}},
		},
		inbound: []engine.Inbound{
			{
				ID: "wamid.i", NumberID: "n" + text, From: "f" + text, ProfileName: "p" + text, Type: "t" + text, Text: "x" + text,
				ReplyTo: "r" + text, At: noon(),
			},
		},
		notices: []engine.Notice{{Field: "f" + text, AccountID: "a" + text, At: noon(), Raw: []byte("x" + text)}},
	}
}

// tags is what a browser takes for markup, without <wbr>: names may be broken where they hold a separator.
func tags(page []byte) []string {
	var names []string
	for _, m := range regexp.MustCompile(`<[a-zA-Z/!?][^\s>]*`).FindAll(page, -1) {
		if string(m) != "<wbr" {
			names = append(names, string(m))
		}
	}
	return names
}

func fuzzPages(t *testing.T, text string) [][]byte {
	t.Helper()
	o := demoOptions(everywhere(text))
	o.Meaning = func(int) (string, string) { return "t" + text, "a" + text }
	o.Schedules = func() []dashboard.Schedule {
		return []dashboard.Schedule{
			{Job: "j" + text, File: "f" + text, Cron: "c" + text, Zone: "z" + text, Missed: "m" + text, Problem: "p" + text, Waits: "w" + text},
		}
	}
	h := dashboard.New(o)
	var pages [][]byte
	for _, path := range []string{"/", "/runs/r1", "/runs/r1/deliveries", "/deliveries/1", "/inbox", "/notices", "/schedules", "/runs/r1/unsent", "/search?q=i"} {
		w := get(t, h, path)
		if w.Code != 200 {
			t.Fatalf("%s: status %d", path, w.Code)
		}
		pages = append(pages, w.Body.Bytes())
	}
	var report bytes.Buffer
	if err := dashboard.WriteReport(t.Context(), &report, o, "r1"); err != nil {
		t.Fatal(err)
	}
	return append(pages, report.Bytes())
}

// FuzzTexts puts a text everywhere a text from outside can stand: the markup of the pages stays what it is with
// a harmless one.
func FuzzTexts(f *testing.F) {
	for _, text := range []string{
		hostileName, hostileTurn, "</title><script>", "</style><script>", "]]>", "<!--", "-->", "{{.}}", "'\"`=", "javascript:alert(1)",
		"</svg></bdi></details></main>", "\x00\xff\u2028", "&lt;b&gt;&amp;", "\u202e\u2067", "<", "<a", "x onload=y",
	} {
		f.Add(text)
	}
	var plain [][]byte
	f.Fuzz(func(t *testing.T, text string) {
		if utf8.RuneCountInString(text) > 200 {
			t.Skip("a long text unfolds, which is other markup")
		}
		if plain == nil {
			plain = fuzzPages(t, "plain")
		}
		for i, page := range fuzzPages(t, text) {
			if text == "" {
				continue
			}
			if got, want := tags(page), tags(plain[i]); !slices.Equal(got, want) {
				t.Errorf("page %d has other markup with %q:\n%v\n%v", i, text, got, want)
			}
			if !utf8.Valid(page) || bytes.ContainsAny(page, "\x00\u202e\u2066\x1b") {
				t.Errorf("page %d: %q came through", i, text)
			}
		}
	})
}

func TestLongTexts(t *testing.T) {
	long := strings.Repeat("long & <b>", 4000)
	for i, page := range fuzzPages(t, long) {
		lacks(t, string(page), "<b>")
		if len(page) > 12<<20 {
			t.Errorf("page %d has %d bytes", i, len(page))
		}
	}
}
