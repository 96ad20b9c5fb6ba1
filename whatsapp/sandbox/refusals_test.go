package sandbox_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"waybill/whatsapp/sandbox"
)

// send builds a message with everything right but what the case says.
func send(rest string) string {
	return `{"messaging_product":"whatsapp","to":"+34612345678",` + rest + `}`
}

func template(name, language, components string) string {
	return send(`"type":"template","template":{"name":"` + name + `","language":{"code":"` + language + `"},"components":[` + components + `]}`)
}

func words(texts ...string) string {
	var list []string
	for _, text := range texts {
		list = append(list, `{"type":"text","text":"`+text+`"}`)
	}
	return strings.Join(list, ",")
}

func TestRefusedMessages(t *testing.T) {
	four := words("Juan", "25/03", "10:00", "García")
	tests := []struct {
		name   string
		body   string
		status int
		code   int
		says   string // in the details, or in the message when there are none
	}{
		{"no json", `{`, 400, 100, "not a JSON object"},
		{"a list", `[]`, 400, 100, "not a JSON object"},
		{"no product", `{"to":"+34612345678","type":"text","text":{"body":"x"}}`, 400, 100, "messaging_product is required"},
		{"wrong product", `{"messaging_product":"sms","to":"+34612345678","text":{"body":"x"}}`, 400, 100, "messaging_product must be"},
		{"no recipient", `{"messaging_product":"whatsapp","type":"text","text":{"body":"x"}}`, 400, 100, "to is required"},
		{"recipient as number", `{"messaging_product":"whatsapp","to":34612345678,"text":{"body":"x"}}`, 400, 100, "to must be a string"},
		{"recipient with letters", `{"messaging_product":"whatsapp","to":"+34 call me","text":{"body":"x"}}`, 400, 131009, "not a valid phone number"},
		{"recipient too short", `{"messaging_product":"whatsapp","to":"123456","text":{"body":"x"}}`, 400, 131009, "not a valid phone number"},
		{"recipient too long", `{"messaging_product":"whatsapp","to":"+1234567890123456","text":{"body":"x"}}`, 400, 131009, "not a valid phone number"},
		{"placeholder", `{"messaging_product":"whatsapp","to":"{{phone}}","text":{"body":"x"}}`, 400, 131009, "not a valid phone number"},
		{"bad scoped id", `{"messaging_product":"whatsapp","recipient":"123","text":{"body":"x"}}`, 400, 131009, "business-scoped"},
		{"bad recipient type", send(`"recipient_type":"all","type":"text","text":{"body":"x"}`), 400, 100, "recipient_type must be"},
		{"unknown type", send(`"type":"telegram","telegram":{}`), 400, 100, "type must be one of"},
		{"type of people only", send(`"type":"order","order":{}`), 400, 131051, "comes from people"},
		{"callback data too long", send(`"biz_opaque_callback_data":"` + strings.Repeat("x", 513) + `","type":"text","text":{"body":"x"}`), 400, 100, "at most 512"},
		{"empty context", send(`"context":{},"type":"text","text":{"body":"x"}`), 400, 131008, "message_id"},

		{"no text object", send(`"type":"text"`), 400, 131008, "'text' is mandatory"},
		{"no body", send(`"type":"text","text":{}`), 400, 131008, "body"},
		{"empty body", send(`"type":"text","text":{"body":""}`), 400, 131008, "body"},
		{"blank body", send(`"type":"text","text":{"body":"  "}`), 400, 131009, "blank"},
		{"body too long", send(`"type":"text","text":{"body":"` + strings.Repeat("ñ", 4097) + `"}`), 400, 100, "at most 4096"},
		{"body not text", send(`"type":"text","text":{"body":7}`), 400, 100, "must be a string"},
		{"preview not boolean", send(`"type":"text","text":{"body":"x","preview_url":"yes"}`), 400, 100, "must be a boolean"},
		{"text with a typo", send(`"type":"text","text":{"body":"x","previewUrl":true}`), 400, 100, "Invalid keys"},

		{"media without a file", send(`"type":"image","image":{"caption":"x"}`), 400, 131008, "id or a link"},
		{"media with two files", send(`"type":"image","image":{"id":"1","link":"https://example.com/a.jpg"}`), 400, 131009, "exactly one"},
		{"unknown media id", send(`"type":"image","image":{"id":"123"}`), 400, 100, "not a valid whatsapp business account media attachment ID"},
		{"link without scheme", send(`"type":"image","image":{"link":"example.com/a.jpg"}`), 400, 131009, "public http or https"},
		{"link to a file", send(`"type":"image","image":{"link":"file:///etc/passwd"}`), 400, 131009, "public http or https"},
		{"caption too long", send(`"type":"video","video":{"link":"https://example.com/a","caption":"` + strings.Repeat("x", 1025) + `"}`), 400, 100, "at most 1024"},
		{"caption on audio", send(`"type":"audio","audio":{"link":"https://example.com/a","caption":"x"}`), 400, 100, "caption"},
		{"caption on a sticker", send(`"type":"sticker","sticker":{"link":"https://example.com/a","caption":"x"}`), 400, 100, "caption"},
		{"filename on an image", send(`"type":"image","image":{"link":"https://example.com/a","filename":"x"}`), 400, 100, "filename"},

		{"location off the globe", send(`"type":"location","location":{"latitude":91,"longitude":0}`), 400, 131009, "latitude"},
		{"location without longitude", send(`"type":"location","location":{"latitude":1}`), 400, 131008, "longitude"},
		{"reaction without message", send(`"type":"reaction","reaction":{"emoji":"x"}`), 400, 131008, "message_id"},
		{"reaction as reply", send(`"context":{"message_id":"wamid.x"},"type":"reaction","reaction":{"message_id":"wamid.x","emoji":"x"}`), 400, 131009, "cannot be a reply"},
		{"no contacts", send(`"type":"contacts","contacts":[]`), 400, 131008, "contacts"},
		{"contact without name", send(`"type":"contacts","contacts":[{"phones":[]}]`), 400, 131008, "name"},

		{"four buttons", send(`"type":"interactive","interactive":{"type":"button","body":{"text":"x"},"action":{"buttons":[` +
			strings.Repeat(`{"type":"reply","reply":{"id":"a","title":"a"}},`, 3) + `{"type":"reply","reply":{"id":"b","title":"b"}}]}}`), 400, 131009, "buttons count"},
		{"same button twice", send(`"type":"interactive","interactive":{"type":"button","body":{"text":"x"},"action":{"buttons":[` +
			`{"type":"reply","reply":{"id":"a","title":"a"}},{"type":"reply","reply":{"id":"a","title":"b"}}]}}`), 400, 131009, "Duplicated"},
		{"button title too long", send(`"type":"interactive","interactive":{"type":"button","body":{"text":"x"},"action":{"buttons":[` +
			`{"type":"reply","reply":{"id":"a","title":"123456789012345678901"}}]}}`), 400, 131009, "title length"},
		{"list without rows", send(`"type":"interactive","interactive":{"type":"list","body":{"text":"x"},"action":{"button":"Menu","sections":[{"rows":[]}]}}`), 400, 131009, "row count"},
		{"interactive without body", send(`"type":"interactive","interactive":{"type":"list","action":{}}`), 400, 131008, "body"},
		{"unknown interactive", send(`"type":"interactive","interactive":{"type":"hologram","body":{"text":"x"},"action":{}}`), 400, 131009, "hologram"},
		{"flow with two names", send(`"type":"interactive","interactive":{"type":"flow","body":{"text":"x"},"action":{"name":"flow","parameters":{"flow_id":"1","flow_name":"a","flow_cta":"x"}}}`), 400, 131009, "exactly one"},

		{"template without name", send(`"type":"template","template":{"language":{"code":"es"}}`), 400, 131008, "name"},
		{"template without language", send(`"type":"template","template":{"name":"hello_world"}`), 400, 131008, "language"},
		{"no such template", template("nothing", "en_US", ""), 404, 132001, "does not exist in en_US"},
		{"no such language", template("hello_world", "en", ""), 404, 132001, "does not exist in en"},
		{"paused", template("paused_promotion", "en_US", ""), 400, 132015, "paused"},
		{"disabled", template("disabled_promotion", "en_US", ""), 400, 132016, "disabled"},
		{"rejected", template("rejected_offer", "en_US", ""), 404, 132001, "REJECTED"},
		{"pending", template("pending_notice", "en_US", ""), 404, 132001, "PENDING"},
		{
			"too few parameters", template("appointment_reminder", "es", `{"type":"body","parameters":[`+words("Juan")+`]}`), 400, 132000,
			"body: number of localizable_params (1) does not match the expected number of params (4)",
		},
		{"no parameters", template("appointment_reminder", "es", ""), 400, 132000, "body: number of localizable_params (0) does not match the expected number of params (4)"},
		{"parameters for none", template("hello_world", "en_US", `{"type":"body","parameters":[`+words("x")+`]}`), 400, 132000, "(1) does not match the expected number of params (0)"},
		{"body twice", template("appointment_reminder", "es", `{"type":"body","parameters":[`+four+`]},{"type":"body","parameters":[`+four+`]}`), 400, 131009, "twice"},
		{"unknown component", template("hello_world", "en_US", `{"type":"footer"}`), 400, 100, "must be one of"},
		{"empty parameter", template("order_confirmation", "en_US", `{"type":"body","parameters":[`+words("Ana", "", "1")+`]}`), 400, 131008, "text"},
		{"parameter of a wrong type", template("order_confirmation", "en_US", `{"type":"body","parameters":[`+words("Ana", "1")+`,{"type":"image","image":{"link":"https://example.com/a"}}]}`), 400, 132012, "Format mismatch"},
		{"newline in a parameter", template("order_confirmation", "en_US", `{"type":"body","parameters":[`+words("Ana", `a\nb`, "1")+`]}`), 400, 132018, "new-line"},
		{"tab in a parameter", template("order_confirmation", "en_US", `{"type":"body","parameters":[`+words("Ana", `a\tb`, "1")+`]}`), 400, 132018, "new-line"},
		{"five blanks in a parameter", template("order_confirmation", "en_US", `{"type":"body","parameters":[`+words("Ana", "a     b", "1")+`]}`), 400, 132018, "4 consecutive"},
		{"filled text too long", template("order_confirmation", "en_US", `{"type":"body","parameters":[`+words("Ana", strings.Repeat("x", 1020), "1")+`]}`), 400, 132005, "1024"},
		{"named for positional", template("order_confirmation", "en_US", `{"type":"body","parameters":[{"type":"text","parameter_name":"a","text":"b"},`+words("c", "d")+`]}`), 400, 132012, "positional"},
		{"positional for named", template("welcome_named", "en_US", `{"type":"header","parameters":[`+words("Ana")+`]},{"type":"body","parameters":[`+words("77", "Luis")+`]}`), 400, 132000, "name is missing"},
		{"unknown name", template("welcome_named", "en_US", `{"type":"header","parameters":[{"type":"text","parameter_name":"last_name","text":"x"}]}`), 400, 132000, "last_name"},
		{"name twice", template("welcome_named", "en_US", `{"type":"header","parameters":[{"type":"text","parameter_name":"first_name","text":"x"}]},`+
			`{"type":"body","parameters":[{"type":"text","parameter_name":"advisor","text":"x"},{"type":"text","parameter_name":"advisor","text":"y"}]}`), 400, 132000, "twice"},
		{"no media header", template("invoice", "en_US", `{"type":"body","parameters":[`+words("Ana", "1")+`]}`), 400, 132012, "header: Format mismatch, expected DOCUMENT, received UNKNOWN"},
		{
			"wrong media header", template("invoice", "en_US", `{"type":"header","parameters":[{"type":"image","image":{"link":"https://example.com/a"}}]},{"type":"body","parameters":[`+words("Ana", "1")+`]}`),
			400, 132012, "expected DOCUMENT, received IMAGE",
		},
		{
			"caption in a media header", template("invoice", "en_US", `{"type":"header","parameters":[{"type":"document","document":{"link":"https://example.com/a","caption":"x"}}]},{"type":"body","parameters":[`+words("Ana", "1")+`]}`),
			400, 100, "caption",
		},
		{"url button missing", template("shipping_update", "en_US", `{"type":"header","parameters":[`+words("A")+`]},{"type":"body","parameters":[`+words("Ana", "Friday")+`]}`), 400, 131008, "Button at index 0"},
		{"button that is not there", template("shipping_update", "en_US", `{"type":"header","parameters":[`+words("A")+`]},{"type":"body","parameters":[`+words("Ana", "Friday")+`]},`+
			`{"type":"button","sub_type":"url","index":5,"parameters":[`+words("x")+`]}`), 400, 132018, "index 5"},
		{"button of another kind", template("shipping_update", "en_US", `{"type":"header","parameters":[`+words("A")+`]},{"type":"body","parameters":[`+words("Ana", "Friday")+`]},`+
			`{"type":"button","sub_type":"quick_reply","index":"0","parameters":[{"type":"payload","payload":"x"}]}`), 400, 132012, "expected URL"},
		{"coupon too long", template("spring_sale", "en_US", `{"type":"header","parameters":[{"type":"image","image":{"link":"https://example.com/a"}}]},{"type":"body","parameters":[`+words("Ana", "20%")+`]},`+
			`{"type":"button","sub_type":"copy_code","index":"1","parameters":[{"type":"coupon_code","coupon_code":"123456789012345678901"}]}`), 400, 132005, "20"},
		{"authentication to a scoped id", `{"messaging_product":"whatsapp","recipient":"US.123","type":"template","template":{"name":"login_code","language":{"code":"en_US"}}}`, 400, 131062, "phone number"},

		{"to oneself", `{"messaging_product":"whatsapp","to":"+1 (555) 078-3881","type":"text","text":{"body":"x"}}`, 400, 131021, "sender"},
		{"lever of a refusal", `{"messaging_product":"whatsapp","to":"+34555131048","type":"text","text":{"body":"x"}}`, 400, 131048, "asks the sandbox"},
		{"read receipt without id", `{"messaging_product":"whatsapp","status":"read"}`, 400, 131008, "message_id"},
		{"read receipt of nothing", `{"messaging_product":"whatsapp","status":"read","message_id":"7"}`, 400, 100, "message_id"},
		{"unknown receipt", `{"messaging_product":"whatsapp","status":"seen","message_id":"wamid.x"}`, 400, 100, "must be one of"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := sandbox.New(sandbox.Options{})
			got := ask(t, s, http.MethodPost, messagesPath, test.body)
			f := got.failure()
			said := f.Data.Details
			if said == "" {
				said = f.Message
			}
			if got.status != test.status || f.Code != test.code || !strings.Contains(said, test.says) {
				t.Errorf("got %d %s\nwant %d, code %d and %q", got.status, got.body, test.status, test.code, test.says)
			}
			if f.Type == "" || f.Trace == "" || f.Trace != got.header.Get("X-Fb-Trace-Id") {
				t.Errorf("envelope without type or trace id: %s", got.body)
			}
			if n := len(s.Messages("")); n != 0 {
				t.Errorf("%d messages were accepted", n)
			}
		})
	}
}

