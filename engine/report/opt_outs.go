package report

import (
	"encoding/csv"
	"io"
	"iter"
	"strings"

	"waybill/engine"
	"waybill/engine/wording"
)

// OptOutLine is a word about who must not be written to, as `optouts list -o json` has it.
type OptOutLine struct {
	Person   string        `json:"person"`           // a number, or a user id where no number is known
	Also     []string      `json:"also"`             // the person's other ids
	State    string        `json:"state"`            // left, or back
	Scope    string        `json:"scope"`            // all, or marketing
	NumberID string        `json:"phoneNumberId"`    // empty: every business number
	Except   []string      `json:"except,omitempty"` // phone number ids to which the person came back
	Since    *string       `json:"since"`
	Source   string        `json:"source"`
	Word     string        `json:"word,omitempty"` // the stop word, or the file that was imported
	By       *engine.Actor `json:"by,omitempty"`   // who wrote it down

	how string // who or what said it, for people
}

// NewOptOutLine makes the form for programs.
func NewOptOutLine(ids []string, w engine.OptOut, except []string) OptOutLine {
	l := OptOutLine{
		Person: ids[0], Also: []string{}, State: "left", Scope: string(w.Scope), NumberID: w.NumberID, Except: except,
		Since: instant(w.At), Source: string(w.Source), Word: w.Word, how: w.How(),
	}
	for _, id := range ids[1:] {
		if strings.HasPrefix(id, "+") && !strings.HasPrefix(l.Person, "+") {
			l.Person, id = id, l.Person
		}
		l.Also = append(l.Also, id)
	}
	if w.Back {
		l.State = "back"
	}
	if w.By != (engine.Actor{}) {
		l.By = &w.By
	}
	return l
}

func (l OptOutLine) where() string {
	text := l.NumberID
	if text == "" {
		text = "all"
	}
	if len(l.Except) > 0 {
		text += " but " + strings.Join(l.Except, ", ")
	}
	return text
}

// OptOutReason says in a sentence's rest what a person did or what was done about them: "wrote STOP on 2026-03-25".
func OptOutReason(w engine.OptOut) string {
	text := ""
	switch w.Source {
	case engine.SourcePreference:
		text = "stopped marketing messages in WhatsApp"
	case engine.SourceRefusal:
		text = "stopped marketing messages: WhatsApp refused one"
	case engine.SourceWord:
		text = "wrote " + Clean(w.Word)
	case engine.SourceHand, engine.SourceImport:
		text = "was written down"
	}
	return text + " on " + w.At.UTC().Format("2006-01-02")
}

// Spared says what somebody gets who left this: "nothing but authentication templates, from all numbers".
func Spared(w engine.OptOut) string {
	text := "nothing but authentication templates"
	if w.Scope == engine.ScopeMarketing {
		text = "no marketing templates"
	}
	if w.NumberID == "" {
		return text + ", from all numbers"
	}
	return text + ", from number " + w.NumberID
}

// WriteOptOuts prints the list as a table, and says how many lines it has.
func WriteOptOuts(w io.Writer, lines iter.Seq2[OptOutLine, error], paint Paint) (int, error) {
	t := table{head: []string{"PERSON", "LEFT", "NUMBER", "SINCE (UTC)", "HOW"}}
	for l, err := range lines {
		if err != nil {
			return 0, err
		}
		what := l.Scope
		if l.State == "back" {
			what = "came back"
		}
		t.add(l.Person, what, l.where(), shortTime(l.Since), l.how)
	}
	if len(t.rows) == 0 {
		return 0, nil
	}
	var b strings.Builder
	t.write(&b, paint)
	_, err := io.WriteString(w, b.String())
	return len(t.rows), err
}

// WriteOptOutsJSON prints the list as one document.
func WriteOptOutsJSON(w io.Writer, lines iter.Seq2[OptOutLine, error]) error {
	return writeJSONList(w, lines)
}

// OptOutColumns are the columns of the list as CSV, in their order. Import knows its own list by the first six.
func OptOutColumns() []string {
	return []string{"person", "state", "scope", "phoneNumberId", "except", "since", "source", "word", "by", "also"}
}

// WriteOptOutsCSV prints the list as CSV.
func WriteOptOutsCSV(w io.Writer, lines iter.Seq2[OptOutLine, error]) error {
	out := csv.NewWriter(w)
	if err := out.Write(OptOutColumns()); err != nil {
		return err
	}
	for l, err := range lines {
		if err != nil {
			return err
		}
		by := ""
		if l.By != nil {
			by = l.By.String()
		}
		record := []string{
			l.Person, l.State, l.Scope, l.NumberID, strings.Join(l.Except, " "), emptyIfNil(l.Since), l.Source, l.Word, by, strings.Join(l.Also, " "),
		}
		for i := range record {
			record[i] = csvCell(record[i])
		}
		if err := out.Write(record); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// Imported says what became of a list, as `optouts import -o json` has it.
type Imported struct {
	Added   int `json:"added"`
	Known   int `json:"alreadyKnown"`
	Invalid int `json:"invalid"` // entries that were passed over
}

// WriteText prints it for people.
func (i Imported) WriteText(w io.Writer) error {
	text := wording.Number(i.Added) + " added"
	if i.Known > 0 {
		text += ", " + wording.Number(i.Known) + " on the list already"
	}
	if i.Invalid > 0 {
		text += ", " + wording.Number(i.Invalid) + " passed over: no number and no user id"
	}
	_, err := io.WriteString(w, text+"\n")
	return err
}
