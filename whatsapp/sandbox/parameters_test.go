package sandbox_test

import (
	"bytes"
	"context"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
	"testing"
	"time"

	"waybill/whatsapp/sandbox"
)

// posted is what a POST with a Content-Type is answered.
func posted(t *testing.T, s *sandbox.Server, path, contentType, body string) reply {
	t.Helper()
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "https://graph.facebook.com"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+sandbox.DefaultToken)
	request.Header.Set("Content-Type", contentType)
	r, err := do(s, request)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A message may be said in the body, in a form, in the query, or in parts.
func TestParametersOfEveryKind(t *testing.T) {
	const form = "application/x-www-form-urlencoded"
	form1 := url.Values{"messaging_product": {"whatsapp"}, "to": {"+34612345678"}, "type": {"text"}, "text": {`{"body":"año"}`}}.Encode()
	var parts bytes.Buffer
	writer := multipart.NewWriter(&parts)
	for name, value := range map[string]string{"messaging_product": "whatsapp", "to": "+34612345678", "text": `{"body":"año"}`} {
		if err := writer.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	s := sandbox.New(sandbox.Options{OpenWindow: true, AcceptLog: &log})
	for i, test := range []struct{ query, contentType, body string }{
		{"", form, form1},
		{"", writer.FormDataContentType(), parts.String()},
		{"?" + form1, "application/json", ""},
		{"?messaging_product=whatsapp", "application/json", `{"to":"+34612345678","text":{"body":"año"}}`},
		{"?to=%2B34600000000", form, text("+34612345678", "año")}, // as curl -d sends it, and the body wins
	} {
		got := posted(t, s, messagesPath+test.query, test.contentType, test.body)
		if got.status != http.StatusOK {
			t.Errorf("%+v: %d %s", test, got.status, got.body)
			continue
		}
		if list := s.Messages(""); len(list) != i+1 || list[i].Text != "año" || list[i].To != "34612345678" || !bytes.HasPrefix(list[i].Payload, []byte("{")) {
			t.Errorf("%+v: taken as %+v", test, list)
		}
	}
	if lines := strings.Count(log.String(), "\n"); lines != 5 {
		t.Errorf("%d lines in the accept log", lines)
	}
	for _, bad := range []struct{ contentType, body string }{
		{form, "text"},
		{form, "messaging_product=whatsapp&to=%"},
		{"multipart/form-data", "x"},
		{"text/plain", "messaging_product=whatsapp"},
		{form, `[{"to":"x"}]`},
	} {
		if got := posted(t, s, messagesPath, bad.contentType, bad.body); got.status != http.StatusBadRequest {
			t.Errorf("%+v: %d %s", bad, got.status, got.body)
		}
	}
}

// A parameter may be JSON in a string; what is opaque stays as it is.
func TestParametersInStrings(t *testing.T) {
	s := sandbox.New(sandbox.Options{OpenWindow: true})
	for _, body := range []string{
		`{"messaging_product":"whatsapp","to":"+34612345678","type":"contacts","contacts":"[{\"name\":{\"formatted_name\":\"Ana\",\"first_name\":\"Ana\"}}]"}`,
		`{"messaging_product":"whatsapp","to":"+34612345678","text":"{\"body\":\"x\"}","biz_opaque_callback_data":"{\"a\":1}"}`,
		`{"messaging_product":"whatsapp","to":"+34612345678","text":{"body":"{\"a\":1}"}}`,
	} {
		if got := posted(t, s, messagesPath, "application/json", body); got.status != http.StatusOK {
			t.Errorf("%s: %d %s", body, got.status, got.body)
		}
	}
	if list := s.Messages(""); len(list) != 3 || list[1].CallbackData != `{"a":1}` || list[2].Text != `{"a":1}` {
		t.Errorf("taken as %+v", list)
	}
	for _, body := range []string{
		`{"messaging_product":"whatsapp","to":"+34612345678","type":"contacts","contacts":"[{"}`,
		`{"messaging_product":"whatsapp","to":"+34612345678","type":"contacts","contacts":"Ana"}`,
	} {
		if got := posted(t, s, messagesPath, "application/json", body); got.status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", body, got.status, got.body)
		}
	}
}

