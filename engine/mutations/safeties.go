package main

// mutation is one safety that is taken out.
type mutation struct {
	name  string
	what  string // is taken out, as the README says it
	edits []edit
	in    string // folder of the package whose tests see it
	tests string // the fewest that must see it: one of them has to be red
	quick bool   // they take a moment, and so every check has them
	needs string // a program without which they skip
}

// edit is one change of one file.
//
// The file may be a pattern: then it is the last one that has the text, as of migrations the last one counts.
type edit struct{ file, before, after string }

func all() []mutation { return append(safeties(), promises()...) }

// safeties are what keeps a message from being sent twice, or lost.
func safeties() []mutation {
	synchronous := func(word, number string) []edit {
		return []edit{
			{"engine/ledger/connection.go", `pragma("synchronous(FULL)")`, `pragma("synchronous(` + word + `)")`},
			{"engine/ledger/open.go", `{"synchronous", "2"}`, `{"synchronous", "` + number + `"}`},
		}
	}
	return []mutation{
		{
			name: "sync-off", what: "the sync of an intent (`synchronous=OFF`)", edits: synchronous("OFF", "0"),
			in: "engine/cli", tests: "(TestPowerLoss|TestIntentsReachTheDiskFirst)", needs: "strace",
		},
		{
			name: "sync-normal", what: "the same, in part (`synchronous=NORMAL`)", edits: synchronous("NORMAL", "1"),
			in: "engine/cli", tests: "(TestPowerLoss|TestIntentsReachTheDiskFirst)", needs: "strace",
		},
		{
			name: "deadline", what: "the deadline between an intent and its request", in: "engine/runner", tests: "TestDeadlineStopsALateSend",
			edits: []edit{{"engine/runner/admission.go", `if now.Sub(intended) > sendWithin ||`, `if false && now.Sub(intended) > sendWithin ||`}, {
				"engine/runner/admission.go", `.Abs() > sendWithin {`, `.Abs() > 1<<62 {`,
			}},
		},
		{
			name: "intended-once", what: "the condition under which planned becomes intended", in: "engine/delivery", tests: "TestModel", quick: true,
			edits: []edit{{"engine/delivery/intend.go", `if r.UnderWay() || i.Duplicates(d)`, `if false && r.UnderWay() || i.Duplicates(d)`}, {
				"engine/delivery/intend.go", `|| !i.Allowed.Action(r.State, r.Retryable).Sends() {`, `{`,
			}},
		},
		{
			name: "take-over", what: "what a dead process left is in doubt: it is planned instead", in: "engine/ledger", tests: "TestConformance",
			edits: []edit{{"engine/ledger/take_over.go", `iif(state = 2, 3, state)`, `iif(state = 2, 1, state)`}},
		},
		{
			name: "merge", what: "the order of statuses that come in any order", in: "engine/delivery", tests: "TestModel", quick: true,
			edits: []edit{{"engine/delivery/standing.go", `if next.outranks(s) {`, `if next.outranks(s) || next.State != 0 {`}},
		},
		{
			name: "hold", what: "holding a message whose answer was lost: it is tried again", in: "steps", tests: "(TestJudgeOtherwise|TestFaultsAreJudged)",
			edits: []edit{{"steps/verdict.go", "case e.Sent:\n\t\tv.Result = delivery.ResultInDoubt", "case e.Sent:"}},
		},
		{
			name: "strict", what: "holding a gateway's 5xx under `strict`", in: "engine/cli", tests: "(TestAnyInterleaving|TestFaultedAnswers)",
			edits: []edit{{"engine/runner/attempt.go", `if v.Ambiguous && d.x`, `if false && d.x`}},
		},
		{
			name: "no-id", what: "an answer without an id is no success", in: "whatsapp", tests: "(TestOddAnswers|TestWhetherItLeft|TestMetaAnswers|TestSend)", quick: true,
			edits: []edit{{"whatsapp/read_sent.go", `return Sent{}, errNoID`, `return Sent{MessageID: errNoID.Error()}, nil`}},
		},
		{
			name: "repeat", what: "net/http cannot repeat a request", in: "whatsapp", tests: "(TestNeverSentTwice|TestSendHeaders)", quick: true,
			edits: []edit{{
				"whatsapp/post.go", `	r.Body, r.ContentLength = io.NopCloser(&gated.body), int64(len(body))`,
				"	r.Body, r.ContentLength = io.NopCloser(&gated.body), int64(len(body))\n\tr.GetBody = func() (io.ReadCloser, error) { return r.Body, nil }",
			}},
		},
		{
			name: "idle-end", what: "a kept connection is asked whether its end has come before a message goes on it", in: "whatsapp/internal/http1", tests: "TestClosedWhileIdle", quick: true,
			edits: []edit{{"whatsapp/internal/http1/transport.go", `err == nil && c.open()`, `err == nil`}},
		},
		{
			name: "left", what: "a request of which something was written may have left", in: "whatsapp/internal/http1", tests: "(TestWhatLeft|TestTimeouts)", quick: true,
			edits: []edit{{"whatsapp/internal/http1/conn.go", `a.Left = true`, `a.Left = err == nil`}},
		},
		{
			name: "callback", what: "a callback that this ledger did not make is not believed", in: "engine/ledger", tests: "TestConformance",
			edits: []edit{{"engine/ledger/forgotten.go", `if t.ledger.keys.Genuine(c, l.Key.Hash()) {`, `if l != nil {`}},
		},
		{
			name: "lock", what: "the lock on sending", in: "engine/ledger", tests: "(TestSecondSender|TestHolder|TestConformance)",
			edits: []edit{{
				"engine/ledger/system_unix.go", "case errors.Is(err, syscall.EWOULDBLOCK):\n\t\t\treturn false, nil",
				"case errors.Is(err, syscall.EWOULDBLOCK):\n\t\t\treturn true, nil",
			}},
		},
		{
			name: "lease", what: "the fence of a sender whose lease ended", in: "engine/ledger/postgres", tests: "(TestTakenOver|TestPartsTakenOver|TestTakenOverByTheLiving)", needs: "PostgreSQL",
			edits: []edit{{"engine/ledger/postgres/migrations/*.sql", `(ended IS NULL OR NOT must_live)`, `(ended IS NULL OR true)`}},
		},
		{
			name: "lost-groups", what: "the count of groups by which a database is known that went back in time", in: "engine/ledger/postgres", tests: "(TestLostGroups|TestPromoted)", needs: "PostgreSQL",
			edits: []edit{{"engine/ledger/postgres/migrations/*.sql", `AND groups = its_group - 1 AND`, `AND its_group > 0 AND`}},
		},
		{
			name: "ballast", what: "the ballast, which a full disk gets first", in: "engine/ledger", tests: "TestDiskFull",
			edits: []edit{{"engine/ledger/writer.go", `w.space.drop()`, `w.space.dropped = true`}},
		},
		{
			name: "witness", what: "the witness by which a file is known that was put back to an earlier time", in: "engine/ledger", tests: "(TestPutBack|TestNamedWitness)",
			edits: []edit{{"engine/ledger/epoch.go", `if epoch < seen {`, `if false {`}},
		},
		{
			name: "moved", what: "a ledger that was copied elsewhere sends no more", in: "engine/ledger/transfer", tests: "Test",
			edits: []edit{{"engine/ledger/copy.go", `if err == nil && to != "" {`, `if false {`}},
		},
		{
			name: "emptied", what: "an empty file beside a sender's lock is no new ledger", in: "engine/ledger", tests: "TestALedgerThatLostEverythingIsNotTakenForANewOne",
			edits: []edit{{"engine/ledger/open.go", `if _, err := os.Lstat(path + suffix); err == nil {`, `if _, err := os.Lstat(path + suffix); err == nil && false {`}},
		},
	}
}
