package whatsapp_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"waybill/whatsapp"
)

// graphCase is one file of testdata/graph: what the vendor documents, not what the client happens to do.
type graphCase struct {
	Page     string
	Version  string
	Request  *graphRequest
	Response *graphResponse
	Event    json.RawMessage
}

type graphRequest struct {
	Method string
	Path   string
	Query  map[string]string
	Body   json.RawMessage
	Form   map[string]string
	File   map[string]string
}

type graphResponse struct {
	Status int
	Body   json.RawMessage
}

func readGraph(t *testing.T, operation, name string) graphCase {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "testdata", "graph", operation, name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var c graphCase
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&c); err != nil {
		t.Fatalf("%s/%s: %v", operation, name, err)
	}
	if c.Page == "" || c.Version == "" {
		t.Fatalf("%s/%s: page and version are missing", operation, name)
	}
	return c
}

func graphNames(t *testing.T, operation string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "testdata", "graph", operation, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases of %s: %v", operation, err)
	}
	for i, file := range files {
		files[i] = strings.TrimSuffix(filepath.Base(file), ".json")
	}
	return files
}

// same compares two JSON texts as values, numbers by their digits.
func same(t *testing.T, got, want []byte) {
	t.Helper()
	if diff := cmp.Diff(values(t, want), values(t, got)); diff != "" {
		t.Errorf("the body differs (-want +got):\n%s", diff)
	}
}

func values(t *testing.T, raw []byte) any {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
	return value
}

// take reads the body of a request as net/http's transport does: it tells first that there is a connection, and that
// the headers are written.
func take(r *http.Request) ([]byte, error) {
	if trace := httptrace.ContextClientTrace(r.Context()); trace != nil {
		if trace.GotConn != nil {
			trace.GotConn(httptrace.GotConnInfo{})
		}
		if trace.WroteHeaders != nil {
			trace.WroteHeaders()
		}
	}
	return io.ReadAll(r.Body)
}

// carrier is a transport without a network: it reads the whole request, as the sandbox does, and answers.
type carrier struct {
	answer func(r *http.Request, body []byte) (*http.Response, error)
}

func (c carrier) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		defer func() { _ = r.Body.Close() }()
		var err error
		if body, err = take(r); err != nil {
			return nil, err
		}
	}
	return c.answer(r, body)
}

func reply(status int, contentType, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {contentType}},
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}
}

const canary = "EAAcanary0123456789canary"

var testToken = whatsapp.Token(canary)

