package cli_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"waybill/whatsapp/sandbox"
)

// told is an address that is notified, and keeps what it got.
type told struct {
	mu     sync.Mutex
	bodies []string
}

func (r *told) ServeHTTP(_ http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body) // what is cut off fails the test that reads it
	r.mu.Lock()
	defer r.mu.Unlock()
	r.bodies = append(r.bodies, string(body))
}

func (r *told) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	bodies := r.bodies
	r.bodies = nil
	return bodies
}

const notifyingJob = `version: 1
name: reminders
notify: [{ on: [failed], to: $<NOTIFY_URL> }]
steps:
  - id: people
    forEach: { items: ["+34612345678", "+34555131030"], key: "${{ item }}" }
    sendText: { to: "${{ item }}", body: Hello }
`

// TestNotify: whom a job notifies is told once of a run that failed, by counts and codes and without a number; and of none that succeeded.
// doctor --notify sends a test.
func TestNotify(t *testing.T) {
	t.Parallel()
	receiver := &told{}
	server := httptest.NewServer(receiver)
	defer server.Close()
	api := httptest.NewServer(sandbox.New(sandbox.Options{Now: time.Now, OpenWindow: true}))
	defer api.Close()
	env := map[string]string{
		"NOTIFY_URL": server.URL + "/hook-3f9a", "WHATSAPP_TOKEN": sandbox.DefaultToken,
		"WHATSAPP_PHONE_NUMBER_ID": sandbox.DefaultPhoneNumberID, "WHATSAPP_WABA_ID": sandbox.DefaultWABAID,
	}
	path := filepath.Join(t.TempDir(), "job.yaml")
	job := notifyingJob + "connection: { baseUrl: " + api.URL + "/" + sandbox.DefaultVersion + " }\n"
	if err := os.WriteFile(path, []byte(job), 0o600); err != nil {
		t.Fatal(err)
	}

	status, stdout, stderr := call(t, env, "apply", path, "--limit", "1")
	if got := receiver.take(); status != 0 || len(got) != 0 {
		t.Fatalf("exit status %d, told %q of a run that succeeded\n%s%s", status, got, stdout, stderr)
	}
	status, stdout, stderr = call(t, env, "apply", path)
	bodies := receiver.take()
	if status != 1 || len(bodies) != 1 {
		t.Fatalf("exit status %d, told %q\n%s%s", status, bodies, stdout, stderr)
	}
	var event struct {
		Job, Status string
		Counts      struct{ Total, Refused int }
		Codes       map[string]int
	}
	if err := json.Unmarshal([]byte(bodies[0]), &event); err != nil {
		t.Fatalf("%v in %s", err, bodies[0])
	}
	if event.Job != "reminders" || event.Status != "failed" || event.Counts.Total != 2 || event.Counts.Refused != 1 || event.Codes["131030"] != 1 {
		t.Errorf("told %s", bodies[0])
	}
	if strings.Contains(bodies[0], "555131030") || strings.Contains(bodies[0], "612345678") {
		t.Errorf("a number is told: %s", bodies[0])
	}
	if strings.Contains(stdout+stderr, "hook-3f9a") {
		t.Errorf("the address is printed\n%s%s", stdout, stderr)
	}

	_, stdout, stderr = call(t, env, "doctor", path, "--notify")
	bodies = receiver.take()
	if len(bodies) != 1 || !strings.Contains(bodies[0], `"status":"test"`) || !strings.Contains(stderr, "notify $<NOTIFY_URL> (http): a test was sent") {
		t.Errorf("doctor --notify told %q\n%s%s", bodies, stdout, stderr)
	}
	server.Close()
	if _, _, stderr = call(t, env, "apply", path); strings.Count(stderr, "$<NOTIFY_URL>") != 1 || !strings.Contains(stderr, "not told: ") {
		t.Errorf("of an address that is gone it says\n%s", stderr)
	}
	if status, _, stderr = call(t, env, "doctor", path, "--notify"); status != 1 || !strings.Contains(stderr, "✗ notify $<NOTIFY_URL>") {
		t.Errorf("exit status %d for an address that is gone\n%s", status, stderr)
	}
}
