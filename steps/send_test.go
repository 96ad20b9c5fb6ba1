package steps_test

import (
	"encoding/json"
	"strings"
	"testing"

	"waybill/engine/eval"
)

const head = `{"messaging_product":"whatsapp","recipient_type":"individual","to":"+34612345678",`

func TestRequestBodies(t *testing.T) {
	for _, c := range []struct{ name, step, want string }{
		{
			"text", `
  - sendText: { to: +34612345678, body: "Hola <b> & \"tú\" 😀" }`,
			head + `"type":"text","text":{"body":"Hola <b> & \"tú\" 😀"}}`,
		},
		{
			"text with preview, in reply", `
  - sendText: { to: "34 612-345-678", body: "see https://example.com", previewUrl: true, replyTo: wamid.X }`,
			head + `"context":{"message_id":"wamid.X"},"type":"text","text":{"preview_url":true,"body":"see https://example.com"}}`,
		},
		{
			"text without preview", `
  - sendText: { to: 0034612345678, body: "x", previewUrl: false }`,
			head + `"type":"text","text":{"preview_url":false,"body":"x"}}`,
		},
		{
			"template without parameters", `
  - sendTemplate: { to: "+34612345678", templateName: hello_world, languageCode: en_US }`,
			head + `"type":"template","template":{"name":"hello_world","language":{"code":"en_US"}}}`,
		},
		{
			"template by position", `
  - sendTemplate:
      to: "+34612345678"
      templateName: appointment_reminder
      languageCode: es
      headerParameters: [Clínica]
      bodyParameters: ["Juan", 25, "10:00"]`,
			head + `"type":"template","template":{"name":"appointment_reminder","language":{"code":"es"},"components":[
			{"type":"header","parameters":[{"type":"text","text":"Clínica"}]},
			{"type":"body","parameters":[{"type":"text","text":"Juan"},{"type":"text","text":"25"},{"type":"text","text":"10:00"}]}]}}`,
		},
		{
			"template by name", `
  - sendTemplate: { to: "+34612345678", templateName: t, languageCode: es, bodyParameters: { first_name: Ana, day: "1" } }`,
			head + `"type":"template","template":{"name":"t","language":{"code":"es"},"components":[
			{"type":"body","parameters":[{"type":"text","parameter_name":"day","text":"1"},{"type":"text","parameter_name":"first_name","text":"Ana"}]}]}}`,
		},
		{
			"template with media, money, date and buttons", `
  - sendTemplate:
      to: "+34612345678"
      templateName: t
      languageCode: es
      headerMedia: { type: image, link: "https://example.com/a.jpg" }
      bodyParameters:
        - { type: currency, currency: { fallback_value: "$100.99", code: USD, amount_1000: 100990 } }
        - { type: date_time, date_time: { fallback_value: "25 March" } }
      buttonParameters:
        - { index: 0, type: quickReply, value: CONFIRM }
        - { index: 1, type: url, value: a1b2 }
        - { index: 2, type: copyCode, value: SAVE20 }`,
			head + `"type":"template","template":{"name":"t","language":{"code":"es"},"components":[
			{"type":"header","parameters":[{"type":"image","image":{"link":"https://example.com/a.jpg"}}]},
			{"type":"body","parameters":[{"type":"currency","currency":{"fallback_value":"$100.99","code":"USD","amount_1000":100990}},{"type":"date_time","date_time":{"fallback_value":"25 March"}}]},
			{"type":"button","sub_type":"quick_reply","index":"0","parameters":[{"type":"payload","payload":"CONFIRM"}]},
			{"type":"button","sub_type":"url","index":"1","parameters":[{"type":"text","text":"a1b2"}]},
			{"type":"button","sub_type":"copy_code","index":"2","parameters":[{"type":"coupon_code","coupon_code":"SAVE20"}]}]}}`,
		},
		{
			"template with a place, an offer, a flow and a product", `
  - sendTemplate:
      to: "+34612345678"
      templateName: t
      languageCode: es
      headerLocation: { latitude: 40.4168, longitude: "-3.70380", name: Clínica, address: Calle 1 }
      limitedTimeOffer: { expiresAt: 2023-10-29T07:00:00Z }
      buttonParameters:
        - { index: 0, type: flow }
        - { index: 1, type: flow, token: 0042, data: '{"lang":"en"}' }
        - { index: 2, type: catalog, productId: 2lc20305pt }`,
			head + `"type":"template","template":{"name":"t","language":{"code":"es"},"components":[
			{"type":"header","parameters":[{"type":"location","location":{"latitude":40.4168,"longitude":-3.70380,"name":"Clínica","address":"Calle 1"}}]},
			{"type":"limited_time_offer","parameters":[{"type":"limited_time_offer","limited_time_offer":{"expiration_time_ms":1698562800000}}]},
			{"type":"button","sub_type":"flow","index":"0","parameters":[{"type":"action","action":{}}]},
			{"type":"button","sub_type":"flow","index":"1","parameters":[{"type":"action","action":{"flow_token":"0042","flow_action_data":{"lang":"en"}}}]},
			{"type":"button","sub_type":"catalog","index":"2","parameters":[{"type":"action","action":{"thumbnail_product_retailer_id":"2lc20305pt"}}]}]}}`,
		},
		{
			"carousel", `
  - sendTemplate:
      to: "+34612345678"
      templateName: summer
      languageCode: es
      bodyParameters: [Ana]
      cards:
        - headerMedia: { type: image, link: "https://example.com/a.jpg" }
          bodyParameters: [A]
          buttonParameters: [{ index: 0, type: url, value: a }, { index: 1, type: quickReply, value: A }]
        - { headerMedia: { type: image, id: 42 }, bodyParameters: [B], buttonParameters: [{ index: 0, type: url, value: b }] }`,
			head + `"type":"template","template":{"name":"summer","language":{"code":"es"},"components":[
			{"type":"body","parameters":[{"type":"text","text":"Ana"}]},
			{"type":"carousel","cards":[
			{"card_index":0,"components":[{"type":"header","parameters":[{"type":"image","image":{"link":"https://example.com/a.jpg"}}]},
			{"type":"body","parameters":[{"type":"text","text":"A"}]},
			{"type":"button","sub_type":"url","index":"0","parameters":[{"type":"text","text":"a"}]},
			{"type":"button","sub_type":"quick_reply","index":"1","parameters":[{"type":"payload","payload":"A"}]}]},
			{"card_index":1,"components":[{"type":"header","parameters":[{"type":"image","image":{"id":"42"}}]},
			{"type":"body","parameters":[{"type":"text","text":"B"}]},
			{"type":"button","sub_type":"url","index":"0","parameters":[{"type":"text","text":"b"}]}]}]}]}}`,
		},
		{
			"template with a document by id", `
  - sendTemplate: { to: "+34612345678", templateName: t, languageCode: es, headerMedia: { type: document, id: "42", filename: a.pdf } }`,
			head + `"type":"template","template":{"name":"t","language":{"code":"es"},"components":[
			{"type":"header","parameters":[{"type":"document","document":{"id":"42","filename":"a.pdf"}}]}]}}`,
		},
		{
			"document by address", `
  - sendMedia: { to: "+34612345678", mediaUrl: "https://example.com/i.pdf", mediaType: document, caption: "Invoice", filename: INV.pdf }`,
			head + `"type":"document","document":{"link":"https://example.com/i.pdf","caption":"Invoice","filename":"INV.pdf"}}`,
		},
		{
			"video by id", `
  - sendMedia: { to: "+34612345678", mediaId: 99, mediaType: video, caption: Look }`,
			head + `"type":"video","video":{"id":"99","caption":"Look"}}`,
		},
		{
			"sticker in reply", `
  - sendMedia: { to: "+34612345678", mediaId: "99", mediaType: sticker, replyTo: wamid.Y }`,
			head + `"context":{"message_id":"wamid.Y"},"type":"sticker","sticker":{"id":"99"}}`,
		},
		{
			"a business-scoped user id", `
  - sendText: { to: US.13491208655302741918, body: x }`,
			`{"messaging_product":"whatsapp","recipient_type":"individual","recipient":"US.13491208655302741918","type":"text","text":{"body":"x"}}`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHarness(t)
			out, s := h.run(c.step)
			if len(h.wire.asked) != 1 {
				t.Fatalf("%d requests; errors %v", len(h.wire.asked), s.Errors)
			}
			got := h.wire.asked[0]
			if got.Method != "POST" || got.Path != "/v25.0/555/messages" || got.Header.Get("Authorization") != "Bearer token-of-the-test" {
				t.Errorf("asked %s %s with %v", got.Method, got.Path, got.Header)
			}
			if !sameJSON(t, got.Body, c.want) {
				t.Errorf("sent\n%s\nwant\n%s", got.Body, c.want)
			}
			var body struct {
				Callback string `json:"biz_opaque_callback_data"`
			}
			if err := json.Unmarshal([]byte(got.Body), &body); err != nil || !strings.HasPrefix(body.Callback, "wb1.") || len(body.Callback) > 64 {
				t.Errorf("callback %q, %v", body.Callback, err)
			}
			if out["messageId"] != "wamid.A" || out["messageStatus"] != "accepted" || out["success"] != true {
				t.Errorf("outputs %v", out)
			}
		})
	}
}

