package whatsapp_test

import (
	"context"
	"errors"
	"fmt"
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
			if failure, ok := errors.AsType[*whatsapp.Error](err); ok {
				if code, known := whatsapp.Explain(failure.Code); !known || code.Retry != whatsapp.RetryNever {
					t.Errorf("%s, %s: %v", d.Name, name, err)
				}
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
	id, err := c.Upload(ctx, sandbox.DefaultPhoneNumberID, whatsapp.FileUpload{Name: "a.jpg", MIMEType: "image/jpeg", Content: strings.NewReader("\xff\xd8\xff\xe0jpeg"), Size: 8})
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
	if failure := failureOf(t, err); failure.Code != 100 || !failure.ObjectMissing() {
		t.Errorf("got %+v", failure)
	}
}
