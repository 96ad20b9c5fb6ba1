package whatsapp_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"waybill/whatsapp"
	"waybill/whatsapp/sandbox"
)

// These tests hold the client to the emulator, which shares no line with it: each was written from the vendor's
// pages alone.

func sandboxed(t *testing.T, o sandbox.Options) (*whatsapp.Client, *sandbox.Server) {
	t.Helper()
	if o.Now == nil {
		o.Now = time.Now
	}
	s := sandbox.New(o)
	c, err := whatsapp.New(whatsapp.Config{
		BaseURL: "https://graph.facebook.com/v23.0", Token: whatsapp.Token(sandbox.DefaultToken), Transport: s,
		ConnectTimeout: time.Second, ReadTimeout: 2 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	return c, s
}

// Whatever goes wrong, what the client calls not accepted was not accepted, and an id means that it was.
func TestFaultsAreToldApart(t *testing.T) {
	for _, test := range []struct {
		fault sandbox.Fault
		want  string // kinds, or "accepted"
	}{
		{sandbox.Fault{Kind: sandbox.FaultError}, "retry"},
		{sandbox.Fault{Kind: sandbox.FaultError, Code: 131016}, "retry"},
		{sandbox.Fault{Kind: sandbox.FaultError, Code: 190}, "refused"},
		{sandbox.Fault{Kind: sandbox.FaultError, Code: 131045}, "refused"},
		{sandbox.Fault{Kind: sandbox.FaultThrottle}, "slow down"},
		{sandbox.Fault{Kind: sandbox.FaultThrottle, Code: 80007}, "slow down"},
		{sandbox.Fault{Kind: sandbox.FaultThrottle, Code: 131056}, "pair"},
		{sandbox.Fault{Kind: sandbox.FaultStatus, RetryAfter: 7}, "slow down"},
		{sandbox.Fault{Kind: sandbox.FaultStatus, Status: 408}, "refused"},
		{sandbox.Fault{Kind: sandbox.FaultHTML}, "unsure"},
		{sandbox.Fault{Kind: sandbox.FaultHTML, Accepted: true}, "unsure"},
		{sandbox.Fault{Kind: sandbox.FaultHTML, Status: 504}, "unsure"},
		{sandbox.Fault{Kind: sandbox.FaultRefuse}, "not sent"},
		{sandbox.Fault{Kind: sandbox.FaultCut}, "in doubt"},
		{sandbox.Fault{Kind: sandbox.FaultLost}, "in doubt"},
		{sandbox.Fault{Kind: sandbox.FaultCutBody}, "in doubt"},
		{sandbox.Fault{Kind: sandbox.FaultNoID}, "in doubt"},
		{sandbox.Fault{Kind: sandbox.FaultNotJSON}, "in doubt"},
		{sandbox.Fault{Kind: sandbox.FaultLatency, Delay: 3 * time.Second}, "in doubt"},
		{sandbox.Fault{Kind: sandbox.FaultSlowBody, Delay: 3 * time.Second}, "in doubt"},
		{sandbox.Fault{Kind: sandbox.FaultLatency, Delay: time.Second}, "accepted"},
		{sandbox.Fault{Kind: sandbox.FaultNoWaID}, "accepted"},
	} {
		t.Run(fmt.Sprintf("%s %d %d", test.fault.Kind, test.fault.Code, test.fault.Status), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, s := sandboxed(t, sandbox.Options{OpenWindow: true})
				if _, err := s.AddFault(test.fault); err != nil {
					t.Fatal(err)
				}
				sent, err := c.Send(t.Context(), sandbox.DefaultPhoneNumberID, plain("x"), whatsapp.Gate{})
				synctest.Wait()
				arrived := len(s.Messages(""))
				got := "accepted"
				if err != nil {
					got = failureOf(t, err).Advice().Kind.String()
				}
				if got != test.want {
					t.Errorf("got %s, want %s: %v", got, test.want, err)
				}
				switch got {
				case "accepted":
					if arrived != 1 || sent.MessageID != s.Messages("")[0].ID {
						t.Errorf("the sandbox accepted %d, the client has %q", arrived, sent.MessageID)
					}
				case "in doubt", "unsure":
				default:
					if arrived != 0 {
						t.Errorf("%s, but the sandbox accepted it", got)
					}
				}
				if want := time.Duration(test.fault.RetryAfter) * time.Second; want > 0 && failureOf(t, err).RetryAfter != want {
					t.Errorf("got %v", err)
				}
			})
		})
	}
}

