package proof_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"iter"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/ledger"
	"waybill/engine/proof"
)

const (
	job   = "reminders"
	first = "20260325-090000-000001"
	later = "20260325-100000-000002"
)

func at(seconds int) time.Time {
	return time.Date(2026, 3, 25, 9, 0, 0, 0, time.UTC).Add(time.Duration(seconds) * time.Second)
}

// wamid is a message id as WhatsApp makes them: the recipient's number is in it.
func wamid(to string) string {
	return "wamid." + base64.StdEncoding.EncodeToString([]byte("\x1d\x07\x18"+to+"\x15\x02\x00\x11\x18\x1206C69A8107D734BEC\x00"))
}

func number(i int) string { return fmt.Sprintf("34612345%03d", i) }

// desk is a ledger with a clock that is set by hand. Rows that became no request are its own.
type desk struct {
	*ledger.Ledger
	t      *testing.T
	now    time.Time
	unsent []engine.Unsent
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, now: at(0)}
	l, err := ledger.Open(filepath.Join(t.TempDir(), "ledger.db"), ledger.Options{Now: func() time.Time { return d.now }})
	d.must(err)
	t.Cleanup(func() { _ = l.Close() })
	d.Ledger = l
	_, err = l.Lock(t.Context(), "the test")
	d.must(err)
	d.start(first)
	return d
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) start(run string) {
	d.must(d.StartRun(d.t.Context(), engine.Run{ID: run, Job: job, Mode: engine.ModeApply, Scope: engine.ScopeEver, StartedAt: d.now}))
}

// Unsent yields the rows of the desk.
func (d *desk) Unsent(context.Context, engine.UnsentFilter) iter.Seq2[engine.Unsent, error] {
	return func(yield func(engine.Unsent, error) bool) {
		for _, u := range d.unsent {
			if !yield(u, nil) {
				return
			}
		}
	}
}

// send makes a request in a run, and settles it.
func (d *desk) send(run, item, to string, a delivery.Attempt) {
	d.t.Helper()
	ticket, err := d.Intend(d.t.Context(), delivery.Intent{
		Key: delivery.Key{Job: job, Scope: engine.ScopeEver, Step: "remind", Item: item}, Run: run, Recipient: "+" + to, Row: 2,
		Allowed: delivery.Allowed{Refused: true},
	})
	d.must(err)
	a.Delivery, a.Run, a.Number, a.At, a.Ended = ticket.Delivery, run, ticket.Attempt, ticket.At, d.now.Add(time.Second)
	_, err = d.Settle(d.t.Context(), a)
	d.must(err)
}

func accepted(to string) delivery.Attempt {
	return delivery.Attempt{Result: delivery.ResultAccepted, MessageID: wamid(to), Answer: delivery.Answer{Status: 200}}
}

func (d *desk) hear(message string, s delivery.State, when time.Time) {
	d.t.Helper()
	d.must(d.Record(d.t.Context(), engine.Report{
		Body: fmt.Appendf(nil, "%s %s", message, s), ReceivedAt: when,
		Statuses: []delivery.Status{{MessageID: message, State: s, Word: s.String(), At: when}},
	}))
}

// filled has five deliveries: accepted, read, undelivered, refused, in doubt; and two rows that were not sent.
func filled(t *testing.T) *desk {
	t.Helper()
	d := newDesk(t)
	for i := range 3 {
		d.send(first, fmt.Sprint("A-", i), number(i), accepted(number(i)))
	}
	d.send(first, "for 612 345 003", number(3), delivery.Attempt{
		Result: delivery.ResultRefused, Answer: delivery.Answer{Status: 400, Code: 131026, Message: "+34612345003 is <not> reachable"},
	})
	d.send(first, "A-4", number(4), delivery.Attempt{Result: delivery.ResultInDoubt})
	d.hear(wamid(number(1)), delivery.Read, at(30))
	d.hear(wamid(number(2)), delivery.Failed, at(40))
	d.unsent = []engine.Unsent{
		{
			Run: first, Step: "remind", Item: "+34612345009", Row: 7, File: "rows.csv", Cell: "phone", Outcome: delivery.OutcomeInvalid,
			Reason: "phone", Message: "34612345009 is no number",
		},
		{Run: first, Step: "remind", Outcome: delivery.OutcomeSkipped, Reason: "opted-out", Count: 4},
	}
	return d
}