func TestFileIsUploadedOnceARun(t *testing.T) {
	h := newHarness(t)
	h.file("invoice.pdf", "%PDF-1.4 hello")
	h.wire.answer = func(_ int, r asked) (int, string) {
		if strings.HasSuffix(r.Path, "/media") {
			return 200, `{"id":"4711"}`
		}
		return 200, `{"messages":[{"id":"wamid.B"}]}`
	}
	_, s := h.run(`
  - id: all
    forEach: { items: ["+34600000001", "+34600000002", "+34600000003"], key: "${{ item }}" }
    sendMedia: { to: "${{ item }}", file: invoice.pdf, mediaType: document, caption: Hi }`)
	if s.Run.Counts.Succeeded != 3 {
		t.Fatalf("counts %+v, errors %v", s.Run.Counts, s.Errors)
	}
	uploads, sends := 0, 0
	for _, r := range h.wire.asked {
		if strings.HasSuffix(r.Path, "/media") {
			uploads++
			for _, part := range []string{`name="messaging_product"`, "whatsapp", "application/pdf", `filename="invoice.pdf"`, "%PDF-1.4 hello"} {
				if !strings.Contains(r.Body, part) {
					t.Errorf("the upload lacks %s:\n%s", part, r.Body)
				}
			}
			continue
		}
		sends++
		if !strings.Contains(r.Body, `"document":{"id":"4711","caption":"Hi","filename":"invoice.pdf"}`) {
			t.Errorf("sent %s", r.Body)
		}
	}
	if uploads != 1 || sends != 3 {
		t.Errorf("%d uploads and %d sends, want 1 and 3", uploads, sends)
	}
}

