package engine_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"waybill/engine"
)

// left lists what a spool left in the folder of temporary files.
func left(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestSpoolKeepsOneCopyAndLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	s := engine.NewSpool(strings.NewReader("id\n1\n"))
	var made int
	fill := func(_ context.Context, c *engine.Copy) error {
		made++
		_, err := io.WriteString(c, "rows")
		return err
	}
	var readers sync.WaitGroup
	for range 8 {
		readers.Go(func() {
			c, err := s.Keep(t.Context(), "a", fill)
			if err != nil {
				t.Error(err)
				return
			}
			if text, err := io.ReadAll(c.Reader()); err != nil || string(text) != "rows" {
				t.Errorf("got %q, %v", text, err)
			}
		})
	}
	readers.Wait()
	c, err := s.Stdin(t.Context())
	if err != nil || made != 1 || c.Size() != 5 {
		t.Fatalf("made %d times, %v", made, err)
	}
	again, err := s.Stdin(t.Context())
	if err != nil || again != c || len(c.Digest()) != 64 {
		t.Errorf("got %v, %v", again, err)
	}
	for _, name := range left(t, dir) { // where the system keeps names of open files
		if about, err := os.Stat(name); err != nil || about.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, about, err)
		}
	}
	if err := s.Close(); err != nil || len(left(t, dir)) > 0 {
		t.Errorf("got %v, %v", err, left(t, dir))
	}
	if _, err := s.Keep(t.Context(), "b", fill); err == nil {
		t.Error("a closed spool keeps copies")
	}
}

func TestSpoolRemembersAFailureAndLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	s := engine.NewSpool(nil)
	gone := errors.New("gone")
	for range 2 {
		_, err := s.Keep(t.Context(), "a", func(_ context.Context, c *engine.Copy) error {
			_, err := io.WriteString(c, "half")
			return errors.Join(err, gone)
		})
		if !errors.Is(err, gone) || len(left(t, dir)) > 0 {
			t.Errorf("got %v, %v", err, left(t, dir))
		}
	}
	if _, err := s.Stdin(t.Context()); !errors.Is(err, engine.ErrNoStdin) {
		t.Errorf("got %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
