package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/price"
)

// mostRates bounds a rate card: a few dozen lines.
const mostRates = 4 << 20

// readRates reads the rate card that --rates names; nil: none is named.
func (a *app) readRates(path string) (*diag.Source, error) {
	if path == "" {
		return nil, nil
	}
	file, err := os.Open(path) //nolint:gosec // the user names it
	if err != nil {
		return nil, usageError("--rates: "+err.Error(), "name the CSV that Meta publishes for the currency of your account")
	}
	text, err := io.ReadAll(io.LimitReader(file, mostRates))
	if err := errors.Join(err, file.Close()); err != nil {
		return nil, usageError("--rates: "+err.Error(), "name the CSV that Meta publishes for the currency of your account")
	}
	return &diag.Source{Name: filepath.ToSlash(path), Text: text}, nil
}

// charged reads how the messages of a run were charged, and what that makes by a rate card; an empty path: there is none.
func (a *app) charged(ctx context.Context, l engine.Reader, run engine.Run, path string) ([]engine.Charged, *engine.ChargedCost, error) {
	list, err := l.Charges(ctx, run.ID)
	if err != nil {
		return nil, nil, err
	}
	rates, err := a.readRates(path)
	if rates == nil || err != nil {
		return list, nil, err
	}
	card, problems := price.Parse(rates.Text)
	if card == nil {
		return nil, nil, usageError(fmt.Sprintf("%s is no rate card: %s", path, problems[0].Message), "waybill explain bad-rates tells more")
	}
	return list, engine.CostOf(list, card, rates.Name), nil
}
