package whatsapp_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"waybill/whatsapp"
)

// documented serves a case and holds the request to it.
func documented(t *testing.T, operation, name string) *whatsapp.Client {
	t.Helper()
	c := readGraph(t, operation, name)
	path := strings.NewReplacer("{phone-number-id}", "106540352242922", "{waba-id}", "102290129340398").Replace(c.Request.Path)
	return client(t, func(r *http.Request, _ []byte) (*http.Response, error) {
		if r.Method != c.Request.Method || r.URL.Path != "/proxy/v23.0"+path {
			t.Errorf("%s %s, want %s %s", r.Method, r.URL.Path, c.Request.Method, path)
		}
		if diff := cmp.Diff(c.Request.Query, queryOf(r.URL)); diff != "" {
			t.Errorf("the query differs (-want +got):\n%s", diff)
		}
		return reply(c.Response.Status, "application/json", string(c.Response.Body)), nil
	})
}

const historyID = "wamid.HBgLMTY0NzM3Nzc3NzUVAgARGBI5QTNEQTA2RjdGMEY4RTRGAA=="

func TestMessageHistory(t *testing.T) {
	got, err := documented(t, "getStatus", "history").MessageHistory(t.Context(), "106540352242922", historyID)
	event := func(id, status string, seconds int64) whatsapp.HistoryEvent {
		return whatsapp.HistoryEvent{
			ID: id, Status: status, Timestamp: time.Unix(seconds, 0).UTC(), WebhookState: "DELIVERED",
			WebhookURI: "https://example.com/webhook", AppID: "9876543210987654",
		}
	}
	want := []whatsapp.HistoryEntry{{ID: "1234567890123456", MessageID: historyID, Events: []whatsapp.HistoryEvent{
		event("2345678901234567", "sent", 1640995200), event("3456789012345678", "delivered", 1640995260), event("4567890123456789", "read", 1640995320),
	}}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
	got, err = documented(t, "getStatus", "history_other_words").MessageHistory(t.Context(), "106540352242922", historyID)
	if err != nil || got[0].Events[0].Status != "accepted" || got[0].Events[1].Status != "failed" {
		t.Errorf("got %+v, %v", got, err)
	}
	_, err = documented(t, "getStatus", "history_unknown_message").MessageHistory(t.Context(), "106540352242922", historyID)
	if failure := failureOf(t, err); failure.Code != 100 || failure.Status != 422 || failure.ObjectMissing() {
		t.Errorf("got %+v", failure)
	}
	if _, err = client(t, nil).MessageHistory(t.Context(), "1", ""); !errors.Is(err, whatsapp.ErrUnsendable) {
		t.Errorf("got %v", err)
	}
}

// Entries of other messages are not this one's, and the edge's own shape is read too.
func TestMessageHistoryOfOthers(t *testing.T) {
	c := client(t, func(*http.Request, []byte) (*http.Response, error) {
		return reply(200, "application/json", `{"data":[{"id":"1","message_id":"wamid.other","events":{"data":[{"id":"2","delivery_status":"READ","timestamp":1}]}},
			{"id":3,"message_id":"wamid.1","events":{"data":[{"cursor":"c","node":{"id":"4","delivery_status":"FAILED","error_description":"no","occurrence_timestamp":"1640995200"}}]}}]}`), nil
	})
	got, err := c.MessageHistory(t.Context(), "1", "wamid.1")
	if err != nil || len(got) != 1 || got[0].ID != "3" || got[0].Events[0].Status != "failed" || got[0].Events[0].Timestamp.Unix() != 1640995200 || got[0].Events[0].ErrorDescription != "no" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestAnalytics(t *testing.T) {
	q := whatsapp.AnalyticsQuery{Start: time.Unix(1685602800, 0), End: time.Unix(1688194800, 0)}
	full := q
	full.Granularity, full.PhoneNumbers, full.MetricTypes = "MONTHLY", []string{"15550458206"}, []string{"COST", "CONVERSATION"}
	full.Dimensions = []string{"CONVERSATION_CATEGORY", "PHONE"}
	got, err := documented(t, "listConversations", "conversations").ConversationAnalytics(t.Context(), "102290129340398", full)
	point := func(count int64, category string, cost json.Number) whatsapp.AnalyticsPoint {
		return whatsapp.AnalyticsPoint{Start: q.Start.UTC(), End: q.End.UTC(), Count: count, Cost: cost, PhoneNumber: "15550458206", Category: category}
	}
	want := whatsapp.Analytics{Points: []whatsapp.AnalyticsPoint{point(1558, "AUTHENTICATION", "15.58"), point(2636, "MARKETING", "26.36")}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
	if cost, told := got.Cost(); got.Total() != 4194 || cost != 41.94 || !told {
		t.Errorf("got %d, %g, %t", got.Total(), cost, told)
	}
	got, err = documented(t, "listConversations", "without_outer_key").ConversationAnalytics(t.Context(), "102290129340398", q)
	if err != nil || got.Total() != 8500 || len(got.Points) != 1 {
		t.Errorf("got %+v, %v", got, err)
	}
	pricing := q
	pricing.Countries, pricing.Dimensions = []string{"US"}, []string{"COUNTRY", "PRICING_CATEGORY", "TIER"}
	got, err = documented(t, "listConversations", "pricing").PricingAnalytics(t.Context(), "102290129340398", pricing)
	if p := got.Points; err != nil || len(p) != 1 || p[0].Count != 12 || p[0].Country != "US" || p[0].Tier != "0:750000" || p[0].Type != "REGULAR" || p[0].Category != "UTILITY" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestAnalyticsOddAnswers(t *testing.T) {
	for body, want := range map[string]string{
		`{"id":"1"}`:                             "absent",
		`{"conversation_analytics":{"data":[]}}`: "0",
		`{"conversation_analytics":{"data_points":[{"conversation":"3"}]}}`: "3",
		`{"conversation_analytics":[]}`:                                     "error",
		`[]`:                                                                "error",
	} {
		c := client(t, func(*http.Request, []byte) (*http.Response, error) { return reply(200, "application/json", body), nil })
		got, err := c.ConversationAnalytics(t.Context(), "1", whatsapp.AnalyticsQuery{})
		text := fmt.Sprint(got.Total())
		if got.Absent {
			text = "absent"
		}
		if err != nil {
			_ = failureOf(t, err)
			text = "error"
		}
		if text != want {
			t.Errorf("%s: got %s, want %s", body, text, want)
		}
	}
	if _, err := client(t, nil).PricingAnalytics(t.Context(), "1", whatsapp.AnalyticsQuery{Granularity: "DAILY).x("}); !errors.Is(err, whatsapp.ErrUnsendable) {
		t.Errorf("got %v", err)
	}
}

func TestTemplatesPageByPage(t *testing.T) {
	pages := map[string]string{
		"":   `{"data":[{"name":"a","language":"es","status":"APPROVED"}],"paging":{"cursors":{"after":"p2"},"next":"https://graph.facebook.com/x?access_token=T&after=p2"}}`,
		"p2": `{"data":[],"paging":{"next":"https://graph.facebook.com/x?access_token=T&after=p%203"}}`,
		"p 3": `{"data":[{"id":9007199254740993,"name":"a","language":"en_US","status":"PAUSED","category":"MARKETING","parameter_format":"NAMED","quality_score":{"score":"GREEN"},
			"components":[{"type":"HEADER","format":"TEXT","text":"Hi {{ first_name }}"},{"type":"BUTTONS","buttons":[{"type":"URL","text":"T","url":"https://x/{{1}}"}]},{"type":"CAROUSEL","cards":[{"components":[{"type":"BODY","text":"b"}]}]}]},
			{"name":"ab","language":"es"}],"paging":{"cursors":{"after":"p4"}}}`,
	}
	c := client(t, func(r *http.Request, _ []byte) (*http.Response, error) {
		query := r.URL.Query()
		if r.URL.Path != "/proxy/v23.0/102290129340398/message_templates" || query.Get("limit") != "100" || !strings.Contains(query.Get("fields"), "parameter_format") {
			t.Errorf("got %s", r.URL)
		}
		body, ok := pages[query.Get("after")]
		if !ok {
			t.Errorf("no page after %q", query.Get("after"))
		}
		return reply(200, "application/json", body), nil
	})
	all, err := c.Templates(t.Context(), "102290129340398", whatsapp.TemplateFilter{Status: "APPROVED"})
	if err != nil || len(all) != 3 {
		t.Fatalf("got %+v, %v", all, err)
	}
	want := whatsapp.Template{
		ID: "9007199254740993", Name: "a", Language: "en_US", Status: "PAUSED", Category: "MARKETING", ParameterFormat: "NAMED", QualityScore: "GREEN",
		Components: []whatsapp.TemplateComponent{
			{Type: "HEADER", Format: "TEXT", Text: "Hi {{ first_name }}"},
			{Type: "BUTTONS", Buttons: []whatsapp.TemplateButton{{Type: "URL", Text: "T", URL: "https://x/{{1}}"}}},
			{Type: "CAROUSEL", Cards: [][]whatsapp.TemplateComponent{{{Type: "BODY", Text: "b"}}}},
		},
	}
	if len(all[1].Raw) == 0 {
		t.Error("the components are not kept as they came")
	}
	want.Raw = all[1].Raw
	if diff := cmp.Diff(want, all[1]); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := all[1].Components[0].Placeholders(); len(got) != 1 || got[0] != "first_name" || !all[1].Named() || all[0].Named() {
		t.Errorf("got %v", got)
	}
}

func TestEndlessListEnds(t *testing.T) {
	asked := 0
	c := client(t, func(r *http.Request, _ []byte) (*http.Response, error) {
		asked++
		after := "x"
		if asked > 3 && r.URL.Query().Get("name") == "" {
			after = fmt.Sprint(asked)
		}
		return reply(200, "application/json", `{"data":[],"paging":{"cursors":{"after":"`+after+`"},"next":"https://x"}}`), nil
	})
	if _, err := c.Templates(t.Context(), "1", whatsapp.TemplateFilter{Name: "a"}); err == nil || asked > 3 {
		t.Errorf("got %v after %d pages", err, asked)
	}
	if _, err := c.Templates(t.Context(), "1", whatsapp.TemplateFilter{}); err == nil || asked > 2000 {
		t.Errorf("got %v after %d pages", err, asked)
	}
}

func TestUpload(t *testing.T) {
	want := readGraph(t, "sendMedia", "upload")
	content := strings.Repeat("jpeg", 100_000)
	for _, size := range []int64{int64(len(content)), -1} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
			if err != nil || (size >= 0) != (r.ContentLength > size) {
				t.Errorf("got %v, Content-Length %d", err, r.ContentLength)
			}
			form := map[string]string{}
			reader := multipart.NewReader(r.Body, params["boundary"])
			for {
				part, err := reader.NextPart()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Error(err)
					return
				}
				body, _ := io.ReadAll(part)
				if part.FormName() != "file" {
					form[part.FormName()] = string(body)
					continue
				}
				if string(body) != content || part.FileName() != `pho"to é.jpg` || part.Header.Get("Content-Type") != want.Request.File["type"] {
					t.Errorf("a file of %d bytes, %q, %v", len(body), part.FileName(), part.Header)
				}
			}
			if diff := cmp.Diff(want.Request.Form, form); diff != "" || r.URL.Path != "/v23.0/1/media" {
				t.Errorf("%s %s", r.URL.Path, diff)
			}
			_, _ = w.Write(want.Response.Body)
		}))
		id, err := dialled(t, server.URL+"/v23.0").Upload(t.Context(), "1", whatsapp.FileUpload{Name: `pho"to é.jpg`, MIMEType: "image/jpeg", Content: strings.NewReader(content), Size: size})
		if err != nil || id != "1037543291543636" {
			t.Errorf("got %q, %v", id, err)
		}
		server.Close()
	}
}

