package report

import (
	"fmt"
	"io"
	"strings"
	"time"

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

	Covered []CoveredID `json:"covered"`
}

// CoveredID is an id of theirs, and when it was.
type CoveredID struct {
	ID    string     `json:"id"`
	From  *time.Time `json:"from"`  // null: from the beginning
	Until *time.Time `json:"until"` // null: it is theirs still
}

// NewErased makes one.
func NewErased(e engine.Erased) Erased {
	covered := make([]CoveredID, len(e.Covered))
	for i, h := range e.Covered {
		covered[i].ID = h.ID
		if !h.From.IsZero() {
			covered[i].From = &h.From
		}
		if !h.Until.IsZero() {
			covered[i].Until = &h.Until
		}
	}
	return Erased{
		Covered:       covered,
		FormatVersion: FormatVersion, People: e.People, Known: e.Known, Deliveries: e.Deliveries, Inbound: e.Inbound, Webhooks: e.Webhooks, Rows: e.Rows,
		OptOuts: e.OptOuts,
	}
}

// WriteErased says what a ledger forgot, and where a person may still be found. shared says that the ledger is in a database, and show
// how ids are shown.
func WriteErased(w io.Writer, e engine.Erased, shared bool, show func(id string) string) error {
	text := ""
	switch {
	case e.Nothing():
		text = "the ledger knows nothing of them\n"
	case e.People == 0 && e.Deliveries == 0 && e.Inbound == 0 && e.Rows == 0:
		text = "forgotten before\n"
	default:
		text = fmt.Sprintf("forgotten: %s\n", wording.Plural(e.People, "id")) + covered(e.Covered, show) +
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

// covered says which ids were forgotten, where not all of them are the person's for ever.
func covered(ids []engine.Held, show func(id string) string) (text string) {
	given := false
	for _, h := range ids {
		text += "  " + show(h.ID)
		if !h.From.IsZero() {
			text += " since " + h.From.Format(time.DateTime)
		}
		if !h.Until.IsZero() {
			text += " until " + h.Until.Format(time.DateTime)
			given = given || strings.HasPrefix(h.ID, "+")
		}
		text += "\n"
	}
	if given {
		text += "  What names a number since it was given up is of whoever has it now, and stays: --new-owner forgets them.\n"
	}
	return text
}
