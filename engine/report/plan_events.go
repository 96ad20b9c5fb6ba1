package report

import (
	"encoding/json"
	"io"
)

// WritePlanEvents writes plans as `run --dry-run -o ndjson` does: the format, then of each plan its samples, warnings
// and the items that will fail, one a line, and last its counts.
func WritePlanEvents(w io.Writer, plans []Plan) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	lines := []any{Event{Event: "format", Version: FormatVersion}}
	for i := range plans {
		lines = append(lines, planEvents(&plans[i])...)
	}
	for _, line := range lines {
		if err := enc.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

func planEvents(p *Plan) []any {
	type head struct {
		Event string `json:"event"`
		Job   string `json:"job"`
	}
	var lines []any
	for _, s := range p.Samples {
		lines = append(lines, struct {
			head
			Sample
		}{head{"sample", p.Job}, s})
	}
	for i := range p.Warnings {
		lines = append(lines, Event{Event: "warning", Job: p.Job, Finding: &p.Warnings[i]})
	}
	for _, e := range p.Errors {
		lines = append(lines, struct {
			head
			Error
		}{head{"invalid", p.Job}, e})
	}
	return append(lines, struct {
		Event string `json:"event"`
		PlanCounts
		Reads []string `json:"reads"`
	}{"plan", p.PlanCounts, p.Reads})
}
