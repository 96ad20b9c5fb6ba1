//go:build linux

package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/ledger"
)

// wantRefused opens what must not be opened, and wants the error and every word in it.
func wantRefused(t *testing.T, path string, o ledger.Options, want error, words ...string) {
	t.Helper()
	l, err := ledger.Open(path, o)
	if err == nil {
		_ = l.Close()
		t.Fatalf("opened %s", path)
	}
	if !errors.Is(err, want) {
		t.Errorf("%v, want %v", err, want)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q does not say %q", err, w)
		}
	}
	t.Log(err)
}

func TestModes(t *testing.T) {
	old := syscall.Umask(0)
	defer syscall.Umask(old)
	dir := filepath.Join(t.TempDir(), "deep", ".waybill")
	path := filepath.Join(dir, "ledger.db")
	check := func() {
		t.Helper()
		found, err := os.Stat(dir)
		if err != nil || found.Mode().Perm() != 0o700 {
			t.Errorf("folder: %v, %v", found.Mode(), err)
		}
		files, err := os.ReadDir(dir)
		if err != nil || len(files) < 4 {
			t.Errorf("files: %v, %v", files, err)
		}
		for _, f := range files {
			if i, err := f.Info(); err != nil || i.Mode().Perm() != 0o600 {
				t.Errorf("%s: %v, %v", f.Name(), i.Mode(), err)
			}
		}
	}
	l := open(t, path)
	ready(t, l)
	send(t, l, 1)
	check()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	syscall.Umask(0o777)
	l = open(t, path)
	ready(t, l)
	send(t, l, 2)
	syscall.Umask(0)
	check()
}

func TestUnsafeFolder(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "real"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(dir, "real"), filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	wantRefused(t, filepath.Join(dir, "link", "ledger.db"), options(), ledger.ErrUnsafePlace, "symbolic link")
	shared := filepath.Join(dir, "shared")
	if err := errors.Join(os.Mkdir(shared, 0o700), os.Chmod(shared, 0o777)); err != nil {
		t.Fatal(err)
	}
	wantRefused(t, filepath.Join(shared, "ledger.db"), options(), ledger.ErrUnsafePlace, "everybody may write in the folder", "chmod o-w")
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	wantRefused(t, filepath.Join(dir, "file", "ledger.db"), options(), ledger.ErrUnsafePlace, "no folder")
	t.Run("of another user", func(t *testing.T) {
		if os.Geteuid() != 0 {
			t.Skip("only root can give a folder to another user")
		}
		if err := os.Chown(filepath.Join(dir, "real"), 4711, 4711); err != nil {
			t.Fatal(err)
		}
		wantRefused(t, filepath.Join(dir, "real", "ledger.db"), options(), ledger.ErrUnsafePlace, "another user")
	})
}

