package dashboard_test

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"

	"waybill/engine/dashboard"
)

func from(local string) func(*http.Request) {
	return func(r *http.Request) {
		at := net.Addr(&net.TCPAddr{IP: net.ParseIP(local), Port: 8080})
		*r = *r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, at))
	}
}

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func host(name string) func(*http.Request) { return func(r *http.Request) { r.Host = name } }

func TestWithoutToken(t *testing.T) {
	h := dashboard.New(demoOptions(demo()))
	for _, tc := range []struct {
		name   string
		change func(*http.Request)
		want   int
	}{
		{"loopback", from("127.0.0.1"), 200},
		{"IPv6 loopback", from("::1"), 200},
		{"from beyond", from("192.168.1.7"), 403},
		{"localhost", host("localhost:8080"), 200},
		{"localhost as written", host("LocalHost."), 200},
		{"under localhost", host("waybill.localhost:80"), 200},
		{"IPv6", host("[::1]:8080"), 200},
		{"another loopback", host("127.0.0.2"), 200},
		{"rebound name", host("evil.example:8080"), 403},
		{"name that begins well", host("127.0.0.1.evil.example"), 403},
		{"name that ends badly", host("evil-localhost"), 403},
		{"no name", host(""), 403},
		{"address of the network", host("192.168.1.7:8080"), 403},
		{"tunnel", header("X-Forwarded-For", "203.0.113.9"), 403},
		{"proxy", header("Forwarded", "for=203.0.113.9"), 403},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := get(t, h, "/runs/last", tc.change)
			if w.Code != tc.want {
				t.Fatalf("status %d, want %d", w.Code, tc.want)
			}
			if tc.want == 403 {
				lacks(t, w.Body.String(), "order-confirmation", "/inbox")
				contains(t, w.Body.String(), "--dashboard-token")
			}
		})
	}
}

func TestToken(t *testing.T) {
	o := demoOptions(demo())
	o.Token = "correct horse"
	h := dashboard.New(o)
	beyond := func(r *http.Request) { from("192.168.1.7")(r); r.Host = "waybill.example" }

	for name, change := range map[string]func(*http.Request){
		"nothing":         func(*http.Request) {},
		"wrong bearer":    header("Authorization", "Bearer correct hors"),
		"other scheme":    header("Authorization", "Basic correct horse"),
		"empty bearer":    header("Authorization", "Bearer "),
		"wrong cookie":    header("Cookie", "waybill_dashboard=1234"),
		"token as cookie": header("Cookie", "waybill_dashboard=correct horse"),
	} {
		w := get(t, h, "/runs/last", beyond, change)
		if w.Code != http.StatusUnauthorized {
			t.Errorf("%s: status %d", name, w.Code)
		}
		lacks(t, w.Body.String(), "order-confirmation", "not the token")
	}
	if w := get(t, h, "/?token=wrong", beyond); w.Code != http.StatusUnauthorized ||
		!strings.Contains(w.Body.String(), "That was not the token") {
		t.Errorf("status %d", w.Code)
	}
	if w := get(t, h, "/runs/last", beyond, header("Authorization", "bearer correct horse")); w.Code != http.StatusOK {
		t.Errorf("bearer: status %d", w.Code)
	}

	w := get(t, h, "/runs/last/deliveries?q=A-1&token=correct+horse", beyond)
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/runs/last/deliveries?q=A-1" {
		t.Fatalf("status %d, Location %q", w.Code, w.Header().Get("Location"))
	}
	cookies := w.Result().Cookies()
	if len(cookies) != 1 || !cookies[0].HttpOnly || cookies[0].SameSite != http.SameSiteLaxMode ||
		strings.Contains(cookies[0].Value, "horse") || cookies[0].Secure {
		t.Fatalf("cookies %v", cookies)
	}
	if w := get(t, h, "/runs/last", beyond, func(r *http.Request) { r.AddCookie(cookies[0]) }); w.Code != http.StatusOK {
		t.Errorf("cookie: status %d", w.Code)
	}
	if w := get(t, h, "/?token=correct+horse", beyond, header("X-Forwarded-Proto", "https")); !w.Result().Cookies()[0].Secure {
		t.Error("the cookie would travel in the clear")
	}
	o.Token = "another"
	if w := get(t, dashboard.New(o), "/", beyond, func(r *http.Request) { r.AddCookie(cookies[0]) }); w.Code != http.StatusUnauthorized {
		t.Errorf("an old token's cookie: status %d", w.Code)
	}
}

func TestTokenRedirectsNowhereElse(t *testing.T) {
	o := demoOptions(demo())
	o.Token = "t"
	h := dashboard.New(o)
	for _, path := range []string{"//evil.example/", "/\\evil.example/", "/%2f%2fevil.example"} {
		w := get(t, h, "/", func(r *http.Request) {
			r.URL.Path = strings.NewReplacer("%2f", "/").Replace(path)
			r.URL.RawQuery = "token=t"
		})
		if to := w.Header().Get("Location"); strings.HasPrefix(to, "//") || strings.HasPrefix(to, `/\`) || strings.Contains(to, ":") {
			t.Errorf("%s leads to %q", path, to)
		}
	}
}

func TestGuard(t *testing.T) {
	o := demoOptions(demo())
	inner := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("figures")) })
	h := dashboard.Guard(o, inner)
	if w := get(t, h, "/metrics"); w.Body.String() != "figures" {
		t.Errorf("status %d", w.Code)
	}
	if w := get(t, h, "/metrics", host("evil.example")); w.Code != http.StatusForbidden {
		t.Errorf("status %d", w.Code)
	}
	o.Token = "t"
	h = dashboard.Guard(o, inner)
	if w := get(t, h, "/metrics", host("waybill.example")); w.Code != http.StatusUnauthorized {
		t.Errorf("status %d", w.Code)
	}
	if w := get(t, h, "/metrics", host("waybill.example"), header("Authorization", "Bearer t")); w.Body.String() != "figures" {
		t.Errorf("status %d", w.Code)
	}
}
