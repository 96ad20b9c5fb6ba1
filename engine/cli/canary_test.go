package cli_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"io/fs"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"waybill/whatsapp/sandbox"
)

// The canaries: values that must come out nowhere. One has characters that every encoding changes.
const (
	canaryToken = "EAAGcanary0token1that2nobody3may4see5as6long7as8a9real1one0isEAAGcanary0token1that2nobody3may4see5as6long7as8a9real1one0is"
	canaryValue = `canary "ñandú" & co <7>/+`
)

// forms are the disguises in which a secret may come out.
func forms(secret string) map[string]string {
	list := map[string]string{
		"raw": secret, "query": url.QueryEscape(secret), "path": url.PathEscape(secret), "hex": hex.EncodeToString([]byte(secret)),
		"HTML": html.EscapeString(secret), "upper": strings.ToUpper(secret), "lower": strings.ToLower(secret),
	}
	// A text that quotes a secret is itself quoted in JSON, and that again in another one.
	once := secret
	for _, times := range []string{"once", "twice", "thrice"} {
		quoted, _ := json.Marshal(once)
		list["JSON "+times] = string(quoted[1 : len(quoted)-1])
		list["Go "+times] = strings.Trim(strconv.Quote(once), "\"")
		once = list["JSON "+times]
	}
	// base64 depends on what stands before: what is the same whatever stands there and behind is looked for.
	for shift := range 3 {
		text := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", shift) + secret))
		from := []int{0, 2, 3}[shift]
		list["base64 "+string(rune('0'+shift))] = text[from : len(text)-4]
	}
	return list
}

// TestNoSecretComesOut runs every command of a job that uses secrets, well and badly, and searches all bytes that were
// left behind: both streams, the ledger and its journals, saved plans.
func TestNoSecretComesOut(t *testing.T) {
	box := sandbox.New(sandbox.Options{Now: time.Now, Token: canaryToken, OpenWindow: true})
	server := httptest.NewServer(box)
	t.Cleanup(server.Close)
	dir := t.TempDir()
	t.Chdir(dir)
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	head := "version: 1\nname: canary\nconnection: { token: $<WHATSAPP_TOKEN>, baseUrl: " + server.URL + "/v23.0 }\ndefaults: { retry: { attempts: 1 } }\n"
	write("job.yaml", head+`vars: { secret: $<CANARY> }
steps:
  - id: told
    sendText: { to: +34600000001, body: "It is $<CANARY>" }
  - id: refused
    sendTemplate: { to: +34600000002, templateName: "${{ vars.secret }}", languageCode: en_US }
    continueOnError: true
  - id: bad
    sendText: { to: "${{ vars.secret }}", body: Hello }
    continueOnError: true
  - forEach: { items: [{ id: each, word: "${{ vars.secret }}" }], key: "${{ item.id }}" }
    sendText: { to: +34600000001, body: "Kept: $<CANARY>, ${{ item.word }} and ${{ env.WHATSAPP_TOKEN }}" }
outputs:
  leak: $<CANARY>
  token: ${{ env.WHATSAPP_TOKEN }}
  long: ${{ toBase64(env.WHATSAPP_TOKEN) }}
`)
	write("wrong.yaml", head+"steps:\n  - sendText: { to: +34600000001, body: \"$<CANARY> ${{ env.WHATSAPP_TOKEN.x }}\" }\n  - sendText: { to: \"$<CANARY>\", body: x }\n")
	write("literal.yaml", strings.Replace(head, "$<WHATSAPP_TOKEN>", canaryToken+", unknown: 1, long: "+strings.Repeat("x", 90), 1)+"steps: []\n")
	write("refused.yaml", strings.Replace(head, "$<WHATSAPP_TOKEN>", "$<CANARY>", 1)+"steps:\n  - sendText: { to: +34600000001, body: Hello }\n")
	env := map[string]string{
		"WHATSAPP_TOKEN": canaryToken, "WHATSAPP_PHONE_NUMBER_ID": sandbox.DefaultPhoneNumberID,
		"WHATSAPP_WABA_ID": sandbox.DefaultWABAID, "CANARY": canaryValue,
	}
	write("broken.yaml", head+"  token: \""+canaryToken+"\n")
	said := map[string]string{}
	for _, line := range []string{
		"validate job.yaml wrong.yaml -o json", "validate wrong.yaml", "validate wrong.yaml -o sarif", "validate wrong.yaml -o github",
		"validate literal.yaml -o json", "validate literal.yaml", "validate broken.yaml", "validate broken.yaml -o json", "run literal.yaml", "plan job.yaml", "plan job.yaml -o json", "plan job.yaml -o markdown",
		"plan job.yaml --out the.plan", "run wrong.yaml", "run job.yaml -v", "run job.yaml -o json", "run job.yaml -o ndjson",
		"apply job.yaml -v", "apply job.yaml -o json", "show last --item each -v", "show last --item each -o json", "apply the.plan", "run refused.yaml -v", "resume last", "resolve last", "runs -o json", "show last",
		"show last -o json", "deliveries last", "deliveries last -o csv", "deliveries last -o json", "run job.yaml --sandbox -v",
		"plan job.yaml --sandbox --out box.plan",
	} {
		_, stdout, stderr := call(t, env, strings.Fields(line)...)
		said[line+" (stdout)"], said[line+" (stderr)"] = stdout, stderr
	}
	if n := len(box.Messages("+34600000001")); n == 0 {
		t.Fatalf("nothing was sent: the test tests nothing\n%s", said["run job.yaml -v (stderr)"])
	}
	if !strings.Contains(said["run job.yaml -o json (stdout)"], `"leak": "[redacted]"`) {
		t.Fatalf("the output is not even there: %s", said["run job.yaml -o json (stdout)"])
	}
	if shown := said["show last --item each -v (stdout)"]; !strings.Contains(shown, `"Kept: ***, *** and ***"`) {
		t.Fatalf("what was sent is not even there: %s", shown)
	}
	leftBehind(t, said, dir, "literal.yaml", "broken.yaml")
	search(t, said, canaryToken, canaryValue)
}

// search looks for secrets in what was said and left behind, in every disguise.
func search(t *testing.T, said map[string]string, secrets ...string) {
	t.Helper()
	for _, secret := range secrets {
		for form, disguise := range forms(secret) {
			for where, text := range said {
				// A part of a secret says too much as well.
				disguise = disguise[:min(len(disguise), 16)]
				if at := strings.Index(text, disguise); at >= 0 {
					t.Errorf("%s: %s form of %.6s… in …%s…", where, form, secret, text[max(0, at-40):min(len(text), at+len(disguise)+10)])
				}
			}
		}
	}
}

// leftBehind adds the bytes of all files in dir to what was said, but for those of which spared says that the user wrote
// the secret there himself.
func leftBehind(t *testing.T, said map[string]string, dir string, spared ...string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || slices.Contains(spared, filepath.Base(path)) {
			return err
		}
		text, err := os.ReadFile(path)
		said[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