// TestRefused wants each file that is no sound ledger refused with its own sentence, and left as it was.
func TestRefused(t *testing.T) {
	sound := filepath.Join(t.TempDir(), "ledger.db")
	l := open(t, sound)
	ready(t, l)
	sendMany(t, l, 500, 32)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(sound)
	if err != nil {
		t.Fatal(err)
	}
	statement := func(path, sql string) error {
		db := openRaw(t, path)
		_, err := db.ExecContext(t.Context(), sql)
		return errors.Join(err, db.Close())
	}
	write := func(path string, b []byte) error { return os.WriteFile(path, b, 0o600) }
	for name, c := range map[string]struct {
		make  func(path string) error
		want  error
		words []string
	}{
		"text": {
			func(path string) error { return write(path, []byte(strings.Repeat("phone,name\n", 999))) },
			engine.ErrNoLedger,
			[]string{"not a SQLite database"},
		},
		"another database": {
			func(path string) error { return statement(path, "CREATE TABLE contacts (a)") },
			engine.ErrNoLedger,
			[]string{"another program"},
		},
		"newer": {
			func(path string) error {
				return errors.Join(write(path, whole), statement(path, "PRAGMA user_version = 7"))
			},
			engine.ErrNewer,
			[]string{"version 7", "upgrade"},
		},
		"of before the first release": {
			func(path string) error {
				return errors.Join(write(path, whole), statement(path, "PRAGMA user_version = 1"))
			},
			ledger.ErrEarly,
			[]string{"made by a version before the first release", "--state"},
		},
		"truncated": {
			func(path string) error { return write(path, whole[:len(whole)/2]) }, engine.ErrDamaged,
			[]string{"keep the file"},
		},
		"cut to pieces": {func(path string) error { return write(path, whole[:1000]) }, nil, nil},
		"scratched": { // far behind the head, where only a sender after a killed one looks
			func(path string) error {
				b := slices.Clone(whole)
				for n := len(b) / 4096 * 3 / 4; n < len(b)/4096-2; n++ {
					copy(b[n*4096:], "scratch scratch scratch")
				}
				return errors.Join(write(path, b), statement(path, "UPDATE meta SET value = 1 WHERE name = 'sending'"))
			}, engine.ErrDamaged, []string{"keep the file"},
		},
		"keys gone": {
			func(path string) error {
				return errors.Join(write(path, whole), statement(path, "DELETE FROM meta WHERE name = 'digest_key'"))
			}, engine.ErrDamaged, []string{"keys"},
		},
		"a folder": {func(path string) error { return os.Mkdir(path, 0o700) }, engine.ErrNoLedger, []string{"no regular file"}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, readOnly := range []bool{false, true} {
				path := filepath.Join(t.TempDir(), "ledger.db")
				if err := c.make(path); err != nil {
					t.Fatal(err)
				}
				before, _ := os.ReadFile(path) // a folder is no file, before and after
				o := options()
				o.ReadOnly = readOnly
				l, err := ledger.Open(path, o)
				if err == nil { // damage behind the first pages shows when they are read; a sender looks for it
					_, err = l.Lock(t.Context(), "test")
					if readOnly {
						for _, err = range l.Deliveries(t.Context(), engine.DeliveryFilter{}) {
							if err != nil {
								break
							}
						}
					}
					_ = l.Close()
				}
				if err == nil || c.want != nil && !errors.Is(err, c.want) {
					t.Errorf("read only %t: %v, want %v", readOnly, err, c.want)
					continue
				}
				t.Log(err)
				for _, w := range c.words {
					if !strings.Contains(err.Error(), w) {
						t.Errorf("%q does not say %q", err, w)
					}
				}
				after, _ := os.ReadFile(path)
				if string(after) != string(before) {
					t.Errorf("read only %t: the file was changed", readOnly)
				}
			}
		})
	}
}

func TestReadOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	o := options()
	o.ReadOnly = true
	wantRefused(t, path, o, fs.ErrNotExist, "nothing was sent")
	w := open(t, path)
	ready(t, w)
	send(t, w, 1)
	l, err := ledger.Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	defer closed(t, l)
	for n := range uint64(3) {
		send(t, w, n+2)
		tally, err := l.Tally(t.Context(), engine.DeliveryFilter{})
		if err != nil || tally[delivery.Accepted] != int(n)+2 {
			t.Errorf("%v, %v", tally, err)
		}
	}
	if err := l.StartRun(t.Context(), engine.Run{ID: "x"}); !errors.Is(err, engine.ErrReadOnly) {
		t.Errorf("%v, want ErrReadOnly", err)
	}
	if _, err := l.Lock(t.Context(), "x"); !errors.Is(err, engine.ErrReadOnly) {
		t.Errorf("%v, want ErrReadOnly", err)
	}
	// Another handle's commit is seen by the poll.
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	done := make(chan error)
	go func() { done <- l.Change(ctx) }()
	send(t, w, 9)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// mount makes a small file system of its own, or skips the test.
