package runner

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/price"
)

// mostRates bounds a rate card: a few dozen lines.
const mostRates = 4 << 20

// loadRates reads the rate card, where there is one. What cannot be read as one is an error, and what is wrong with a line a warning.
func (x *execution) loadRates() error {
	if !x.sends {
		return nil
	}
	source := x.req.Rates
	if source == nil {
		var err error
		if source, err = x.readRates(); source == nil || err != nil {
			return err
		}
	}
	card, problems := price.Parse(source.Text)
	var found diag.List
	for _, p := range problems {
		found = append(found, badRates(source, p))
	}
	if card == nil {
		return nothingSent(found).Err()
	}
	for _, d := range found {
		x.warn(d)
	}
	x.cost.card, x.cost.name = card, source.Name
	return nil
}

// readRates reads the job's own rate card; nil: it has none.
func (x *execution) readRates() (*diag.Source, error) {
	rates := x.req.Job.Rates
	if rates.File == "" {
		return nil, nil
	}
	file, err := x.req.Open.Open(rates.File)
	if err != nil {
		return nil, nothingSent(diag.List{engine.Unreadable(x.req.Job, rates.Range, rates.File, err)}).Err()
	}
	text, err := io.ReadAll(io.LimitReader(file, mostRates))
	if err := errors.Join(err, file.Close()); err != nil {
		return nil, nothingSent(diag.List{engine.Unreadable(x.req.Job, rates.Range, rates.File, err)}).Err()
	}
	return &diag.Source{Name: rates.File, Text: text}, nil
}

// badRates is the finding about a rate card.
func badRates(source *diag.Source, p price.Problem) diag.Diagnostic {
	d := diag.Diagnostic{
		Severity: diag.Warning, Code: "bad-rates", Range: lineOf(source, p.Line), Summary: p.Message,
		Detail: "That price is not counted with.",
	}
	if p.Fatal {
		d.Severity, d.Summary, d.Detail = diag.Error, fmt.Sprintf("%s is no rate card: %s", source.Name, p.Message), ""
		d.Hint = "download the rates of your currency as CSV from Meta's page on pricing, and leave them as they are"
	}
	return d
}

// lineOf is the place of a line; of none, the beginning.
func lineOf(source *diag.Source, line int) diag.Range {
	from := 0
	for n := 1; n < line; n++ {
		next := bytes.IndexByte(source.Text[from:], '\n')
		if next < 0 {
			break
		}
		from += next + 1
	}
	to := from
	if end := bytes.IndexByte(source.Text[from:], '\n'); line > 0 && end >= 0 {
		to = from + end
	}
	return source.Range(from, to)
}
