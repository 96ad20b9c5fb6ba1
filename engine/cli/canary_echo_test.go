package cli_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"waybill/whatsapp/sandbox"
)

// The awkward canary: quotes, backslashes, line breaks, percent signs, blanks in a row and letters beyond ASCII.
const (
	canaryAwkward = "p@ss  w/ö?rd%20\"q\"\\n=end7\nand a second line, 'quoted' <tag> `code`\\"
	canaryPhone   = "0034 (987) 654-321"
)

// echoes is a server that repeats the token and whatever it was sent wherever it may say something: in messages and
// details, trace ids, message ids, pages of HTML and headers.
func echoes(t *testing.T) (server *httptest.Server, asked *atomic.Int64) {
	t.Helper()
	asked = &atomic.Int64{}
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		echo := strings.Join([]string{"Bearer " + token, canaryAwkward, url.QueryEscape(token), fmt.Sprintf("%q", canaryAwkward), token}, " ")
		n := asked.Add(1)
		var answer any
		switch {
		case r.Method == http.MethodGet || n%4 == 0:
			w.WriteHeader(http.StatusBadRequest)
			answer = map[string]any{"error": map[string]any{
				"message": "(#100) " + echo, "type": echo, "code": 100, "error_data": map[string]any{"details": "bad " + echo}, "fbtrace_id": echo,
			}}
		case n%4 == 1:
			w.Header().Set("X-Echo", url.QueryEscape(echo))
			w.WriteHeader(http.StatusBadGateway)
			_, _ = fmt.Fprintf(w, "<html>%s</html>", echo)
			return
		default:
			answer = map[string]any{
				"messaging_product": "whatsapp", "messages": []any{map[string]any{"id": "wamid." + echo, "message_status": echo}},
				"contacts": []any{map[string]any{"input": echo, "wa_id": echo}},
			}
		}
		_ = json.NewEncoder(w).Encode(answer)
	}))
	t.Cleanup(server.Close)
	return server, asked
}

// TestNoSecretIsMadeOver: secrets come back from the other side and are made over by expressions. None comes out of any
// command, in any format, nor stays in the ledger.
func TestNoSecretIsMadeOver(t *testing.T) {
	server, asked := echoes(t)
	dir := t.TempDir()
	t.Chdir(dir)
	head := "version: 1\nname: canary\nconnection: { token: $<WHATSAPP_TOKEN>, baseUrl: " + server.URL + "/v23.0 }\ndefaults: { retry: { attempts: 2, delay: 1ms, maxDelay: 2ms } }\n"
	for name, text := range map[string]string{"job.yaml": head + `vars: { pw: "${CANARY}", all: { pw: "${CANARY}" } }
steps:
  - id: told
    sendText: { to: +34600000001, body: "${CANARY} ${{ toJSON([env.CANARY]) }} ${{ toJSON(toJSON({a: vars.pw})) }} ${{ upper(vars.pw) }}" }
    continueOnError: true
  - id: rung
    sendTemplate: { to: "${PHONE}", templateName: x, languageCode: en, bodyParameters: ["${{ vars.all.pw[0:15] }}", "${{ lower(vars.pw[0:20]) }}"] }
    continueOnError: true
  - id: asked
    getStatus: { messageId: "${CANARY}" }
    continueOnError: true
  - id: each
    forEach: { items: ["${CANARY}", "${{ vars.pw[2:] }}", plain], key: "${{ item }}" }
    steps:
      - id: one
        sendText: { to: +34600000002, body: "${{ item + string(index) }}" }
        continueOnError: true
outputs:
  whole: ${{ vars.pw }}
  part: ${{ vars.pw[2:20] }}
  last: ${{ vars.pw[-20:] }}
  back: ${{ join(reverse(split(vars.pw, "")), "") }}
  coded: ${{ toBase64(vars.pw) }}
  told: ${{ toJSON(steps.told) }}
  lines: ${{ split(vars.pw, "\n") }}
`, "wrong.yaml": head + `vars: { pw: "${CANARY}" }
steps:
  - sendTemplate: { to: "${CANARY}", templateName: "${CANARY}", languageCode: "${CANARY}" }
  - sendMedia: { to: "${WHATSAPP_TOKEN}", mediaType: "${CANARY}", file: "${CANARY}" }
  - sendText: { to: "${{ upper(vars.pw) }}", body: "${{ vars.pw + 1 }}" }
  - forEach: { csv: "${CANARY}.csv" }
    steps: [{ id: x, getMessages: { since: "${CANARY}" } }]
`} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	env := map[string]string{
		"WHATSAPP_TOKEN": canaryToken, "WHATSAPP_PHONE_NUMBER_ID": sandbox.DefaultPhoneNumberID,
		"WHATSAPP_WABA_ID": sandbox.DefaultWABAID, "CANARY": canaryAwkward, "PHONE": canaryPhone,
	}
	said := map[string]string{}
	for _, line := range []string{
		"validate wrong.yaml", "validate wrong.yaml -o json", "validate wrong.yaml -o github", "validate wrong.yaml -o sarif",
		"run wrong.yaml", "run wrong.yaml -o json", "plan job.yaml", "plan job.yaml -o json", "plan job.yaml -o markdown",
		"plan job.yaml --out the.plan", "run job.yaml --dry-run", "run job.yaml --dry-run -o json", "run job.yaml", "run job.yaml -v",
		"run job.yaml -o json", "run job.yaml -o ndjson", "apply job.yaml -v", "apply job.yaml -o json", "apply job.yaml -o ndjson",
		"plan job.yaml", "runs", "runs -o json", "runs -o csv", "show last", "show last -o json", "deliveries last", "deliveries last -o json",
		"deliveries last -o csv", "resume last", "resolve last", "resolve last -o json", "doctor job.yaml", "doctor job.yaml -o json",
		"report last --html page.html", "proof last", "run job.yaml --sandbox -v", "run job.yaml --sandbox -o json",
	} {
		_, stdout, stderr := call(t, env, strings.Fields(line)...)
		said[line+" (stdout)"], said[line+" (stderr)"] = stdout, stderr
	}
	if asked.Load() == 0 || !strings.Contains(said["show last (stdout)"], "[redacted]") || !strings.Contains(said["run job.yaml -o json (stdout)"], `"part": "[redacted]"`) {
		t.Fatalf("the test tests nothing: %d requests\n%s\n%s", asked.Load(), said["show last (stdout)"], said["run job.yaml -o json (stdout)"])
	}
	leftBehind(t, said, dir)
	second, phone := strings.Split(canaryAwkward, "\n")[1], "34987654321"
	search(t, said, canaryToken, canaryAwkward, canaryAwkward[2:20], canaryAwkward[len(canaryAwkward)-20:], second, phone)
}
