package sandbox_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"waybill/whatsapp/sandbox"
)

const wabaPath = "/v23.0/" + sandbox.DefaultWABAID

// upload posts a file; an empty part type leaves the part's own Content-Type out.
func upload(t *testing.T, s *sandbox.Server, partType, fieldType string, content []byte) reply {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	_ = form.WriteField("messaging_product", "whatsapp")
	if fieldType != "" {
		_ = form.WriteField("type", fieldType)
	}
	header := textproto.MIMEHeader{"Content-Disposition": {`form-data; name="file"; filename="a"`}}
	if partType != "" {
		header.Set("Content-Type", partType)
	}
	part, err := form.CreatePart(header)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write(content)
	_ = form.Close()
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "https://graph.facebook.com/v23.0/"+sandbox.DefaultPhoneNumberID+"/media", &body)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+sandbox.DefaultToken)
	request.Header.Set("Content-Type", form.FormDataContentType())
	r, err := do(s, request)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func field(t *testing.T, body []byte, name string) string {
	t.Helper()
	var fields map[string]any
	if err := json.Unmarshal(body, &fields); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	value, _ := fields[name].(string)
	return value
}

func TestUpload(t *testing.T) {
	s := sandbox.New(sandbox.Options{})
	small := []byte("content")
	tests := []struct {
		name, part, field string
		content           []byte
		code              int
	}{
		{"type of the part", "image/jpeg", "", small, 0},
		{"type of the field", "", "application/pdf", small, 0},
		{"the part goes first", "image/png", "video/mp4", small, 0},
		{"a part that says nothing", "application/octet-stream", "audio/ogg; codecs=opus", small, 0},
		{"Meta's short names", "ogg", "", small, 0},
		{"no type", "", "", small, 100},
		{"not taken", "image/gif", "", small, 100},
		{"empty", "image/jpeg", "", nil, 131053},
		{"image of 5 MB", "image/jpeg", "", make([]byte, 5<<20), 0},
		{"larger image", "image/jpeg", "", make([]byte, 5<<20+1), 131053},
		{"larger sticker", "image/webp", "", make([]byte, 100<<10+1), 131053},
		{"animated sticker", "image/webp", "", append([]byte("RIFF....WEBPVP8X..............ANIM"), make([]byte, 200<<10)...), 0},
	}
	for _, test := range tests {
		got := upload(t, s, test.part, test.field, test.content)
		if got.code() != test.code || (test.code == 0) != (field(t, got.body, "id") != "") {
			t.Errorf("%s: got %d %s, want code %d", test.name, got.status, got.body, test.code)
		}
	}
	if got := ask(t, s, http.MethodPost, "/v23.0/"+sandbox.DefaultPhoneNumberID+"/media", `{}`); got.code() != 100 {
		t.Errorf("JSON instead of a form: %s", got.body)
	}
}

func TestMediaLives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sandbox.New(sandbox.Options{OpenWindow: true})
		id := field(t, upload(t, s, "image/jpeg", "", []byte("picture")).body, "id")
		body := send(`"type":"image","image":{"id":"` + id + `","caption":"Look"}`)
		if got := ask(t, s, http.MethodPost, messagesPath, body); got.status != http.StatusOK {
			t.Fatalf("send by id: %s", got.body)
		}
		about := ask(t, s, http.MethodGet, "/v23.0/"+id+"?phone_number_id="+sandbox.DefaultPhoneNumberID, "")
		if field(t, about.body, "mime_type") != "image/jpeg" || field(t, about.body, "file_size") != "7" {
			t.Errorf("about: %s", about.body)
		}
		if got := ask(t, s, http.MethodGet, "/v23.0/"+id+"?phone_number_id=7", ""); got.failure().Subcode != 33 {
			t.Errorf("for another number: %s", got.body)
		}
		address, err := url.Parse(field(t, about.body, "url"))
		if err != nil || address.Host != "lookaside.fbsbx.com" {
			t.Fatalf("address %s: %v", address, err)
		}
		if got := ask(t, s, http.MethodGet, address.RequestURI(), ""); string(got.body) != "picture" || got.header.Get("Content-Type") != "image/jpeg" {
			t.Errorf("download: %d %s", got.status, got.body)
		}
		anonymous, _ := http.NewRequestWithContext(context.Background(), http.MethodGet, address.String(), nil)
		if got, _ := do(s, anonymous); got.status != http.StatusUnauthorized {
			t.Errorf("download without token: %d", got.status)
		}
		time.Sleep(5 * time.Minute)
		if got := ask(t, s, http.MethodGet, address.RequestURI(), ""); got.status != http.StatusNotFound {
			t.Errorf("after 5 minutes: %d", got.status)
		}
		time.Sleep(30 * 24 * time.Hour)
		if got := ask(t, s, http.MethodPost, messagesPath, body); got.code() != 100 {
			t.Errorf("after 30 days: %s", got.body)
		}
		id = field(t, upload(t, s, "image/jpeg", "", []byte("picture")).body, "id")
		for i, want := range []int{http.StatusOK, http.StatusBadRequest} {
			if got := ask(t, s, http.MethodDelete, "/v23.0/"+id, ""); got.status != want {
				t.Errorf("delete %d: got %d, want %d", i, got.status, want)
			}
		}
	})
}

