package wording_test

import (
	"testing"

	"waybill/engine/wording"
)

func TestTheirWords(t *testing.T) {
	const title, advice = "Message undeliverable", "Verify the number by another channel."
	for message, want := range map[string]string{
		"Message undeliverable": "",
		"Message undeliverable. Verify the number by another channel.":                                                         "",
		"Message undeliverable: Not on WhatsApp. Verify the number by another channel.":                                        "Not on WhatsApp",
		"WhatsApp error 131026, Message undeliverable: Not on WhatsApp. (trace Ab_c-1). Verify the number by another channel.": "Not on WhatsApp",
		"WhatsApp error 131026/33, Unable to deliver: Not on WhatsApp (trace Ab)":                                              "Unable to deliver: Not on WhatsApp",
		"WhatsApp error 131026: (#131026) gone":                                                                                "(#131026) gone",
		"Message undeliverable: version 2.1 (beta)":                                                                            "version 2.1 (beta)",
	} {
		if got := wording.WithoutTrace(wording.TheirWords(message, title, advice)); got != want {
			t.Errorf("%s: got %q, want %q", message, got, want)
		}
	}
	if got := wording.TheirWords("WhatsApp error 131026, Message undeliverable: Gone. (trace Ab).", title, advice); got != "Gone. (trace Ab)" {
		t.Errorf("got %q", got)
	}
	if got := wording.TheirWords("no such code", "", ""); got != "no such code" {
		t.Errorf("got %q", got)
	}
}
