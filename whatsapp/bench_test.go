package whatsapp_test

import (
	"io"
	"net/http"
	"testing"

	"waybill/whatsapp"
)

func BenchmarkBody(b *testing.B) {
	message := templates()["header_image_and_buttons"]
	b.ReportAllocs()
	for b.Loop() {
		if _, err := message.Body(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	message := templates()["positional"]
	b.ReportAllocs()
	for b.Loop() {
		if found := message.Check(); len(found) > 0 {
			b.Fatal(found)
		}
	}
}

func BenchmarkSend(b *testing.B) {
	c, err := whatsapp.New(whatsapp.Config{Token: testToken, Transport: transportFunc(func(r *http.Request) (*http.Response, error) {
		_, _ = io.Copy(io.Discard, r.Body)
		return reply(200, "application/json", accepted), nil
	})})
	if err != nil {
		b.Fatal(err)
	}
	message := templates()["positional"]
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Send(b.Context(), "106540352242922", message, whatsapp.Gate{}); err != nil {
			b.Fatal(err)
		}
	}
}
