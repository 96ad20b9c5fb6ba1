package whatsapp_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"waybill/whatsapp"
)

// shared returns a path of the facts beside the repository, and skips where they are not.
func shared(t *testing.T, parts ...string) string {
	t.Helper()
	path := filepath.Join(append([]string{"..", "..", "shared"}, parts...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("the facts beside the repository are not there: %v", err)
	}
	return path
}

func answered(t *testing.T, status int, header http.Header, body string) *whatsapp.Error {
	t.Helper()
	c, err := whatsapp.New(whatsapp.Config{
		Token: testToken,
		Transport: carrier{func(*http.Request, []byte) (*http.Response, error) {
			response := reply(status, "application/json", body)
			maps.Copy(response.Header, header)
			return response, nil
		}},
		Now: func() time.Time { return time.Date(2026, 3, 25, 9, 0, 0, 0, time.UTC) },
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Send(t.Context(), "1", plain("x"), whatsapp.Gate{})
	return failureOf(t, err)
}

func TestErrorReadsTheEnvelope(t *testing.T) {
	got := answered(t, 400, nil, `{"error":{"message":"(#131030) Recipient phone number not in allowed list","type":"OAuthException","code":131030,
		"error_data":{"messaging_product":"whatsapp","details":"Add it to the list"},"error_subcode":2655007,"fbtrace_id":"A1b2"}}`)
	want := whatsapp.Error{
		Op: "send a message", Status: 400, Graph: true, Code: 131030, Subcode: 2655007, Title: "Recipient not in allowed list (test number)",
		Message: "(#131030) Recipient phone number not in allowed list", Details: "Add it to the list", Type: "OAuthException", TraceID: "A1b2", Sent: true,
	}
	if *got != want {
		t.Errorf("got %+v\nwant %+v", *got, want)
	}
	if text, want := got.Error(), "send a message: WhatsApp error 131030/2655007, Recipient not in allowed list (test number): Add it to the list (trace A1b2)"; text != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
}

func TestOddEnvelopes(t *testing.T) {
	for _, test := range []struct {
		name, body string
		graph      bool
		code       int
		details    string
	}{
		{"code 0 is a code", `{"error":{"code":0,"message":"x"}}`, true, 0, ""},
		{"no code", `{"error":{"message":"x"}}`, false, 0, ""},
		{"code as text", `{"error":{"code":"190"}}`, true, 190, ""},
		{"code as fraction", `{"error":{"code":1.5}}`, false, 0, ""},
		{"data as text", `{"error":{"code":100,"error_data":"why"}}`, true, 100, "why"},
		{"data as list", `{"error":{"code":100,"error_data":[1],"message":7,"fbtrace_id":{}}}`, true, 100, ""},
		{"user text", `{"error":{"code":100,"error_user_title":"T","error_user_msg":"why"}}`, true, 100, "why"},
		{"error as text", `{"error":"invalid_request"}`, false, 0, ""},
		{"null", `{"error":null}`, false, 0, ""},
		{"list", `[{"error":{"code":1}}]`, false, 0, ""},
		{"empty", ``, false, 0, ""},
	} {
		got := answered(t, 400, nil, test.body)
		if got.Graph != test.graph || got.Code != test.code || got.Details != test.details {
			t.Errorf("%s: got %+v", test.name, got)
		}
	}
}

func TestErrorText(t *testing.T) {
	token := canary
	for _, test := range []struct {
		status     int
		kind, body string
		want       string
	}{
		{502, "text/html; charset=utf-8", "<html>secret page\n</html>", "send a message: answered HTTP 502 with a text/html page"},
		{502, "", "oops", "send a message: answered HTTP 502 with a non-JSON page"},
		{500, "application/json", `{"oops":1}`, "send a message: answered HTTP 500 without an error that can be read"},
		{503, "text/html", "", "send a message: answered HTTP 503 without an error that can be read"},
		{200, "application/json", `{"messages":[]}`, "send a message: answered HTTP 200, but the answer holds no message id"},
		{302, "text/html", "", "send a message: answered HTTP 302, a redirect, which is never followed: check the base address"},
		{401, "application/json", `{"error":{"code":190,"message":"Malformed access token ` + token + `"}}`, "send a message: WhatsApp error 190, Access token expired or invalid: Malformed access token [redacted]"},
		{400, "application/json", `{"error":{"code":987654,"message":"two\nlines\u202e\u0000"}}`, "send a message: WhatsApp error 987654: two lines  "},
	} {
		got := answered(t, test.status, http.Header{"Content-Type": {test.kind}}, test.body).Error()
		if got != test.want {
			t.Errorf("got  %q\nwant %q", got, test.want)
		}
	}
	long := answered(t, 400, nil, `{"error":{"code":1,"message":"`+strings.Repeat("é", 100_000)+`"}}`)
	if n := len(long.Error()); n > 5000 {
		t.Errorf("a message of %d bytes", n)
	}
}

func TestRetryAfter(t *testing.T) {
	for _, test := range []struct {
		value, date string
		want        time.Duration
	}{
		{"", "", 0},
		{"5", "", 5 * time.Second},
		{" 0 ", "", 0},
		{"-3", "", 0},
		{"1.5", "", 1500 * time.Millisecond},
		{"99999999999999999999", "", 24 * time.Hour},
		{"NaN", "", 0},
		{"soon", "", 0},
		{"Wed, 25 Mar 2026 09:00:30 GMT", "", 30 * time.Second},
		{"Wed, 25 Mar 2026 08:00:00 GMT", "", 0},
		{"Wed, 25 Mar 2026 12:00:30 GMT", "Wed, 25 Mar 2026 12:00:00 GMT", 30 * time.Second},
	} {
		header := http.Header{"Retry-After": {test.value}}
		if test.date != "" {
			header.Set("Date", test.date)
		}
		if got := answered(t, 429, header, "").RetryAfter; got != test.want {
			t.Errorf("%q: got %s, want %s", test.value, got, test.want)
		}
	}
}

func TestTraceFromHeader(t *testing.T) {
	for _, header := range []string{"X-Fb-Trace-Id", "X-Fb-Request-Id"} {
		if got := answered(t, 502, http.Header{header: {"Zz9"}}, "").TraceID; got != "Zz9" {
			t.Errorf("%s: got %q", header, got)
		}
	}
}

// corrected are the codes of which later facts say more than the first table, and those whose words it has for whoever writes a program,
// where ours are for whoever reads that a message failed.
func corrected() []int {
	return []int{0, 190, 368, 131026, 131031, 131042, 131044, 131047, 131049, 131062, 131063, 132015, 132018, 135000}
}

// The table holds each row of the facts, and a code's class holds under any HTTP status.
func TestCodes(t *testing.T) {
	raw, err := os.ReadFile(shared(t, "whatsapp-errors.json"))
	if err != nil {
		t.Fatal(err)
	}
	var rows []struct {
		Code             int
		CodeMax          int `json:"code_max"`
		HTTP             *int
		Title            string
		Class            whatsapp.Class
		Retry            string
		Delivery, Action string
	}
	if err := json.Unmarshal(raw, &rows); err != nil {
		t.Fatal(err)
	}
	if got := len(whatsapp.Codes()); got < len(rows) {
		t.Errorf("the program has %d codes, the facts %d", got, len(rows))
	}
	for _, row := range rows {
		t.Run(fmt.Sprint(row.Code), func(t *testing.T) {
			code, ok := whatsapp.Explain(row.Code)
			same := code.Title == row.Title && code.Delivery == row.Delivery && code.Action == row.Action
			if !ok || code.Class != row.Class || code.Retry != row.Retry || same == slices.Contains(corrected(), row.Code) {
				t.Fatalf("got %+v", code)
			}
			if row.HTTP != nil && code.HTTP != *row.HTTP {
				t.Errorf("HTTP %d, want %d", code.HTTP, *row.HTTP)
			}
			if row.CodeMax != 0 {
				if last, ok := whatsapp.Explain(row.CodeMax); !ok || last.Code != row.Code {
					t.Errorf("the end of the range: %+v", last)
				}
			}
			for _, status := range []int{200, 400, 401, 403, 404, 422, 429, 500, 503} {
				e := &whatsapp.Error{Status: status, Graph: true, Code: row.Code, Sent: true, Transient: true}
				if e.Class() != row.Class {
					t.Errorf("under HTTP %d: class %v", status, e.Class())
				}
				if got, want := e.Throttled(), slices.Contains([]int{4, 17, 341, 80007, 130429}, row.Code); got != want {
					t.Errorf("under HTTP %d: throttled %t, want %t", status, got, want)
				}
			}
		})
	}
}

// What was added since has a class, a way and a remedy too; the ends of a range stand for it.
func TestCodesSince2026(t *testing.T) {
	for _, row := range []struct {
		first, last     int
		class           whatsapp.Class
		retry, delivery string
	}{
		{613, 613, whatsapp.ClassBackoff, whatsapp.RetryBackoff, "sync"},
		{131020, 131020, whatsapp.ClassRequest, whatsapp.RetryNever, "both"},
		{131041, 131041, whatsapp.ClassRequest, whatsapp.RetryNever, "both"},
		{131042, 131042, whatsapp.ClassAccount, whatsapp.RetryNever, "both"},
		{131044, 131044, whatsapp.ClassAccount, whatsapp.RetryNever, "sync"},
		{131059, 131059, whatsapp.ClassRequest, whatsapp.RetryNever, "both"},
		{131061, 131061, whatsapp.ClassRequest, whatsapp.RetryNever, "sync"},
		{131062, 131062, whatsapp.ClassRequest, whatsapp.RetryNever, "sync"},
		{131065, 131065, whatsapp.ClassRecipient, whatsapp.RetryNever, "sync"},
		{131070, 131070, whatsapp.ClassPolicy, whatsapp.RetryNever, "sync"},
		{131201, 131202, whatsapp.ClassRequest, whatsapp.RetryNever, "both"},
		{131204, 131204, whatsapp.ClassRequest, whatsapp.RetryNever, "both"},
		{131207, 131215, whatsapp.ClassRequest, whatsapp.RetryNever, "both"},
		{132015, 132015, whatsapp.ClassTemplate, whatsapp.RetryNever, "both"},
		{132021, 132021, whatsapp.ClassRequest, whatsapp.RetryNever, "async"},
		{135000, 135000, whatsapp.ClassRequest, whatsapp.RetryNever, "both"},
		{138000, 138018, whatsapp.ClassRequest, whatsapp.RetryNever, "sync"},
		{138038, 138038, whatsapp.ClassRequest, whatsapp.RetryNever, "sync"},
		{139000, 139004, whatsapp.ClassRequest, whatsapp.RetryNever, "sync"},
		{139100, 139103, whatsapp.ClassRequest, whatsapp.RetryNever, "sync"},
		{139200, 139200, whatsapp.ClassAccount, whatsapp.RetryNever, "sync"},
		{147001, 147005, whatsapp.ClassRequest, whatsapp.RetryNever, "sync"},
		{2388012, 2388012, whatsapp.ClassRequest, whatsapp.RetryNever, "sync"},
		{2388091, 2388091, whatsapp.ClassRequest, whatsapp.RetryNever, "sync"},
		{2388093, 2388093, whatsapp.ClassRequest, whatsapp.RetryNever, "sync"},
		{2388103, 2388103, whatsapp.ClassRequest, whatsapp.RetryNever, "sync"},
		{2388318, 2388318, whatsapp.ClassRequest, whatsapp.RetryNever, "sync"},
		{2388330, 2388330, whatsapp.ClassRequest, whatsapp.RetryNever, "sync"},
		{2494100, 2494100, whatsapp.ClassRequest, whatsapp.RetryNever, "sync"},
		{2494164, 2494179, whatsapp.ClassRequest, whatsapp.RetryNever, "sync"},
		{2494191, 2494191, whatsapp.ClassRequest, whatsapp.RetryNever, "sync"},
	} {
		for _, number := range []int{row.first, row.last} {
			code, ok := whatsapp.Explain(number)
			if !ok || code.Class != row.class || code.Retry != row.retry || code.Delivery != row.delivery || code.Title == "" || code.Action == "" {
				t.Errorf("%d: %+v", number, code)
			}
		}
	}
}

func TestClassOtherwise(t *testing.T) {
	for _, test := range []struct {
		e         whatsapp.Error
		class     whatsapp.Class
		throttled bool
	}{
		{whatsapp.Error{Status: 400, Graph: true, Code: 999999}, whatsapp.ClassRequest, false},
		{whatsapp.Error{Status: 401, Graph: true, Code: 999999}, whatsapp.ClassAuth, false},
		{whatsapp.Error{Status: 404, Graph: true, Code: 999999}, whatsapp.ClassRequest, false},
		{whatsapp.Error{Status: 429, Graph: true, Code: 999999}, whatsapp.ClassSlow, true},
		{whatsapp.Error{Status: 500, Graph: true, Code: 999999}, whatsapp.ClassBackoff, false},
		{whatsapp.Error{Status: 400, Graph: true, Code: 999999, Transient: true}, whatsapp.ClassBackoff, false},
		{whatsapp.Error{Status: 400}, whatsapp.ClassRequest, false},
		{whatsapp.Error{Status: 401}, whatsapp.ClassAuth, false},
		{whatsapp.Error{Status: 403}, whatsapp.ClassPermission, false},
		{whatsapp.Error{Status: 429}, whatsapp.ClassSlow, true},
		{whatsapp.Error{Status: 500}, whatsapp.ClassBackoff, false},
		{whatsapp.Error{Status: 200}, whatsapp.ClassBackoff, false},
		{whatsapp.Error{}, whatsapp.ClassBackoff, false},
	} {
		if got := test.e.Class(); got != test.class || test.e.Throttled() != test.throttled {
			t.Errorf("%+v: class %s, throttled %t", test.e, got, test.e.Throttled())
		}
	}
}

func TestTokenNeverShows(t *testing.T) {
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", slog.Any("token", testToken), slog.Any("config", whatsapp.Config{Token: testToken}))
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", slog.Any("token", testToken), slog.Any("config", whatsapp.Config{Token: testToken}))
	asJSON, err := json.Marshal(map[whatsapp.AccessToken]any{testToken: struct{ T whatsapp.AccessToken }{testToken}})
	if err != nil {
		t.Fatal(err)
	}
	log.Write(asJSON)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%10.3s", "%T %v"} {
		fmt.Fprintf(&log, verb, testToken)
		fmt.Fprintf(&log, verb, whatsapp.Config{Token: testToken})
		fmt.Fprintf(&log, verb, &struct{ T whatsapp.AccessToken }{testToken})
		fmt.Fprintf(&log, verb, struct{ t whatsapp.AccessToken }{testToken})
		fmt.Fprintf(&log, verb, withTransport(t, carrier{}))
		fmt.Fprintf(&log, verb, dialled(t, "https://example.com"))
	}
	if strings.Contains(log.String(), "canary") || strings.Contains(strings.ToLower(log.String()), fmt.Sprintf("%x", "canary")) || !strings.Contains(log.String(), "[redacted]") {
		t.Errorf("the token shows: %s", log.String())
	}
}

func TestNewRefuses(t *testing.T) {
	for _, test := range []struct {
		base, token string
		ok          bool
	}{
		{"", "t", true},
		{"https://graph.facebook.com/v23.0", "t", true},
		{"http://127.0.0.1:9090/v23.0", "t", true},
		{"http://[::1]:9090", "t", true},
		{"http://localhost:9090", "t", true},
		{"http://graph.facebook.com/v23.0", "t", false},
		{"http://127.0.0.1.example.com", "t", false},
		{"http://localhost.example.com", "t", false},
		{"http://192.168.1.2", "t", false},
		{"ftp://example.com", "t", false},
		{"graph.facebook.com/v23.0", "t", false},
		{"https://", "t", false},
		{"https://user:secret@example.com", "t", false},
		{"https://example.com?access_token=secret", "t", false},
		{"https://exa mple.com/secret", "t", false},
		{"", "", false},
		{"", "secret\n", false},
		{"", "sec ret", false},
	} {
		_, err := whatsapp.New(whatsapp.Config{BaseURL: test.base, Token: whatsapp.Token(test.token)})
		if (err == nil) != test.ok {
			t.Errorf("%q, %q: got %v", test.base, test.token, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("it shows a secret: %v", err)
		}
	}
}

// Ranges do not overlap, and each row says all that explain shows.
func TestTheTableOfCodesIsWhole(t *testing.T) {
	last := -1
	for _, c := range whatsapp.Codes() {
		if c.Code <= last || c.CodeMax < c.Code {
			t.Errorf("%d to %d overlaps %d", c.Code, c.CodeMax, last)
		}
		last = c.CodeMax
		if c.Title == "" || c.Action == "" || !slices.Contains([]string{"sync", "async", "both"}, c.Delivery) ||
			!slices.Contains([]string{whatsapp.RetryNever, whatsapp.RetryBackoff, whatsapp.RetrySlow}, c.Retry) {
			t.Errorf("%+v", c)
		}
	}
	for _, code := range []int{613, 131044, 131061, 131065, 131070, 131210, 132021, 138003, 138038, 139001, 139102, 139200, 147005, 2494170} {
		if _, known := whatsapp.Explain(code); !known {
			t.Errorf("%d is not known", code)
		}
	}
}
