package cli

import (
	"context"
	"iter"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/report"
	"waybill/engine/wording"
)

// maskedLedger is a ledger as a page that many can see shows it: without keys and texts of rows, and with the last three digits of
// numbers. It finds nothing by a recipient or a key.
type maskedLedger struct{ engine.Ledger }

// Run finds a run; see engine.Reader.
func (l maskedLedger) Run(ctx context.Context, id string) (engine.Run, error) {
	run, err := l.Ledger.Run(ctx, id)
	masked := make([]engine.RunError, len(run.Errors))
	for i, e := range run.Errors {
		e.Message, e.Item = wording.MaskText(e.Message, []string{e.Item}), wording.MaskKey(e.Item)
		masked[i] = e
	}
	run.Errors = masked
	return run, err
}

// Deliveries yields deliveries; see engine.Reader.
func (l maskedLedger) Deliveries(ctx context.Context, f engine.DeliveryFilter) iter.Seq2[delivery.Delivery, error] {
	return func(yield func(delivery.Delivery, error) bool) {
		for d, err := range l.Ledger.Deliveries(ctx, f) {
			if !yield(report.MaskDelivery(d), err) {
				return
			}
		}
	}
}

// Texts returns nothing: all of it is somebody's own.
func (maskedLedger) Texts(context.Context, delivery.ID) ([]engine.SentText, error) { return nil, nil }

// Unsent yields rows that became no request; see engine.Reader.
func (l maskedLedger) Unsent(ctx context.Context, f engine.UnsentFilter) iter.Seq2[engine.Unsent, error] {
	return func(yield func(engine.Unsent, error) bool) {
		for u, err := range l.Ledger.Unsent(ctx, f) {
			if !yield(report.MaskUnsent(u), err) {
				return
			}
		}
	}
}