func (d *desk) write(run string, shown bool) string {
	d.t.Helper()
	var b strings.Builder
	d.writeTo(&b, d, run, shown)
	return b.String()
}

func (d *desk) writeTo(b *strings.Builder, l engine.Reader, run string, shown bool) {
	d.t.Helper()
	r, err := d.Run(d.t.Context(), run)
	d.must(err)
	_, _, err = proof.Write(d.t.Context(), b, l, r, proof.Options{Program: "waybill test", MadeAt: at(90), ShowRecipients: shown})
	d.must(err)
}

func check(t *testing.T, text string, l engine.Reader) proof.Result {
	t.Helper()
	found, err := proof.Check(t.Context(), strings.NewReader(text), l)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func wantProblem(t *testing.T, found proof.Result, line int, what string) {
	t.Helper()
	if p := found.Problem; p == nil || p.Line != line || !strings.Contains(p.What, what) {
		t.Errorf("problem %+v, want line %d: …%s…", p, line, what)
	}
}

func TestSameLedgerGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	d := filled(t)
	for _, shown := range []bool{false, true} {
		text := d.write(first, shown)
		if text != d.write(first, shown) {
			t.Error("two proofs of one ledger are different")
		}
		found := check(t, text, d)
		if found.Problem != nil || found.Ledger.Same != 5 || *found.Ledger != (proof.Comparison{Same: 5}) {
			t.Errorf("shown %v: %+v, %+v", shown, found.Problem, found.Ledger)
		}
		listed := found.End.Listed
		if listed.Total != 10 || listed.Accepted != 3 || listed.Read != 1 || listed.Undelivered != 1 || listed.Refused != 1 ||
			listed.InDoubt != 1 || listed.Invalid != 1 || listed.Skipped != 4 {
			t.Errorf("counted %+v", listed)
		}
		if found := check(t, text, nil); found.Problem != nil || found.Ledger != nil {
			t.Errorf("without a ledger: %+v", found)
		}
	}
}

// Each end that a delivery may have is counted as what it was.
func TestOutcomes(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	notSent := func(last bool, status int) delivery.Attempt {
		a := delivery.Attempt{Result: delivery.ResultNotSent, Last: last, Answer: delivery.Answer{Status: status}}
		if status == 429 {
			a.Cause = delivery.CauseLimit
		}
		return a
	}
	held := accepted(number(0))
	held.HeldBack = "held_for_quality_assessment"
	for i, a := range []delivery.Attempt{
		held, accepted(number(1)),
		{Result: delivery.ResultRefused},
		notSent(true, 503), notSent(true, 429), notSent(true, 0),
		notSent(false, 503),
		{Result: delivery.ResultInDoubt},
		{Result: delivery.ResultInDoubt},
		{Result: delivery.ResultInDoubt},
	} {
		d.send(first, fmt.Sprint(i), number(i), a)
	}
	for id, sent := range map[delivery.ID]bool{9: true, 10: false} {
		_, err := d.Resolve(t.Context(), id, sent, engine.Actor{})
		d.must(err)
	}
	_, err := d.Intend(t.Context(), delivery.Intent{Key: delivery.Key{Job: job, Scope: engine.ScopeEver}, Run: first, Recipient: "+1"})
	d.must(err)
	text := d.write(first, false)
	var got []string
	for line := range strings.Lines(text) {
		if _, after, found := strings.Cut(line, `"outcome":"`); found {
			word, _, _ := strings.Cut(after, `"`)
			got = append(got, word)
		}
	}
	want := "held accepted refused refused notSent notSent notSent inDoubt accepted notSent underWay"
	if strings.Join(got, " ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, " "), want)
	}
	if found := check(t, text, d); found.Problem != nil || found.Ledger.Same != len(got) {
		t.Errorf("%+v, %+v", found.Problem, found.Ledger)
	}
	d.hear(wamid(number(0)), delivery.Sent, at(50))
	if strings.Contains(d.write(first, false), `"outcome":"held"`) {
		t.Error("what was sent to the phone is held back no more")
	}
}

