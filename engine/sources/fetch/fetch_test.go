package fetch_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"waybill/engine/sources/fetch"
)

func TestParse(t *testing.T) {
	for address, want := range map[string]string{
		"https://files.example.org/a.csv": "",
		"http://127.0.0.1:8080/a.csv":     "",
		"http://[::1]/a.csv":              "",
		"http://localhost/a.csv":          "",
		"http://files.example.org/a.csv":  "is not encrypted: it has to begin with https://",
		"file:///etc/passwd":              "is no address",
		"ftp://files.example.org/a.csv":   "begins with ftp://, and only https:// is fetched",
		"files.example.org/a.csv":         "is no address",
		"https://:443/a":                  "is no address",
		"https://a b/":                    "is no address",
	} {
		_, err := fetch.Parse(address)
		if (err == nil) != (want == "") || err != nil && !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: got %v", address, err)
		}
	}
}

// world is a server, and another one.
func world(t *testing.T) (here, there *httptest.Server) {
	t.Helper()
	there = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "elsewhere") }))
	mux := http.NewServeMux()
	mux.HandleFunc("/ok", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Last-Modified", "Wed, 25 Mar 2026 09:00:00 GMT")
		fmt.Fprintf(w, "id\n%s\n", r.UserAgent())
	})
	mux.HandleFunc("/html", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, "<html>log in")
	})
	mux.HandleFunc("/gone", http.NotFound)
	mux.Handle("/near", http.RedirectHandler("/ok", http.StatusFound))
	mux.Handle("/far", http.RedirectHandler(there.URL+"/x", http.StatusFound))
	mux.Handle("/round", http.RedirectHandler("/round", http.StatusFound))
	mux.HandleFunc("/cut", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		fmt.Fprint(w, "id\n")
	})
	mux.HandleFunc("/untold", func(w http.ResponseWriter, r *http.Request) { // as a program of HTTP/1.0 answers, and one that dies
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nid,phone\n1,+4366%s", r.URL.Query().Get("rest"))
			_ = conn.Close()
		}
	})
	mux.HandleFunc("/big", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, strings.Repeat("x", 1<<20+1)) })
	here = httptest.NewServer(mux)
	t.Cleanup(func() { here.Close(); there.Close() })
	return here, there
}

func TestGet(t *testing.T) {
	here, there := world(t)
	o := fetch.Options{Allow: []string{strings.TrimPrefix(here.URL, "http://")}, UserAgent: "waybill/test", MaxBytes: 1 << 20, Lines: true}
	var out strings.Builder
	modified, err := fetch.Get(t.Context(), here.URL+"/ok?token=secret", o, &out)
	if err != nil || out.String() != "id\nwaybill/test\n" || !modified.Equal(time.Date(2026, 3, 25, 9, 0, 0, 0, time.UTC)) {
		t.Errorf("got %q, %v, %v", out.String(), modified, err)
	}
	out.Reset()
	if _, err := fetch.Get(t.Context(), here.URL+"/near", o, &out); err != nil || !strings.HasPrefix(out.String(), "id") {
		t.Errorf("a redirect on the host: %q, %v", out.String(), err)
	}
	for _, rest := range []string{"41234567%0A", "41234567%0D", "4%0A%00"} {
		if _, err := fetch.Get(t.Context(), here.URL+"/untold?rest="+rest, o, &out); err != nil {
			t.Errorf("a last line that is ended by %s: %v", rest, err)
		}
	}
	for path, want := range map[string]string{
		"/html": "it answered with a web page", "/gone": "it answered 404 Not Found", "/round": "it redirects more than 5 times",
		"/far": "it redirects to " + there.URL, "/cut": "it broke off after 3 bytes", "/big": "it is larger than 1 MiB",
		"/untold": "the server does not say how long it is, and after 16 bytes it ends in the middle of a line",
	} {
		if _, err := fetch.Get(t.Context(), here.URL+path+"?token=s3cret", o, &strings.Builder{}); err == nil || !strings.HasPrefix(err.Error(), want) ||
			strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: got %v", path, err)
		}
	}
	if _, err := fetch.Get(t.Context(), "https://127.0.0.1:1/x?token=s3cret", fetch.Options{Allow: []string{"127.0.0.1:1"}}, &out); err == nil ||
		strings.Contains(err.Error(), "s3cret") || !strings.Contains(err.Error(), "refused") {
		t.Errorf("got %v", err)
	}
}

func TestHostsAreAllowedByName(t *testing.T) {
	here, _ := world(t)
	host := strings.TrimPrefix(here.URL, "http://")
	port := host[strings.LastIndex(host, ":"):]
	for _, tt := range []struct {
		address string
		allow   []string
		refused string // the host that would have to be allowed; empty: it is fetched
	}{
		{here.URL + "/ok", nil, host},
		{here.URL + "/ok", []string{"127.0.0.1"}, host}, // another port
		{here.URL + "/ok", []string{host}, ""},
		{"http://localhost" + port + "/ok", []string{host}, "localhost" + port},
		{"http://localhost" + port + "/ok", []string{"LOCALHOST" + port}, ""},
		{"https://example.org:443/", []string{"other.org"}, "example.org"},
	} {
		_, err := fetch.Get(t.Context(), tt.address, fetch.Options{Allow: tt.allow}, &strings.Builder{})
		refused, ok := errors.AsType[*fetch.NotAllowedError](err)
		if ok != (tt.refused != "") || ok && refused.Host != tt.refused || !ok && err != nil {
			t.Errorf("%s with %v: got %v", tt.address, tt.allow, err)
		}
	}
}