func TestOldMediaMakesRoom(t *testing.T) {
	s := sandbox.New(sandbox.Options{KeepMedia: 25})
	var ids []string
	for range 3 {
		ids = append(ids, field(t, upload(t, s, "image/jpeg", "", []byte("ten bytes.")).body, "id"))
	}
	for i, want := range []int{http.StatusBadRequest, http.StatusOK, http.StatusOK} {
		if got := ask(t, s, http.MethodGet, "/v23.0/"+ids[i], ""); got.status != want {
			t.Errorf("file %d: %d, want %d", i, got.status, want)
		}
	}
}

type historyPage struct {
	Data []struct {
		ID        string
		MessageID string `json:"message_id"`
		Events    struct {
			Data []struct {
				Status  string `json:"delivery_status"`
				At      int64  `json:"timestamp"`
				Webhook string `json:"webhook_update_state"`
			}
		}
	}
	Paging struct {
		Cursors struct{ After, Before string }
		Next    string
	}
}

func readHistory(t *testing.T, s *sandbox.Server, query string) historyPage {
	t.Helper()
	got := ask(t, s, http.MethodGet, "/v23.0/"+sandbox.DefaultPhoneNumberID+"/message_history?"+query, "")
	var page historyPage
	if err := json.Unmarshal(got.body, &page); err != nil || got.status != http.StatusOK {
		t.Fatalf("%s: %d %s %v", query, got.status, got.body, err)
	}
	return page
}

func TestMessageHistory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sandbox.New(sandbox.Options{OpenWindow: true})
		id := ask(t, s, http.MethodPost, messagesPath, text("+34612345678", "x")).id()
		failed := ask(t, s, http.MethodPost, messagesPath, text("+34555131026", "x")).id()
		query := url.Values{"message_id": {id}, "fields": {"id,message_id,events{delivery_status,timestamp,webhook_update_state}"}}.Encode()
		for at, want := range []string{"", "SENT", "SENT DELIVERED", "SENT DELIVERED READ"} {
			var said []string
			for _, event := range readHistory(t, s, query).Data[0].Events.Data {
				said = append(said, event.Status)
			}
			if got := strings.Join(said, " "); got != want {
				t.Errorf("after %d pauses: got %q, want %q", at, got, want)
			}
			time.Sleep([]time.Duration{300 * time.Millisecond, 400 * time.Millisecond, 2 * time.Second, 0}[at])
		}
		page := readHistory(t, s, "message_id="+url.QueryEscape(failed))
		if len(page.Data) != 1 || page.Data[0].MessageID != failed || len(page.Data[0].Events.Data) != 0 {
			t.Errorf("without fields: %+v", page)
		}
		events := ask(t, s, http.MethodGet, "/v23.0/"+page.Data[0].ID+"/events?status_filter=FAILED", "")
		var list struct {
			Data []struct {
				Node struct {
					Status string `json:"delivery_status"`
					Text   string `json:"error_description"`
					At     int64  `json:"occurrence_timestamp"`
				}
			}
		}
		if err := json.Unmarshal(events.body, &list); err != nil || len(list.Data) != 1 || list.Data[0].Node.Status != "FAILED" ||
			!strings.Contains(list.Data[0].Node.Text, "undeliverable") || list.Data[0].Node.At == 0 {
			t.Errorf("events: %s %v", events.body, err)
		}
		for path, want := range map[string]int{
			sandbox.DefaultPhoneNumberID + "/message_history?message_id=wamid.x": 422,
			sandbox.DefaultPhoneNumberID + "/message_history?fields=body":        400,
			sandbox.DefaultPhoneNumberID + "/message_history?limit=101":          400,
			page.Data[0].ID + "/events?status_filter=LOST":                       400,
			"7000000000009999/events":                                            400,
		} {
			if got := ask(t, s, http.MethodGet, "/v23.0/"+path, ""); got.status != want || got.code() != 100 {
				t.Errorf("%s: got %d %s, want %d and 100", path, got.status, got.body, want)
			}
		}
	})
}

