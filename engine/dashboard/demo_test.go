package dashboard_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"waybill/engine"
	"waybill/engine/dashboard"
	"waybill/engine/delivery"
)

// noon is when the demonstration is looked at.
func noon() time.Time { return time.Date(2026, 3, 25, 12, 0, 0, 0, time.UTC) }

const (
	hostileName = `<script>alert("name")</script>'"><img src=x onerror=alert(1)>`
	hostileTurn = "abc\u202Eevil.exe\u2066 مرحبا 👩‍👩‍👧 \x1b[31mred\x00"
)

// demo is a ledger with something of everything, hostile texts among it.
func demo() *fake {
	f := &fake{
		attempts: map[delivery.ID][]delivery.Attempt{}, statuses: map[string][]delivery.Status{},
		webhook: noon().Add(-90 * time.Second),
	}
	start := noon().Add(-3 * time.Hour)
	f.runs = []engine.Run{
		{
			ID: "20260325-115500-live", Job: "order-confirmation", Mode: engine.ModeApply, Scope: "ever",
			Status: engine.RunRunning, StartedAt: noon().Add(-5 * time.Minute), File: "/srv/jobs/order-confirmation.yaml",
		},
		{
			ID: "20260325-090000-k3v9", Job: "appointment-reminders", Mode: engine.ModeServe,
			Scope: "schedule/2026-03-25T10:00[Europe/Madrid]", Status: engine.RunFailed, StartedAt: start,
			FinishedAt: start.Add(4*time.Minute + 11*time.Second), File: "/srv/jobs/appointment-reminders.yaml",
			Inputs: []byte(`{"day":"2026-03-26"}`),
			By:     engine.Actor{User: "ana", Host: "clinic-1", CI: "https://ci.example.org/jobs/42", Commit: "566d1da0cafe566d1da0cafe"},
			Errors: []engine.RunError{
				{Step: "patients/remind", Item: "B-00007", Row: 7, Message: "the number is empty"},
				{Step: "upload_the_leaflet/of_the_day", Message: `open leaflet.png: there is no such file; ` + hostileName},
				{Step: "report", Code: 131026, Message: "Message undeliverable"},
			},
		},
		{
			ID: "20260324-090000-a1b2", Job: "appointment-reminders", Mode: engine.ModeServe,
			Scope: "schedule/2026-03-24T10:00[Europe/Madrid]", Status: engine.RunSucceeded,
			StartedAt: start.Add(-24 * time.Hour), FinishedAt: start.Add(-24*time.Hour + 3*time.Minute),
		},
		{
			ID: "20260323-141500-zz00", Job: hostileName, Mode: engine.ModeRun, Scope: "20260323-141500-zz00",
			Status: engine.RunStopped, Reason: "5% of the items failed: " + hostileTurn, StartedAt: start.Add(-48 * time.Hour),
			FinishedAt: start.Add(-48*time.Hour + 12*time.Second),
		},
		{
			ID: "20260322-101010-q7q7", Job: "weekly-report", Mode: engine.ModeRun, Scope: "20260322-101010-q7q7",
			Status: engine.RunInterrupted, StartedAt: start.Add(-72 * time.Hour),
			FinishedAt: start.Add(-72*time.Hour + 2*time.Second),
			Counts:     engine.Counts{Total: 2, Succeeded: 1, Failed: 1},
			Errors:     []engine.RunError{{Step: "report", Message: "there is no file report.csv"}},
		},
		{
			ID: "20260321-101010-d0d0", Job: "invoice-pdf", Mode: engine.ModeApply, Scope: "name/march",
			Status: engine.RunInDoubt, StartedAt: start.Add(-96 * time.Hour),
			FinishedAt: start.Add(-96*time.Hour + 22*time.Second),
		},
	}
	f.outcomes = map[string]map[delivery.Outcome]int{
		f.runs[1].ID: {delivery.OutcomeSkipped: 12},
		f.runs[2].ID: {delivery.OutcomeRead: 800, delivery.OutcomeDelivered: 387},
		f.runs[3].ID: {delivery.OutcomeNotSent: 14},
		f.runs[5].ID: {delivery.OutcomeRead: 308, delivery.OutcomeInDoubt: 2},
	}
	f.unsent = demoUnsent(f.runs[0].ID, f.runs[1].ID)
	f.orders = map[string]*engine.Order{
		f.runs[3].ID: {Kind: engine.OrderStop, By: engine.Actor{User: "ana", Host: "clinic-1"}, At: f.runs[3].StartedAt.Add(11 * time.Second)},
	}
	f.listening = noon().Add(time.Minute)
	f.fill(f.runs[1], 1188, start, 200*time.Millisecond)
	f.fill(f.runs[0], 700, noon().Add(-5*time.Minute), 420*time.Millisecond)
	f.fill(f.runs[3], 26, f.runs[3].StartedAt, 450*time.Millisecond)
	f.inbound = []engine.Inbound{
		{
			ID: "wamid.in1", NumberID: "123456789012345", From: "34612345678", ProfileName: "María Pérez",
			At: noon().Add(-90 * time.Second), Type: "text", Text: "Sí, allí estaré. ¿Puedo llegar diez minutos antes?",
			ReplyTo: "wamid.HBgLMzQ2MTIzNDU2NzgVAgARGBI5",
		},
		{
			ID: "wamid.in2", NumberID: "123456789012345", From: "34600000001", ProfileName: hostileName,
			At: noon().Add(-20 * time.Minute), Type: "text", Text: hostileTurn,
		},
		{
			ID: "wamid.in3", NumberID: "123456789012345", UserID: "ES.1349128", ProfileName: "יוסי כהן",
			At: noon().Add(-2 * time.Hour), Type: "interactive", Text: "אישור הפגישה",
		},
		{
			ID: "wamid.in4", NumberID: "123456789012345", From: "34600000002", ProfileName: "😀 Ana 🐬",
			At: noon().Add(-3 * time.Hour), Type: "image",
		},
		{
			ID: "wamid.in5", NumberID: "123456789012345", From: "34600000003", ProfileName: "Long",
			At: noon().Add(-30 * time.Hour), Type: "text", Text: longText(),
		},
	}
	f.notices = []engine.Notice{
		{
			Field: "message_template_status_update", AccountID: "102290129340398", At: noon().Add(-time.Hour),
			Raw: []byte(`{"event":"PAUSED","message_template_name":"appointment_reminder","reason":"</pre><script>alert(1)</script>"}`),
		},
		{
			Field: "phone_number_quality_update", AccountID: "102290129340398", At: noon().Add(-26 * time.Hour),
			Raw: []byte(`{"event":"UPGRADE","current_limit":"TIER_10K"}`),
		},
	}
	return f
}