// No number may be read from a masked proof, in any form: also message ids hold it.
func TestMaskedProofHoldsNoNumber(t *testing.T) {
	t.Parallel()
	d := filled(t)
	masked, shown := d.write(first, false), d.write(first, true)
	sum := sha256.Sum256([]byte(wamid(number(0))))
	for _, want := range []string{`"…003"`, `"for …003"`, `"…003 is <not> reachable"`, `"…009"`, "sha256:" + hex.EncodeToString(sum[:])} {
		if !strings.Contains(masked, want) {
			t.Errorf("masked, it has no %s:\n%s", want, masked)
		}
	}
	for i := range 10 {
		for _, secret := range []string{number(i)[2:], number(i)[5:], "612 345 003", wamid(number(i))} {
			if strings.Contains(masked, secret) {
				t.Errorf("masked, it has %s", secret)
			}
		}
	}
	for _, want := range []string{`"+34612345003"`, wamid(number(0)), "34612345009 is no number", "for 612 345 003"} {
		if !strings.Contains(shown, want) {
			t.Errorf("shown, it has no %s", want)
		}
	}
}

// Whatever is done to a file, the first line that is wrong is found, also without a ledger.
func TestEveryChangeIsFound(t *testing.T) {
	t.Parallel()
	text := filled(t).write(first, false)
	lines := slices.Collect(strings.Lines(text))
	changed := func(line int, with ...string) string {
		return strings.Join(lines[:line], "") + strings.Join(with, "") + strings.Join(lines[line+1:], "")
	}
	for i, line := range lines {
		middle := len(line) / 2
		for name, file := range map[string]string{
			"changed": changed(i, line[:middle]+string(line[middle]^1)+line[middle+1:]), "left out": changed(i),
			"twice": changed(i, line, line), "cut off": text[:len(strings.Join(lines[:i], ""))+middle],
		} {
			found := check(t, file, nil)
			want := i + 1
			if name == "twice" {
				want = i + 2
			}
			if p := found.Problem; p == nil || p.Line != want {
				t.Errorf("line %d %s: problem %+v", i+1, name, p)
			}
		}
	}
	wantProblem(t, check(t, "", nil), 1, "last line is missing")
	wantProblem(t, check(t, "PK\x03\x04", nil), 1, "no proof")
}

// chained gives changed lines a chain that follows.
func chained(text string, change func(lines []string) []string) string {
	var lines []string
	for line := range strings.Lines(text) {
		lines = append(lines, line[:strings.LastIndex(line, `,"chain":`)]+"}")
	}
	chain, out := "", bytes.Buffer{}
	for _, line := range change(lines) {
		sum := sha256.Sum256([]byte(chain + "\n" + line))
		chain = hex.EncodeToString(sum[:])
		fmt.Fprintf(&out, "%s,\"chain\":\"%s\"}\n", line[:len(line)-1], chain)
	}
	return out.String()
}

func replace(line int, before, after string) func([]string) []string {
	return func(lines []string) []string {
		lines[line-1] = strings.Replace(lines[line-1], before, after, 1)
		return lines
	}
}