func TestHistoryPages(t *testing.T) {
	s := sandbox.New(sandbox.Options{OpenWindow: true, KeepMessages: 30})
	var sent []string
	for i := range 40 {
		sent = append(sent, ask(t, s, http.MethodPost, messagesPath, text(fmt.Sprintf("+346123450%02d", i), "x")).id())
	}
	var got []string
	query := "limit=7"
	for range 10 {
		page := readHistory(t, s, query)
		for _, row := range page.Data {
			got = append(got, row.MessageID)
		}
		if page.Paging.Next == "" {
			break
		}
		next, err := url.Parse(page.Paging.Next)
		if err != nil {
			t.Fatal(err)
		}
		query = next.RawQuery
	}
	if len(got) != 30 || got[0] != sent[39] || got[29] != sent[10] {
		t.Errorf("paged through %d entries, want the newest 30", len(got))
	}
	oldest := "/v23.0/" + sandbox.DefaultPhoneNumberID + "/message_history?message_id=" + url.QueryEscape(sent[0])
	if got := ask(t, s, http.MethodGet, oldest, ""); got.status != http.StatusUnprocessableEntity {
		t.Errorf("a message that is no longer kept: %d %s, want 422", got.status, got.body)
	}
	if n := s.Recipients(); len(n) != 40 || n["34612345000"] != 1 {
		t.Errorf("%d recipients counted, want all 40", len(n))
	}
}

func TestTemplatesAreListedMadeAndDeleted(t *testing.T) {
	s := sandbox.New(sandbox.Options{})
	names := func(query string) string {
		got := ask(t, s, http.MethodGet, wabaPath+"/message_templates?"+query, "")
		var page struct {
			Data   []struct{ Name, Language string }
			Paging struct{ Next string }
		}
		if err := json.Unmarshal(got.body, &page); err != nil || got.status != http.StatusOK {
			t.Fatalf("%s: %s %v", query, got.body, err)
		}
		var list []string
		for _, row := range page.Data {
			list = append(list, row.Name+"/"+row.Language)
		}
		if page.Paging.Next != "" {
			list = append(list, "…")
		}
		return strings.Join(list, " ")
	}
	for query, want := range map[string]string{
		"name=appointment_reminder":    "appointment_reminder/en_US appointment_reminder/es",
		"status=paused":                "paused_promotion/en_US",
		"category=AUTHENTICATION":      "login_code/en_US",
		"language=es&limit=1":          "appointment_reminder/es …",
		"name_or_content=verification": "login_code/en_US",
		"quality_score=RED&limit=5":    "disabled_promotion/en_US paused_promotion/en_US",
	} {
		if got := names(query); got != want {
			t.Errorf("%s: got %s, want %s", query, got, want)
		}
	}
	definition := `{"name":"notice","language":"es","category":"UTILITY","components":[{"type":"BODY","text":"Hola {{1}}, buenos días."}]}`
	made := ask(t, s, http.MethodPost, wabaPath+"/message_templates", definition)
	id := field(t, made.body, "id")
	if field(t, made.body, "status") != "PENDING" {
		t.Errorf("made: %s", made.body)
	}
	filled := template("notice", "es", `{"type":"body","parameters":[`+words("Ana")+`]}`)
	if got := ask(t, s, http.MethodPost, messagesPath, filled); got.code() != 132001 {
		t.Errorf("while pending: %s", got.body)
	}
	drive(t, s, http.MethodPost, "templates", strings.Replace(definition, `{"name"`, `{"id":"`+id+`","status":"APPROVED","name"`, 1))
	if got := ask(t, s, http.MethodPost, messagesPath, filled); got.status != http.StatusOK {
		t.Errorf("once approved: %s", got.body)
	}
	if got := ask(t, s, http.MethodGet, "/v23.0/"+id+"?fields=name,status,quality_score", ""); field(t, got.body, "status") != "APPROVED" {
		t.Errorf("by id: %s", got.body)
	}
	if got := ask(t, s, http.MethodPost, "/v23.0/"+id, `{"components":[{"type":"BODY","text":"Adiós {{1}}, hasta luego."}]}`); got.status != http.StatusOK {
		t.Errorf("edit: %s", got.body)
	}
	refused := map[string]int{
		definition: 2388024,
		strings.Replace(definition, "notice", "Notice", 1):                                                    0,
		strings.Replace(definition, "UTILITY", "SPAM", 1):                                                     0,
		`{"name":"other","language":"es","category":"UTILITY"}`:                                               0,
		strings.NewReplacer("notice", "other", "Hola {{1}}, buenos días.", "{{1}}, hola").Replace(definition): 2388299,
		strings.NewReplacer("notice", "other", "{{1}}", "{{2}}").Replace(definition):                          0,
	}
	for body, subcode := range refused {
		got := ask(t, s, http.MethodPost, wabaPath+"/message_templates", body)
		if f := got.failure(); (f.Code != 100 && f.Code != 131008) || f.Subcode != subcode {
			t.Errorf("%s: got %s, want a refusal with subcode %d", body, got.body, subcode)
		}
	}
	for i, want := range []int{http.StatusOK, http.StatusBadRequest} {
		if got := ask(t, s, http.MethodDelete, wabaPath+"/message_templates?name=appointment_reminder", ""); got.status != want {
			t.Errorf("delete %d: %d %s", i, got.status, got.body)
		}
	}
	if got := names("name=appointment_reminder"); got != "" {
		t.Errorf("after deletion: %s", got)
	}
}

