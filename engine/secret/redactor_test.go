package secret_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"

	"waybill/engine/secret"
)

const token = `EAAG/tok"en+ñ😀<&>=x`

// disguises are the ways in which a program might print a secret.
func disguises(token string) map[string]string {
	quoted, _ := json.Marshal(token)
	var plainJSON bytes.Buffer
	encoder := json.NewEncoder(&plainJSON)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(token)
	inner := strings.Trim(strings.TrimSpace(plainJSON.String()), `"`)
	all := map[string]string{
		"raw": token, "query": url.QueryEscape(token), "path": url.PathEscape(token),
		"query, lower case": strings.ReplaceAll(strings.ReplaceAll(url.QueryEscape(token), "%2F", "%2f"), "%2B", "%2b"),
		"JSON":              string(quoted[1 : len(quoted)-1]), "JSON without HTML escapes": inner,
		"JSON with slashes escaped": strings.ReplaceAll(inner, "/", `\/`),
		"JSON in ASCII":             strings.NewReplacer("ñ", `\u00f1`, "😀", `\ud83d\ude00`).Replace(inner),
		"%q":                        strconv.Quote(token)[1 : len(strconv.Quote(token))-1],
		"hex":                       hex.EncodeToString([]byte(token)), "HEX": strings.ToUpper(hex.EncodeToString([]byte(token))),
		"a header": "Authorization: Bearer " + token + "\r\n",
		"a URL":    "https://x.test/?access_token=" + url.QueryEscape(token) + "&a=b",
	}
	delete(all, "query, lower case") // partly lower case: no program writes that
	for name, encoding := range map[string]*base64.Encoding{"std": base64.StdEncoding, "url": base64.URLEncoding, "raw std": base64.RawStdEncoding, "raw url": base64.RawURLEncoding} {
		all["base64 "+name] = encoding.EncodeToString([]byte(token))
		for shift := 1; shift < 3; shift++ {
			all[fmt.Sprint("base64 ", name, " after ", shift)] = encoding.EncodeToString([]byte(strings.Repeat("u", shift) + token + ":tail"))
		}
	}
	return all
}

// leaks looks for what is left of a secret: six characters in a row of one of its forms.
func leaks(text, form string) string {
	for i := 0; i+6 <= len(form); i++ {
		if strings.Contains(text, form[i:i+6]) {
			return form[i : i+6]
		}
	}
	return ""
}

func TestRedactForms(t *testing.T) {
	r := secret.NewRedactor()
	r.Add(token)
	for name, form := range disguises(token) {
		text := "before " + form + " after"
		got := r.Redact(text)
		if !strings.Contains(got, "[redacted]") {
			t.Errorf("%s: nothing redacted in %q", name, got)
			continue
		}
		if !strings.HasPrefix(got, "before ") || !strings.HasSuffix(got, " after") {
			t.Errorf("%s: too much redacted: %q", name, got)
		}
		shown := strings.NewReplacer("before ", "", " after", "", "[redacted]", "\x00").Replace(got)
		if strings.HasPrefix(name, "base64") && strings.Contains(name, "after") || strings.HasPrefix(name, "a ") {
			continue // text around it is left
		}
		if rest := strings.ReplaceAll(shown, "\x00", ""); rest != "" {
			t.Errorf("%s: %q is left", name, rest)
		}
	}
}

func TestRedact(t *testing.T) {
	tests := []struct {
		name    string
		secrets []string
		text    string
		want    string
	}{
		{"none", nil, "secret", "secret"},
		{"not there", []string{"abcdef"}, "abcde abcdE", "abcde abcdE"},
		{"short ones are not looked for", []string{"12345"}, "12345", "12345"},
		{"often", []string{"abcdef"}, "abcdefabcdef-abcdef", "[redacted][redacted]-[redacted]"},
		{"overlapping", []string{"abcdef", "efghij"}, "x abcdefghij y", "x [redacted] y"},
		{"one in another", []string{"cdefgh", "abcdefghij"}, "abcdefghij", "[redacted]"},
		{"one begins another", []string{"abcdef", "abcdefgh"}, "abcdefgh abcdefg", "[redacted] [redacted]g"},
		{"with itself", []string{"aaaaaa"}, "aaaaaaaaaaab", "[redacted]b"},
		{"lines", []string{"-----BEGIN KEY-----\nMIIEvQIBADAN\nxyz\n-----END KEY-----\n"}, "key: MIIEvQIBADAN, xyz", "key: [redacted], xyz"},
		{"all lines", []string{"first line\nsecond line"}, "first line\nsecond line|first line\r\nsecond line", "[redacted]|[redacted]"},
		{"a line break at its end", []string{"abcdef\n"}, "Bearer abcdef.", "Bearer [redacted]."},
	}
	for _, tt := range tests {
		r := secret.NewRedactor()
		for _, s := range tt.secrets {
			r.Add(s)
		}
		if got := r.Redact(tt.text); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
		// Through a writer, whatever the pieces, it is the same.
		for size := 1; size <= len(tt.text); size++ {
			if got := throughWriter(t, r, tt.text, size); got != tt.want {
				t.Errorf("%s in pieces of %d: %q, want %q", tt.name, size, got, tt.want)
			}
		}
	}
	if got := (*secret.Redactor)(nil).Redact("x"); got != "x" {
		t.Errorf("a nil Redactor gives %q", got)
	}
}