// demoUnsent are rows of two runs: those of the first wait.
func demoUnsent(waits, failed string) []engine.Unsent {
	const step, file = "patients/remind", "appointments_of_the_week.csv"
	rows := []engine.Unsent{
		{
			Run: failed, Step: step, File: file, Row: 7, Item: "B-00007", Cell: "phone", Outcome: delivery.OutcomeInvalid,
			Reason: "empty-recipient", Message: "the number is empty",
		},
		{
			Run: failed, Step: step, File: file, Row: 19, Item: "B-00019", Cell: "phone", Outcome: delivery.OutcomeInvalid,
			Reason: "bad-recipient", Message: `"3,46123E+10" is no number: a spreadsheet made an exponent of it`,
		},
		{Run: failed, Step: step, Row: 23, Outcome: delivery.OutcomeInvalid, Message: hostileName + hostileTurn},
	}
	for i := range 4 {
		rows = append(rows, engine.Unsent{
			Run: waits, Step: step, File: file, Row: 800 + i, Item: fmt.Sprintf("C-%05d", i), Outcome: delivery.OutcomeWaiting,
			Reason: "quiet-hours", Message: "it is 22:10 in Europe/Madrid",
		})
	}
	return rows
}

func longText() string {
	s := ""
	for i := range 60 {
		s += fmt.Sprintf("sentence %d goes on and on; ", i)
	}
	return s
}

// fill adds deliveries of a run.
func (f *fake) fill(run engine.Run, n int, at time.Time, apart time.Duration) {
	rng := rand.New(rand.NewPCG(1, uint64(n)))
	for i := range n {
		id := delivery.ID(len(f.deliveries) + 1)
		at = at.Add(time.Duration(float64(apart) * (0.4 + 1.2*rng.Float64())))
		d := delivery.Delivery{
			ID: id, Run: run.ID, Key: delivery.Key{Job: run.Job, Scope: run.Scope, Step: "patients/remind", Item: fmt.Sprintf("A-%05d", i)},
			Recipient: fmt.Sprintf("+34612%06d", rng.IntN(1000000)), Row: i + 2, Attempts: 1, IntendedAt: at,
			SettledAt: at.Add(120 * time.Millisecond),
			MessageID: fmt.Sprintf("wamid.HBgL%08d", id), StatusAt: at.Add(4 * time.Second),
		}
		f.settle(&d, rng.Float64(), i)
		f.deliveries = append(f.deliveries, d)
	}
}

