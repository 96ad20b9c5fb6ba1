package cli_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/report"
	"waybill/whatsapp/sandbox"
)

// Every place that shows how a run went shows the same figures: when it ended, after a later apply, and after a message failed late.
func TestFiguresAgree(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := startServe(t, secrets(), nil, "--state", stateIn(t, dir))
	box, server := newBox(t, sandbox.Options{AppSecret: "the-app-secret", WebhookURL: s.Webhooks, Speed: 20, NoPairLimit: true})
	for _, f := range []sandbox.Fault{
		{Kind: sandbox.FaultError, Code: 131030, Every: 1, Match: sandbox.Match{To: "34600000003"}},
		{Kind: sandbox.FaultFailed, Code: 131026, Every: 1, Match: sandbox.Match{To: "34600000004"}},
		{Kind: sandbox.FaultLost, Times: 1, Match: sandbox.Match{To: "34600000005"}},
		{Kind: sandbox.FaultWebhookDropped, Every: 1, Match: sandbox.Match{To: "34600000005"}},
		{Kind: sandbox.FaultHeld, Delay: 100 * time.Hour, Every: 1, Match: sandbox.Match{To: "34600000006"}},
		{Kind: sandbox.FaultError, Code: 131042, Times: 1, Match: sandbox.Match{To: "34600000009"}},
	} {
		if _, err := box.AddFault(f); err != nil {
			t.Fatal(err)
		}
	}
	writeFile(t, filepath.Join(dir, "people.csv"), `id,phone,skip
1,+34600000001,
2,+34600000002,
3,+34600000003,
4,+34600000004,
5,+34600000005,
6,+34600000006,
7,nobody,
8,+34600000008,yes
9,+34600000009,
10,+34600000010,
11,+34600000011,
`)
	job := writeFile(t, filepath.Join(dir, "figures.yaml"), `version: 1
name: figures
connection: { baseUrl: $<URL> }
settle: 1s
steps:
  - id: people
    forEach: { csv: people.csv, key: "${{ item.id }}" }
    steps:
      - id: hello
        if: ${{ item.skip != "yes" }}
        sendTemplate: { to: "${{ item.phone }}", templateName: hello_world, languageCode: en_US }
`)
	f := &ledgerFigures{serving: s, env: boxEnv(server)}
	first := f.apply(job, 5)
	f.agree(first)
	second := f.apply(job, 4)
	f.agree(first)
	f.agree(second)
	third := f.apply(job, 1, "--limit", "4")
	f.agree(third)

	for _, m := range box.Messages("34600000006") {
		status := fmt.Sprintf(`{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{
			"messaging_product":"whatsapp","metadata":{"phone_number_id":%q},"statuses":[{"id":%q,"status":"failed","timestamp":"%d",
			"recipient_id":"34600000006","errors":[{"code":132015,"title":"Template is paused"}]}]}}]}]}`,
			sandbox.DefaultPhoneNumberID, m.ID, time.Now().Unix())
		if got := s.call([]byte(status)); got != 200 {
			t.Fatalf("the webhook was answered with %d", got)
		}
	}
	if c := f.counts(second); c.Undelivered != 2 || c.Held != 0 {
		t.Errorf("after the late failure: %+v", c)
	}
	for _, run := range []string{first, second, third} {
		f.agree(run)
	}
}

// ledgerFigures compares what the commands and pages of one ledger show.
type ledgerFigures struct {
	*serving
	env map[string]string
}