func TestAccountAndNumber(t *testing.T) {
	s := sandbox.New(sandbox.Options{})
	for path, want := range map[string]string{
		"/v23.0/" + sandbox.DefaultPhoneNumberID:                                      `"quality_rating":"GREEN"`,
		"/v23.0/" + sandbox.DefaultPhoneNumberID + "?fields=throughput,health_status": `"level":"STANDARD"`,
		wabaPath: `"timezone_id":"0"`,
		wabaPath + "?fields=id,account_review_status": `"account_review_status":"APPROVED"`,
		wabaPath + "/phone_numbers":                   `"verified_name":"Waybill sandbox"`,
		wabaPath + "/subscribed_apps":                 `"whatsapp_business_api_data"`,
	} {
		got := ask(t, s, http.MethodGet, path, "")
		if got.status != http.StatusOK || !strings.Contains(string(got.body), want) {
			t.Errorf("%s: got %d %s, want %s", path, got.status, got.body, want)
		}
	}
	if got := ask(t, s, http.MethodGet, wabaPath+"?fields=colour", ""); got.code() != 100 {
		t.Errorf("unknown field: %s", got.body)
	}
	if got := ask(t, s, http.MethodGet, wabaPath+"?fields=name,,", ""); got.status != http.StatusBadRequest {
		t.Errorf("broken fields: %s", got.body)
	}
	if got := ask(t, s, http.MethodPost, wabaPath+"/subscribed_apps", `{"override_callback_uri":"https://example.com/hook"}`); got.status != http.StatusOK || s.State().Webhook != "https://example.com/hook" {
		t.Errorf("override: %s", got.body)
	}
	if usage := ask(t, s, http.MethodGet, wabaPath, "").header.Get("X-Business-Use-Case-Usage"); !strings.Contains(usage, sandbox.DefaultWABAID) || !json.Valid([]byte(usage)) {
		t.Errorf("usage header %q", usage)
	}
}

