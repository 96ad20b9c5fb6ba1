package ledgertest

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"

	"waybill/engine"
	"waybill/engine/delivery"
)

func testRuns(t *testing.T, newStore NewStore) {
	t.Helper()
	full := engine.Run{
		ID: "20260326-090000-bbbb", Job: "other", Mode: engine.ModeServe, Scope: "2026-03-26T09:00:00Z",
		Status: engine.RunRunning, File: "/jobs/a.yaml",
		Digest: "d1", Inputs: json.RawMessage(`{"day":"2026-03-26"}`), StartedAt: at(100),
		By: engine.Actor{User: "ana", Host: "clinic-1", CI: "https://ci.example/7", Commit: "c0ffee"},
	}
	t.Run("come back", func(t *testing.T) {
		d := newDesk(t, newStore)
		d.must(d.StartRun(t.Context(), full))
		got, err := d.Run(t.Context(), full.ID)
		d.must(err)
		if !reflect.DeepEqual(got, full) {
			t.Errorf("\n got %+v\nwant %+v", got, full)
		}
		end := full
		end.Status, end.FinishedAt, end.Reason = engine.RunStopped, at(160), "5% failed"
		end.Counts = engine.Counts{Total: 9, Succeeded: 4, Failed: 3, Skipped: 1, InDoubt: 1}
		d.must(d.FinishRun(t.Context(), end, nil))
		got, err = d.Run(t.Context(), full.ID)
		d.must(err)
		if !reflect.DeepEqual(got, end) {
			t.Errorf("\n got %+v\nwant %+v", got, end)
		}
		byEngine := full
		byEngine.Asked.Engine = "temporal"
		d.must(d.StartRun(t.Context(), byEngine))
		got, err = d.Run(t.Context(), full.ID)
		d.must(err)
		if got.Asked.Engine != "temporal" {
			t.Errorf("taken up again, it was asked for %+v", got.Asked)
		}
		if got.Status != engine.RunRunning || !got.FinishedAt.IsZero() || got.Resumes != 1 || got.Reason != "" || got.Digest != "d1" {
			t.Errorf("taken up again: %+v", got)
		}
		if err := d.FinishRun(t.Context(), engine.Run{ID: "20260326-090000-zzzz"}, nil); !errors.Is(err, engine.ErrNotFound) {
			t.Errorf("finishing an unknown run: %v", err)
		}
	})
	t.Run("are taken up by one", func(t *testing.T) {
		d := newDesk(t, newStore)
		d.must(d.StartRun(t.Context(), full))
		waits := full
		waits.Status, waits.FinishedAt, waits.WaitsUntil = engine.RunStopped, at(160), at(300)
		d.must(d.FinishRun(t.Context(), waits, nil))
		waits.Resumes++ // as everybody does who read it
		taken := make(chan error)
		const takers = 4
		for range takers {
			go func() { taken <- d.StartRun(t.Context(), waits) }()
		}
		took := 0
		for range takers {
			err := <-taken
			if late, ok := errors.AsType[*engine.TakenUpError](err); ok && late.Run == full.ID {
				continue
			}
			d.must(err)
			took++
		}
		got, err := d.Run(t.Context(), full.ID)
		d.must(err)
		if took != 1 || got.Resumes != 1 || got.Status != engine.RunRunning {
			t.Errorf("%d took it up: %+v", took, got)
		}
		late := full // how it ended before, as its process learned only since
		late.Status, late.FinishedAt = engine.RunFailed, at(170)
		d.must(d.FinishRun(t.Context(), late, nil))
		if got, err = d.Run(t.Context(), full.ID); err != nil || got.Status != engine.RunRunning || !got.FinishedAt.IsZero() {
			t.Errorf("taken up by another, it ended for the first: %+v, %v", got, err)
		}
	})
	t.Run("are found by their beginning", func(t *testing.T) {
		d := newDesk(t, newStore)
		d.must(d.StartRun(t.Context(), full))
		longer := full
		longer.ID += "x"
		d.must(d.StartRun(t.Context(), longer))
		for id, want := range map[string]string{
			"20260325": theRun, theRun: theRun, full.ID: full.ID, longer.ID: longer.ID, "last": longer.ID, "20260326": "?",
			"2026": "?", "": "", "%": "", "2027": "",
		} {
			got, err := d.Run(t.Context(), id)
			switch {
			case want == "" && !errors.Is(err, engine.ErrNotFound):
				t.Errorf("%q: %v, want ErrNotFound", id, err)
			case want == "?" && !errors.Is(err, engine.ErrAmbiguous):
				t.Errorf("%q: %v, want ErrAmbiguous", id, err)
			case want != "" && want != "?" && (err != nil || got.ID != want):
				t.Errorf("%q: %s, %v, want %s", id, got.ID, err, want)
			}
		}
	})
	t.Run("are listed newest first", func(t *testing.T) {
		d := newDesk(t, newStore)
		d.must(d.StartRun(t.Context(), full))
		for _, c := range []struct {
			filter engine.RunFilter
			want   []string
		}{
			{engine.RunFilter{}, []string{full.ID, theRun}},
			{engine.RunFilter{Limit: 1}, []string{full.ID}},
			{engine.RunFilter{Job: "job"}, []string{theRun}},
			{engine.RunFilter{Status: engine.RunRunning}, []string{full.ID, theRun}},
			{engine.RunFilter{Status: engine.RunFailed}, nil},
		} {
			var got []string
			for r, err := range d.Runs(t.Context(), c.filter) {
				d.must(err)
				got = append(got, r.ID)
			}
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("%+v: %v, want %v", c.filter, got, c.want)
			}
		}
	})
	t.Run("that ended in doubt are as their counts say", func(t *testing.T) {
		for name, c := range map[string]struct {
			reason string
			later  delivery.Attempt // of the message in doubt
			want   engine.RunStatus
		}{
			"nothing is told": {"", delivery.Attempt{}, engine.RunInDoubt},
			"it was taken":    {"", accepted(wamid(1)), engine.RunSucceeded},
			"it was refused":  {"", delivery.Attempt{Result: delivery.ResultRefused, Answer: delivery.Answer{Code: 131026}}, engine.RunFailed},
			"it was not sent": {"", delivery.Attempt{Result: delivery.ResultNotSent}, engine.RunFailed},
			"steps follow it": {engine.LeftBehindDoubt, accepted(wamid(1)), engine.RunStopped},
		} {
			t.Run(name, func(t *testing.T) {
				d := newDesk(t, newStore)
				ticket := d.intend(intent("ana"))
				if c.later.Result == 0 {
					d.settle(ticket, delivery.Attempt{Result: delivery.ResultInDoubt})
				}
				d.must(d.FinishRun(t.Context(), engine.Run{ID: theRun, Status: engine.RunInDoubt, Reason: c.reason, FinishedAt: at(9)}, nil))
				if c.later.Result != 0 {
					d.settle(ticket, c.later)
				}
				got, err := d.Run(t.Context(), theRun)
				d.must(err)
				if got.Status != c.want {
					t.Errorf("it is %s: %+v", got.Status, got.Counts)
				}
				for _, s := range engine.RunStatuses() {
					n := 0
					for r, err := range d.Runs(t.Context(), engine.RunFilter{Status: s, Limit: 1}) {
						d.must(err)
						if n++; r.Status != s {
							t.Errorf("among those of status %s: %s", s, r.Status)
						}
					}
					if (n == 1) != (s == c.want) {
						t.Errorf("%d runs are %s", n, s)
					}
				}
			})
		}
	})
	t.Run("none yet", func(t *testing.T) {
		l := newStore(t)()
		if _, err := l.Run(t.Context(), "last"); !errors.Is(err, engine.ErrNotFound) {
			t.Errorf("%v, want ErrNotFound", err)
		}
	})
}
