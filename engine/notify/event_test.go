package notify

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"waybill/engine"
)

func TestJSON(t *testing.T) {
	const want = `{"run":"20260325-090000-c47049","job":"welcome","scope":"ever","status":"failed","reason":"the fifth refusal, of [number]",` +
		`"startedAt":"2026-03-25T09:00:00.000Z","finishedAt":"2026-03-25T09:03:20.005Z",` +
		`"counts":{"total":1200,"succeeded":1185,"failed":12,"skipped":0,"waiting":0,"inDoubt":3,"notSent":0,"refused":12,"invalid":0,` +
		`"undelivered":0,"accepted":1185,"delivered":0,"read":0,"held":0,"underWay":0},"codes":{"131049":2,"132001":10}}`
	got, err := json.Marshal(someEvent())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
	var back Event
	if err := json.Unmarshal(got, &back); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(back)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(again)); diff != "" {
		t.Errorf("read back: %s", diff)
	}
}

func TestJSONOfNothing(t *testing.T) {
	got, err := json.Marshal(Event{Job: "welcome", Status: string(Missed)})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"status":"missed"`, `"startedAt":null`, `"finishedAt":null`, `"codes":{}`} {
		if !strings.Contains(string(got), want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
}

func TestText(t *testing.T) {
	const want = `Job "welcome" failed
the fifth refusal, of [number]
1,200 in all: 1,185 succeeded, 12 failed, 3 in doubt
WhatsApp's codes: 132001 (10), 131049 (2)
Run 20260325-090000-c47049, scope ever, 3 m 20 s`
	if diff := cmp.Diff(want, someEvent().Text()); diff != "" {
		t.Error(diff)
	}
	for status, want := range map[string]string{
		"succeeded":   `Job "welcome" succeeded`,
		"stopped":     `Job "welcome" was stopped`,
		"interrupted": `Job "welcome" was interrupted`,
		"inDoubt":     `Job "welcome" ended with messages in doubt`,
		"missed":      `Job "welcome" missed an occurrence of its schedule`,
		"silent":      `Job "welcome" had messages accepted, and no webhook came for 15 minutes`,
		"test":        `A test of Waybill: notifications arrive here`,
	} {
		if got := (Event{Job: "welcome", Status: status}).Text(); got != want {
			t.Errorf("%s: %q, want %q", status, got, want)
		}
	}
}

func TestNumbers(t *testing.T) {
	for text, want := range map[string]string{
		"to +34612345678 and (612) 345-678": "to [number] and [number]",
		"612 345 678, 612.345.678":          "[number], [number]",
		"wa_id 5511999998888":               "wa_id [number]",
		"٠١٢٣٤٥٦٧٨":                         "[number]",
		"x612345678y":                       "x[number]y",
		"wamid.HBgLMzQ2MTIzNDU2NzgVAgA=":    "[number]",
		"+20260325900":                      "[number]",
		"20260325612345678":                 "[number]",
		"132001: 5 of 1,234,567 refused":    "132001: 5 of 1,234,567 refused",
		"until 2026-03-25 09:00 (Madrid)":   "until 2026-03-25 09:00 (Madrid)",
		"2026-03-25T09:00:00Z":              "2026-03-25T09:00:00Z",
		"name/20260325":                     "name/20260325",
		"resume 20260325-090000-c47049":     "resume 20260325-090000-c47049",
		"2026-03-25 612345678":              "2026-03-25 [number]",
	} {
		if got := withoutNumbers(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestAsked(t *testing.T) {
	for status, want := range map[engine.RunStatus][]Kind{
		engine.RunSucceeded:      {Finished},
		engine.RunFailed:         {Failed, Finished},
		engine.RunStopped:        {Stopped, Finished},
		engine.RunInterrupted:    {Stopped, Finished},
		engine.RunInDoubt:        {InDoubt, Finished},
		engine.RunRunning:        nil,
		engine.RunStatus(Missed): {Missed},
		engine.RunStatus(Silent): {Silent},
		engine.RunStatus(Test):   nil,
	} {
		var got []Kind
		for _, k := range Kinds() {
			if (Event{Status: string(status)}).Asked([]Kind{k}) {
				got = append(got, k)
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", status, got, want)
		}
	}
}