func TestUploadFails(t *testing.T) {
	broken := errors.New("the disk is gone")
	c := client(t, func(*http.Request, []byte) (*http.Response, error) {
		return reply(200, "application/json", `{"id":"1"}`), nil
	})
	_, err := c.Upload(t.Context(), "1", whatsapp.FileUpload{Name: "a.jpg", MIMEType: "image/jpeg", Content: io.MultiReader(strings.NewReader("x"), failing{broken}), Size: 5})
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	_ = failureOf(t, err)
	c = client(t, func(*http.Request, []byte) (*http.Response, error) { return reply(200, "application/json", `{}`), nil })
	_, err = c.Upload(t.Context(), "1", whatsapp.FileUpload{Name: "a.jpg", MIMEType: "image/jpeg", Content: strings.NewReader("x"), Size: 1})
	_ = failureOf(t, err)
	_, err = c.Upload(t.Context(), "1", whatsapp.FileUpload{Name: "a.jpg", MIMEType: "", Content: strings.NewReader("x"), Size: 1})
	if !errors.Is(err, whatsapp.ErrUnsendable) {
		t.Errorf("got %v", err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// A large file may take longer than the read timeout, as long as it moves.
func TestUploadMayTakeLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := withTransport(t, transportFunc(func(r *http.Request) (*http.Response, error) {
			if _, err := io.Copy(io.Discard, r.Body); err != nil {
				return nil, err
			}
			return reply(200, "application/json", `{"id":"1"}`), r.Context().Err()
		}))
		slow := slowly{left: 20, each: 15 * time.Second}
		if id, err := c.Upload(t.Context(), "1", whatsapp.FileUpload{Name: "a.mp4", MIMEType: "video/mp4", Content: &slow, Size: 20}); err != nil || id != "1" {
			t.Errorf("got %q, %v", id, err)
		}
	})
}