// Each card of a carousel may have a file of its own, and cards may share one.
func TestFilesOfCards(t *testing.T) {
	h := newHarness(t)
	m := &media{uploads: map[string]int{}}
	h.wire.answer = m.answer
	h.file("a.jpg", "\xff\xd8\xff\xe0 a")
	h.file("b.jpg", "\xff\xd8\xff\xe0 b")
	_, s := h.run(`
  - sendTemplate:
      to: +34612345678
      templateName: t
      languageCode: es
      headerMedia: { type: image, file: a.jpg }
      cards:
        - { headerMedia: { type: image, file: a.jpg } }
        - { headerMedia: { type: image, file: b.jpg } }`)
	if s.Run.Counts.Succeeded != 1 || m.uploads["a.jpg"] != 1 || m.uploads["b.jpg"] != 1 {
		t.Fatalf("counts %+v, uploads %v, errors %v", s.Run.Counts, m.uploads, s.Errors)
	}
	sent := h.wire.asked[len(h.wire.asked)-1].Body
	const header = `{"type":"header","parameters":[{"type":"image","image":{"id":"id-of-%.jpg"}}]}`
	for _, want := range []string{
		`"components":[` + strings.Replace(header, "%", "a", 1), `{"card_index":0,"components":[` + strings.Replace(header, "%", "a", 1),
		`{"card_index":1,"components":[` + strings.Replace(header, "%", "b", 1),
	} {
		if !strings.Contains(sent, want) {
			t.Errorf("sent %s\nwithout %s", sent, want)
		}
	}
}

