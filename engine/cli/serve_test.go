package cli_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/cli"
	"waybill/engine/ledger"
	"waybill/whatsapp/sandbox"
	"waybill/whatsapp/webhook"
)

// serving is waybill serve, at work inside the test.
type serving struct {
	*testing.T
	Dashboard, Webhooks, Ready, Metrics, Ledger string
	Schedules                                   []struct{ Job, Next string }
	Sandbox                                     struct{ URL string }

	base   string
	client *http.Client
	logs   *lines
	stop   func() int // interrupts it and gives the exit status
}

// lines is a text that grows while others read it.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// secrets are what a receiver needs.
func secrets(more ...string) map[string]string {
	env := map[string]string{"WHATSAPP_APP_SECRET": "the-app-secret", "WHATSAPP_VERIFY_TOKEN": "the-verify-token"}
	for i := 0; i < len(more); i += 2 {
		env[more[i]] = more[i+1]
	}
	return env
}

// startServe starts it on a free port and waits until it stands. now nil is the machine's clock.
func startServe(t *testing.T, env map[string]string, now func() time.Time, args ...string) *serving {
	t.Helper()
	if now == nil {
		now = time.Now
	}
	s := &serving{T: t, logs: &lines{}, client: &http.Client{Timeout: 20 * time.Second}}
	reader, writer := io.Pipe()
	ctx, interrupt := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	command := []string{"serve", "-o", "json", "--listen", "127.0.0.1:0"}
	for _, arg := range args {
		if arg == "--sandbox" {
			command = append(command, "--sandbox-listen", "127.0.0.1:0")
		}
	}
	go func() {
		status := cli.Main(ctx, append(command, args...), cli.Env{
			Stdin: strings.NewReader(""), Stdout: writer, Stderr: s.logs, Now: now,
			LookupEnv: func(name string) (string, bool) { v, ok := env[name]; return v, ok },
		})
		_ = writer.Close()
		ended <- status
	}()
	s.stop = sync.OnceValue(func() int {
		interrupt()
		select {
		case status := <-ended:
			return status
		case <-time.After(time.Minute):
			t.Error("serve did not end")
			return -1
		}
	})
	t.Cleanup(func() { s.stop() })
	if err := json.NewDecoder(reader).Decode(s); err != nil {
		t.Fatalf("serve did not stand up, status %d: %v\n%s", s.stop(), err, s.logs)
	}
	go func() { _, _ = io.Copy(io.Discard, reader) }()
	s.base = strings.TrimSuffix(s.Dashboard, "/")
	return s
}

// UnmarshalJSON reads the card.
func (s *serving) UnmarshalJSON(text []byte) error {
	type card serving
	shell := struct{ *card }{(*card)(s)}
	return json.Unmarshal(text, &shell)
}

// await waits until the log holds some words.
func (s *serving) await(words string) {
	s.Helper()
	eventually(s, fmt.Sprintf("the log says %q", words), func() bool { return strings.Contains(s.logs.String(), words) }, s.logs)
}

// get asks for a path and returns status and body.
func (s *serving) get(path string, header ...string) (int, string) {
	s.Helper()
	return s.do(http.MethodGet, path, nil, header...)
}

func (s *serving) do(method, path string, body []byte, header ...string) (int, string) {
	s.Helper()
	req, err := http.NewRequestWithContext(s.Context(), method, s.base+path, bytes.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	answer, err := s.client.Do(req)
	if err != nil {
		s.Fatal(err)
	}
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		s.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer.StatusCode, string(text)
}

// call posts a signed webhook.
func (s *serving) call(body []byte) int {
	s.Helper()
	status, _ := s.do(http.MethodPost, "/webhooks", body, webhook.SignatureHeader, webhook.Sign("the-app-secret", body))
	return status
}

// open reads its ledger.
func (s *serving) open() *ledger.Ledger {
	s.Helper()
	l, err := ledger.Open(s.Ledger, ledger.Options{Now: time.Now, ReadOnly: true})
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { _ = l.Close() })
	return l
}

func inbox(t *testing.T, l *ledger.Ledger) map[string]engine.Inbound {
	t.Helper()
	found := map[string]engine.Inbound{}
	for m, err := range l.Inbound(t.Context(), engine.InboundFilter{}) {
		if err != nil {
			t.Fatal(err)
		}
		found[m.ID] = m
	}
	return found
}

