//go:build unix

package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRowsWrittenAnew has the file of the rows written anew while apply reads it, without the first of them, as an export does from which
// some were cancelled. Written in its place, a row would begin as one person's and end as another's: the apply ends, and the next one gives
// everybody one message. Put in its place, it is the next apply's.
func TestRowsWrittenAnew(t *testing.T) {
	t.Parallel()
	const people, gone = 4000, 20 // more than are read at once
	for name, inPlace := range map[string]bool{"written in its place": true, "put in its place": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProof(t, terms{people: people, throughput: 800})
			rows := filepath.Join(filepath.Dir(p.job), "people.csv")
			c := p.start(p.apply())
			p.awaitMessages(c, 1)
			var anew strings.Builder
			anew.WriteString("id,phone\n")
			for n := gone; n < people; n++ {
				fmt.Fprintf(&anew, "%s,+%s\n", person(n), phone(n))
			}
			if inPlace {
				if err := os.WriteFile(rows, []byte(anew.String()), 0o600); err != nil {
					t.Fatal(err)
				}
				c.want(1)
				if out := c.out.String(); !strings.Contains(out, "it was changed while it was read") {
					t.Errorf("it does not say why it ended:\n%s", out)
				}
			} else {
				p.file(rows, anew.String())
				c.want(0)
			}
			p.start(p.apply()).want(0)
			p.nobodyTwice()
			for n := gone; n < people; n++ {
				if got := p.log.of(phone(n)); len(got) != 1 {
					t.Errorf("+%s has %d messages, want 1", phone(n), len(got))
				}
			}
		})
	}
}