// apply applies the job, compares the two forms of what it prints with the ledger, and returns its run.
func (f *ledgerFigures) apply(job string, want int, more ...string) string {
	f.Helper()
	status, out, errs := call(f.T, f.env, append([]string{"apply", job, "-o", "ndjson"}, more...)...)
	if status != want {
		f.Fatalf("apply ended with %d, want %d\n%s%s", status, want, out, errs)
	}
	var end struct {
		Run    string
		Counts engine.Counts
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &end); err != nil {
		f.Fatal(err)
	}
	got := f.counts(end.Run)
	then := got // of the messages that came through, some may have been told of as read since
	then.Delivered, then.Read = min(got.Delivered, end.Counts.Delivered), min(got.Read, end.Counts.Read)
	if then != end.Counts {
		f.Errorf("ndjson: %+v\nshow:   %+v", end.Counts, got)
	}
	return end.Run
}

// counts are those of show.
func (f *ledgerFigures) counts(run string) engine.Counts {
	f.Helper()
	var detail report.RunDetail
	f.document(&detail, "show", run, "-o", "json")
	return detail.Counts
}

func (f *ledgerFigures) document(into any, args ...string) {
	f.Helper()
	if err := json.Unmarshal([]byte(f.text(args...)), into); err != nil {
		f.Fatal(err)
	}
}

func (f *ledgerFigures) text(args ...string) string {
	f.Helper()
	status, out, errs := call(f.T, f.env, append(args, "--state", f.Ledger)...)
	if status != 0 {
		f.Fatalf("%v ended with %d\n%s%s", args, status, out, errs)
	}
	return out
}

// agree compares every place with show.
func (f *ledgerFigures) agree(run string) {
	f.Helper()
	eventually(f, "all who got it have read it", func() bool { c := f.counts(run); return c.Delivered == c.Read })
	c := f.counts(run)
	same := func(place string, got, want any) {
		f.Helper()
		if fmt.Sprint(got) != fmt.Sprint(want) {
			f.Errorf("%s of %s:\n got %v\nwant %v of %+v", place, run, got, want, c)
		}
	}
	var runs []report.RunLine
	f.document(&runs, "runs", "-o", "json")
	for i, r := range runs {
		if r.Run != run {
			continue
		}
		same("runs -o json", r.Counts, c)
		same("runs", strings.Fields(strings.Split(f.text("runs"), "\n")[i+1])[3:9], []int{c.Total, c.Accepted, c.Delivered, c.Read, c.Failed, c.InDoubt})
		table, err := csv.NewReader(strings.NewReader(f.text("runs", "-o", "csv"))).ReadAll()
		if err != nil {
			f.Fatal(err)
		}
		same("runs -o csv", append(table[i+1][7:12:12], table[i+1][13:]...), []int{
			c.Total, c.Succeeded, c.Failed, c.Skipped, c.InDoubt, c.Waiting, c.NotSent, c.Refused, c.Invalid, c.Undelivered,
			c.Accepted, c.Delivered, c.Read, c.Held, c.UnderWay,
		})
		if i == 0 {
			for name, n := range map[string]int{
				"accepted": c.Accepted, "delivered": c.Delivered, "read": c.Read, "held": c.Held, "undelivered": c.Undelivered, "refused": c.Refused,
				"invalid": c.Invalid, "skipped": c.Skipped, "inDoubt": c.InDoubt, "notSent": c.NotSent, "underWay": c.UnderWay,
			} {
				place := fmt.Sprintf(`waybill_run_messages{job="figures",outcome=%q}`, name)
				eventually(f, fmt.Sprintf("%s is %d", place, n), func() bool { return f.metric(place) == strconv.Itoa(n) })
			}
		}
	}
	f.agreeOnMessages(run, c, same)
	f.agreeOnPages(run, c, same)
}