// metric returns one figure of /metrics.
func (s *serving) metric(name string) string {
	s.Helper()
	_, text := s.get("/metrics")
	for line := range strings.Lines(text) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func writeFile(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// shared finds the vendor's examples beside the repository.
func shared(t *testing.T, parts ...string) string {
	t.Helper()
	path := filepath.Join(append([]string{root(t), "..", "shared"}, parts...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("Meta's examples are not beside the repository: %v", err)
	}
	return path
}

// Meta's own webhooks come in by the door that Meta uses, twice, and every message of theirs is in the inbox once.
func TestServeTakesMetaExamples(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(shared(t, "meta-examples", "webhooks"), "*.json"))
	if err != nil || len(files) < 10 {
		t.Fatalf("found %d examples: %v", len(files), err)
	}
	s := startServe(t, secrets(), nil, "--state", filepath.Join(t.TempDir(), "ledger.db"))
	messages, others := map[string]string{}, 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var example struct{ Body json.RawMessage }
		if err := json.Unmarshal(text, &example); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if got := s.call(example.Body); got != http.StatusOK {
				t.Errorf("%s was answered %d", filepath.Base(file), got)
			}
		}
		ev, err := webhook.Parse(example.Body)
		if err != nil {
			t.Fatal(err)
		}
		others += len(ev.Changes)
		for _, m := range ev.Messages {
			if _, seen := messages[m.ID]; !seen { // some of the examples share an id
				messages[m.ID] = m.Type
			}
		}
	}
	l := s.open()
	got := inbox(t, l)
	if len(got) != len(messages) {
		t.Errorf("the inbox holds %d messages, want %d", len(got), len(messages))
	}
	for id, kind := range messages {
		if got[id].Type != kind || len(got[id].Raw) == 0 {
			t.Errorf("message %s of type %s is of type %q in the inbox", id, kind, got[id].Type)
		}
	}
	notices := 0
	for _, err := range l.Notices(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		notices++
	}
	if notices < others {
		t.Errorf("%d notices of %d other changes", notices, others)
	}
	if status, page := s.get("/inbox"); status != 200 || !strings.Contains(page, "16505551234") {
		t.Errorf("the inbox page answered %d without its people", status)
	}
	if s.stop() != 0 {
		t.Errorf("serve ended badly:\n%s", s.logs)
	}
	if strings.Contains(s.logs.String(), "16505551234") {
		t.Errorf("a phone number is in the log:\n%s", s.logs)
	}
}

