package main

// promises are what keeps a message from whoever must not get it, and a secret from whoever must not see it.
func promises() []mutation {
	rule := func(line string) []edit { return []edit{{"engine/runner/admission.go", line, ""}} }
	return []mutation{
		{
			name: "opted-out", what: "who opted out gets nothing", in: "engine/runner", tests: "(TestWhoIsLeftOut|TestOptOutHoldsAtOnce|TestCategoriesOfOptOuts)",
			edits: rule("\t\t{byMessage, optedOut},\n"),
		},
		{
			name: "excluded", what: "who is on a list of `exclude` gets nothing", in: "engine/runner", tests: "(TestWhoIsLeftOut|TestBadExclusions)",
			edits: rule("\t\t{byMessage, excluded},\n"),
		},
		{
			name: "quiet-hours", what: "quiet hours", in: "engine/runner", tests: "TestQuietHours",
			edits: rule("\t\t{byMessage, quietHours},\n"),
		},
		{
			name: "expired", what: "what is too old is not sent", in: "engine/runner", tests: "(TestExpired|TestExpiresBetweenTries)",
			edits: rule("\t\t{byMessage, expired},\n"),
		},
		{
			name: "cost", what: "the limit of what an apply may cost", in: "engine/runner", tests: "(TestCostGuard|TestCostOfFoundItems)",
			edits: rule("\t\t{byMoment, costLimit},\n"),
		},
		{
			name: "once", what: "one message of a step to a person (`once`)", in: "engine/ledger", tests: "TestConformance",
			edits: []edit{{"engine/reach.go", `if p.of.Reach.Once && k.Job == of.Job`, `if false && k.Job == of.Job`}},
		},
		{
			name: "forgotten", what: "who was forgotten is known when their row comes again", in: "engine/ledger", tests: "TestConformance",
			edits: []edit{{"engine/ledger/intend.go", `o.intent = t.known.Intent(o.intent)`, ``}},
		},
		{
			name: "at-most", what: "how often a person may be messaged (`atMost`)", in: "engine/ledger", tests: "TestConformance",
			edits: []edit{{"engine/reach.go", `!until.IsZero() {`, `!until.IsZero() && false {`}},
		},
		{
			name: "recipients", what: "`limits.recipients`", in: "engine/runner", tests: "(TestRecipientsAreLimitedWhereNobodyCouldCount|TestLimitCountsWhoIsMessaged)",
			edits: []edit{{"engine/runner/admission.go", `x.most > 0 && n > x.most {`, `x.most > 0 && n > 1<<60 {`}},
		},
		{
			name: "per-day", what: "how many people a day get a template (`limits.perDay`)", in: "engine/ledger", tests: "TestConformance",
			edits: []edit{{"engine/ledger/reach.go", `if i.Template && i.Reach.PerDay > 0 {`, `if false {`}},
		},
		{
			name: "same-job", what: "a job's name belongs to one file", in: "engine/cli", tests: "TestScript/same_job",
			edits: []edit{{"engine/cli/same_job.go", `if engine.OtherFile(run.File, req.File) {`, `if engine.OtherFile(run.File, req.File) && done == nil {`}},
		},
		{
			name: "modes", what: "the ledger is its user's alone", in: "engine/ledger", tests: "TestModes",
			edits: []edit{{"engine/ledger/folder.go", `err = os.Chmod(path+suffix, 0o600)`, `err = nil`}},
		},
		{
			name: "token", what: "the token of the dashboard", in: "engine/dashboard", tests: "TestToken",
			edits: []edit{{"engine/dashboard/auth.go", `case given == "" && hasToken(r, o.Token):`, `case given == "":`}},
		},
		{
			name: "metrics-token", what: "the same of the metrics", in: "engine/dashboard", tests: "TestGuard",
			edits: []edit{{"engine/dashboard/auth.go", `return withHeaders(loopbackOnly(o, p, readOnly(requireToken(o, p, next))))`, `return withHeaders(loopbackOnly(o, p, readOnly(next)))`}},
		},
		{
			name: "stop-after", what: "`stopAfter`", in: "engine/runner", tests: "(TestStopAfter|TestLateFailuresCountForStopAfter)",
			edits: []edit{{"engine/runner/foreach.go", `case !reached(l.step.ForEach.StopAfter, l.judged()):`, `case l.step != nil:`}},
		},
		{
			name: "resend-to-another", what: "a message that goes out again goes to the person that it was for", in: "engine/cli", tests: "TestScript/resolve",
			edits: rule("\t\t{byMessage, recipientChanged},\n"),
		},
		{
			name: "signature", what: "the signature of webhooks", in: "whatsapp/webhook", tests: "TestCallback", quick: true,
			edits: []edit{{"whatsapp/webhook/handler.go", `if !Verify(h.Secrets`, `if false && !Verify(h.Secrets`}},
		},
		{
			name: "stored-first", what: "a webhook is answered 200 once it is stored", in: "whatsapp/webhook", tests: "TestCallbackIsDurableOrRepeated", quick: true,
			edits: []edit{{
				"whatsapp/webhook/handler.go", `http.Error(w, "not stored, send it again", http.StatusServiceUnavailable)`, `w.WriteHeader(http.StatusOK)`,
			}},
		},
		{
			name: "redact", what: "secrets are taken out of what is shown", in: "engine/secret", tests: "TestRedact", quick: true,
			edits: []edit{{"engine/secret/redactor.go", `if len(secret) < MinLength || r.knows(secret) {`, `if true {`}},
		},
		{
			name: "mask", what: "numbers are masked where many can see them", in: "engine/wording", tests: "(TestMaskText|TestMaskKey)", quick: true,
			edits: []edit{{"engine/wording/mask.go", `return strings.ReplaceAll(MaskNumbers(text), "\x00", example)`, `return strings.ReplaceAll(text, "\x00", example)`}},
		},
		{
			name: "redirect", what: "a redirect is not followed", in: "whatsapp", tests: "TestRedirectIsNotFollowed", quick: true,
			edits: []edit{{"whatsapp/call.go", `c.transport.RoundTrip(r)`, `(&http.Client{Transport: c.transport}).Do(r)`}},
		},
	}
}
