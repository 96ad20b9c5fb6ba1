package report

import (
	"fmt"
	"io"

	"waybill/engine"
	"waybill/engine/wording"
)

// Pruned is what was taken out of a ledger, as JSON.
type Pruned struct {
	FormatVersion int   `json:"formatVersion"`
	DryRun        bool  `json:"dryRun"`
	Statuses      int   `json:"statuses"`
	Webhooks      int   `json:"webhooks"`
	Inbound       int   `json:"inbound"`
	Notices       int   `json:"notices"`
	Attempts      int   `json:"attempts"`
	Texts         int   `json:"texts"`
	Rows          int   `json:"rows"`
	Runs          int   `json:"runs"`
	FreedBytes    int64 `json:"freedBytes"`
	RoomKept      bool  `json:"roomKept"`
}

// NewPruned makes one. look: nothing was taken out.
func NewPruned(p engine.Pruned, look bool) Pruned {
	return Pruned{
		FormatVersion: FormatVersion, DryRun: look, Statuses: p.Statuses, Webhooks: p.Webhooks, Inbound: p.Inbound, Notices: p.Notices,
		Attempts: p.Attempts, Texts: p.Texts, Rows: p.Rows, Runs: p.Runs, FreedBytes: p.Freed, RoomKept: p.Kept,
	}
}

// WritePruned says what was taken out of a ledger, or would be.
func WritePruned(w io.Writer, p engine.Pruned, look, shared bool) error {
	verb := "took out"
	if look {
		verb = "would take out"
	}
	text := fmt.Sprintf("%s %s, %s, %s, %s, %s and the texts of %s, %s and %s\n", verb, wording.Number(p.Statuses)+" statuses", wording.Plural(p.Webhooks, "webhook"),
		wording.Plural(p.Inbound, "message")+" that people wrote", wording.Plural(p.Notices, "notice"), wording.Plural(p.Attempts, "attempt"),
		wording.Plural(p.Texts, "message"), wording.Plural(p.Rows, "row"), wording.Plural(p.Runs, "run"))
	switch {
	case look:
	case shared:
		text += "the database has the room for what comes next\n"
	case p.Kept:
		text += "somebody sends from it: the room is given back when it is pruned while nobody does\n"
	default:
		text += fmt.Sprintf("%s bytes are given back\n", wording.Number(int(p.Freed)))
	}
	_, err := io.WriteString(w, text)
	return err
}