// What is not WhatsApp's, or not wholly, is refused early and leaves nothing; what is WhatsApp's and odd is kept.
func TestServeRefusesHostileCalls(t *testing.T) {
	s := startServe(t, secrets(), nil, "--state", filepath.Join(t.TempDir(), "ledger.db"))
	body := []byte(`{"object":"whatsapp_business_account","entry":[]}`)
	good := webhook.Sign("the-app-secret", body)
	signed := func(text string) []string {
		return []string{webhook.SignatureHeader, webhook.Sign("the-app-secret", []byte(text))}
	}
	deep := strings.Repeat(`[`, 20_000) + strings.Repeat(`]`, 20_000)
	odd := `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"from_the_future","value":{"x":1}}]}]}`
	for _, c := range []struct {
		name, method string
		body         string
		header       []string
		want         int
	}{
		{"no signature", "POST", string(body), nil, 401},
		{"another secret's", "POST", string(body), []string{webhook.SignatureHeader, webhook.Sign("another", body)}, 401},
		{"another body's", "POST", string(body) + " ", []string{webhook.SignatureHeader, good}, 401},
		{"truncated", "POST", string(body[:20]), []string{webhook.SignatureHeader, good}, 401},
		{"SHA-1", "POST", string(body), []string{webhook.SignatureHeader, "sha1=" + strings.Repeat("a", 40)}, 401},
		{"no hex", "POST", string(body), []string{webhook.SignatureHeader, "sha256=" + strings.Repeat("z", 64)}, 401},
		{"too large", "POST", strings.Repeat("x", 5<<20), []string{webhook.SignatureHeader, good}, 413},
		{"says it is gzip", "POST", string(body), []string{webhook.SignatureHeader, good, "Content-Encoding", "gzip"}, 200},
		{"PUT", "PUT", string(body), []string{webhook.SignatureHeader, good}, 405},
		{"DELETE", "DELETE", "", nil, 405},
		{"handshake of a stranger", "GET", "", nil, 403},
		{"no JSON, signed", "POST", "hello", signed("hello"), 200},
		{"deep, signed", "POST", deep, signed(deep), 200},
		{"empty, signed", "POST", "", signed(""), 200},
		{"from the future, signed", "POST", odd, signed(odd), 200},
	} {
		if got, text := s.do(c.method, "/webhooks", []byte(c.body), c.header...); got != c.want {
			t.Errorf("%s: answered %d %q, want %d", c.name, got, text, c.want)
		}
	}
	challenge := "/webhooks?hub.mode=subscribe&hub.challenge=0815%3Cb%3E&hub.verify_token="
	if got, text := s.get(challenge + "the-verify-token"); got != 200 || text != "0815<b>" {
		t.Errorf("the handshake was answered %d %q", got, text)
	}
	if got, text := s.get(challenge + "guess"); got != 403 || strings.Contains(text, "0815") {
		t.Errorf("a wrong handshake was answered %d %q", got, text)
	}
	for name, want := range map[string]string{
		`waybill_webhooks_refused_total{reason="signature"}`: "6", `waybill_webhooks_refused_total{reason="body"}`: "1",
		`waybill_webhooks_refused_total{reason="handshake"}`: "2", "waybill_webhooks_received_total": "5",
	} {
		if got := s.metric(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	if _, page := s.get("/notices"); !strings.Contains(page, "from_the_future") {
		t.Error("what this program does not know is not shown")
	}
}

// Without the secret nobody can tell WhatsApp from a stranger, and serve says what to set.
func TestServeWithoutSecret(t *testing.T) {
	s := startServe(t, nil, nil, "--state", filepath.Join(t.TempDir(), "ledger.db"), "--log-format", "json")
	if got := s.call([]byte(`{"entry":[]}`)); got != 503 {
		t.Errorf("answered %d, want 503", got)
	}
	s.await("webhook refused: WHATSAPP_APP_SECRET is not set")
	s.await("set WHATSAPP_VERIFY_TOKEN")
	if status, _ := s.get("/readyz"); status != 200 {
		t.Errorf("/readyz answered %d", status)
	}
	s.stop()
	for line := range strings.Lines(s.logs.String()) {
		if !json.Valid([]byte(line)) {
			t.Errorf("no JSON in the log: %s", line)
		}
	}
}

// A status that came before the send's own record is kept; the dashboard, the inbox and waitFor see what the webhook said,
// within a second of it and without asking the API.
func TestServeWakesWaiters(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := startServe(t, secrets(), nil, "--state", stateIn(t, dir))
	box, server := newBox(t, sandbox.Options{AppSecret: "the-app-secret", WebhookURL: s.Webhooks, Delays: sandbox.Delays{Delivered: 2 * time.Second, Read: time.Hour}})
	if _, err := box.Receive(sandbox.Inbound{From: "+34600000009", Text: "Hola"}); err != nil {
		t.Fatal(err)
	}
	l := s.open()
	eventually(t, "what a person wrote is in the inbox", func() bool { return len(inbox(t, l)) > 0 })
	if _, err := box.AddFault(sandbox.Fault{Kind: sandbox.FaultWebhookEarly, Times: 1}); err != nil {
		t.Fatal(err)
	}
	job := writeFile(t, filepath.Join(dir, "wait.yaml"), `version: 1
name: wait
connection: { baseUrl: $<URL> }
steps:
  - id: hello
    sendText: { to: +34600000001, body: Hello }
  - id: seen
    getStatus: { messageId: "${{ steps.hello.messageId }}", waitFor: delivered, waitTimeout: 30s }
`)
	began := time.Now()
	status, out, errs := call(t, boxEnv(server), "run", job)
	if status != 0 || !strings.Contains(out, "status=delivered") {
		t.Fatalf("run ended with %d\n%s%s", status, out, errs)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %s, of which the message was under way for 2 s", took)
	}
	for _, r := range box.Requests() {
		if r.Operation == "history" {
			t.Error("the API was asked for what the webhook tells")
		}
	}
}

// newBox is a sandbox on a socket, with its people at work.
func newBox(t *testing.T, o sandbox.Options) (*sandbox.Server, string) {
	t.Helper()
	o.Now, o.OpenWindow = time.Now, true
	box := sandbox.New(o)
	url := listenTest(t, box)
	ctx, stop := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() { _ = box.Run(ctx) })
	t.Cleanup(func() { stop(); done.Wait() })
	return box, url
}

// boxEnv is the environment of a job whose baseUrl is $<URL>.
func boxEnv(url string, more ...string) map[string]string {
	env := secrets("URL", url+"/"+sandbox.DefaultVersion, "WHATSAPP_TOKEN", sandbox.DefaultToken,
		"WHATSAPP_PHONE_NUMBER_ID", sandbox.DefaultPhoneNumberID, "WHATSAPP_WABA_ID", sandbox.DefaultWABAID)
	for i := 0; i < len(more); i += 2 {
		env[more[i]] = more[i+1]
	}
	return env
}

// A delivery in doubt settles itself when its webhook comes, while run and resolve go on beside serve; a message that was
// accepted and then fails counts as failed, with the meaning of its code.
func TestServeSettlesDoubt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := startServe(t, secrets(), nil, "--state", stateIn(t, dir))
	box, server := newBox(t, sandbox.Options{AppSecret: "the-app-secret", WebhookURL: s.Webhooks, Speed: 0.2})
	if _, err := box.AddFault(sandbox.Fault{Kind: sandbox.FaultLost, Times: 1, Match: sandbox.Match{To: "34600000001"}}); err != nil {
		t.Fatal(err)
	}
	job := writeFile(t, filepath.Join(dir, "one.yaml"), `version: 1
name: one
connection: { baseUrl: $<URL> }
steps:
  - forEach: { items: ["+34600000001", "+34555131026"], key: "${{ item }}" }
    sendText: { to: "${{ item }}", body: Hello }
`)
	env := boxEnv(server)
	if status, out, errs := call(t, env, "apply", job, "--settle", "0s"); status != 4 {
		t.Fatalf("apply ended with %d, want 4: in doubt\n%s%s", status, out, errs)
	}
	if status, out, errs := call(t, env, "resolve", "last", "--state", s.Ledger); status != 4 || !strings.Contains(out, "+34600000001") {
		t.Fatalf("resolve ended with %d, want 4\n%s%s", status, out, errs)
	}
	eventually(t, "the delivery in doubt settles", func() bool {
		status, _, _ := call(t, env, "resolve", "last", "--state", s.Ledger)
		return status == 0
	}, s.logs)
	eventually(t, "the message to a number without an account fails", func() bool {
		_, out, _ := call(t, env, "deliveries", "last", "--state", s.Ledger, "-o", "json", "--is", "failed")
		return strings.Contains(out, `"code":131026`)
	}, s.logs)
	_, report, _ := call(t, env, "report", "last", "--state", s.Ledger, "--html", "-")
	if !strings.Contains(report, "131026") || !strings.Contains(report, "</html>") {
		t.Errorf("the report does not tell of 131026: %.300s", report)
	}
	if status, out, errs := call(t, env, "apply", job); status != 1 {
		t.Errorf("apply again ended with %d, want 1: one was refused for good\n%s%s", status, out, errs)
	}
	if n := box.Recipients()["34600000001"]; n != 1 {
		t.Errorf("the person got %d messages", n)
	}
	if _, page := s.get("/"); !strings.Contains(page, "one") {
		t.Error("the dashboard does not show the run")
	}
}