// The same over a socket, where connections are really cut.
func TestFaultsOverSocket(t *testing.T) {
	s := sandbox.New(sandbox.Options{Now: time.Now, OpenWindow: true, NoPairLimit: true})
	server := httptest.NewServer(s)
	defer server.Close()
	c, err := whatsapp.New(whatsapp.Config{
		BaseURL: server.URL + "/v23.0", Token: whatsapp.Token(sandbox.DefaultToken), ReadTimeout: time.Second, ConnectTimeout: time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{sandbox.FaultCut, sandbox.FaultLost, sandbox.FaultCutBody, sandbox.FaultHTML, sandbox.FaultNoID, sandbox.FaultError} {
		for range 3 {
			if _, err := s.AddFault(sandbox.Fault{Kind: kind}); err != nil {
				t.Fatal(err)
			}
			before := len(s.Messages(""))
			_, err := c.Send(t.Context(), sandbox.DefaultPhoneNumberID, plain("x"), whatsapp.Gate{})
			failure := failureOf(t, err)
			switch advice := failure.Advice().Kind; kind {
			case sandbox.FaultHTML:
				if advice != whatsapp.Unsure || failure.Page != "text/html" {
					t.Errorf("%s: got %v, %v", kind, advice, err)
				}
			case sandbox.FaultError:
				if advice != whatsapp.Retry {
					t.Errorf("%s: got %v, %v", kind, advice, err)
				}
			default:
				if advice != whatsapp.InDoubt || !failure.Sent {
					t.Errorf("%s: got %v, %v", kind, advice, err)
				}
			}
			if got := len(s.Messages("")) - before; got > 1 {
				t.Errorf("%s: one call, %d messages", kind, got)
			}
		}
	}
}

// Who paces with the limiter is never told off, however the machine bunches what was reserved apart.
func TestLimiterAgainstTheSandbox(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, s := sandboxed(t, sandbox.Options{OpenWindow: true, Throughput: 80})
		l := whatsapp.NewLimiter(time.Now).At(80)
		begin := time.Now()
		var group sync.WaitGroup
		send := func(to whatsapp.Recipient, i int) {
			m := plain("x")
			m.To = to
			// Commits go out together, every 250 ms: nothing that was booked inside leaves before.
			time.Sleep(l.Reserve(string(to)).Wait)
			time.Sleep(time.Until(begin.Add(time.Since(begin).Truncate(250*time.Millisecond) + 250*time.Millisecond)))
			_, err := c.Send(t.Context(), sandbox.DefaultPhoneNumberID, m, whatsapp.Gate{Wait: func() error { return l.Wait(t.Context(), opened) }})
			if err != nil {
				t.Errorf("message %d to %s: %v", i, to, err)
			}
		}
		for i := range 800 {
			group.Go(func() { send(whatsapp.Recipient(fmt.Sprintf("+346%08d", i)), i) })
		}
		group.Wait()
		if took := time.Since(begin); took > 12*time.Second {
			t.Errorf("800 messages at 80 a second took %s", took)
		}
		for i := range 60 {
			group.Go(func() { send("+34612345678", i) })
		}
		group.Wait()
		if got := len(s.Messages("")); got != 860 {
			t.Errorf("%d messages, want 860", got)
		}
	})
}

