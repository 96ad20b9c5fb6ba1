package report

import (
	"fmt"

	"waybill/engine"
	"waybill/engine/wording"
)

// Process is one of those that share a run.
type Process struct {
	Process   string `json:"process,omitempty"` // "waybill apply, pid 4711 on host clinic-1, since …"; empty: parts that nobody has now
	Parts     int    `json:"parts"`
	Done      int    `json:"done"` // of Parts
	TakenFrom string `json:"takenFrom,omitempty"`
	Why       string `json:"why,omitempty"` // of TakenFrom
}

// NewProcesses says which process has, or had, which share of a run that is divided, and what was taken over from whom; nil: it is not.
func NewProcesses(parts []engine.RunPart) []Process {
	type name struct{ holder, from string }
	at := map[name]int{}
	var list []Process
	for _, p := range parts {
		who := name{p.Holder, p.From}
		i, known := at[who]
		if !known {
			i = len(list)
			at[who] = i
			list = append(list, Process{Process: p.Holder, TakenFrom: p.From, Why: p.Why})
		}
		list[i].Parts++
		if p.Done {
			list[i].Done++
		}
	}
	return list
}

// line is a process as people read it.
func (p Process) line() string {
	who := p.Process
	if who == "" {
		who = "nobody now"
	}
	text := fmt.Sprintf("%s: %s, %d done", who, wording.Plural(p.Parts, "part"), p.Done)
	if p.TakenFrom != "" {
		text += fmt.Sprintf("; taken over from %s: %s", p.TakenFrom, p.Why)
	}
	return text
}
