package engine

import "time"

// OptOut is one word about whether a person may be written to: a person left, or came back. Words are kept for ever; which of them hold
// is decided by package audience.
type OptOut struct {
	Seq      int64        // of the ledger, in the order of arrival; 0: not kept yet
	Person   string       // a number "+34…" or a business-scoped user id
	Also     string       // the other one of the two, where the word gave both
	NumberID string       // phone number id that was left; empty: every business number
	Scope    OptOutScope  // what the person left
	Back     bool         // the person came back
	Source   OptOutSource // who said so
	Word     string       // what was written, of SourceWord; the file, of SourceImport
	By       Actor        // of SourceHand and SourceImport
	At       time.Time    // of the event itself: words count by their own time
}

// OptOutScope is what a person left.
type OptOutScope string

// The scopes.
const (
	ScopeMarketing OptOutScope = "marketing" // templates of the category MARKETING
	ScopeAll       OptOutScope = "all"       // everything but templates of the category AUTHENTICATION
)

// OptOutSource is where a word about an opt-out comes from.
type OptOutSource string

// The sources.
const (
	SourcePreference OptOutSource = "preference" // user_preferences: the person pressed Stop or Resume in WhatsApp
	SourceRefusal    OptOutSource = "refusal"    // WhatsApp refused a message with 131050
	SourceWord       OptOutSource = "word"       // the person wrote a stop word or a start word
	SourceHand       OptOutSource = "hand"       // waybill optouts add, remove
	SourceImport     OptOutSource = "import"     // waybill optouts import
)

// OptOutFilter narrows OptOuts. Zero fields do not narrow.
type OptOutFilter struct {
	Persons  []string // about one of these ids
	After    int64    // Seq greater than this
	ByPerson bool     // sorted by person and Seq rather than by Seq alone; words that gave two ids come once for each
	Limit    int
}

// How says for people who or what said the word: "wrote STOP", "imported from crm.csv by eva@clinic-1".
func (w OptOut) How() string {
	text := string(w.Source)
	switch w.Source {
	case SourcePreference:
		text = "in WhatsApp"
	case SourceRefusal:
		text = "refused by WhatsApp"
	case SourceWord:
		text = "wrote"
	case SourceHand:
		text = "written down"
	case SourceImport:
		text = "imported from"
	}
	if w.Word != "" {
		text += " " + w.Word
	}
	if w.By != (Actor{}) {
		text += " by " + w.By.String()
	}
	return text
}
