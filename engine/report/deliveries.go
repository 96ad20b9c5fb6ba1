package report

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/wording"
)

// Delivery is one message to one recipient, as `deliveries -o json` lists it, or a row of the run that became no request.
type Delivery struct {
	Run        string            `json:"run"` // that decided it last
	Job        string            `json:"job"`
	Scope      string            `json:"scope"`
	Step       string            `json:"step"`
	Item       string            `json:"item"`
	Number     int               `json:"number,omitempty"` // of the item's deliveries: 1 for the first; none of a row that became no request
	Row        int               `json:"row,omitempty"`
	Recipient  string            `json:"recipient"`
	NumberID   string            `json:"phoneNumberId,omitempty"` // of the business number that it went by; none of a row that became no request
	State      string            `json:"state"`                   // a delivery's; invalid, waiting, skipped or notSent where no request was made
	Again      bool              `json:"again"`                   // apply tries it again
	Attempts   int               `json:"attempts"`
	MessageID  string            `json:"messageId"`
	HeldBack   string            `json:"heldBack,omitempty"`
	HTTP       int               `json:"http,omitempty"`
	Code       int               `json:"code"`
	Message    string            `json:"message"`
	TraceID    string            `json:"traceId,omitempty"`
	IntendedAt *string           `json:"intendedAt"`
	SettledAt  *string           `json:"settledAt"`
	StatusAt   *string           `json:"statusAt"`
	File       string            `json:"file,omitempty"`   // of a row that became no request: as the job names it
	Cell       string            `json:"cell,omitempty"`   // of it: the column or parameter that is wrong
	Reason     string            `json:"reason,omitempty"` // of it: a code of `waybill explain`
	Count      int               `json:"count,omitempty"`  // of rows that are told together: how many
	Now        string            `json:"now,omitempty"`    // the state that another run brought it to later
	Columns    map[string]string `json:"columns,omitempty"`
	RowGone    bool              `json:"rowGone,omitempty"` // Columns were asked for, and the source has that row no more
}

// NewDelivery makes the form for programs.
func NewDelivery(d delivery.Delivery) Delivery {
	return Delivery{
		Run: d.Run, Job: d.Key.Job, Scope: d.Key.Scope, Step: d.Key.Step, Item: d.Key.Item, Number: d.Key.Number(), Row: d.Row,
		Recipient: d.Recipient, NumberID: d.NumberID, State: d.State.Name(), Again: d.Retryable, Attempts: d.Attempts,
		MessageID: d.MessageID, HeldBack: d.HeldBack,
		HTTP: d.Answer.Status, Code: d.Answer.Code, Message: d.Answer.Message, TraceID: d.Answer.TraceID,
		IntendedAt: instant(d.IntendedAt), SettledAt: instant(d.SettledAt), StatusAt: instant(d.StatusAt),
	}
}

// NewUnsent makes it of a row of a run that became no request.
func NewUnsent(run engine.Run, u engine.Unsent) Delivery {
	d := Delivery{
		Run: run.ID, Job: run.Job, Scope: run.DeliveryScope(), Step: u.Step, Item: u.Item, Row: u.Row, Recipient: u.Person, File: u.File,
		Cell:  u.Cell,
		State: u.Outcome.Name(), Again: u.Outcome != delivery.OutcomeSkipped, Reason: u.Reason, Message: u.Message, SettledAt: instant(u.At),
	}
	if !u.Kept() {
		d.Count = max(u.Count, 1)
	}
	return d
}

// WriteDeliveriesJSON prints a list, streamed: a ledger may hold millions.
func WriteDeliveriesJSON(w io.Writer, deliveries iter.Seq2[Delivery, error]) error {
	return writeJSONList(w, deliveries)
}