type slowly struct {
	left int
	each time.Duration
}

func (s *slowly) Read(into []byte) (int, error) {
	if s.left == 0 {
		return 0, io.EOF
	}
	time.Sleep(s.each)
	s.left--
	into[0] = 'x'
	return 1, nil
}

func TestHealthReads(t *testing.T) {
	asked := 0
	c := client(t, func(r *http.Request, _ []byte) (*http.Response, error) {
		asked++
		switch path := strings.TrimPrefix(r.URL.Path, "/proxy/v23.0"); {
		case path == "/1" && strings.Contains(r.URL.Query().Get("fields"), "throughput"):
			return reply(400, "application/json", `{"error":{"code":100,"message":"Invalid field requested"}}`), nil
		case path == "/1":
			return reply(200, "application/json", `{"id":"1","display_phone_number":"+1 555","verified_name":"J","quality_rating":"GREEN"}`), nil
		case path == "/2":
			return reply(200, "application/json", `{"id":2,"throughput":{"level":"HIGH"},"whatsapp_business_manager_messaging_limit":"TIER_10K","status":"CONNECTED"}`), nil
		case path == "/3":
			return reply(400, "application/json", `{"error":{"code":100,"error_subcode":33}}`), nil
		case path == "/9":
			return reply(200, "application/json", `{"id":"9","name":"W","timezone_id":"1","country":"ES"}`), nil
		case path == "/9/phone_numbers":
			return reply(200, "application/json", `{"data":[{"id":"1","messaging_limit_tier":"TIER_2K","host_platform":"CLOUD_API"}]}`), nil
		case path == "/9/subscribed_apps":
			return reply(200, "application/json", `{"data":[{"whatsapp_business_api_data":{"id":"7","name":"app","link":"https://x"},"override_callback_uri":"https://y"}]}`), nil
		}
		return reply(404, "text/html", "no"), nil
	})
	number, err := c.PhoneNumber(t.Context(), "1")
	if want := (whatsapp.PhoneNumber{ID: "1", DisplayPhoneNumber: "+1 555", VerifiedName: "J", QualityRating: "GREEN"}); err != nil || number != want {
		t.Errorf("got %+v, %v", number, err)
	}
	number, err = c.PhoneNumber(t.Context(), "2")
	if want := (whatsapp.PhoneNumber{ID: "2", ThroughputLevel: "HIGH", MessagingLimit: "TIER_10K", Status: "CONNECTED"}); err != nil || number != want {
		t.Errorf("got %+v, %v", number, err)
	}
	asked = 0
	_, err = c.PhoneNumber(t.Context(), "3")
	if failure := failureOf(t, err); !failure.ObjectMissing() || asked != 1 {
		t.Errorf("got %+v after %d calls", failure, asked)
	}
	account, err := c.Account(t.Context(), "9")
	if want := (whatsapp.Account{ID: "9", Name: "W", TimezoneID: "1", Country: "ES", BlockersKnown: true}); err != nil || account != want {
		t.Errorf("got %+v, %v", account, err)
	}
	numbers, err := c.PhoneNumbers(t.Context(), "9")
	if err != nil || len(numbers) != 1 || numbers[0].MessagingLimit != "TIER_2K" || numbers[0].PlatformType != "CLOUD_API" {
		t.Errorf("got %+v, %v", numbers, err)
	}
	apps, err := c.SubscribedApps(t.Context(), "9")
	if want := (whatsapp.SubscribedApp{ID: "7", Name: "app", Link: "https://x", CallbackURI: "https://y"}); err != nil || len(apps) != 1 || apps[0] != want {
		t.Errorf("got %+v, %v", apps, err)
	}
	_, err = c.Account(t.Context(), "404")
	if failure := failureOf(t, err); failure.Page != "text/html" || failure.Graph {
		t.Errorf("got %+v", failure)
	}
}

