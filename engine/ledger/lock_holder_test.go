package ledger_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"waybill/engine/ledger"
)

func TestHolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	holder := func(want string) {
		t.Helper()
		who, err := ledger.Holder(path)
		if err != nil || !strings.HasPrefix(who, want) || want == "" && who != "" {
			t.Errorf("holder %q, %v; want %q", who, err, want)
		}
	}
	holder("")
	l, err := ledger.Open(path, ledger.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	release, err := l.Lock(t.Context(), "waybill apply")
	if err != nil {
		t.Fatal(err)
	}
	holder("waybill apply, pid ")
	if err := l.Check(t.Context()); err != nil {
		t.Error(err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	holder("")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}
