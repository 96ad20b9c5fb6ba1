package report

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"

	"waybill/engine/delivery"
)

// Delivery is one message to one recipient, as `deliveries -o json` lists it.
type Delivery struct {
	Run        string  `json:"run"` // that decided it last
	Job        string  `json:"job"`
	Scope      string  `json:"scope"`
	Step       string  `json:"step"`
	Item       string  `json:"item"`
	Row        int     `json:"row,omitempty"`
	Recipient  string  `json:"recipient"`
	State      string  `json:"state"`
	Again      bool    `json:"again"` // apply tries it again
	Attempts   int     `json:"attempts"`
	MessageID  string  `json:"messageId"`
	HeldBack   string  `json:"heldBack,omitempty"`
	HTTP       int     `json:"http,omitempty"`
	Code       int     `json:"code"`
	Message    string  `json:"message"`
	TraceID    string  `json:"traceId,omitempty"`
	IntendedAt *string `json:"intendedAt"`
	SettledAt  *string `json:"settledAt"`
	StatusAt   *string `json:"statusAt"`
}

// NewDelivery makes the form for programs.
func NewDelivery(d delivery.Delivery) Delivery {
	return Delivery{
		Run: d.Run, Job: d.Key.Job, Scope: d.Key.Scope, Step: d.Key.Step, Item: d.Key.Item, Row: d.Row,
		Recipient: d.Recipient, State: d.State.String(), Again: d.Retryable, Attempts: d.Attempts,
		MessageID: d.MessageID, HeldBack: d.HeldBack,
		HTTP: d.Answer.Status, Code: d.Answer.Code, Message: d.Answer.Message, TraceID: d.Answer.TraceID,
		IntendedAt: instant(d.IntendedAt), SettledAt: instant(d.SettledAt), StatusAt: instant(d.StatusAt),
	}
}

// WriteDeliveriesJSON prints a list, streamed: a ledger may hold millions.
func WriteDeliveriesJSON(w io.Writer, deliveries iter.Seq2[delivery.Delivery, error]) error {
	head := "["
	for d, err := range deliveries {
		if err != nil {
			return err
		}
		line, err := json.Marshal(NewDelivery(d))
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "%s\n  %s", head, line); err != nil {
			return err
		}
		head = ","
	}
	if head == "[" {
		_, err := io.WriteString(w, "[]\n")
		return err
	}
	_, err := io.WriteString(w, "\n]\n")
	return err
}

// WriteDeliveriesCSV prints CSV with a header. Text that a spreadsheet would read as a formula gets an apostrophe.
func WriteDeliveriesCSV(w io.Writer, deliveries iter.Seq2[delivery.Delivery, error]) error {
	out := csv.NewWriter(w)
	_ = out.Write([]string{
		"run", "job", "scope", "step", "item", "row", "recipient", "state", "again", "attempts", "messageId", "http",
		"code", "message", "traceId", "intendedAt", "settledAt", "statusAt",
	})
	for d, err := range deliveries {
		if err != nil {
			return err
		}
		l := NewDelivery(d)
		if err := out.Write([]string{
			csvCell(l.Run), csvCell(l.Job), csvCell(l.Scope), csvCell(l.Step), csvCell(l.Item), emptyIfZero(l.Row),
			csvCell(l.Recipient), l.State, strconv.FormatBool(l.Again), strconv.Itoa(l.Attempts), csvCell(l.MessageID),
			emptyIfZero(l.HTTP), emptyIfZero(l.Code), csvCell(l.Message), csvCell(l.TraceID),
			emptyIfNil(l.IntendedAt), emptyIfNil(l.SettledAt), emptyIfNil(l.StatusAt),
		}); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// WriteDeliveries prints a table, a hundred rows at a time so that it is constant in memory.
func WriteDeliveries(w io.Writer, deliveries iter.Seq2[delivery.Delivery, error], paint Paint) (shown int, err error) {
	page := newDeliveryTable()
	flush := func() error {
		var b strings.Builder
		page.write(&b, paint)
		_, err := io.WriteString(w, b.String())
		page = newDeliveryTable()
		return err
	}
	for d, err := range deliveries {
		if err != nil {
			return shown, err
		}
		shown++
		page.add(d.Key.Step, paint.cut(d.Key.Item, 24), emptyIfZero(d.Row), d.Recipient, d.State.String(), strconv.Itoa(d.Attempts),
			emptyIfZero(d.Answer.Code), paint.cut(idOrAnswer(d), 60))
		if len(page.rows) == 100 {
			if err := flush(); err != nil {
				return shown, err
			}
		}
	}
	if len(page.rows) > 0 {
		return shown, flush()
	}
	return shown, nil
}

func newDeliveryTable() *table {
	return &table{
		head:  []string{"STEP", "ITEM", "ROW", "RECIPIENT", "STATE", "TRIES", "CODE", "MESSAGE ID OR ANSWER"},
		right: map[int]bool{2: true, 5: true, 6: true},
	}
}

// idOrAnswer is the message's id, or what was answered instead. A message that a person took as sent has no id.
func idOrAnswer(d delivery.Delivery) string {
	if d.MessageID == "" || d.State == delivery.Failed || !d.State.Reached() && d.Answer.Message != "" {
		return d.Answer.Message
	}
	return d.MessageID
}