// What is taken in at once is bounded: when slow bodies fill the bound the answer is 503, and WhatsApp comes again; when they
// are gone there is room again.
func TestServeBackpressure(t *testing.T) {
	s := startServe(t, secrets(), nil, "--state", filepath.Join(t.TempDir(), "ledger.db"))
	var slow []net.Conn
	for range 32 {
		c, err := net.Dial("tcp", strings.TrimPrefix(s.base, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		slow = append(slow, c)
		if _, err := fmt.Fprintf(c, "POST /webhooks HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\nExpect: 100-continue\r\n%s: sha256=%064d\r\n\r\n{", 2<<20, webhook.SignatureHeader, 0); err != nil {
			t.Fatal(err)
		}
		// The server says "continue" when it begins to read the body: it has its place in the bound then.
		if err := c.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if line, err := bufio.NewReader(c).ReadString('\n'); err != nil || !strings.Contains(line, "100") {
			t.Fatalf("a slow body was answered %q, %v", line, err)
		}
	}
	large := fmt.Appendf(nil, `{"object":"x","entry":[]%s}`, strings.Repeat(" ", 3<<20))
	want := func(status int) {
		t.Helper()
		eventually(t, fmt.Sprintf("the answer %d", status), func() bool { return s.call(large) == status })
	}
	want(503)
	if got, _ := s.get("/healthz"); got != 200 {
		t.Errorf("/healthz answered %d meanwhile", got)
	}
	for _, c := range slow {
		_ = c.Close()
	}
	want(200)
	if got := s.metric(`waybill_webhooks_refused_total{reason="busy"}`); got == "0" || got == "" {
		t.Errorf("%q webhooks were put off", got)
	}
}

// The signature is judged over the body as it came: a flood of strangers does not fill the log.
func TestServeLogsAreBounded(t *testing.T) {
	s := startServe(t, secrets(), nil, "--state", filepath.Join(t.TempDir(), "ledger.db"))
	for n := range 300 {
		body := fmt.Appendf(nil, `{"n":%d}`, n)
		if got, _ := s.do(http.MethodPost, "/webhooks", body, webhook.SignatureHeader, webhook.Sign("wrong", body)); got != 401 {
			t.Fatalf("answered %d", got)
		}
	}
	if got := strings.Count(s.logs.String(), "\n"); got > 100 {
		t.Errorf("300 strangers left %d lines in the log", got)
	}
}

// stateIn is the ledger of jobs that will lie in a folder. Its own folder is made: serve makes none where no job is.
func stateIn(t *testing.T, dir string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(dir, ".waybill"), 0o700); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, ".waybill", "ledger.db")
}