func TestAcceptedMessages(t *testing.T) {
	s := sandbox.New(sandbox.Options{OpenWindow: true, NoPairLimit: true})
	image := `{"type":"header","parameters":[{"type":"image","image":{"link":"https://example.com/a.jpg"}}]}`
	tests := []struct{ name, body, text string }{
		{"text without type", send(`"text":{"body":"Hola"}`), "Hola"},
		{"upper-case type", send(`"type":"TEXT","text":{"body":"Hola"}`), "Hola"},
		{"longest text", send(`"type":"text","text":{"body":"` + strings.Repeat("ñ", 4096) + `"}`), strings.Repeat("ñ", 4096)},
		{
			"reminder", template("appointment_reminder", "es", `{"type":"body","parameters":[`+words("Juan", "25/03", "10:00", "García")+`]}`),
			"Hola Juan, le recordamos su cita del 25/03 a las 10:00 con García. Si no puede venir, avísenos.",
		},
		{"nothing to fill", template("hello_world", "en_US", ""), "Welcome and congratulations! This message shows that you can send a template."},
		{
			"named in any order", template("welcome_named", "en_US", `{"type":"header","parameters":[{"type":"text","parameter_name":"first_name","text":"Ana"}]},`+
				`{"type":"body","parameters":[{"type":"text","parameter_name":"advisor","text":"Luis"},{"type":"text","parameter_name":"account_number","text":"77"}]}`),
			"Your account 77 is ready, and Luis will call you.",
		},
		{
			"buttons by string and number", template("shipping_update", "en_US", `{"type":"header","parameters":[`+words("A")+`]},{"type":"body","parameters":[`+words("Ana", "Friday")+`]},`+
				`{"type":"button","sub_type":"URL","index":"0","parameters":[`+words("x")+`]},{"type":"button","sub_type":"quick_reply","index":1,"parameters":[{"type":"payload","payload":"p"}]}`),
			"Hi Ana, your order is on its way and should arrive on Friday.",
		},
		{
			"coupon", template("spring_sale", "en_US", image+`,{"type":"body","parameters":[`+words("Ana", "20%")+`]},{"type":"button","sub_type":"copy_code","index":1,"parameters":[{"type":"coupon_code","coupon_code":"SAVE20"}]}`),
			"Hi Ana, everything is 20% off until Sunday.",
		},
		{
			"login code", template("login_code", "en_US", `{"type":"body","parameters":[`+words("123456")+`]},{"type":"button","sub_type":"url","index":"0","parameters":[`+words("123456")+`]}`),
			"123456 is your verification code.",
		},
		{"coordinates as strings", send(`"type":"location","location":{"latitude":"41.4","longitude":"2.17"}`), ""},
		{"reaction taken back", send(`"type":"reaction","reaction":{"message_id":"wamid.x","emoji":""}`), ""},
		{"web address", send(`"type":"interactive","interactive":{"type":"cta_url","body":{"text":"Look"},"action":{"name":"cta_url","parameters":{"display_text":"Open","url":"https://example.com"}}}`), "Look"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := ask(t, s, http.MethodPost, messagesPath, test.body)
			if got.status != http.StatusOK {
				t.Fatalf("got %d %s, want 200", got.status, got.body)
			}
			list := s.Messages("+34612345678")
			last := list[len(list)-1]
			if last.ID != got.id() || last.Text != test.text {
				t.Errorf("the person reads %q in %s, want %q in %s", last.Text, last.ID, test.text, got.id())
			}
		})
	}
}