func TestHealth(t *testing.T) {
	for body, want := range map[string]string{
		`{"id":"1"}`:                    "{ []}",
		`{"health_status":"fine"}`:      "{ []}",
		`{"health_status":{"a":[1,2]}}`: "{ []}",
		`{"health_status":{"can_send_message":"BLOCKED","entities":[{"entity_type":"WABA","id":9,"can_send_message":"BLOCKED","errors":[{"error_code":141010,"error_description":"No payment.","possible_solution":"Pay."}],"additional_info":["x"]}]}}`: "{BLOCKED [{WABA 9 BLOCKED [No payment. Pay. x]}]}",
	} {
		c := client(t, func(r *http.Request, _ []byte) (*http.Response, error) {
			if r.URL.Query().Get("fields") != "health_status" {
				t.Errorf("got %s", r.URL)
			}
			return reply(200, "application/json", body), nil
		})
		if got, err := c.Health(t.Context(), "1"); err != nil || fmt.Sprint(got) != want {
			t.Errorf("got %v, %v, want %s", got, err, want)
		}
	}
}

// Every answer of Meta's that this client asks for is read: the errors as errors, the others without one.
func TestMetaAnswers(t *testing.T) {
	calls := map[string]func(*whatsapp.Client) error{
		"message_history": func(c *whatsapp.Client) error { _, err := c.MessageHistory(t.Context(), "1", historyID); return err },
		"phone_number":    func(c *whatsapp.Client) error { _, err := c.PhoneNumber(t.Context(), "1"); return err },
		"phone_numbers":   func(c *whatsapp.Client) error { _, err := c.PhoneNumbers(t.Context(), "1"); return err },
		"waba":            func(c *whatsapp.Client) error { _, err := c.Account(t.Context(), "1"); return err },
		"message_templates": func(c *whatsapp.Client) error {
			_, err := c.Templates(t.Context(), "1", whatsapp.TemplateFilter{})
			return err
		},
		"messages": func(c *whatsapp.Client) error {
			_, err := c.Send(t.Context(), "1", plain("x"), whatsapp.Gate{})
			return err
		},
	}
	for folder, call := range calls {
		method := "get"
		if folder == "messages" {
			method = "post"
		}
		files, err := filepath.Glob(filepath.Join(shared(t, "meta-examples", folder), method+"-response-*.json"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v", folder, err)
		}
		for _, file := range files {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var example struct {
				Status string
				Body   json.RawMessage
			}
			if err := json.Unmarshal(raw, &example); err != nil {
				t.Fatal(err)
			}
			var status int
			_, _ = fmt.Sscan(example.Status, &status)
			asked := false
			err = call(client(t, func(*http.Request, []byte) (*http.Response, error) {
				if asked && strings.Contains(string(example.Body), `"next"`) { // a sample's own next page would lead to itself
					return reply(200, "application/json", `{"data":[]}`), nil
				}
				asked = true
				return reply(status, "application/json", string(example.Body)), nil
			}))
			if strings.Contains(file, "read-receipt") {
				continue // the answer to a receipt, which is no message
			}
			if (err == nil) != (status == 200) {
				t.Errorf("%s: HTTP %d: got %v", filepath.Base(file), status, err)
			}
			if err != nil && failureOf(t, err).Code == 0 {
				t.Errorf("%s: no code in %v", filepath.Base(file), err)
			}
		}
	}
}
