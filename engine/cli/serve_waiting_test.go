package cli_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"waybill/whatsapp/sandbox"
)

// A run by hand of which rows wait is taken up by a serve that has its job, when the hour comes, with the file as it is then; and so is one
// after a restart. What a person cancelled is not.
func TestServeTakesUpWhatWaits(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	box, url := newBox(t, sandbox.Options{AppSecret: "the-app-secret", NoPairLimit: true})
	env := boxEnv(url)
	now := time.Now().UTC().Truncate(time.Minute)
	end := now.Add(3 * time.Hour)
	job := func(name, body, number string) string {
		return writeFile(t, filepath.Join(dir, name+".yaml"), fmt.Sprintf(`version: 1
name: %s
settle: 0s
connection: { baseUrl: $<URL> }
recipients: { quietHours: { from: "%s", to: "%s", timezone: UTC } }
inputs: { who: { type: string, default: nobody } }
steps:
  - forEach: { items: ["%s", "+34600000002"], key: "${{ item }}" }
    sendText: { to: "${{ item }}", body: "%s, ${{ inputs.who }}" }
`, name, now.Add(-time.Hour).Format("15:04"), end.Format("15:04"), number, body))
	}
	state := filepath.Join(dir, ".waybill", "ledger.db")
	jobs := map[string]string{}
	for _, name := range []string{"waits", "dropped", "stopped"} {
		jobs[name] = job(name, "Hello", "+34600000001")
		if status, out, errs := call(t, env, "apply", jobs[name], "--input", "who=Ana", "--state", state); status != 5 || !strings.Contains(out, "waiting until") {
			t.Fatalf("apply ended with %d, want 5\n%s%s", status, out, errs)
		}
		if name == "waits" {
			continue
		}
		order := map[string]string{"dropped": "cancel", "stopped": "stop"}[name]
		if status, out, errs := call(t, map[string]string{"WAYBILL_USER": "eva"}, order, "last", "--state", state); status != 0 {
			t.Fatalf("%s ended with %d\n%s%s", order, status, out, errs)
		}
	}
	job("waits", "Good morning", "+34600000003") // the file of the hour counts
	began := time.Now()
	clock := func() time.Time { return end.Add(-2 * time.Second).Add(time.Since(began)) } // the hour comes in two seconds
	s := startServe(t, secrets("URL", url+"/"+sandbox.DefaultVersion, "WHATSAPP_TOKEN", sandbox.DefaultToken,
		"WHATSAPP_PHONE_NUMBER_ID", sandbox.DefaultPhoneNumberID), clock, "--state", state, jobs["waits"], jobs["dropped"], jobs["stopped"])
	eventually(t, "the run goes on", func() bool { return strings.Contains(s.logs.String(), "run ended") }, s.logs)
	s.stop()
	if n := len(box.Messages("")); n != 2 {
		t.Errorf("%d messages, want two", n)
	}
	for _, m := range box.Messages("") {
		if text := fmt.Sprint(m); !strings.Contains(text, "Good morning, Ana") {
			t.Errorf("sent %s", text)
		}
	}
	var runs []struct {
		Job, Status, Reason string
		Counts              struct{ Succeeded, Skipped, Waiting int }
		Repairs             []struct{ Parts []string }
		Cancelled           *struct{ By struct{ User string } }
	}
	_, out, _ := call(t, nil, "runs", "--state", state, "-o", "json")
	if err := json.Unmarshal([]byte(out), &runs); err != nil || len(runs) != 3 {
		t.Fatalf("%v: %s", err, out)
	}
	for _, r := range runs {
		switch c := r.Counts; {
		case r.Job == "waits" && (r.Status != "succeeded" || c.Succeeded != 2 || len(r.Repairs) != 1):
			t.Errorf("what waited: %+v", r)
		case r.Job == "dropped" && (c.Skipped != 2 || c.Waiting != 0 || r.Cancelled == nil || r.Cancelled.By.User != "eva" || !strings.HasPrefix(r.Reason, "cancelled by eva")):
			t.Errorf("what was cancelled: %+v", r)
		case r.Job == "stopped" && (c.Waiting != 2 || r.Status != "stopped"):
			t.Errorf("what was stopped: %+v", r)
		}
	}
}

// A run whose rows wait for some minutes keeps no other job of its serve from its time: it ends, and is taken up at the hour.
func TestServeDoesNotSitOutWhatKeepsOthersWaiting(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	box, url := newBox(t, sandbox.Options{AppSecret: "the-app-secret", NoPairLimit: true})
	now := time.Now().UTC().Truncate(time.Minute)
	hour := now.Add(3 * time.Hour)
	waits := func(until time.Time) string {
		return writeFile(t, filepath.Join(dir, "waits.yaml"), fmt.Sprintf(`version: 1
name: waits
settle: 0s
connection: { baseUrl: $<URL> }
recipients: { quietHours: { from: "%s", to: "%s", timezone: UTC } }
steps:
  - forEach: { items: ["+34600000001"], key: "${{ item }}" }
    sendText: { to: "${{ item }}", body: Hello }
`, now.Add(-time.Hour).Format("15:04"), until.Format("15:04")))
	}
	state := filepath.Join(dir, ".waybill", "ledger.db")
	file := waits(hour)
	if status, out, errs := call(t, boxEnv(url), "apply", file, "--state", state); status != 5 {
		t.Fatalf("apply ended with %d, want 5\n%s%s", status, out, errs)
	}
	waits(hour.Add(9 * time.Minute)) // so that it waits once more when it is taken up
	due := writeFile(t, filepath.Join(dir, "due.yaml"), `version: 1
name: due
settle: 0s
connection: { baseUrl: $<URL> }
schedule: { cron: "* * * * *", timezone: UTC, sends: new }
steps:
  - sendText: { to: "+34600000002", body: Hello }
`)
	began := time.Now()
	clock := func() time.Time { return hour.Add(56 * time.Second).Add(time.Since(began)) } // the other comes due in four seconds
	s := startServe(t, secrets("URL", url+"/"+sandbox.DefaultVersion, "WHATSAPP_TOKEN", sandbox.DefaultToken,
		"WHATSAPP_PHONE_NUMBER_ID", sandbox.DefaultPhoneNumberID), clock, "--state", state, file, due)
	eventually(t, "the other job runs", func() bool { return len(box.Messages("")) == 1 }, s.logs)
	s.stop()
	var runs []struct{ Job, Status, WaitsUntil string }
	_, out, _ := call(t, nil, "runs", "--state", state, "-o", "json")
	if err := json.Unmarshal([]byte(out), &runs); err != nil || len(runs) != 2 {
		t.Fatalf("%v: %s", err, out)
	}
	if r := runs[1]; r.Job != "waits" || r.Status != "stopped" || !strings.HasPrefix(r.WaitsUntil, hour.Add(9*time.Minute).Format("2006-01-02T15:04")) {
		t.Errorf("what waits: %+v", r)
	}
}