func TestCarousel(t *testing.T) {
	s := sandbox.New(sandbox.Options{})
	card := map[string]any{"components": []any{
		map[string]any{"type": "header", "format": "image"},
		map[string]any{"type": "body", "text": "Now {{1}} off."},
		map[string]any{"type": "buttons", "buttons": []any{map[string]any{"type": "quick_reply", "text": "More"}}},
	}}
	if _, err := s.AddTemplate(sandbox.Template{Name: "cards", Language: "en", Category: "MARKETING", Components: []map[string]any{
		{"type": "body", "text": "Look at these."}, {"type": "carousel", "cards": []any{card, card}},
	}}); err != nil {
		t.Fatal(err)
	}
	one := func(index string) string {
		return `{"card_index":` + index + `,"components":[{"type":"header","parameters":[{"type":"image","image":{"link":"https://example.com/a"}}]},{"type":"body","parameters":[` + words("20%") + `]}]}`
	}
	for cards, code := range map[string]int{one("0") + "," + one("1"): 0, one("0"): 132012, one("0") + "," + one("0"): 131009, one("0") + "," + one("2"): 131009} {
		got := ask(t, s, http.MethodPost, messagesPath, template("cards", "en", `{"type":"carousel","cards":[`+cards+`]}`))
		if got.code() != code {
			t.Errorf("%s\ngot %s, want code %d", cards, got.body, code)
		}
	}
}

