package cli_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// certificate writes a self-made pair for 127.0.0.1, and returns the pool that trusts it.
func certificate(t *testing.T, dir, name string) (*x509.CertPool, []string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, about, about, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(cert)
	return pool, []string{
		"--tls-cert", writeFile(t, filepath.Join(dir, "cert.pem"), string(cert)),
		"--tls-key", writeFile(t, filepath.Join(dir, "key.pem"), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}))),
	}
}

func trusting(pool *x509.CertPool) *http.Client {
	return &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: pool}, DisableKeepAlives: true, ForceAttemptHTTP2: true,
	}}
}

// With TLS the webhook is taken as without, over HTTP/2, and a renewed certificate comes into force by itself.
func TestServeTLS(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	pool, files := certificate(t, dir, "first")
	s := startServe(t, secrets(), nil, append(files, "--state", filepath.Join(dir, "ledger.db"))...)
	if !strings.HasPrefix(s.Webhooks, "https://127.0.0.1:") {
		t.Fatalf("the webhook is at %s", s.Webhooks)
	}
	s.client = trusting(pool)
	if got := s.call([]byte(`{"object":"x","entry":[]}`)); got != 200 {
		t.Errorf("answered %d", got)
	}
	s.base = "http" + strings.TrimPrefix(s.base, "https")
	if got, _ := s.get("/healthz"); got != http.StatusBadRequest {
		t.Errorf("plain HTTP was answered %d where TLS was asked for", got)
	}
	s.stop()

	s = startServe(t, secrets(), nil, append(files, "--state", filepath.Join(dir, "ledger.db"))...)
	s.client = trusting(pool)
	if got, _ := s.get("/healthz"); got != 200 {
		t.Fatalf("answered %d", got)
	}
	renewed, _ := certificate(t, dir, "second")
	s.client = trusting(renewed)
	eventually(t, "the renewed certificate is in force", func() bool {
		answer, err := s.client.Get(s.Ready)
		if err != nil {
			return false
		}
		_, _ = io.Copy(io.Discard, answer.Body)
		_ = answer.Body.Close()
		if answer.ProtoMajor != 2 {
			t.Errorf("answered by %s, want HTTP/2", answer.Proto)
		}
		return true
	})
	writeFile(t, filepath.Join(dir, "key.pem"), "no key")
	if status, _, errs := call(t, nil, append([]string{"serve", "--listen", "127.0.0.1:0"}, files...)...); status != 3 || !strings.Contains(errs, "certificate cannot be used") {
		t.Errorf("a pair that does not fit ended with %d: %s", status, errs)
	}
}

// What would put people's words on the network in the clear is refused, and nothing is left behind.
func TestServeRefusesCommandLines(t *testing.T) {
	dir := t.TempDir()
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = busy.Close() }()
	good := "version: 1\nname: a\nschedule: { cron: \"0 9 * * *\" }\nsteps:\n  - getMessages: { phoneNumberId: \"1\" }\n"
	a := writeFile(t, filepath.Join(dir, "a.yaml"), good)
	wrong := writeFile(t, filepath.Join(dir, "wrong.yaml"), "version: 1\nname: w\nsteps:\n  - sendTxt: {}\n")
	input := writeFile(t, filepath.Join(dir, "input.yaml"), strings.Replace(strings.Replace(good, "name: a", "name: i", 1), "steps:", "inputs: { day: { type: string, required: true } }\nsteps:", 1))
	elsewhere := writeFile(t, filepath.Join(t.TempDir(), "b.yaml"), strings.Replace(good, "name: a", "name: b", 1))
	for _, c := range []struct {
		words string
		args  []string
	}{
		{"there is no TLS", []string{"--listen", "0.0.0.0:0"}},
		{"there is no TLS", []string{"--listen", ":0"}},
		{"another program listens there", []string{"--listen", busy.Addr().String()}},
		{"--listen nonsense", []string{"--listen", "nonsense"}},
		{"belong together", []string{"--tls-cert", "x.pem"}},
		{"certificate cannot be used", []string{"--listen", "127.0.0.1:0", "--tls-cert", a, "--tls-key", a}},
		{"--log-format", []string{"--log-format", "xml"}},
		{"no time zone", []string{"--timezone", "Madrid"}},
		{"of use with --sandbox alone", []string{"--sandbox-listen", "127.0.0.1:0"}},
		{"for this machine alone", []string{"--sandbox", "--listen", "127.0.0.1:0", "--sandbox-listen", "0.0.0.0:0"}},
		{"did you mean sendText?", []string{wrong}},
		{"several folders", []string{a, elsewhere}},
		{"there is no file", []string{filepath.Join(dir, "none.yaml")}},
		{`input "day" is required`, []string{input}},
		{`no job has an input "month"`, []string{input, "--input", "day=1", "--input", "month=2"}},
	} {
		state := filepath.Join(t.TempDir(), "ledger.db")
		args := append([]string{"serve"}, c.args...)
		if c.words != "several folders" {
			args = append(args, "--state", state)
		}
		status, _, errs := call(t, nil, args...)
		if status != 3 || !strings.Contains(errs, c.words) {
			t.Errorf("%v ended with %d and %q, want %q", c.args, status, errs, c.words)
		}
		if _, err := filepath.Glob(state + "*"); err != nil {
			t.Error(err)
		}
		if left, _ := filepath.Glob(state + "*"); len(left) > 0 {
			t.Errorf("%v left %v behind", c.args, left)
		}
	}
}