// agreeOnMessages compares the lists of a run's messages, and how many of each kind they have.
func (f *ledgerFigures) agreeOnMessages(run string, c engine.Counts, same func(place string, got, want any)) {
	f.Helper()
	var list []report.Delivery
	f.document(&list, "deliveries", run, "-o", "json")
	states := map[string]int{}
	for _, d := range list {
		if d.State == "accepted" && d.HeldBack != "" {
			d.State = "held"
		}
		states[d.State]++
	}
	same("deliveries -o json", []int{
		states["read"], states["delivered"], states["accepted"] + states["sent"], states["held"], states["failed"], states["rejected"], states["invalid"],
		states["inDoubt"],
	}, []int{
		c.Read, c.Delivered - c.Read, c.Succeeded - c.Delivered - c.Held, c.Held, c.Undelivered, c.Refused, c.Invalid, c.InDoubt,
	})
	table, err := csv.NewReader(strings.NewReader(f.text("deliveries", run, "-o", "csv"))).ReadAll()
	if err != nil {
		f.Fatal(err)
	}
	same("deliveries -o csv", len(table)-1, len(list))
	table, _ = csv.NewReader(strings.NewReader(f.text("deliveries", run, "--failed", "-o", "csv"))).ReadAll()
	same("deliveries --failed", len(table)-1, c.Failed)

	shown := map[string]int{}
	text := f.text("show", run)
	for _, line := range regexp.MustCompile(`(?m)^ +(\d+) (\S.*)$`).FindAllStringSubmatch(text, -1) {
		shown[strings.SplitN(line[2], ":", 2)[0]], _ = strconv.Atoi(line[1])
	}
	same("show", []int{
		shown["read"], shown["delivered"], shown["accepted by WhatsApp, and held back by it"], shown["accepted by WhatsApp, then not delivered"],
		shown["not accepted by WhatsApp"], shown["invalid"], shown["in doubt"], shown["not sent yet"],
	}, []int{c.Read, c.Delivered - c.Read, c.Held, c.Undelivered, c.Refused, c.Invalid, c.InDoubt, c.NotSent})
	listed := 0
	for _, group := range regexp.MustCompile(`(?m)^  (\d+) × `).FindAllStringSubmatch(text, -1) {
		n, _ := strconv.Atoi(group[1])
		listed += n
	}
	same("the failures that show lists", listed, c.Failed)
}

// agreeOnPages compares the dashboard and the report.
func (f *ledgerFigures) agreeOnPages(run string, c engine.Counts, same func(place string, got, want any)) {
	f.Helper()
	figure := regexp.MustCompile(`<span class="name">([^<]+)</span><strong>(\d+)</strong>`)
	want := map[string]int{
		"Messages": c.Total + c.UnderWay, "Accepted": c.Accepted, "Delivered": c.Delivered, "Read": c.Read, "Failed": c.Failed, "In doubt": c.InDoubt,
		"Not sent": c.NotSent, "Held": c.Held, "Skipped": c.Skipped, "Waiting": c.Waiting,
	}
	onPage := func(page string) map[string]int {
		got := map[string]int{"Not sent": 0, "Held": 0, "Skipped": 0, "Waiting": 0} // shown only where there are any
		for _, m := range figure.FindAllStringSubmatch(page, -1) {
			got[m[1]], _ = strconv.Atoi(m[2])
		}
		return got
	}
	same("report", onPage(f.text("report", run, "--html", "-")), want)
	eventually(f, "the dashboard's page of the run shows its figures", func() bool { // it keeps what it read for a moment
		_, page := f.get("/runs/" + run)
		return fmt.Sprint(onPage(page)) == fmt.Sprint(want)
	}, want)
	cells := fmt.Sprintf(`(?s)/runs/%s">.*?Total">%d<.*?Accepted">%d<.*?Delivered">%d<.*?Read">%d<.*?Failed">%d<.*?In doubt">%d<`,
		run, c.Total, c.Accepted, c.Delivered, c.Read, c.Failed, c.InDoubt)
	eventually(f, "the dashboard's list shows them", func() bool {
		_, page := f.get("/")
		return regexp.MustCompile(cells).MatchString(page)
	}, cells)
	_, page := f.get("/runs/" + run + "/deliveries")
	same("the dashboard's deliveries", strings.Count(page, `<td data-l="State">`), c.Accepted+c.Refused+c.InDoubt)
}
