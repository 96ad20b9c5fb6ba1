//go:build unix

package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLedgerMovedAway has the ledger's file moved away while apply sends, or another put in its place: the next command would not find whom it
// messaged. It sends no more and says so, and with the file back in its place everybody has one message.
func TestLedgerMovedAway(t *testing.T) {
	t.Parallel()
	for name, replaced := range map[string]bool{"moved": false, "replaced": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProof(t, terms{people: 1000, throughput: 200})
			folder := filepath.Dir(p.state)
			c := p.start(p.apply())
			p.awaitMessages(c, 20)
			if err := os.Rename(folder, folder+".away"); err != nil {
				t.Fatal(err)
			}
			if replaced {
				if err := os.Mkdir(folder, 0o700); err != nil {
					t.Fatal(err)
				}
				p.file(p.state, "another file")
			}
			c.want(5)
			if told := c.errs.String(); !strings.Contains(told, "was removed, moved or replaced while messages were sent. Nothing more is sent") {
				t.Errorf("it does not say why it ended:\n%s", told)
			}
			if err := os.RemoveAll(folder); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(folder+".away", folder); err != nil {
				t.Fatal(err)
			}
			p.start(p.apply()).want(0)
			p.everybodyOnce()
		})
	}
}
