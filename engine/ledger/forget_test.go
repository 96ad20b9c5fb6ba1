//go:build linux

package ledger_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/ledger"
)

// childForget forgets the person of message 7 over and over.
func childForget(path string) {
	l, err := ledger.Open(path, ledger.Options{Now: time.Now, MinFree: 1 << 20})
	check(err)
	_, err = l.Lock(context.Background(), "waybill forget")
	check(err)
	fmt.Println("forgets")
	_, err = l.Forget(context.Background(), engine.Forget{IDs: []string{benchIntent(7).Recipient}})
	check(err)
	check(l.Close())
}

// lettersOf finds what tells of a person in the files of a ledger.
func lettersOf(t *testing.T, path string, texts ...string) (found []string) {
	t.Helper()
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		b, err := os.ReadFile(name)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		for _, text := range texts {
			if bytes.Contains(b, []byte(text)) {
				found = append(found, text+" in "+filepath.Base(name))
			}
		}
	}
	return found
}

// TestKillForget kills who forgets, at random moments: the person is whole or forgotten, and once more leaves no byte of them.
func TestKillForget(t *testing.T) {
	rounds := 10
	if testing.Short() {
		rounds = 3
	}
	i := benchIntent(7)
	// A number in a file stands as text, in the bytes of a message id, and as a number of its own: as SQLite writes one of 6 bytes.
	const number = 34000000007
	digits := strings.TrimPrefix(i.Recipient, "+")
	packed := string([]byte{number >> 40 & 0xff, number >> 32 & 0xff, number >> 24 & 0xff, number >> 16 & 0xff, number >> 8 & 0xff, number & 0xff})
	texts := []string{digits, "Eva Luna", i.Key.Item, packed}
	before := 0
	for range rounds {
		path := filepath.Join(t.TempDir(), "ledger.db")
		l, err := ledger.Open(path, ledger.Options{Now: time.Now, MinFree: 1 << 20})
		check(err)
		_, err = l.Lock(t.Context(), "the test")
		check(err)
		check(l.StartRun(t.Context(), engine.Run{ID: benchRun, Job: "job", StartedAt: time.Now()}))
		for n := range uint64(200) {
			send(t, l, n)
		}
		check(l.Record(t.Context(), engine.Report{
			Body: []byte(`{"name":"Eva Luna","from":"` + digits + `"}`), ReceivedAt: time.Now(),
			Inbound: []engine.Inbound{{ID: "wamid.x", From: digits, ProfileName: "Eva Luna", At: time.Now(), Text: "I am Eva Luna"}},
		}))
		check(l.Close())
		if found := lettersOf(t, path, texts...); len(found) < len(texts) {
			t.Fatalf("before, of %q only %q is there", texts, found)
		}
		c, out := child(t, "forget", path)
		if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
			t.Fatal(err)
		}
		kill := time.AfterFunc(time.Duration(rand.IntN(12_000))*time.Microsecond, func() { _ = c.Process.Kill() })
		_ = c.Wait()
		kill.Stop()
		intact(t, path)
		if len(lettersOf(t, path, texts...)) > 0 {
			before++
		}
		l = open(t, path)
		_, err = l.Lock(t.Context(), "the test")
		check(err)
		if _, err := l.Forget(t.Context(), engine.Forget{IDs: []string{i.Recipient}}); err != nil {
			t.Fatal(err)
		}
		if found := lettersOf(t, path, texts...); len(found) > 0 {
			t.Errorf("after: %q", found)
		}
		d, err := l.Lookup(t.Context(), []delivery.Key{i.Key, benchIntent(8).Key})
		check(err)
		if len(d) < 2 || d[i.Key.Hash()].State != delivery.Accepted {
			t.Errorf("the ledger has %v", d)
		}
		var held *delivery.DecidedError
		if _, err := l.Intend(t.Context(), i); !errors.As(err, &held) {
			t.Errorf("it is sent again: %v", err)
		}
	}
	t.Logf("%d of %d kills came before the end", before, rounds)
}
