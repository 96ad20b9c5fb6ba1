package report

import (
	"fmt"

	"waybill/engine"
	"waybill/engine/wording"
)

// shareLine is a process's share of a run as people read it.
func shareLine(p engine.ProcessShare) string {
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
