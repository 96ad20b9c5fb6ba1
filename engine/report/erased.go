package report

import (
	"fmt"
	"io"

	"waybill/engine"
	"waybill/engine/wording"
)

// Erased is what a ledger forgot, as JSON.
type Erased struct {
	FormatVersion int `json:"formatVersion"`
	People        int `json:"ids"`
	Known         int `json:"forgottenBefore"`
	Deliveries    int `json:"deliveries"`
	Inbound       int `json:"inbound"`
	Webhooks      int `json:"webhooks"`
	Rows          int `json:"rows"`
	OptOuts       int `json:"optOuts"`
}

// NewErased makes one.
func NewErased(e engine.Erased) Erased {
	return Erased{
		FormatVersion: FormatVersion, People: e.People, Known: e.Known, Deliveries: e.Deliveries, Inbound: e.Inbound, Webhooks: e.Webhooks, Rows: e.Rows,
		OptOuts: e.OptOuts,
	}
}

// WriteErased says what a ledger forgot, and where a person may still be found. shared says that the ledger is in a database.
func WriteErased(w io.Writer, e engine.Erased, shared bool) error {
	text := ""
	switch {
	case e.Nothing():
		text = "the ledger knows nothing of them\n"
	case e.People == 0 && e.Deliveries == 0 && e.Inbound == 0 && e.Rows == 0:
		text = "forgotten before\n"
	default:
		text = fmt.Sprintf("forgotten: %s\n", wording.Plural(e.People, "id")) +
			fmt.Sprintf("  %s under a digest: what was sent is not sent again\n", wording.Plural(e.Deliveries, "delivery")) +
			fmt.Sprintf("  %s of theirs, %s and the texts of %s are gone\n", wording.Plural(e.Inbound, "message"),
				wording.Plural(e.Webhooks, "webhook"), wording.Plural(e.Rows, "row"))
		if e.OptOuts > 0 {
			text += fmt.Sprintf("  %s about opt-outs: %s on\n", wording.Plural(e.OptOuts, "word"), wording.Agree(e.OptOuts, "it holds", "they hold"))
		}
	}
	text += "They may still be in: backups of the ledger; proofs, reports, exports and saved plans that were made of it; the files of your jobs; WhatsApp's account"
	if shared {
		text += "; the database's own log, standbys, and dead rows until it is vacuumed"
	}
	_, err := io.WriteString(w, text+".\n")
	return err
}
