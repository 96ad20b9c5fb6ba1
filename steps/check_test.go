package steps_test

import (
	"fmt"
	"strings"
	"testing"
)

// told writes findings as the tables expect them.
func (h *harness) told(step string) []string {
	h.t.Helper()
	_, found := h.load(step)
	told := make([]string, len(found))
	for i, d := range found {
		told[i] = fmt.Sprintf("%d:%d %s %s", d.Range.Start.Line, d.Range.Start.Column, d.Code, d.Summary)
		if !d.Range.Valid() {
			h.t.Errorf("range of %s", told[i])
		}
	}
	return told
}

// Whatever else is wrong in a file, each operation looks at what can be read of its step; and nothing is said twice.
func TestAllFindingsComeAtOnce(t *testing.T) {
	for _, c := range []struct {
		name, step string
		want       []string
	}{
		{
			"an expression beside it", `
  - sendText: { to: 12, body: "${{ steps.zz.messageId }}" }`,
			[]string{`6:21 bad-recipient "12" is not a phone number: it has 2 digits, a number has at least 7`, `6:42 unknown-step no step has the id "zz" here`},
		},
		{
			"an unknown key beside it", `
  - sendText: { to: 12, body: hi, x: 1 }`,
			[]string{`6:21 bad-recipient "12" is not a phone number: it has 2 digits, a number has at least 7`, `6:35 unknown-key unknown key "x" in sendText`},
		},
		{
			"a wrong type beside it", `
  - sendText: { to: 12, body: hi, previewUrl: "x" }`,
			[]string{`6:21 bad-recipient "12" is not a phone number: it has 2 digits, a number has at least 7`, `6:47 type-mismatch previewUrl must be true or false, and this is text`},
		},
		{
			"a key twice", `
  - sendText: { to: 12, body: hi, body: ho }`,
			[]string{`6:21 bad-recipient "12" is not a phone number: it has 2 digits, a number has at least 7`, `6:35 duplicate-key "body" stands twice`},
		},
		{
			"an id twice", `
  - id: a
    sendText: { to: 12, body: hi }
  - id: a
    sendText: { to: 13, body: hi }`,
			[]string{
				`7:21 bad-recipient "12" is not a phone number: it has 2 digits, a number has at least 7`, `8:9 duplicate-id a second step has the id "a"`,
				`9:21 bad-recipient "13" is not a phone number: it has 2 digits, a number has at least 7`,
			},
		},
		{
			"a path outside", `
  - sendMedia: { to: 12, mediaType: image, file: ../a.jpg }`,
			[]string{`6:22 bad-recipient "12" is not a phone number: it has 2 digits, a number has at least 7`, `6:50 path-outside ../a.jpg is outside of the job's folder`},
		},
		{
			"a file that is not there", `
  - sendMedia: { to: 12, mediaType: audio, file: a.mp3, caption: x }`,
			[]string{
				`6:22 bad-recipient "12" is not a phone number: it has 2 digits, a number has at least 7`, `6:50 unreadable-file there is no file "a.mp3"`,
				`6:66 bad-parameter caption: audio takes no caption`,
			},
		},
		{
			"something missing", `
  - sendText: { to: 44 79 }`,
			[]string{`6:5 missing-key sendText lacks body`, `6:21 bad-recipient "44 79" is not a phone number: it has 4 digits, a number has at least 7`},
		},
		{
			"two sources and a caption", `
  - sendMedia: { to: "+34612345678", mediaUrl: "https://x.example/y", mediaId: "1", mediaType: audio, caption: x }`,
			[]string{`6:80 bad-parameter mediaId: it stands beside mediaUrl: one of the two says where the file is`, `6:112 bad-parameter caption: audio takes no caption`},
		},
		{
			"a number, an address and a caption", `
  - sendMedia: { to: 12, mediaUrl: "ftp://x", mediaType: audio, caption: x }`,
			[]string{
				`6:22 bad-recipient "12" is not a phone number: it has 2 digits, a number has at least 7`,
				`6:36 bad-parameter mediaUrl: the link is not an http or https address`, `6:74 bad-parameter caption: audio takes no caption`,
			},
		},
		{
			"a kind that there is not", `
  - sendMedia: { to: 12, mediaUrl: "ftp://x", mediaType: audios }`,
			[]string{
				`6:22 bad-recipient "12" is not a phone number: it has 2 digits, a number has at least 7`,
				`6:36 bad-parameter mediaUrl: the link is not an http or https address`, `6:58 unknown-value mediaType cannot be "audios"`,
			},
		},
		{
			"a kind that only the run knows", `
  - forEach: { items: [image], key: "${{ item }}" }
    sendMedia: { to: "+34612345678", mediaUrl: "ftp://x", mediaType: "${{ item }}" }`,
			[]string{`7:48 bad-parameter mediaUrl: the link is not an http or https address`},
		},
		{
			"nothing to send", `
  - sendMedia: { to: 12, mediaType: image }`,
			[]string{`6:16 bad-parameter nothing says where the file is: give mediaUrl, mediaId or file`, `6:22 bad-recipient "12" is not a phone number: it has 2 digits, a number has at least 7`},
		},
		{
			"braces without quotes", `
  - sendText: { to: {{ item.phone }}, body: "" }`,
			[]string{`6:21 unquoted-braces YAML takes these braces for a map`, `6:45 bad-parameter body is empty`},
		},
		{
			"a list for a number", `
  - sendText: { to: [1], body: "" }`,
			[]string{`6:21 type-mismatch to must be text or a whole number, and this is a list`, `6:32 bad-parameter body is empty`},
		},
		{
			"a template, all of it", `
  - sendTemplate:
      to: 12
      templateName: No Name
      languageCode: Spanish
      headerMedia: { type: image, link: "ftp://x", id: "1" }
      bodyParameters: ["a\nb", "", { type: currency, currency: { fallback_value: "1", code: euro, amount_1000: 5 } }]
      buttonParameters: [{ index: 12, type: url, value: "" }, { index: 1, type: copyCode, value: abcdefghijklmnopqrstu }]`,
			[]string{
				`7:11 bad-recipient "12" is not a phone number: it has 2 digits, a number has at least 7`,
				`8:21 bad-parameter templateName: "No Name" is no template name`,
				`9:21 bad-parameter languageCode: "Spanish" does not look like a language code`,
				`10:41 bad-parameter headerMedia.link: the link is not an http or https address`,
				`10:56 bad-parameter headerMedia.id: it stands beside link: one of the two says where the file is`,
				`11:24 bad-parameter bodyParameters[0]: the parameter holds a line break, a tab or more than 4 blanks in a row`,
				`11:32 bad-parameter bodyParameters[1]: the parameter is empty`,
				`11:36 bad-parameter bodyParameters[2]: "euro" is not a currency code`,
				`12:35 bad-value index must be at most 9`,
				`12:57 bad-parameter buttonParameters[0].value is empty`,
				`12:98 bad-parameter buttonParameters[1].value: the parameter has 21 characters, 20 are allowed`,
			},
		},
		{
			"a date for a number", `
  - sendText: { to: 2026-03-25, body: 2026-03-25 }
  - sendText: { to: "25.03.2026", body: x }`,
			[]string{`6:21 bad-recipient "2026-03-25" is not a phone number: it is a date`, `7:21 bad-recipient "25.03.2026" is not a phone number: it is a date`},
		},
		{
			"braces without a dollar sign", `
  - sendText: { to: "+34612345678", body: "hi {{ name }}" }`,
			[]string{`6:47 literal-braces {{ name }} would be sent as it stands`},
		},
		{"amounts that only the run knows", `
  - forEach: { items: [{ n: 1, t: currency }], key: "${{ item.n }}" }
    sendTemplate:
      to: "+34612345678"
      templateName: t
      languageCode: es
      bodyParameters:
        - { type: currency, currency: { fallback_value: "1", code: EUR, amount_1000: "${{ item.n }}" } }
        - { type: "${{ item.t }}", currency: { fallback_value: "1", code: EUR, amount_1000: 5 } }
      headerParameters: [{ type: location, location: { latitude: "${{ item.n }}", longitude: "${{ item.n }}", name: x } }]
      buttonParameters: [{ index: "${{ item.n }}", type: "${{ item.t }}", value: x }]`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := newHarness(t).told(c.step[1:])
			for i := range c.want {
				line, rest, _ := strings.Cut(c.want[i], ":")
				var n int
				if _, err := fmt.Sscan(line, &n); err != nil {
					t.Fatal(err)
				}
				c.want[i] = fmt.Sprintf("%d:%s", n-1, rest) // the tables begin with a line break
			}
			if strings.Join(got, "\n") != strings.Join(c.want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}