func TestBadParametersAreFoundBeforeSending(t *testing.T) {
	for _, c := range []struct{ name, step, want string }{
		{"short number", "  - sendText: { to: \"612\", body: x }", "5:21"},
		{"no text", "  - sendText: { to: \"+34612345678\", body: \"\" }", "5:43"},
		{"long text", "  - sendText: { to: \"+34612345678\", body: \"" + strings.Repeat("x", 4097) + "\" }", "5:43"},
		{"two sources", "  - sendMedia: { to: \"+34612345678\", mediaType: image, mediaUrl: \"https://e.com/a.jpg\", mediaId: \"1\" }", "5:98"},
		{"no source", "  - sendMedia: { to: \"+34612345678\", mediaType: image }", "5:"},
		{"caption on audio", "  - sendMedia: { to: \"+34612345678\", mediaType: audio, mediaId: \"1\", caption: no }", "5:79"},
		{"line break in a parameter", "  - sendTemplate: { to: \"+34612345678\", templateName: t, languageCode: es, bodyParameters: [\"a\\nb\"] }", "5:93"},
		{"empty parameter", "  - sendTemplate: { to: \"+34612345678\", templateName: t, languageCode: es, bodyParameters: [\"a\", \"\"] }", "5:98"},
		{"two headers", "  - sendTemplate: { to: \"+34612345678\", templateName: t, languageCode: es, headerParameters: [a], headerMedia: { type: image, id: \"1\" } }", "5:"},
		{"a comma in an angle", "  - sendTemplate: { to: \"+34612345678\", templateName: t, languageCode: es, headerLocation: { latitude: \"40,4168\", longitude: 1 } }", "5:104"},
		{"a place that is none", "  - sendTemplate: { to: \"+34612345678\", templateName: t, languageCode: es, headerLocation: { latitude: 140, longitude: 1 } }", "5:104"},
		{"a value of a flow", "  - sendTemplate: { to: \"+34612345678\", templateName: t, languageCode: es, buttonParameters: [{ index: 0, type: flow, value: x }] }", "5:126"},
		{"a url without a value", "  - sendTemplate: { to: \"+34612345678\", templateName: t, languageCode: es, buttonParameters: [{ index: 0, type: url }] }", "5:95"},
		{"an offer without an end", "  - sendTemplate: { to: \"+34612345678\", templateName: t, languageCode: es, limitedTimeOffer: { expiresAt: soon } }", "5:107"},
		{"a card's parameter", "  - sendTemplate: { to: \"+34612345678\", templateName: t, languageCode: es, cards: [{ bodyParameters: [a] }, { bodyParameters: [\"\"] }] }", "5:128"},
		{"components beside a body", "  - sendTemplate: { to: \"+34612345678\", templateName: t, languageCode: es, bodyParameters: [a], components: [] }", "5:92"},
		{"a component's text", "  - sendTemplate: { to: \"+34612345678\", templateName: t, languageCode: es, components: [{ type: body, parameters: [{ type: text, text: \"\" }] }] }", "5:136"},
		{"a component of another shape", "  - sendTemplate: { to: \"+34612345678\", templateName: t, languageCode: es, components: [{ type: body, parameters: x }] }", "5:88"},
		{"bad day", "  - listConversations: { startDate: yesterday }", "5:37"},
		{"wait", "  - getStatus: { messageId: wamid.A, waitFor: delivered, waitTimeout: soon }", "5:71"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, found := newHarness(t).load(c.step)
			if found.Err() == nil {
				t.Fatal("nothing was found")
			}
			for _, d := range found {
				if strings.HasPrefix(place(d.Range.Start.Line, d.Range.Start.Column), c.want) {
					return
				}
			}
			t.Errorf("nothing at %s: %v", c.want, found)
		})
	}
}

func place(line, column int) string {
	text, _ := eval.Text(line)
	more, _ := eval.Text(column)
	return text + ":" + more
}