func client(t *testing.T, answer func(r *http.Request, body []byte) (*http.Response, error)) *whatsapp.Client {
	t.Helper()
	c, err := whatsapp.New(whatsapp.Config{
		BaseURL: "https://example.com/proxy/v23.0/", Token: testToken, Transport: carrier{answer}, Version: "1.2.3",
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func text(parts ...string) []whatsapp.Parameter {
	var list []whatsapp.Parameter
	for _, part := range parts {
		list = append(list, whatsapp.Parameter{Type: whatsapp.TextParameter, Text: part})
	}
	return list
}

func component(kind string, parameters ...whatsapp.Parameter) whatsapp.Component {
	return whatsapp.Component{Type: kind, Parameters: parameters}
}

func button(kind, index string, parameter whatsapp.Parameter) whatsapp.Component {
	return whatsapp.Component{Type: "button", SubType: kind, Index: index, Parameters: []whatsapp.Parameter{parameter}}
}

func template(name, language string, components ...whatsapp.Component) whatsapp.Message {
	return whatsapp.Message{To: "+34612345678", Template: &whatsapp.TemplateMessage{
		Name: name, Language: whatsapp.Language{Code: language}, Components: components,
	}}
}

func plain(body string) whatsapp.Message {
	return whatsapp.Message{To: "+34612345678", Text: &whatsapp.Text{Body: body}}
}

func media(m whatsapp.Media) whatsapp.Message {
	return whatsapp.Message{To: "+34612345678", Media: &m}
}

func with(m whatsapp.Message, change func(*whatsapp.Message)) whatsapp.Message {
	change(&m)
	return m
}

// texts, templates and medias hold a message for each case of their operation that has a body.
func texts() map[string]whatsapp.Message {
	hi := plain("Hi")
	link := func(preview bool) whatsapp.Message {
		return whatsapp.Message{To: "+34612345678", Text: &whatsapp.Text{PreviewURL: &preview, Body: "https://example.com/t/1"}}
	}
	return map[string]whatsapp.Message{
		"plain":      plain("Tracking: <b> & \"quotes\" é 😀"),
		"preview_on": link(true), "preview_off": link(false),
		"reply": with(plain("Yes"), func(m *whatsapp.Message) {
			m.ReplyTo = "wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA="
		}),
		"callback_data": with(hi, func(m *whatsapp.Message) { m.CallbackData = "d-0194f3c1" }),
		"user_id":       with(hi, func(m *whatsapp.Message) { m.To = "US.13491208655302741918" }),
		"identity_hash": with(hi, func(m *whatsapp.Message) { m.IdentityHash = "DF2lS5v2W6x=" }),
		"wa_id_differs": with(plain("Oi"), func(m *whatsapp.Message) { m.To = "+5551987654321" }),
		"no_message_id": hi, "pair_rate": hi, "throughput": hi, "not_allowed": hi, "token_expired": hi, "unknown_number": hi,
		"something_went_wrong": hi,
	}
}

func medias() map[string]whatsapp.Message {
	const id = "1013859600285441"
	return map[string]whatsapp.Message{
		"image_link": media(whatsapp.Media{Type: whatsapp.Image, Link: "https://example.com/a.jpg?x=1&y=2", Caption: "Hola"}),
		"image_id":   media(whatsapp.Media{Type: whatsapp.Image, ID: id}),
		"document":   media(whatsapp.Media{Type: whatsapp.Document, Link: "https://example.com/i.pdf", Caption: "Invoice", Filename: "INV-1.pdf"}),
		"audio":      media(whatsapp.Media{Type: whatsapp.Audio, ID: id}),
		"voice":      media(whatsapp.Media{Type: whatsapp.Audio, ID: id, Voice: true}),
		"video":      media(whatsapp.Media{Type: whatsapp.Video, Link: "https://example.com/v.mp4", Caption: "Hola"}),
		"sticker":    media(whatsapp.Media{Type: whatsapp.Sticker, ID: id}),
		"too_large":  media(whatsapp.Media{Type: whatsapp.Video, ID: id}),
	}
}

func templates() map[string]whatsapp.Message {
	p := func(kind string, change func(*whatsapp.Parameter)) whatsapp.Parameter {
		parameter := whatsapp.Parameter{Type: kind}
		change(&parameter)
		return parameter
	}
	card := func(i int) whatsapp.Card {
		return whatsapp.Card{Index: i, Components: []whatsapp.Component{
			component("header", p("image", func(p *whatsapp.Parameter) { p.Image = &whatsapp.File{ID: "24230790383178626"} })),
			component("body", text("20%")...),
			button("quick_reply", "0", p("payload", func(p *whatsapp.Parameter) { p.Payload = "c" + string(rune('0'+i)) })),
		}}
	}
	return map[string]whatsapp.Message{
		"no_parameters": template("hello_world", "en_US"),
		"positional":    template("appointment_reminder", "es", component("body", text("Juan", "25/03/2026", "10:30", "Dra. Pérez")...)),
		"named": template("order_shipped", "en_US", component("body",
			p("text", func(p *whatsapp.Parameter) { p.Name, p.Text = "first_name", "Ana" }),
			p("text", func(p *whatsapp.Parameter) { p.Name, p.Text = "order_number", "A-17" }))),
		"header_image_and_buttons": template("appointment_reminder", "es",
			component("header", p("image", func(p *whatsapp.Parameter) { p.Image = &whatsapp.File{ID: "1013859600285441"} })),
			component("body", text("Juan", "25/03/2026")...),
			button("quick_reply", "0", p("payload", func(p *whatsapp.Parameter) { p.Payload = "CONFIRM" })),
			button("url", "1", text("a1b2")[0])),
		"header_document": template("invoice", "es", component("header", p("document", func(p *whatsapp.Parameter) {
			p.Document = &whatsapp.File{Link: "https://example.com/i.pdf", Filename: "INV-1.pdf"}
		}))),
		"header_video": template("promo_video", "es", component("header", p("video", func(p *whatsapp.Parameter) {
			p.Video = &whatsapp.File{Link: "https://example.com/v.mp4"}
		}))),
		"header_text": template("promo", "es", component("header", text("Marzo")...)),
		"header_location": template("pickup", "en_US", component("header", p("location", func(p *whatsapp.Parameter) {
			p.Location = &whatsapp.Location{Latitude: "37.44221496582", Longitude: "-122.16165924072", Name: "Philz Coffee", Address: "101 Forest Ave"}
		}))),
		"currency_and_date_time": template("payment", "en_US", component("body",
			p("currency", func(p *whatsapp.Parameter) {
				p.Currency = &whatsapp.Currency{FallbackValue: "$100.99", Code: "USD", Amount1000: 100990}
			}),
			p("date_time", func(p *whatsapp.Parameter) { p.DateTime = &whatsapp.DateTime{FallbackValue: "February 25, 2027"} }))),
		"copy_code":      template("coupon", "es", button("copy_code", "0", p("coupon_code", func(p *whatsapp.Parameter) { p.CouponCode = "SAVE20" }))),
		"authentication": template("login_code", "en_US", component("body", text("731842")...), button("url", "0", text("731842")[0])),
		"flow_button": template("survey", "en_US", button("flow", "0", p("action", func(p *whatsapp.Parameter) {
			p.Action = &whatsapp.Action{FlowToken: "t-1", FlowActionData: json.RawMessage(`{"lang":"en"}`)}
		}))),
		"catalog_button": template("catalog", "en_US", button("catalog", "0", p("action", func(p *whatsapp.Parameter) {
			p.Action = &whatsapp.Action{ThumbnailProductID: "2lc20305pt"}
		}))),
		"limited_time_offer": template("offer", "es", component("limited_time_offer", p("limited_time_offer", func(p *whatsapp.Parameter) {
			p.LimitedTime = &whatsapp.LimitedOffer{ExpirationTimeMS: 1698562800000}
		}))),
		"carousel":         template("carousel", "es", whatsapp.Component{Type: "carousel", Cards: []whatsapp.Card{card(0), card(1)}}),
		"parameter_count":  template("appointment_reminder", "es", component("body", text("Juan")...)),
		"unknown_template": template("no_such_template", "es"),
		"paused":           template("promo", "es"),
	}
}

func TestSendAsDocumented(t *testing.T) {
	for operation, messages := range map[string]map[string]whatsapp.Message{"sendText": texts(), "sendTemplate": templates(), "sendMedia": medias()} {
		for _, name := range graphNames(t, operation) {
			t.Run(operation+"/"+name, func(t *testing.T) {
				c := readGraph(t, operation, name)
				if c.Request.Body == nil {
					t.Skip("no message; see the test of its own call")
				}
				message, ok := messages[name]
				if !ok {
					t.Fatal("no message for this case")
				}
				if problems := message.Check(); len(problems) > 0 {
					t.Errorf("a documented message has problems: %+v", problems)
				}
				var sent whatsapp.Sent
				var err error
				got := client(t, func(r *http.Request, body []byte) (*http.Response, error) {
					if want := "/proxy/v23.0/106540352242922/messages"; r.URL.Path != want || r.Method != c.Request.Method {
						t.Errorf("%s %s, want %s %s", r.Method, r.URL.Path, c.Request.Method, want)
					}
					if length := r.ContentLength; length != int64(len(body)) {
						t.Errorf("Content-Length %d of %d bytes", length, len(body))
					}
					same(t, body, c.Request.Body)
					return reply(c.Response.Status, "application/json", string(c.Response.Body)), nil
				})
				sent, err = got.Send(context.Background(), "106540352242922", message, whatsapp.Gate{})
				compareAnswer(t, *c.Response, sent, err)
			})
		}
	}
}

func compareAnswer(t *testing.T, want graphResponse, sent whatsapp.Sent, err error) {
	t.Helper()
	var body struct {
		Messages []struct {
			ID     string
			Status string `json:"message_status"`
		}
		Contacts []struct {
			WaID   string `json:"wa_id"`
			UserID string `json:"user_id"`
		}
		Error struct {
			Code    int
			Subcode int    `json:"error_subcode"`
			Trace   string `json:"fbtrace_id"`
			Data    struct{ Details string }
		}
	}
	if err := json.Unmarshal(want.Body, &body); err != nil {
		t.Fatal(err)
	}
	if len(body.Messages) == 0 {
		var failure *whatsapp.Error
		if !errors.As(err, &failure) {
			t.Fatalf("got %+v, %v, want an error", sent, err)
		}
		if failure.Status != want.Status || failure.Code != body.Error.Code || failure.Subcode != body.Error.Subcode || failure.TraceID != body.Error.Trace || !failure.Sent {
			t.Errorf("got %+v", failure)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	status := body.Messages[0].Status
	if status == "" {
		status = whatsapp.SentAccepted
	}
	wanted := whatsapp.Sent{MessageID: body.Messages[0].ID, Status: status}
	if len(body.Contacts) > 0 {
		wanted.WaID, wanted.UserID = body.Contacts[0].WaID, body.Contacts[0].UserID
	}
	if sent != wanted {
		t.Errorf("got %+v, want %+v", sent, wanted)
	}
}

// A message that was stored as its body is the same message when it is read back.
func TestMessageComesBack(t *testing.T) {
	for operation, messages := range map[string]map[string]whatsapp.Message{"sendText": texts(), "sendTemplate": templates(), "sendMedia": medias()} {
		for name, message := range messages {
			body, err := message.Body()
			if err != nil {
				t.Fatal(err)
			}
			var back whatsapp.Message
			if err := json.Unmarshal(body, &back); err != nil {
				t.Errorf("%s/%s: %v", operation, name, err)
			}
			if diff := cmp.Diff(message, back); diff != "" {
				t.Errorf("%s/%s: (-want +got)\n%s", operation, name, diff)
			}
		}
	}
	for _, bad := range []string{`{}`, `{"messaging_product":"whatsapp","recipient_type":"group","type":"text","text":{"body":"x"}}`, `{"messaging_product":"whatsapp","recipient_type":"individual","type":"image","text":{"body":"x"}}`, `{"messaging_product":"whatsapp","recipient_type":"individual","type":"text","text":{"body":"x"},"extra":1}`} {
		var m whatsapp.Message
		if err := json.Unmarshal([]byte(bad), &m); err == nil {
			t.Errorf("%s was read", bad)
		}
	}
}

func TestBodyKeepsCharacters(t *testing.T) {
	body, err := plain("a<b>&c\u2028").Body()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(body, []byte("a<b>&c")) || bytes.HasSuffix(body, []byte("\n")) {
		t.Errorf("got %q", body)
	}
}

// queryOf returns the query as the file writes it: one value a name.
func queryOf(u *url.URL) map[string]string {
	query := map[string]string{}
	for name, values := range u.Query() {
		query[name] = strings.Join(values, "|")
	}
	return query
}