// Media come as others send them: the product in the query, and the file alone in the form.
func TestUploadWithProductInQuery(t *testing.T) {
	upload := func(query, partType string) reply {
		var body bytes.Buffer
		writer := multipart.NewWriter(&body)
		header := textproto.MIMEHeader{"Content-Disposition": {`form-data; name="file"; filename="a.png"`}}
		if partType != "" {
			header.Set("Content-Type", partType)
		}
		part, err := writer.CreatePart(header)
		if err == nil {
			_, err = part.Write([]byte("\x89PNG\r\n\x1a\n"))
		}
		if err == nil {
			err = writer.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		path := "/v24.0/" + sandbox.DefaultPhoneNumberID + "/media" + query
		return posted(t, sandbox.New(sandbox.Options{}), path, writer.FormDataContentType(), body.String())
	}
	for _, test := range []struct {
		query, partType string
		status          int
	}{
		{"?messaging_product=whatsapp", "image/png", 200},
		{"?messaging_product=whatsapp&type=image/png", "application/octet-stream", 200},
		{"?messaging_product=whatsapp&type=image/png", "", 200},
		{"", "image/png", 400},
		{"?messaging_product=whatsapp", "", 400},
	} {
		if got := upload(test.query, test.partType); got.status != test.status {
			t.Errorf("%q with %q: %d %s, want %d", test.query, test.partType, got.status, got.body, test.status)
		}
	}
}

func TestInteractiveCarousel(t *testing.T) {
	card := func(index int, media string) string {
		return fmt.Sprintf(`{"card_index":%d,"type":"cta_url","header":{"type":%q,%[2]q:{"link":"https://example.com/1"}},"body":{"text":"Deal"},
			"action":{"name":"cta_url","parameters":{"display_text":"Shop now","url":"https://shop.example.com/1"}}}`, index, media)
	}
	cards := func(list ...string) string {
		return send(`"type":"interactive","interactive":{"type":"carousel","body":{"text":"Our offers"},"action":{"cards":[` + strings.Join(list, ",") + `]}}`)
	}
	quick := `{"card_index":%d,"type":"button","header":{"type":"image","image":{"link":"https://example.com/1"}},"action":{"buttons":[{"type":"quick_reply","quick_reply":{"id":"1","title":"Yes"}}]}}`
	s := sandbox.New(sandbox.Options{OpenWindow: true, NoPairLimit: true})
	for _, test := range []struct {
		name, body string
		status     int
	}{
		{"two cards", cards(card(0, "image"), card(1, "image")), 200},
		{"quick replies", cards(fmt.Sprintf(quick, 0), fmt.Sprintf(quick, 1)), 200},
		{"one card", cards(card(0, "image")), 400},
		{"a number twice", cards(card(0, "image"), card(0, "image")), 400},
		{"a number above nine", cards(card(0, "image"), card(10, "image")), 400},
		{"picture and video", cards(card(0, "image"), card(1, "video")), 400},
		{"no address", cards(card(0, "image"), strings.Replace(card(1, "image"), `,"url":"https://shop.example.com/1"`, "", 1)), 400},
		{"no header", cards(card(0, "image"), `{"card_index":1,"type":"cta_url","action":{"name":"cta_url","parameters":{"display_text":"x","url":"https://example.com"}}}`), 400},
	} {
		if got := ask(t, s, http.MethodPost, messagesPath, test.body); got.status != test.status {
			t.Errorf("%s: %d %s, want %d", test.name, got.status, got.body, test.status)
		}
	}
}

// Coupons of up to 20 characters since December 2025, of 15 before.
func TestCouponLength(t *testing.T) {
	coupon := template("spring_sale", "en_US", `{"type":"header","parameters":[{"type":"image","image":{"link":"https://example.com/a"}}]},{"type":"body","parameters":[`+
		words("Ana", "20%")+`]},{"type":"button","sub_type":"copy_code","index":"1","parameters":[{"type":"coupon_code","coupon_code":"12345678901234567890"}]}`)
	for day, want := range map[time.Time]int{
		{}: 200, time.Date(2025, 12, 3, 0, 0, 0, 0, time.UTC): 200, time.Date(2025, 12, 2, 0, 0, 0, 0, time.UTC): 400,
	} {
		if got := ask(t, sandbox.New(sandbox.Options{AsOf: day}), http.MethodPost, messagesPath, coupon); got.status != want {
			t.Errorf("as of %s: %d %s, want %d", day, got.status, got.body, want)
		}
	}
}
