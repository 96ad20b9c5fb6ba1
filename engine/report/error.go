package report

import (
	"fmt"

	"waybill/engine"
)

// Error is one failure of a step. Row is the line or index of the item in its source, absent for none; File is that
// source where the job names it.
type Error struct {
	Step    string `json:"step"`
	Item    string `json:"item"`
	File    string `json:"file,omitempty"`
	Row     int    `json:"row,omitempty"`
	Cell    string `json:"cell,omitempty"` // the column or parameter that is wrong
	Code    int    `json:"code"`
	Message string `json:"message"`

	values []string // what its row holds
}

// NewError is a step's failure as programs read it.
func NewError(e *engine.StepError) Error {
	doc := Error{Item: e.Item, Row: e.Row, Cell: e.Cell, Code: e.Code, values: e.Values}
	if e.Step != nil {
		doc.Step = e.Step.Path
	}
	if e.Err != nil {
		doc.Message = e.Err.Error()
	}
	return doc
}

// withoutPlace takes from a message that begins with its place ("people.csv:8: …") that place, for text that shows it
// beside the message. A file that only the message named is kept in File.
func (e Error) withoutPlace() Error {
	file, rest := engine.CutPlace(e.Message, e.Row)
	if file == "" {
		return e
	}
	if e.File == "" {
		e.File = file
	}
	if e.File == file {
		e.Message = rest
	}
	return e
}

func (e Error) stepAndItem() string {
	text := stepAndItem(e.Step, e.Item, e.File, e.Row)
	if e.Cell != "" {
		text += ", " + e.Cell
	}
	return text
}

// stepAndItem names a step, its item and the item's place, as far as they are known.
func stepAndItem(step, item, file string, row int) string {
	text := "step " + step
	if item != "" {
		text += ", item " + item
	}
	switch {
	case row > 0 && file != "":
		text += fmt.Sprintf(", %s:%d", file, row)
	case row > 0:
		text += fmt.Sprintf(", row %d", row)
	}
	return text
}