// Beyond loopback, and behind a proxy, the pages ask for the token; webhook and probes never do.
func TestServeDoor(t *testing.T) {
	proxied := []string{"X-Forwarded-For", "203.0.113.9"}
	open := startServe(t, secrets(), nil, "--state", filepath.Join(t.TempDir(), "ledger.db"))
	for path, want := range map[string]int{"/": 200, "/inbox": 200, "/schedules": 200, "/notices": 200, "/metrics": 200, "/healthz": 200, "/readyz": 200, "/nowhere": 404} {
		if got, _ := open.get(path); got != want {
			t.Errorf("%s without a token: answered %d, want %d", path, got, want)
		}
	}
	for path, want := range map[string]int{"/": 403, "/metrics": 403, "/healthz": 200} {
		if got, _ := open.get(path, proxied...); got != want {
			t.Errorf("%s through a proxy without a token: answered %d, want %d", path, got, want)
		}
	}
	if got, _ := open.do(http.MethodPost, "/", nil); got != 405 {
		t.Errorf("POST to the dashboard was answered %d", got)
	}

	s := startServe(t, secrets("WAYBILL_DASHBOARD_TOKEN", "the-dashboard-token\r"), nil, // as a file with Windows line ends leaves it
		"--state", filepath.Join(t.TempDir(), "ledger.db"), "--listen", "0.0.0.0:0", "--behind-proxy")
	_, port, err := net.SplitHostPort(strings.TrimPrefix(s.base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	s.base = "http://127.0.0.1:" + port
	s.await("WAYBILL_DASHBOARD_TOKEN has white space at its ends")
	bearer := []string{"Authorization", "Bearer the-dashboard-token"}
	for path, want := range map[string][2]int{"/": {401, 200}, "/metrics": {401, 200}, "/inbox": {401, 200}, "/healthz": {200, 200}, "/readyz": {200, 200}} {
		if got, _ := s.get(path, proxied...); got != want[0] {
			t.Errorf("%s without the token: answered %d, want %d", path, got, want[0])
		}
		if got, _ := s.get(path, append(bearer, proxied...)...); got != want[1] {
			t.Errorf("%s with the token: answered %d, want %d", path, got, want[1])
		}
	}
	if got := s.call([]byte(`{"entry":[]}`)); got != 200 {
		t.Errorf("the webhook was answered %d", got)
	}
	s.stop()
	if strings.Contains(s.logs.String(), "the-dashboard-token") {
		t.Errorf("the token is in the log:\n%s", s.logs)
	}
}

// The text of the start says where everything is and what to type.
func TestServeSandboxCard(t *testing.T) {
	dir := t.TempDir()
	job := writeFile(t, filepath.Join(dir, "hello.yaml"), "version: 1\nname: hello\nsteps:\n  - sendText: { to: +34612345678, body: Hello }\n")
	s := startServe(t, nil, nil, "--sandbox", job)
	answer, err := http.Post(s.Sandbox.URL+"/__sandbox/inbound", "application/json", strings.NewReader(`{"from":"+34612345678","name":"Ana","text":"Can I come at 11?"}`))
	if err != nil {
		t.Fatal(err)
	}
	var written struct{ ID string }
	if err := json.NewDecoder(answer.Body).Decode(&written); err != nil || written.ID == "" {
		t.Fatalf("nobody wrote: %v", err)
	}
	_ = answer.Body.Close()
	eventually(t, "what she wrote is in the inbox", func() bool {
		_, page := s.get("/inbox")
		return strings.Contains(page, "Can I come at 11?")
	}, s.logs)
	if status, out, errs := call(t, nil, "run", job, "--sandbox"); status != 0 {
		t.Fatalf("run beside it ended with %d\n%s%s", status, out, errs)
	}
	if _, page := s.get("/"); !strings.Contains(page, "hello") {
		t.Error("the run beside it is not on the dashboard")
	}
	if status := s.stop(); status != 0 {
		t.Errorf("it ended with %d\n%s", status, s.logs)
	}
}
