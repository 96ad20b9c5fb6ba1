package cli_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"waybill/engine/report"
	"waybill/whatsapp/sandbox"
)

// TestThePromise kills `waybill apply` at random moments, again and again, until it comes to its end by itself. Then
// nobody was messaged twice, and whoever was not messaged is in doubt in the ledger: nobody is lost.
func TestThePromise(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links to the test program as waybill")
	}
	const people, mostKills = 400, 25
	box := sandbox.New(sandbox.Options{Now: time.Now, OpenWindow: true, Throughput: -1})
	if _, err := box.AddFault(sandbox.Fault{Kind: sandbox.FaultLatency, Every: 3, Delay: 15 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(box)
	t.Cleanup(server.Close)
	dir := t.TempDir()
	waybill, job := self(t, dir), filepath.Join(dir, "crowd.yaml")
	text := fmt.Sprintf(`version: 1
name: crowd
connection: { baseUrl: "%s/v23.0", throughput: 600 }
steps:
  - forEach: { items: "${{ map(1..%d, 34600000000 + #) }}", key: "${{ item }}", concurrency: 8 }
    sendText: { to: "${{ item }}", body: Hello }
`, server.URL, people)
	if err := os.WriteFile(job, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	kills, status := 0, -1
	for status < 0 {
		ctx, cancel := context.WithCancel(t.Context())
		if kills < mostKills {
			ctx, cancel = context.WithTimeout(t.Context(), 30*time.Millisecond+rand.N(120*time.Millisecond))
		}
		cmd := exec.CommandContext(ctx, waybill, "apply", job, "--yes", "-q") // killed, not asked to stop, when ctx ends
		cmd.Env = append(os.Environ(), "WHATSAPP_TOKEN="+sandbox.DefaultToken, "WHATSAPP_PHONE_NUMBER_ID="+sandbox.DefaultPhoneNumberID)
		out, _ := cmd.CombinedOutput()
		cancel()
		if status = cmd.ProcessState.ExitCode(); status < 0 {
			kills++
		} else if status != 0 && status != 4 {
			t.Fatalf("exit status %d after %d kills\n%s", status, kills, out)
		}
	}
	doubts := inDoubt(t, dir)
	t.Logf("%d kills, %d in doubt", kills, len(doubts))
	if (status == 4) != (len(doubts) > 0) {
		t.Errorf("exit status %d with %d in doubt", status, len(doubts))
	}
	if kills == 0 {
		t.Error("nothing was killed: the test tests nothing")
	}
	counts := box.Recipients()
	for i := 1; i <= people; i++ {
		to := fmt.Sprint(34600000000 + i)
		switch n := counts[to] + counts["+"+to]; {
		case n > 1:
			t.Errorf("%s was messaged %d times", to, n)
		case n == 0 && !doubts["+"+to]:
			t.Errorf("%s was lost: neither messaged nor in doubt", to)
		}
	}
}

// self is the test program under the name by which it is waybill.
func self(t *testing.T, dir string) string {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "waybill")
	if err := os.Symlink(program, name); err != nil {
		t.Fatal(err)
	}
	return name
}

func inDoubt(t *testing.T, dir string) map[string]bool {
	t.Helper()
	_, stdout, stderr := call(t, nil, "deliveries", "last", "--in-doubt", "-o", "json", "--state", filepath.Join(dir, ".waybill", "ledger.db"))
	var list []report.Delivery
	if err := json.NewDecoder(strings.NewReader(stdout)).Decode(&list); err != nil {
		t.Fatalf("%v\n%s", err, stderr)
	}
	doubts := map[string]bool{}
	for _, d := range list {
		doubts[d.Recipient] = true
	}
	return doubts
}
