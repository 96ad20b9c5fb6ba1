package proof

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"time"

	"waybill/engine"
)

// Options say how a proof is made.
type Options struct {
	Program        string    // who makes it: "waybill v1.2.3"
	MadeAt         time.Time // when
	ShowRecipients bool      // in full; else their last three digits
	Sandbox        bool      // the ledger is that of an emulator
}

// Write writes the proof of a run and returns its last line and the chain after it. Deliveries stand in the order in which they were
// first intended. The same ledger gives the same bytes for the same options. Memory does not grow with the run.
func Write(ctx context.Context, w io.Writer, l engine.Reader, run engine.Run, o Options) (End, string, error) {
	buffered := bufio.NewWriterSize(w, 64<<10)
	p := &writer{
		chain: chainWriter{to: buffered}, maker: newMaker(l, run, o.ShowRecipients), tally: newTally(),
		end: End{Record: recordEnd, Counts: run.Counts},
	}
	if err := p.chain.write(header(l, run, o)); err != nil {
		return End{}, "", err
	}
	if err := p.deliveries(ctx, run); err != nil {
		return End{}, "", err
	}
	if err := p.unsent(ctx); err != nil {
		return End{}, "", err
	}
	p.end.Listed, p.end.Seal = engine.CountsOf(p.tally.counted), seal(l, p.chain.chain)
	if err := p.chain.write(p.end); err != nil {
		return End{}, "", err
	}
	if err := buffered.Flush(); err != nil {
		return End{}, "", fmt.Errorf("write the proof: %w", err)
	}
	return p.end, p.chain.chain, nil
}

func header(l engine.Reader, run engine.Run, o Options) Header {
	h := Header{
		Record: recordHeader, Version: Version, Run: run.ID, Job: run.Job, Mode: run.Mode, Scope: run.Scope, Status: run.Status,
		Sandbox: o.Sandbox, StartedAt: instant(run.StartedAt), FinishedAt: instant(run.FinishedAt), Counts: run.Counts,
		Recipients: recipientsMasked, Ledger: keyed(l, ledgerDomain, nil), Program: o.Program, MadeAt: instant(o.MadeAt),
	}
	if o.ShowRecipients {
		h.Recipients = recipientsShown
	}
	return h
}

func seal(l engine.Reader, chain string) string { return keyed(l, sealDomain, []byte(chain)) }

// writer is a proof while it is written.
type writer struct {
	chain chainWriter
	maker *maker
	tally *tally
	end   End
}

func (p *writer) deliveries(ctx context.Context, run engine.Run) error {
	for d, err := range p.maker.ledger.Deliveries(ctx, engine.DeliveryFilter{SeenBy: run.ID}) {
		if err != nil {
			return err
		}
		line, err := p.maker.delivery(ctx, d)
		if err != nil {
			return err
		}
		if line == nil {
			continue
		}
		p.tally.count(line.Outcome, 1)
		p.end.Deliveries++
		if err := p.chain.write(line); err != nil {
			return err
		}
	}
	return nil
}

func (p *writer) unsent(ctx context.Context) error {
	for u, err := range p.maker.ledger.Unsent(ctx, engine.UnsentFilter{Run: p.maker.run}) {
		if err != nil {
			return err
		}
		line := p.maker.unsent(u)
		p.tally.count(line.Outcome, line.Count)
		p.end.Unsent++
		if err := p.chain.write(line); err != nil {
			return err
		}
	}
	return nil
}
