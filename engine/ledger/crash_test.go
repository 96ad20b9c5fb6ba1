//go:build linux

package ledger_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/ledger"
)

// What the test binary does when it is started again as another process.
const (
	childRole = "LEDGER_TEST_ROLE"
	childPath = "LEDGER_TEST_PATH"
)

func TestMain(m *testing.M) {
	switch os.Getenv(childRole) {
	case "send":
		childSend(os.Getenv(childPath))
		return
	case "lock":
		childLock(os.Getenv(childPath))
		return
	case "record":
		childRecord(os.Getenv(childPath))
		return
	case "forget":
		childForget(os.Getenv(childPath))
		return
	}
	os.Exit(m.Run())
}

// child starts this test binary as another process, which lives no longer than the test.
func child(t *testing.T, role, path string) (*exec.Cmd, io.Reader) {
	t.Helper()
	c := exec.CommandContext(t.Context(), os.Args[0])
	c.Env = append(os.Environ(), childRole+"="+role, childPath+"="+path)
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	return c, out
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// childSend sends as fast as it can and says so on its standard output: that is the account of what was "taken".
func childSend(path string) {
	ctx := context.Background()
	l, err := ledger.Open(path, ledger.Options{Now: time.Now, MinFree: 1 << 20})
	check(err)
	_, err = l.Lock(ctx, "a child")
	check(err)
	check(l.StartRun(ctx, engine.Run{ID: benchRun, StartedAt: time.Now()}))
	var out sync.Mutex
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for n := range uint64(4000) {
				i := benchIntent(n*8 + uint64(w))
				ticket, err := l.Intend(ctx, i)
				if _, held := errors.AsType[*delivery.DecidedError](err); held {
					continue
				}
				check(err)
				out.Lock()
				fmt.Println(i.Key.Item)
				out.Unlock()
				_, err = l.Settle(ctx, delivery.Attempt{
					Delivery: ticket.Delivery, Number: ticket.Attempt, Ended: ticket.At, Result: delivery.ResultAccepted,
					MessageID: benchWamid(n*8 + uint64(w)),
				})
				check(err)
			}
		})
	}
	wg.Wait()
	check(l.Close())
}

// TestKill kills a sender again and again, at random moments. Every message that it sent is in the ledger,
// none was sent twice, and the file is whole.
func TestKill(t *testing.T) {
	rounds := 12
	if testing.Short() {
		rounds = 4
	}
	path := filepath.Join(t.TempDir(), "ledger.db")
	sent := make(map[string]int)
	for round := range rounds {
		c, out := child(t, "send", path)
		kill := func() {
			time.AfterFunc(time.Duration(rand.IntN(250))*time.Millisecond, func() { _ = c.Process.Kill() })
		}
		lines := bufio.NewScanner(out)
		if round%3 == 0 { // mostly while it begins
			kill()
			kill = func() {}
		}
		for lines.Scan() {
			kill()
			kill = func() {}
			if len(lines.Text()) == 8 { // else cut off by the kill: it may have been sent
				sent[lines.Text()]++
			}
		}
		_ = c.Wait()
		intact(t, path)
	}
	l := open(t, path)
	if _, err := l.Lock(t.Context(), "the test"); err != nil {
		t.Fatal(err)
	}
	if len(sent) == 0 {
		t.Fatal("nothing was sent before the kills")
	}
	states := make(map[delivery.State]int)
	known := make(map[string]bool)
	for d, err := range l.Deliveries(t.Context(), engine.DeliveryFilter{}) {
		if err != nil {
			t.Fatal(err)
		}
		known[d.Key.Item] = true
		states[d.State]++
		if d.State != delivery.Accepted && d.State != delivery.InDoubt {
			t.Errorf("%s is %s", d.Key.Item, d.State)
		}
	}
	for item, n := range sent {
		if n > 1 {
			t.Errorf("%s was sent %d times", item, n)
		}
		if !known[item] {
			t.Errorf("%s was sent and is not in the ledger", item)
		}
	}
	if held := states[delivery.InDoubt]; held > 8*rounds {
		t.Errorf("%d in doubt, want one a worker and kill at most: %d", held, 8*rounds)
	}
	t.Logf("%d kills, %d sent, %v", rounds, len(sent), states)
}