func mount(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("no file system of our own can be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func TestReadOnlyDisk(t *testing.T) {
	dir := mount(t, "16m")
	path := filepath.Join(dir, "ledger.db")
	l := open(t, path)
	ready(t, l)
	send(t, l, 1)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	remount(t, dir, true)
	wantRefused(t, path, options(), engine.ErrReadOnly, "permissions")
	o := options()
	o.ReadOnly = true
	r, err := ledger.Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	tally, err := r.Tally(t.Context(), engine.DeliveryFilter{})
	if err != nil || tally[delivery.Accepted] != 1 {
		t.Errorf("%v, %v", tally, err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	remount(t, dir, false)
}

// TestDiskFull fills the disk under a sender: what was sent is written down, and nothing more is sent.
func TestDiskFull(t *testing.T) {
	dir := mount(t, "24m")
	path := filepath.Join(dir, "ledger.db")
	o := ledger.Options{Now: time.Now, MinFree: 8 << 20}
	l, err := ledger.Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	ready(t, l)
	// Few enough that the log is small yet: their outcomes make it grow, and there is no room for that.
	var flying []delivery.Ticket
	for n := range uint64(20) {
		ticket, err := l.Intend(t.Context(), benchIntent(n))
		if err != nil {
			t.Fatal(err)
		}
		flying = append(flying, ticket)
	}
	fill := filepath.Join(dir, "fill")
	fillUp(t, fill)
	if _, err := l.Intend(t.Context(), benchIntent(9999)); !errors.Is(err, engine.ErrFull) {
		t.Errorf("%v, want ErrFull", err)
	}
	for n, ticket := range flying {
		_, err := l.Settle(t.Context(), delivery.Attempt{
			Delivery: ticket.Delivery, Number: 1, Ended: ticket.At, Result: delivery.ResultAccepted,
			MessageID: benchWamid(uint64(n)), Answer: delivery.Answer{Status: 200},
		})
		if err != nil {
			t.Fatalf("outcome %d is lost: %v", n, err)
		}
	}
	if _, err := os.Stat(path + ".ballast"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the disk was not full, the ballast is there: %v", err)
	}
	if err := os.Remove(fill); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Intend(t.Context(), benchIntent(9999)); err != nil {
		t.Errorf("with room again: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	intact(t, path)
}

// fillUp writes until there is no room.
func fillUp(t *testing.T, path string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer closed(t, f)
	block := make([]byte, 4096)
	for range 24 << 20 / len(block) {
		if _, err := f.Write(block); err != nil {
			return
		}
	}
}

// intact checks the whole file.
func intact(t *testing.T, path string) {
	t.Helper()
	db := openRaw(t, path)
	defer closed(t, db)
	var verdict string
	if err := db.QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		t.Errorf("integrity check of %s: %s, %v", path, verdict, err)
	}
	var lost int
	err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM pragma_foreign_key_check").Scan(&lost)
	if err != nil || lost != 0 {
		t.Errorf("%d rows point nowhere, %v", lost, err)
	}
}

// TestPoison has one statement of a group fail in the middle of its change, and wants that undone, the others written.
func TestPoison(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	l := open(t, path)
	ready(t, l)
	const each = 30
	intents := make(map[string]delivery.Intent)
	for n := range each {
		for _, kind := range []string{"poison", "good"} {
			i := benchIntent(uint64(n))
			i.Key.Item = fmt.Sprint(kind, n)
			intents[i.Key.Item] = i
			notSent(t, l, i)
		}
	}
	db := openRaw(t, path)
	_, err := db.ExecContext(t.Context(),
		`CREATE TRIGGER poison BEFORE UPDATE ON delivery WHEN NEW.item LIKE 'poison%' BEGIN SELECT RAISE(ABORT, 'poison'); END`)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for item, i := range intents {
		wg.Go(func() {
			if _, err := l.Intend(t.Context(), i); (err != nil) == strings.HasPrefix(item, "good") {
				t.Errorf("%s: %v", item, err)
			}
		})
	}
	wg.Wait()
	if _, err := db.ExecContext(t.Context(), `DROP TRIGGER poison`); err != nil {
		t.Fatal(err)
	}
	tally, err := l.Tally(t.Context(), engine.DeliveryFilter{})
	if err != nil || tally[delivery.Intended] != each || tally[delivery.Planned] != each {
		t.Errorf("%v, %v, want %d of each", tally, err, each)
	}
	for item, i := range intents {
		if strings.HasPrefix(item, "poison") {
			notSent(t, l, i)
		}
	}
}

// notSent intends a delivery, and has it not sent.
func notSent(t *testing.T, l *ledger.Ledger, i delivery.Intent) {
	t.Helper()
	ticket, err := l.Intend(t.Context(), i)
	if err == nil {
		_, err = l.Settle(t.Context(), delivery.Attempt{Delivery: ticket.Delivery, Number: ticket.Attempt, Result: delivery.ResultNotSent})
	}
	if err != nil {
		t.Fatalf("%s: %v", i.Key.Item, err)
	}
}

func TestALedgerThatLostEverythingIsNotTakenForANewOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "ledger.db")
	open := func() (*ledger.Ledger, error) { return ledger.Open(path, ledger.Options{Now: time.Now}) }
	l, err := open()
	if err != nil {
		t.Fatal(err)
	}
	release, err := l.Lock(t.Context(), "a test")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(release(), l.Close(), os.Truncate(path, 0)); err != nil {
		t.Fatal(err)
	}
	if _, err := open(); !errors.Is(err, engine.ErrDamaged) {
		t.Errorf("opened an empty file that was a ledger: %v", err)
	}
	if _, err := ledger.Open(path, ledger.Options{Now: time.Now, ReadOnly: true}); !errors.Is(err, engine.ErrDamaged) {
		t.Errorf("read an empty file that was a ledger: %v", err)
	}
}