func (f *fake) settle(d *delivery.Delivery, luck float64, i int) {
	a := delivery.Attempt{
		Delivery: d.ID, Run: d.Run, Number: 1, At: d.IntendedAt, Ended: d.SettledAt, Result: delivery.ResultAccepted,
		MessageID: d.MessageID, Answer: delivery.Answer{Status: 200, TraceID: "AbCdEf123"},
	}
	code := func(s delivery.State, code int, message string) {
		d.State, d.Answer = s, delivery.Answer{Status: 400, Code: code, Message: message, TraceID: "AbCdEf123"}
		a.Result, a.Answer = delivery.ResultRefused, d.Answer
		if s == delivery.Rejected {
			d.MessageID, d.StatusAt, a.MessageID = "", time.Time{}, ""
		}
	}
	switch {
	case luck < 0.55:
		d.State = delivery.Read
	case luck < 0.82:
		d.State = delivery.Delivered
	case luck < 0.88:
		d.State = delivery.Sent
	case luck < 0.93:
		d.State, d.StatusAt = delivery.Accepted, time.Time{}
	case luck < 0.96:
		code(delivery.Failed, 131026, "Message undeliverable")
	case luck < 0.985:
		code(delivery.Rejected, 131047, "Re-engagement message")
	case luck < 0.992:
		code(delivery.Rejected, 132012, "Parameter format does not match: "+hostileName)
	case luck < 0.996:
		code(delivery.Rejected, 0, "item 12: "+hostileTurn)
	case luck < 0.998:
		d.State, d.HeldBack, d.StatusAt = delivery.Accepted, "held_for_quality_assessment", time.Time{}
	default:
		d.State, d.MessageID, d.StatusAt = delivery.InDoubt, "", time.Time{}
		d.Answer = delivery.Answer{Message: "no answer within 60 s"}
		a.Result, a.Answer, a.MessageID = delivery.ResultInDoubt, d.Answer, ""
	}
	if i == 7 {
		d.Key.Item = hostileName + hostileTurn
	}
	f.attempts[d.ID] = []delivery.Attempt{a}
	if d.State > delivery.Accepted {
		f.statuses[d.MessageID] = []delivery.Status{
			{
				MessageID: d.MessageID, State: delivery.Sent, Word: "sent", At: d.IntendedAt.Add(time.Second),
				Raw: []byte(`{"status":"sent"}`),
			},
			{
				MessageID: d.MessageID, State: d.State, Word: d.State.String(), At: d.StatusAt, Answer: d.Answer,
				Raw: []byte(`{"status":"` + d.State.String() + `"}`),
			},
		}
	}
}

func demoOptions(l engine.Reader) dashboard.Options {
	madrid, err := time.LoadLocation("Europe/Madrid")
	if err != nil {
		panic(err)
	}
	return dashboard.Options{
		Ledger: l, Now: noon, Zone: madrid, Version: "0.1.0",
		Stop:   func(context.Context, string) error { return nil },
		Cancel: func(context.Context, string) error { return nil },
		Meaning: func(code int) (string, string) {
			switch code {
			case 131026:
				return "Message undeliverable",
					"The number is not on WhatsApp, has not accepted the terms, or its app is too old. Reach this person another way."
			case 131047:
				return "Re-engagement message", "More than 24 hours passed since this person last wrote. Send a template instead."
			}
			return "", ""
		},
		Schedules: func() []dashboard.Schedule {
			return []dashboard.Schedule{
				{
					Job: "weekly-report", File: "jobs/weekly-report.yaml", Cron: "0 7 * * 1", Zone: "UTC",
					Next: time.Date(2026, 3, 30, 7, 0, 0, 0, time.UTC), LastRun: "20260322-101010-q7q7",
				},
				{
					Job: "appointment-reminders", File: "jobs/appointment-reminders.yaml", Cron: "0 10 * * 1-5",
					Zone: "Europe/Madrid", Missed: "run", Next: time.Date(2026, 3, 26, 10, 0, 0, 0, madrid),
					LastRun: "20260325-090000-k3v9",
				},
				{
					Job: "broken", File: "jobs/broken.yaml", Cron: "0 9 * * *", Zone: "Europe/Madrid",
					Problem: `jobs/broken.yaml:14:7: unknown operation "sendTxt"; the version of 11:02 goes on running`,
				},
			}
		},
	}
}