// filled makes a message that a template's definition asks for.
func filled(d whatsapp.Template) whatsapp.Message {
	var parts []whatsapp.Component
	for _, part := range d.Components {
		var values []whatsapp.Parameter
		for _, name := range part.Placeholders() {
			p := whatsapp.Parameter{Type: whatsapp.TextParameter, Text: "Ana"}
			if d.Named() {
				p.Name = name
			}
			values = append(values, p)
		}
		file := &whatsapp.File{Link: "https://example.com/a.pdf"}
		switch part.Format {
		case "IMAGE":
			values = append(values, whatsapp.Parameter{Type: whatsapp.ImageParameter, Image: file})
		case "VIDEO":
			values = append(values, whatsapp.Parameter{Type: whatsapp.VideoParameter, Video: file})
		case "DOCUMENT":
			values = append(values, whatsapp.Parameter{Type: whatsapp.DocumentParameter, Document: file})
		}
		if len(values) > 0 {
			parts = append(parts, whatsapp.Component{Type: strings.ToLower(part.Type), Parameters: values})
		}
		for i, b := range part.Buttons {
			switch {
			case b.Type == "URL" && len(b.Placeholders()) > 0:
				parts = append(parts, button(whatsapp.URLButton, fmt.Sprint(i), text("a1")[0]))
			case b.Type == "COPY_CODE":
				parts = append(parts, button(whatsapp.CopyCodeButton, fmt.Sprint(i), whatsapp.Parameter{Type: whatsapp.CouponCodeParameter, CouponCode: "SAVE20"}))
			}
		}
	}
	return template(d.Name, d.Language, parts...)
}

// What Template.Check finds is what the service refuses, and what it lets pass is accepted.
func TestTemplateCheckAgainstTheSandbox(t *testing.T) {
	c, _ := sandboxed(t, sandbox.Options{Throughput: -1, NoPairLimit: true})
	list, err := c.Templates(t.Context(), sandbox.DefaultWABAID, whatsapp.TemplateFilter{})
	if err != nil || len(list) < 5 {
		t.Fatalf("%d templates, %v", len(list), err)
	}
	breakages := map[string]func(*whatsapp.TemplateMessage){
		"as it is":   func(*whatsapp.TemplateMessage) {},
		"language":   func(m *whatsapp.TemplateMessage) { m.Language.Code = "xx" },
		"line break": func(m *whatsapp.TemplateMessage) { change(m, func(p *whatsapp.Parameter) { p.Text = "a\nb" }) },
		"empty":      func(m *whatsapp.TemplateMessage) { change(m, func(p *whatsapp.Parameter) { p.Text = "" }) },
		"too long": func(m *whatsapp.TemplateMessage) {
			change(m, func(p *whatsapp.Parameter) { p.Text = strings.Repeat("x", 1100) })
		},
		"one more":   func(m *whatsapp.TemplateMessage) { more(m) },
		"no bodies":  func(m *whatsapp.TemplateMessage) { without(m, "body") },
		"no headers": func(m *whatsapp.TemplateMessage) { without(m, "header") },
		"no buttons": func(m *whatsapp.TemplateMessage) { without(m, "button") },
		"nothing":    func(m *whatsapp.TemplateMessage) { m.Components = nil },
		"far button": func(m *whatsapp.TemplateMessage) {
			m.Components = append(m.Components, button("url", "9", text("x")[0]))
		},
		"other names": func(m *whatsapp.TemplateMessage) { change(m, func(p *whatsapp.Parameter) { p.Name = "nobody" }) },
	}
	for _, d := range list {
		for name, breakage := range breakages {
			m := filled(d)
			breakage(m.Template)
			problems := 0
			for _, p := range d.Check(m) {
				if !p.Warning {
					problems++
				}
			}
			_, err := c.Send(t.Context(), sandbox.DefaultPhoneNumberID, m, whatsapp.Gate{})
			var failure *whatsapp.Error
			if errors.As(err, &failure) && failure.Advice().Kind != whatsapp.Refused {
				t.Errorf("%s, %s: %v", d.Name, name, err)
			}
			if (problems > 0) != (err != nil) {
				t.Errorf("%s (%s), %s: the check finds %+v, the sandbox says %v", d.Name, d.Status, name, d.Check(m), err)
			}
		}
	}
}