func throughWriter(t *testing.T, r *secret.Redactor, text string, size int) string {
	t.Helper()
	var out strings.Builder
	w := r.Writer(&out)
	for from := 0; from < len(text); from += size {
		piece := text[from:min(from+size, len(text))]
		if n, err := io.WriteString(w, piece); err != nil || n != len(piece) {
			t.Fatalf("write: %d, %v", n, err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestWriterHoldsLittle: a line that holds no secret is out at once.
func TestWriterHoldsLittle(t *testing.T) {
	r := secret.NewRedactor()
	r.Add("sup3r-secret")
	var out strings.Builder
	w := r.Writer(&out)
	_, _ = io.WriteString(w, "sent 5 of 10\n")
	if out.String() != "sent 5 of 10\n" {
		t.Errorf("held back: %q", out.String())
	}
	_, _ = io.WriteString(w, "token sup3r-")
	if strings.Contains(out.String(), "sup3r") {
		t.Errorf("let out too early: %q", out.String())
	}
	_, _ = io.WriteString(w, "market\n")
	if out.String() != "sent 5 of 10\ntoken sup3r-market\n" {
		t.Errorf("got %q", out.String())
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestWriterFails(t *testing.T) {
	r := secret.NewRedactor()
	r.Add("sup3r-secret")
	if _, err := r.Writer(brokenPipe{}).Write([]byte("x")); err == nil {
		t.Error("the error of the writer below was lost")
	}
}

func TestRedactorConcurrently(t *testing.T) {
	r := secret.NewRedactor()
	w := r.Writer(io.Discard)
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			for j := range 10 {
				r.Add(fmt.Sprintf("secret-%d-%d", i, j))
				_ = r.Redact("a text with secret-1-1 in it")
				_, _ = io.WriteString(w, "a text with secret-2-2 in it")
			}
		})
	}
	wait.Wait()
	if got := r.Redact("secret-7-9"); got != "[redacted]" {
		t.Errorf("got %q", got)
	}
}

func FuzzRedact(f *testing.F) {
	f.Add("sup3r-secret", "a sup3r-secret b", uint8(3))
	f.Add("aaaaaa", "aaaaaaaaaaa", uint8(1))
	f.Add("a\nbcdefg\n", "bcdefgbcdefg", uint8(2))
	f.Fuzz(func(t *testing.T, hidden, text string, size uint8) {
		r := secret.NewRedactor()
		r.Add(hidden)
		r.Add("another secret")
		got := r.Redact(text)
		if len(hidden) >= 6 && strings.Contains(strings.ReplaceAll(got, "[redacted]", "\x00"), hidden) {
			t.Fatalf("%q is left in %q", hidden, got)
		}
		if again := throughWriter(t, r, text, int(size)+1); again != got {
			t.Fatalf("in pieces %q, at once %q", again, got)
		}
	})
}

func TestSecretIsNeverPrinted(t *testing.T) {
	s := secret.New("s3cret-token")
	asJSON, err := json.Marshal(map[string]any{"token": s, "pointer": &s})
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", slog.Any("token", s), slog.Any("in", map[string]any{"token": s}))
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", slog.Any("token", s))
	for _, text := range []string{
		fmt.Sprint(s), fmt.Sprintf("%v %+v %#v %s %q %x %d", s, s, s, s, s, s, s), fmt.Sprintf("%v %#v", struct{ Token secret.Secret }{s}, &s),
		string(asJSON), log.String(), fmt.Sprint(fmt.Errorf("call with %v: %w", s, io.EOF)),
	} {
		if leak := leaks(text, "s3cret-token"); leak != "" {
			t.Errorf("%q in %s", leak, text)
		}
		if leak := leaks(text, hex.EncodeToString([]byte("s3cret-token"))); leak != "" {
			t.Errorf("%q in %s", leak, text)
		}
	}
	if s.Reveal() != "s3cret-token" || s.IsZero() || !secret.New("").IsZero() {
		t.Error("the secret itself is wrong")
	}
}
