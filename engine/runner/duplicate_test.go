package runner_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"waybill/engine"
	"waybill/whatsapp/sandbox"
)

func TestDuplicateKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		job := table(h, 2, "")
		h.file("people.csv", "id,phone,name\na,+34600000001,Ana\nb,+34600000002,Bea\na,+34600000003,Ana bis\n")
		s := h.do(job, engine.ModeApply)
		wantCounts(t, s, engine.Counts{Total: 3, Succeeded: 2, Skipped: 1}, engine.RunSucceeded)
		if len(s.Warnings) != 1 || !strings.Contains(s.Warnings[0].Summary, "rows 2 and 4") {
			t.Errorf("warnings %+v", s.Warnings)
		}
		if got := len(h.sandbox.Messages("")); got != 2 {
			t.Errorf("%d messages, want 2", got)
		}
	})
}

const twins = `version: 1
name: twins
connection: { throughput: 1000 }
steps:
  - forEach: { csv: people.csv, key: "${{ item.id }}", concurrency: 8 }
    sendText: { to: "${{ item.phone }}", body: "${{ item.text }}" }
`

// Of rows that are one item the first that has a message is sent, and it is the one that plan showed, also when the
// others are quicker.
func TestFirstOfTwinsIsSent(t *testing.T) {
	for name, test := range map[string]struct{ rows, want string }{
		"first":             {"7,+34600000001,one\n7,+34600000002,two\n7,+34600000003,three\n", "+34600000001"},
		"first that can be": {"7,nonsense,one\n7,+34600000002,two\n7,+34600000003,three\n", "+34600000002"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := build(t, sandbox.Options{})
				h.file("people.csv", "id,phone,text\n"+test.rows)
				h.fault(sandbox.Fault{Kind: sandbox.FaultStatus, Status: 503, Times: 2})
				h.fault(sandbox.Fault{Kind: sandbox.FaultLatency, Delay: time.Second, Match: sandbox.Match{To: strings.TrimPrefix(test.want, "+")}})
				plan, err := h.engine().Plan(t.Context(), h.request(h.load(twins), engine.ModeApply))
				if err != nil || len(plan.Samples) != 1 || plan.Samples[0].Recipient != test.want {
					t.Fatalf("%v: plan shows %+v", err, plan.Samples)
				}
				h.do(twins, engine.ModeApply)
				if got := h.sandbox.Recipients(); len(got) != 1 || h.accepted(test.want) != 1 {
					t.Errorf("sent to %v, want to %s", got, test.want)
				}
			})
		})
	}
}

// Whatever becomes of the first, the second is not sent: also when the first failed for a reason that passes.
func TestSecondOfTwinsIsNeverSent(t *testing.T) {
	for name, fault := range map[string]sandbox.Fault{
		"5xx":     {Kind: sandbox.FaultStatus, Status: 503},
		"refused": {Kind: sandbox.FaultError, Code: 131026},
		"lost":    {Kind: sandbox.FaultLost},
		"HTML":    {Kind: sandbox.FaultHTML, Status: 502},
	} {
		for _, options := range []string{"", "onUncertain: resend\n"} {
			t.Run(name+" "+options, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					h := build(t, sandbox.Options{})
					h.file("people.csv", "id,phone,text\n7,+34600000001,one\n8,+34600000008,other\n7,+34600000002,two\n7,+34600000003,three\n")
					fault.Match, fault.Every = sandbox.Match{To: "34600000001"}, 1
					h.fault(fault)
					job := twins + options + "defaults: { retry: { attempts: 2, delay: 10ms } }\n"
					for _, retryFailed := range []bool{false, true} {
						r := h.request(h.load(job), engine.ModeApply)
						r.RetryFailed = retryFailed
						s := h.execute(t.Context(), r)
						if !retryFailed && s.Run.Counts.Failed+s.Run.Counts.InDoubt != 1 {
							t.Errorf("counts are %+v", s.Run.Counts)
						}
					}
					if h.accepted("+34600000002")+h.accepted("+34600000003") != 0 || h.accepted("+34600000008") != 1 {
						t.Errorf("sent to %v", h.sandbox.Recipients())
					}
				})
			})
		}
	}
}