func TestAnalytics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sandbox.New(sandbox.Options{OpenWindow: true, AsOf: time.Date(2026, 9, 30, 0, 0, 0, 0, time.UTC)})
		for _, to := range []string{"+34612345678", "+34612345679", "+15550100001"} {
			ask(t, s, http.MethodPost, messagesPath, strings.Replace(template("hello_world", "en_US", ""), "+34612345678", to, 1))
		}
		ask(t, s, http.MethodPost, messagesPath, text("+34612345678", "x"))
		ask(t, s, http.MethodPost, messagesPath, text("+34555131026", "never arrives"))
		if _, err := s.Receive(sandbox.Inbound{From: "+34612345678", Text: "hi"}); err != nil {
			t.Fatal(err)
		}
		span := fmt.Sprintf(".start(%d).end(%d)", time.Now().Add(-24*time.Hour).Unix(), time.Now().Add(24*time.Hour).Unix())
		get := func(f string) string {
			got := ask(t, s, http.MethodGet, wabaPath+"?fields="+url.QueryEscape(f), "")
			if got.status != http.StatusOK {
				return fmt.Sprint(got.code())
			}
			return string(got.body)
		}
		midnight := time.Now().UTC().Truncate(24 * time.Hour)
		days := fmt.Sprintf(`"end":%d,`, midnight.Add(24*time.Hour).Unix())
		began := fmt.Sprintf(`"start":%d`, midnight.Unix())
		tests := []struct{ field, want string }{
			{"analytics" + span + ".granularity(DAY)", `"data_points":[{"delivered":4,` + days + `"sent":6,` + began + `}]`},
			{"analytics" + span + ".granularity(DAY).product_types([0])", `"sent":3`},
			{"analytics" + span + `.granularity(MONTH).country_codes(["US"])`, `"sent":1`},
			{"conversation_analytics" + span + ".granularity(DAILY)", `"data_points":[{"conversation":4,"cost":0,` + days + began + `}]`},
			{
				"conversation_analytics" + span + `.granularity(DAILY).phone_numbers([]).dimensions(["CONVERSATION_CATEGORY","COUNTRY"])`,
				`"conversation":1,"conversation_category":"UTILITY","cost":0,"country":"US"`,
			},
			{"conversation_analytics" + span + `.granularity(MONTHLY).metric_types(["COST"]).conversation_categories(["SERVICE"])`, `[{"cost":0,`},
			{"conversation_analytics" + span + `.granularity(DAILY).phone_numbers(["999"])`, `"data_points":[]`},
			{"pricing_analytics" + span + `.granularity(DAILY).dimensions(PRICING_TYPE,PRICING_CATEGORY)`, `"pricing_category":"UTILITY","pricing_type":"FREE_CUSTOMER_SERVICE"`},
			{"name,pricing_analytics" + span + `.granularity(HALF_HOUR).metric_types(["VOLUME"])`, `"volume":4`},
			{"conversation_analytics.start(1).granularity(DAILY)", "100"},
			{"conversation_analytics.start(2).end(1).granularity(DAILY)", "100"},
			{"conversation_analytics" + span + ".granularity(DAY)", "100"},
			{"conversation_analytics" + span + `.granularity(DAILY).dimensions(["MOON"])`, "100"},
			{"lunar_analytics" + span, "100"},
		}
		for _, test := range tests {
			if got := get(test.field); !strings.Contains(got, test.want) {
				t.Errorf("%s\ngot  %s\nwant %s", test.field, got, test.want)
			}
		}
	})
}

// TestAnalyticsOfNumbers counts each of several numbers by itself.
func TestAnalyticsOfNumbers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sandbox.New(sandbox.Options{OpenWindow: true, Numbers: 2, DisplayNumber: "+1 555 078 3881"})
		ids := s.PhoneNumberIDs()
		send := func(id, to string) {
			t.Helper()
			path := strings.Replace(messagesPath, ids[0], id, 1)
			if got := ask(t, s, http.MethodPost, path, text(to, "x")); got.status != http.StatusOK {
				t.Fatalf("%s", got.body)
			}
		}
		send(ids[0], "+34612345678")
		send(ids[1], "+34612345679")
		send(ids[1], "+34612345680")
		span := fmt.Sprintf(".start(%d).end(%d)", time.Now().Add(-24*time.Hour).Unix(), time.Now().Add(24*time.Hour).Unix())
		for field, want := range map[string]string{
			"analytics" + span + ".granularity(DAY)":                                                            `"sent":3`,
			"analytics" + span + `.granularity(DAY).phone_numbers(["15550783881"])`:                             `"sent":1`,
			"analytics" + span + `.granularity(DAY).phone_numbers(["15550783882"])`:                             `"phone_numbers":["15550783882"]`,
			"pricing_analytics" + span + `.granularity(DAILY).dimensions(PHONE).phone_numbers(["15550783882"])`: `"phone_number":"15550783882"`,
			"pricing_analytics" + span + `.granularity(DAILY).dimensions(PHONE)`:                                `"phone_number":"15550783881"`,
			"conversation_analytics" + span + `.granularity(DAILY).phone_numbers(["999"])`:                      `"data_points":[]`,
		} {
			if got := ask(t, s, http.MethodGet, wabaPath+"?fields="+url.QueryEscape(field), ""); !strings.Contains(string(got.body), want) {
				t.Errorf("%s\ngot  %s\nwant %s", field, got.body, want)
			}
		}
	})
}

func TestSampleAnalyticsAreRepeatable(t *testing.T) {
	at := func() time.Time { return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) }
	query := wabaPath + "?fields=" + url.QueryEscape(`conversation_analytics.start(1785542400).end(1788220800).granularity(DAILY).dimensions(["CONVERSATION_CATEGORY"])`)
	one := ask(t, sandbox.New(sandbox.Options{Now: at, SampleAnalytics: true}), http.MethodGet, query, "")
	other := ask(t, sandbox.New(sandbox.Options{Now: at, SampleAnalytics: true}), http.MethodGet, query, "")
	if !bytes.Equal(one.body, other.body) || strings.Count(string(one.body), `"MARKETING"`) != 31 {
		t.Errorf("got %s", one.body)
	}
}
