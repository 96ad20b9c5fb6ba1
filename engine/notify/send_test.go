package notify

import (
	"context"
	"encoding/json"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func sendOne(ctx context.Context, t *testing.T, s *Sender, address string) error {
	t.Helper()
	return s.Send(ctx, []Target{target(t, "$<URL>", address)}, someEvent())[0]
}

func TestPost(t *testing.T) {
	want, err := json.Marshal(someEvent())
	if err != nil {
		t.Fatal(err)
	}
	srv := serve(t, 500, 204)
	address := strings.Replace(srv.URL, "://", "://user:"+secretPath+"@", 1) + "/hook?sig=" + secretPath
	if err := sendOne(t.Context(), t, &Sender{}, address); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{string(want), string(want)}, srv.got()); diff != "" {
		t.Error(diff)
	}
	if head := srv.heads[0]; head.Get("Content-Type") != "application/json" || !strings.HasPrefix(head.Get("Authorization"), "Basic ") {
		t.Errorf("headers %v", head)
	}
}

func TestRefused(t *testing.T) {
	for status, want := range map[int]string{
		404: "notify $<URL> (http): answered HTTP 404",
		302: "notify $<URL> (http): answered HTTP 302, a redirect, which is not followed",
		307: "notify $<URL> (http): answered HTTP 307, a redirect, which is not followed",
	} {
		srv := serve(t, status, 200)
		err := sendOne(t.Context(), t, &Sender{}, srv.URL+"/"+secretPath)
		if err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
		if n := len(srv.got()); n != 1 {
			t.Errorf("HTTP %d: %d requests", status, n)
		}
	}
}

func TestNobodyThere(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{"http://" + gone + "/" + secretPath, "ntfy://" + gone + "/" + secretPath + "?scheme=http"} {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		err := sendOne(ctx, t, &Sender{}, address)
		cancel()
		if err == nil || !strings.HasSuffix(err.Error(), ": the connection was refused") {
			t.Error(err)
		}
	}
}

// TestHang is of a server that takes a connection and says nothing: the context ends it.
func TestHang(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	host := l.Addr().String()
	for _, address := range []string{"http://" + host + "/", "generic+http://" + host + "/", "smtp://" + host + "/?from=a@b.c&to=d@e.f"} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		err := sendOne(ctx, t, &Sender{}, address)
		cancel()
		if err == nil || !strings.HasSuffix(err.Error(), ": did not answer in time") {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestTime(t *testing.T) {
	const early, late = "notify $<URL> (https): answered HTTP 503", "notify $<URL> (https): did not answer in time"
	for name, c := range map[string]struct {
		answers
		want     string
		calls    int
		min, max time.Duration
	}{
		"all tries":           {answers{statuses: []int{503}}, early, tries, 3 * time.Second, MaxDelay},
		"hangs":               {answers{statuses: []int{0}}, late, 1, MaxDelay, MaxDelay},
		"fails, then hangs":   {answers{statuses: []int{503, 0}}, late, 2, MaxDelay, MaxDelay},
		"asks for 3 s":        {answers{statuses: []int{429, 200}, after: 3}, "", 2, 3 * time.Second, 3 * time.Second},
		"asks for too much":   {answers{statuses: []int{503}, after: 60}, early, 1, 0, 0},
		"a no stays a no":     {answers{statuses: []int{410}}, "notify $<URL> (https): answered HTTP 410", 1, 0, 0},
		"told at once":        {answers{statuses: []int{200}}, "", 1, 0, 0},
		"told at the 2nd try": {answers{statuses: []int{500, 202}}, "", 2, firstWait, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				err := sendOne(t.Context(), t, &Sender{Transport: &c.answers}, "https://hooks.example.com/"+secretPath)
				if (c.want == "") != (err == nil) || err != nil && err.Error() != c.want {
					t.Errorf("%v, want %q", err, c.want)
				}
				if took := time.Since(begin); took < c.min || took > c.max {
					t.Errorf("took %v, want %v to %v", took, c.min, c.max)
				}
				if c.calls != c.answers.calls {
					t.Errorf("%d calls, want %d", c.answers.calls, c.calls)
				}
			})
		})
	}
}

func TestCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	a := &answers{statuses: []int{200}}
	err := sendOne(ctx, t, &Sender{Transport: a}, "https://hooks.example.com/"+secretPath)
	if err == nil || err.Error() != "notify $<URL> (https): no time was left to tell it" || a.calls != 0 {
		t.Errorf("%v after %d calls", err, a.calls)
	}
}

// TestServices tells by services that can be pointed at loopback.
func TestServices(t *testing.T) {
	title, text := someEvent().Title(), someEvent().Text()
	for _, address := range []string{
		"generic+http://HOST/" + secretPath, "ntfy://HOST/" + secretPath + "?scheme=http", "mattermost://HOST/" + secretPath + "?disabletls=yes",
	} {
		srv := serve(t, 200)
		err := sendOne(t.Context(), t, &Sender{}, strings.Replace(address, "HOST", srv.host(), 1))
		got := strings.Join(srv.got(), "")
		if !strings.Contains(got, strings.Split(text, "\n")[2]) || !strings.Contains(got, "12 failed") || strings.Contains(got, "345") {
			t.Errorf("%s: %v, got %s", address, err, got)
		}
		if strings.HasPrefix(address, "ntfy") && srv.heads[0].Get("Title") != title {
			t.Errorf("title %q", srv.heads[0].Get("Title"))
		}
	}
	for _, address := range []string{"generic+http://HOST/" + secretPath, "ntfy://HOST/" + secretPath + "?scheme=http"} {
		srv := serve(t, 403)
		err := sendOne(t.Context(), t, &Sender{}, strings.Replace(address, "HOST", srv.host(), 1))
		if err == nil || !strings.HasSuffix(err.Error(), "): answered HTTP 403") || len(srv.got()) != 1 {
			t.Errorf("%s: %v after %d", address, err, len(srv.got()))
		}
	}
}

func TestTeamsCard(t *testing.T) {
	a, err := teamsCard(someEvent())
	if err != nil {
		t.Fatal(err)
	}
	var card struct {
		Type        string
		Attachments []struct {
			ContentType string
			Content     struct {
				Type string
				Body []struct{ Type, Text string }
			}
		}
	}
	if err := json.Unmarshal(a, &card); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, block := range card.Attachments[0].Content.Body {
		lines = append(lines, block.Text)
	}
	if diff := cmp.Diff(someEvent().Text(), strings.Join(lines, "\n")); diff != "" {
		t.Error(diff)
	}
	if card.Type != "message" || card.Attachments[0].ContentType != "application/vnd.microsoft.card.adaptive" {
		t.Errorf("%s", a)
	}
}