// WriteDeliveriesCSV prints CSV with a mark and a header, which a spreadsheet opens with its letters and digits right, and which a job can
// read as a source. columns are those of the rows themselves, behind ours; nil: they were not asked for.
func WriteDeliveriesCSV(w io.Writer, deliveries iter.Seq2[Delivery, error], columns []string) error {
	if _, err := io.WriteString(w, byteOrderMark); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	head := []string{
		"run", "job", "scope", "step", "item", "row", "recipient", "state", "again", "attempts", "messageId", "http",
		"code", "message", "traceId", "intendedAt", "settledAt", "statusAt", "file", "cell", "reason", "count", "now", "number", "phoneNumberId",
	}
	if columns != nil {
		head = append(head, "rowGone")
	}
	_ = out.Write(columnNames(head, columns)) // the error is kept, and returned at the end
	for l, err := range deliveries {
		if err != nil {
			return err
		}
		line := []string{
			csvCell(l.Run), csvCell(l.Job), csvCell(l.Scope), csvCell(l.Step), csvCell(l.Item), emptyIfZero(l.Row),
			csvCell(l.Recipient), l.State, strconv.FormatBool(l.Again), strconv.Itoa(l.Attempts), csvCell(l.MessageID),
			emptyIfZero(l.HTTP), emptyIfZero(l.Code), csvCell(l.Message), csvCell(l.TraceID),
			emptyIfNil(l.IntendedAt), emptyIfNil(l.SettledAt), emptyIfNil(l.StatusAt),
			csvCell(l.File), csvCell(l.Cell), l.Reason, emptyIfZero(l.Count), l.Now, emptyIfZero(l.Number), csvCell(l.NumberID),
		}
		if columns != nil {
			line = append(line, strconv.FormatBool(l.RowGone))
		}
		for _, name := range columns {
			line = append(line, csvValue(l.Columns[name]))
		}
		if err := out.Write(line); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// pageOfDeliveries is how many lines of a table are laid out together.
const pageOfDeliveries = 100

// WriteDeliveries prints a table, a page at a time so that it is constant in memory. later says that other runs may have done something
// since: what they did stands in a column of its own. Which business number wrote stands in one where several did.
func WriteDeliveries(w io.Writer, deliveries iter.Seq2[Delivery, error], later bool, paint Paint) (shown int, err error) {
	t := deliveryTable{later: later}
	for d, err := range deliveries {
		if err != nil {
			return shown, err
		}
		shown++
		if t.lines = append(t.lines, d); len(t.lines) < pageOfDeliveries {
			continue
		}
		if err := t.flush(w, paint); err != nil {
			return shown, err
		}
	}
	if len(t.lines) > 0 {
		return shown, t.flush(w, paint)
	}
	return shown, nil
}

// deliveryTable is a table under way.
type deliveryTable struct {
	later, numbers bool // columns: what later runs did, and which number wrote
	number         string
	lines          []Delivery // of the next page
}

// flush prints a page. Once several numbers wrote, each further page says which did.
func (t *deliveryTable) flush(w io.Writer, paint Paint) error {
	for _, d := range t.lines {
		t.numbers = t.numbers || d.NumberID != "" && t.number != "" && d.NumberID != t.number
		t.number = cmp.Or(t.number, d.NumberID)
	}
	page := t.page()
	for _, d := range t.lines {
		cells := []string{d.Step, numbered(paint.cut(d.Item, 24), d.Number), emptyIfZero(d.Row), d.Recipient}
		if t.numbers {
			cells = append(cells, d.NumberID)
		}
		cells = append(cells, delivery.Words(d.State))
		if t.later {
			cells = append(cells, delivery.Words(d.Now))
		}
		page.add(append(cells, emptyIfZero(d.Attempts), emptyIfZero(d.Code), paint.cut(d.idOrAnswer(), 60))...)
	}
	t.lines = t.lines[:0]
	var b strings.Builder
	page.write(&b, paint)
	_, err := io.WriteString(w, b.String())
	return err
}

// numbered names an item with the number of its delivery, where that is not the first.
func numbered(item string, number int) string {
	if number < 2 {
		return item
	}
	return fmt.Sprintf("%s (%d)", item, number)
}

func (t *deliveryTable) page() *table {
	head := []string{"STEP", "ITEM", "ROW", "RECIPIENT"}
	if t.numbers {
		head = append(head, "NUMBER ID")
	}
	head = append(head, "STATE")
	if t.later {
		head = append(head, "NOW")
	}
	n := len(head)
	return &table{
		head:  append(head, "TRIES", "CODE", "MESSAGE ID OR ANSWER"),
		right: map[int]bool{2: true, n: true, n + 1: true},
	}
}

// idOrAnswer is the message's id, or what was answered instead, or why none was sent. A message that a person took as sent has no id.
func (d Delivery) idOrAnswer() string {
	switch {
	case d.Count > 0:
		return strings.TrimSuffix(wording.Plural(d.Count, "row")+": "+d.Reason, ": ")
	case d.MessageID != "" && d.State != delivery.Failed.Name() && (d.reached() || d.Message == ""):
		return d.MessageID
	case d.Cell != "" && !strings.HasPrefix(d.Message, d.Cell+": "):
		return d.Cell + ": " + d.Message
	}
	return d.Message
}

// reached says whether WhatsApp took the message.
func (d Delivery) reached() bool {
	for _, s := range delivery.States() {
		if s.Name() == d.State {
			return s.Reached()
		}
	}
	return false
}