func childLock(path string) {
	l, err := ledger.Open(path, ledger.Options{Now: time.Now, MinFree: 1 << 20})
	check(err)
	_, err = l.Lock(context.Background(), "waybill apply")
	check(err)
	fmt.Println("locked")
	select {} // until it is killed
}

func TestSecondSender(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	c, out := child(t, "lock", path)
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "locked\n" {
		t.Fatal(line, err)
	}
	l := open(t, path)
	_, err := l.Lock(t.Context(), "the test")
	var locked *engine.LockedError
	if !errors.As(err, &locked) {
		t.Fatalf("%v, want a LockedError", err)
	}
	for _, word := range []string{"waybill apply", fmt.Sprintf("pid %d ", c.Process.Pid), "on host ", "since 2"} {
		if !strings.Contains(locked.Error(), word) {
			t.Errorf("%q does not say %q", locked, word)
		}
	}
	if err := l.Record(t.Context(), engine.Report{Body: []byte("{}"), ReceivedAt: time.Now()}); err != nil {
		t.Errorf("recording beside a sender: %v", err)
	}
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait()
	// What was committed and still lies in the log is there for readers, wherever the files are taken.
	taken := filepath.Join(t.TempDir(), "taken.db")
	copyFile(t, path, taken)
	copyFile(t, path+"-wal", taken+"-wal")
	o := options()
	o.ReadOnly = true
	r, err := ledger.Open(taken, o)
	if err != nil {
		t.Fatal(err)
	}
	defer closed(t, r)
	if at, err := r.Receiving(t.Context()); err != nil || at.IsZero() {
		t.Errorf("the log is not read: %v, %v", at, err)
	}
	release, err := l.Lock(t.Context(), "the test")
	if err != nil {
		t.Fatalf("after the sender was killed: %v", err)
	}
	if err := release(); err != nil {
		t.Error(err)
	}
	if err := release(); err != nil {
		t.Errorf("released twice: %v", err)
	}
}

func childRecord(path string) {
	l, err := ledger.Open(path, ledger.Options{Now: time.Now, MinFree: 1 << 20})
	check(err)
	fmt.Println("ready")
	in := bufio.NewScanner(os.Stdin)
	for n := 0; in.Scan(); n++ {
		f := strings.Fields(in.Text())
		check(l.Record(context.Background(), engine.Report{Body: []byte(in.Text()), ReceivedAt: time.Now(), Statuses: []delivery.Status{
			{MessageID: f[0], Callback: f[1], State: delivery.Delivered, Word: "delivered", At: time.Now()},
		}}))
	}
	check(l.Close())
}

// TestRecorderBeside has another process record the statuses of what this one sends.
func TestRecorderBeside(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	l := open(t, path)
	ready(t, l)
	c := exec.CommandContext(t.Context(), os.Args[0])
	c.Env = append(os.Environ(), childRole+"=record", childPath+"="+path)
	c.Stderr = os.Stderr
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	const messages = 300
	for n := range uint64(messages) {
		ticket, err := l.Intend(t.Context(), benchIntent(n))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(in, benchWamid(n), ticket.Callback) // before the answer, or beside it
		_, err = l.Settle(t.Context(), delivery.Attempt{
			Delivery: ticket.Delivery, Number: 1, Result: delivery.ResultAccepted,
			MessageID: benchWamid(n),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err != nil {
		t.Fatal(err)
	}
	tally, err := l.Tally(t.Context(), engine.DeliveryFilter{Run: benchRun})
	if err != nil || tally[delivery.Delivered] != messages {
		t.Errorf("%v, %v, want %d delivered", tally, err, messages)
	}
	if a, err := l.Alarms(t.Context()); err != nil || a != (engine.Alarms{}) {
		t.Errorf("alarms %+v, %v", a, err)
	}
}
