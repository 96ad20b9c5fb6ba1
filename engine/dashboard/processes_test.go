package dashboard_test

import (
	"context"
	"testing"

	"waybill/engine"
	"waybill/engine/dashboard"
	"waybill/engine/delivery"
)

// divided is a fake whose run several processes share.
type divided struct{ *fake }

func (divided) RunParts(context.Context, string) ([]engine.RunPart, error) {
	return []engine.RunPart{
		{Number: 0, Holder: "ana's process", Done: true},
		{Number: 1, Holder: "ana's process", From: "eva's process", Why: "it was silent"},
		{Number: 2},
	}, nil
}

func TestProcesses(t *testing.T) {
	f := small(map[delivery.State]int{delivery.Read: 3}, aRun(engine.RunRunning))
	o := demoOptions(f)
	lacks(t, get(t, dashboard.New(o), "/runs/r1").Body.String(), "Processes", "Engine")
	f.runs[0].Asked.Engine = "temporal"
	o.Ledger = divided{f}
	contains(t, get(t, dashboard.New(o), "/runs/r1").Body.String(), "<dt>Engine</dt><dd>temporal", "Processes", "ana&#39;s process", "eva&#39;s process", "it was silent", "nobody now")
}