func TestAccess(t *testing.T) {
	s := sandbox.New(sandbox.Options{})
	tests := []struct {
		name, method, path, token string
		status, code, subcode     int
		says                      string
	}{
		{"no token", http.MethodPost, messagesPath, "", 401, 104, 0, "access token is required"},
		{"wrong token", http.MethodPost, messagesPath, "Bearer nonsense", 401, 190, 0, "Invalid OAuth"},
		{"token before id", http.MethodPost, "/v23.0/999/messages", "Bearer nonsense", 401, 190, 0, "Invalid OAuth"},
		{"wrong number", http.MethodPost, "/v23.0/999/messages", "ok", 400, 100, 33, "Unsupported post request. Object with ID '999'"},
		{"no such call", http.MethodGet, "/v23.0/" + sandbox.DefaultPhoneNumberID + "/messages", "ok", 400, 100, 33, "Unsupported get request"},
		{"message by id", http.MethodGet, "/v23.0/wamid.HBgL", "ok", 400, 100, 33, "Unsupported get request"},
		{"edge of analytics", http.MethodGet, "/v23.0/" + sandbox.DefaultWABAID + "/conversation_analytics", "ok", 400, 100, 33, "Unsupported get request"},
		{"root", http.MethodGet, "/", "ok", 400, 100, 33, "Unsupported get request"},
		{"any version", http.MethodGet, "/v99.0/" + sandbox.DefaultPhoneNumberID, "ok", 200, 0, 0, ""},
		{"no version", http.MethodGet, "/" + sandbox.DefaultPhoneNumberID, "ok", 200, 0, 0, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			request, err := http.NewRequestWithContext(context.Background(), test.method, "https://graph.facebook.com"+test.path, strings.NewReader(text("+34612345678", "x")))
			if err != nil {
				t.Fatal(err)
			}
			if test.token == "ok" {
				test.token = "Bearer " + sandbox.DefaultToken
			}
			if test.token != "" {
				request.Header.Set("Authorization", test.token)
			}
			got, err := do(s, request)
			if err != nil {
				t.Fatal(err)
			}
			f := got.failure()
			if got.status != test.status || f.Code != test.code || f.Subcode != test.subcode || !strings.Contains(f.Message, test.says) {
				t.Errorf("got %d %s, want %d, %d/%d and %q", got.status, got.body, test.status, test.code, test.subcode, test.says)
			}
		})
	}
	if got, want := ask(t, s, http.MethodGet, "/v99.0/"+sandbox.DefaultPhoneNumberID, "").header.Get("Facebook-Api-Version"), "v99.0"; got != want {
		t.Errorf("version %q answered, want %q", got, want)
	}
}