// A forger makes a new chain. What the lines contradict is found, and the ledger finds the rest.
func TestForgeriesWithANewChain(t *testing.T) {
	t.Parallel()
	d := filled(t)
	text := d.write(first, false)
	if chained(text, func(lines []string) []string { return lines }) != text {
		t.Fatal("the test does not chain as the program does")
	}
	for _, c := range []struct {
		name   string
		change func([]string) []string
		alone  string // the problem without a ledger; empty: none is seen
		line   int
		ledger string
	}{
		{"outcome", replace(2, `"outcome":"accepted"`, `"outcome":"read"`), `"read" does not go with status "accepted"`, 2, ""},
		{"counts", replace(9, `"read":1`, `"read":2`), "its counts are not those of", 9, ""},
		{"counts of the header", replace(1, `"held":0`, `"held":7`), "its counts are not those of the header", 9, ""},
		{"lines", replace(9, `"deliveries":5`, `"deliveries":6`), "it counts 6 deliveries and 2 rows", 9, ""},
		{"version", replace(1, `"version":1`, `"version":2`), "format version 2", 1, ""},
		{"item", replace(2, `"item":"A-0"`, `"item":"A-9"`), "", 2, "another step or item"},
		{"key", replace(2, `"key":"`, `"key":"1`), "", 2, "not in the ledger like that"},
		{"time", replace(2, `"at":"2026-03-25T09`, `"at":"2026-03-25T08`), "", 2, "when a request was made"},
		{"status time", replace(3, `"statusAt":"2026-03-25T09`, `"statusAt":"2026-03-25T08`), "", 3, "WhatsApp's time"},
		{"recipient", replace(2, `"recipient":"…000"`, `"recipient":"…111"`), "", 2, "recipient"},
		{"job", replace(1, `"job":"reminders"`, `"job":"reminder"`), "", 1, "another job"},
		{"added", func(lines []string) []string {
			line := strings.NewReplacer(`"id":5`, `"id":6`, `"key":"`, `"key":"0`).Replace(lines[5])
			end := strings.Replace(lines[8], `"deliveries":5`, `"deliveries":6`, 1)
			return append(append(append(lines[:6:6], line), lines[6:8]...), end)
		}, "its counts are not those of the lines", 10, ""},
		{"twice", func(lines []string) []string {
			return append(append(lines[:6:6], strings.Replace(lines[5], `"id":5`, `"id":6`, 1)), lines[6:]...)
		}, "a line before has the same key", 7, ""},
		{"order", func(lines []string) []string { lines[1], lines[2] = lines[2], lines[1]; return lines }, "stands behind", 3, ""},
		{"accepted twice", func(lines []string) []string {
			i := strings.Index(lines[1], `[{`)
			own := lines[1][i+1 : strings.LastIndex(lines[1], "]")]
			lines[1] = strings.Replace(lines[1], own, own+","+own, 1)
			return lines
		}, "was accepted 2 times", 2, ""},
	} {
		forged := chained(text, c.change)
		alone, with := check(t, forged, nil), check(t, forged, d)
		t.Run(c.name, func(t *testing.T) {
			if c.alone != "" {
				wantProblem(t, alone, c.line, c.alone)
				return
			}
			if alone.Problem != nil {
				t.Errorf("without a ledger: %+v", alone.Problem)
			}
			wantProblem(t, with, c.line, c.ledger)
		})
	}
	// One who knows the format leaves a delivery out and counts again.
	short := chained(text, func(lines []string) []string {
		counts, listed, _ := strings.Cut(strings.Replace(lines[8], `"deliveries":5`, `"deliveries":4`, 1), `"listed":`)
		listed = strings.NewReplacer(`"total":10`, `"total":9`, `"inDoubt":1`, `"inDoubt":0`).Replace(listed)
		return append(append(lines[:5:5], lines[6:8]...), counts+`"listed":`+listed)
	})
	if found := check(t, short, nil); found.Problem != nil {
		t.Fatalf("the forgery is none: %+v", found.Problem)
	}
	wantProblem(t, check(t, short, d), 8, "the seal is not the ledger's")
}