func change(m *whatsapp.TemplateMessage, each func(*whatsapp.Parameter)) {
	for i, c := range m.Components {
		for j, p := range c.Parameters {
			if c.Type == whatsapp.BodyComponent && p.Type == whatsapp.TextParameter {
				each(&m.Components[i].Parameters[j])
			}
		}
	}
}

func more(m *whatsapp.TemplateMessage) {
	for i, c := range m.Components {
		if c.Type == whatsapp.BodyComponent {
			extra := c.Parameters[0]
			extra.Name += "x"
			if c.Parameters[0].Name == "" {
				extra.Name = ""
			}
			m.Components[i].Parameters = append(c.Parameters, extra)
			return
		}
	}
	m.Components = append(m.Components, component("body", text("x")...))
}

func without(m *whatsapp.TemplateMessage, kind string) {
	var rest []whatsapp.Component
	for _, c := range m.Components {
		if c.Type != kind {
			rest = append(rest, c)
		}
	}
	m.Components = rest
}

// Each read is answered by the emulator, which was written from the same pages by other means.
func TestReadsAgainstTheSandbox(t *testing.T) {
	c, s := sandboxed(t, sandbox.Options{OpenWindow: true})
	ctx := context.Background()
	sent, err := c.Send(ctx, sandbox.DefaultPhoneNumberID, plain("x"), whatsapp.Gate{})
	if err != nil || sent.MessageID == "" {
		t.Fatalf("got %+v, %v", sent, err)
	}
	if err := s.Advance(time.Minute); err != nil {
		t.Fatal(err)
	}
	history, err := c.MessageHistory(ctx, sandbox.DefaultPhoneNumberID, sent.MessageID)
	if err != nil || len(history) != 1 || len(history[0].Events) == 0 {
		t.Errorf("got %+v, %v", history, err)
	}
	id, err := c.Upload(ctx, sandbox.DefaultPhoneNumberID, "a.jpg", "image/jpeg", strings.NewReader("\xff\xd8\xff\xe0jpeg"), 8)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Send(ctx, sandbox.DefaultPhoneNumberID, media(whatsapp.Media{Type: whatsapp.Image, ID: id}), whatsapp.Gate{}); err != nil {
		t.Error(err)
	}
	q := whatsapp.AnalyticsQuery{Start: s.Now().Add(-24 * time.Hour), End: s.Now().Add(24 * time.Hour), Dimensions: []string{"PHONE"}}
	if got, err := c.ConversationAnalytics(ctx, sandbox.DefaultWABAID, q); err != nil || got.Absent || got.Total() == 0 {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, err := c.PricingAnalytics(ctx, sandbox.DefaultWABAID, q); err != nil || got.Absent {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, err := c.PhoneNumber(ctx, sandbox.DefaultPhoneNumberID); err != nil || got.DisplayPhoneNumber != sandbox.DefaultDisplayNumber {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, err := c.Account(ctx, sandbox.DefaultWABAID); err != nil || got.ID != sandbox.DefaultWABAID {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, err := c.PhoneNumbers(ctx, sandbox.DefaultWABAID); err != nil || len(got) != 1 {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, err := c.SubscribedApps(ctx, sandbox.DefaultWABAID); err != nil || len(got) != 1 || got[0].Name == "" {
		t.Errorf("got %+v, %v", got, err)
	}
	_, err = c.Send(ctx, "1", plain("x"), whatsapp.Gate{})
	if failure := failureOf(t, err); failure.Code != 100 || failure.Subcode != 33 || !failure.Advice().Run {
		t.Errorf("got %+v", failure)
	}
}
