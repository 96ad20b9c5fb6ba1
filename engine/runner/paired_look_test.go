package runner_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"waybill/engine"
	"waybill/whatsapp/sandbox"
)

// TestExcludedAsLearned: who is on a list gets nothing under an id either by which the run learns that they are known.
func TestExcludedAsLearned(t *testing.T) {
	t.Run("by a webhook", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			h := build(t, sandbox.Options{})
			h.file("list.csv", "who\nES.77\n")
			var rows []string
			for n := range 20 {
				rows = append(rows, `to: "+346000000`+string(rune('0'+n/10))+string(rune('0'+n%10))+`"`)
			}
			job := strings.NewReplacer("throughput: 1000", "throughput: 1", "      key:", "      concurrency: 1\n      key:").
				Replace(peopleJob(`exclude: [{ csv: list.csv }]`, text, rows...))
			go func() { // a receiver beside the run
				time.Sleep(7 * time.Second)
				named := []engine.Identity{{WaID: "+34600000019", UserID: "ES.77", NumberID: "1", At: time.Now()}}
				if err := h.ledger.Record(context.Background(), engine.Report{Body: []byte("{}"), ReceivedAt: time.Now(), Identities: named}); err != nil {
					t.Error(err)
				}
			}()
			s := h.do(job, engine.ModeApply)
			wantCounts(t, s, engine.Counts{Total: 20, Skipped: 1, Succeeded: 19}, engine.RunSucceeded)
		})
	})
	t.Run("by an answer", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			asOf := time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC)
			first := build(t, sandbox.Options{AsOf: asOf})
			one := peopleJob(``, text, `to: "+34600000001"`)
			first.do(one, engine.ModeApply)
			ids, err := first.ledger.Person(context.Background(), "+34600000001")
			if err != nil || len(ids) < 2 {
				t.Fatalf("%v, %v: want a user id", ids, err)
			}
			h := build(t, sandbox.Options{AsOf: asOf, NoPairLimit: true})
			h.file("list.csv", "who\n"+strings.Join(ids[1:], "\n")+"\n")
			job := strings.Replace(peopleJob(`exclude: [{ csv: list.csv }]`, text, `to: "+34600000001"`, `to: "+34600000001"`), "      key:", "      concurrency: 1\n      key:", 1)
			s := h.do(job, engine.ModeApply)
			wantCounts(t, s, engine.Counts{Total: 2, Skipped: 1, Succeeded: 1}, engine.RunSucceeded)
		})
	})
}
