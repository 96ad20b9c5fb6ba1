package proof

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"waybill/engine"
	"waybill/engine/delivery"
)

// Result is what Check found.
type Result struct {
	Header  Header
	End     End
	Chain   string      // the last one
	Problem *Problem    // the first thing that is wrong; nil: nothing is
	Ledger  *Comparison // nil: there was no ledger to compare with
}

// Problem is a line that is wrong.
type Problem struct {
	Line int // from 1
	What string
}

// mostLine is how long a line of a proof may be; Write makes none that comes near it.
const mostLine = 16 << 20

// Check reads a proof and says whether it holds together and, where l is not nil, agrees with the ledger that it was made from. What
// the ledger has forgotten, pruned or learnt since is counted and is no problem. The error is that of reading. Memory grows by a hundred
// bytes a delivery.
func Check(ctx context.Context, r io.Reader, l engine.Reader) (Result, error) {
	c := &checker{ctx: ctx, ledger: l, tally: newTally(), keys: map[string]struct{}{}}
	defer func() { c.against.close() }()
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 64<<10), mostLine)
	for lines.Scan() {
		c.number++
		what, err := c.line(lines.Bytes())
		if err != nil {
			return c.result, err
		}
		if what != "" {
			c.wrong(c.number, what)
			return c.result, nil
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		c.wrong(c.number+1, "it is longer than a line of a proof")
	case err != nil:
		return c.result, fmt.Errorf("read the proof: %w", err)
	case !c.ended:
		c.wrong(c.number+1, "the file ends here, and its last line is missing")
	}
	return c.result, nil
}

// checker is a proof while it is read. Its methods return what is wrong with a line; empty: nothing is.
type checker struct {
	ctx     context.Context //nolint:containedctx // of the one call that it lives for
	ledger  engine.Reader
	against *comparer // nil: nothing to compare with
	result  Result

	number  int // of the line
	ended   bool
	lastID  int64
	keys    map[string]struct{}
	tally   *tally
	deliver int
	unsent  int
}

func (c *checker) wrong(line int, what string) { c.result.Problem = &Problem{Line: line, What: what} }

func (c *checker) line(line []byte) (what string, err error) {
	if c.ended {
		return "it stands behind the last line of the proof", nil
	}
	text, chain, ok := unlink(line)
	switch {
	case !ok && c.number == 1:
		return "this is no proof of waybill's", nil
	case !ok:
		return "it does not end with its chain: it was cut off or changed", nil
	case link(c.result.Chain, text) != chain:
		return "its chain does not follow: this line was changed, or one before it was taken out, added or moved", nil
	}
	before := c.result.Chain
	c.result.Chain = chain
	var kind struct{ Record string }
	if what := decode(text, &kind); what != "" {
		return what, nil
	}
	switch {
	case (kind.Record == recordHeader) != (c.number == 1):
		return fmt.Sprintf("a proof has its header in the first line and nowhere else, and this is a line of %q", kind.Record), nil
	case kind.Record == recordHeader:
		return c.header(text)
	case kind.Record == recordDelivery:
		return c.delivery(text)
	case kind.Record == recordUnsent:
		return c.row(text), nil
	case kind.Record == recordEnd:
		return c.end(text, before)
	}
	return fmt.Sprintf("there is no line of %q in a proof", kind.Record), nil
}

// decode reads a line's JSON.
func decode(text []byte, into any) (what string) {
	if err := json.Unmarshal(text, into); err != nil {
		return "it is not the JSON of such a line: " + err.Error()
	}
	return ""
}

func (c *checker) header(text []byte) (string, error) {
	h := &c.result.Header
	if what := decode(text, h); what != "" {
		return what, nil
	}
	switch {
	case h.Version != Version:
		return fmt.Sprintf("the proof has format version %d, and this program knows version %d", h.Version, Version), nil
	case h.Recipients != recipientsMasked && h.Recipients != recipientsShown:
		return fmt.Sprintf("recipients are masked or shown, not %q", h.Recipients), nil
	case c.ledger == nil:
		return "", nil
	}
	c.result.Ledger = &Comparison{Other: keyed(c.ledger, ledgerDomain, nil) != h.Ledger}
	if c.result.Ledger.Other {
		return "", nil
	}
	c.against = newComparer(c.ctx, c.ledger, h, c.result.Ledger)
	return c.against.run(c.ctx, h)
}

func (c *checker) delivery(text []byte) (string, error) {
	var d deliveryLine
	if what := decode(text, &d); what != "" {
		return what, nil
	}
	if what := c.holds(&d); what != "" {
		return what, nil
	}
	c.deliver, c.lastID, c.keys[d.Key] = c.deliver+1, d.ID, struct{}{}
	if c.against == nil {
		return "", nil
	}
	return c.against.delivery(c.ctx, c.number, &d)
}

// holds says what a delivery's line contradicts: itself, or those before it.
func (c *checker) holds(d *deliveryLine) string {
	_, seen := c.keys[d.Key]
	var taken []string
	for _, a := range d.Attempts {
		if s := stateOf(a.Status); s.Succeeded() {
			taken = append(taken, a.MessageID)
		}
	}
	switch {
	case d.ID <= c.lastID:
		return fmt.Sprintf("delivery %d stands behind delivery %d: the order is wrong, or it is there twice", d.ID, c.lastID)
	case d.Key == "" || seen:
		return fmt.Sprintf("step %s, item %q: a line before has the same key", d.Step, d.Item)
	case len(d.Attempts) == 0:
		return "a delivery without a request"
	case len(taken) > 1:
		return fmt.Sprintf("step %s, item %q was accepted %d times: %s", d.Step, d.Item, len(taken), strings.Join(taken, ", "))
	}
	status := d.last().Status
	if !c.tally.count(d.Outcome, 1) || !agrees(c.tally.outcomes[d.Outcome], stateOf(status)) {
		return fmt.Sprintf("outcome %q does not go with status %q", d.Outcome, status)
	}
	return ""
}

// agrees says whether a delivery may have an outcome when its last message stands so; state zero: none was accepted.
func agrees(o delivery.Outcome, s delivery.State) bool {
	switch o {
	case delivery.OutcomeAccepted, delivery.OutcomeHeld:
		return s == delivery.Accepted || s == delivery.Sent
	case delivery.OutcomeDelivered:
		return s == delivery.Delivered
	case delivery.OutcomeRead:
		return s == delivery.Read
	case delivery.OutcomeUndelivered:
		return s == delivery.Failed
	case delivery.OutcomeInvalid, delivery.OutcomeSkipped, delivery.OutcomeWaiting: // of rows without a request
		return false
	default:
		return s == 0
	}
}

func (c *checker) row(text []byte) string {
	var u unsentLine
	if what := decode(text, &u); what != "" {
		return what
	}
	c.unsent++
	if !c.tally.count(u.Outcome, u.Count) || u.Count < 1 {
		return fmt.Sprintf("%d rows of outcome %q", u.Count, u.Outcome)
	}
	return ""
}

func (c *checker) end(text []byte, before string) (string, error) {
	c.ended = true
	e := &c.result.End
	if what := decode(text, e); what != "" {
		return what, nil
	}
	switch {
	case e.Deliveries != c.deliver || e.Unsent != c.unsent:
		return fmt.Sprintf("it counts %d deliveries and %d rows that were not sent, and the lines are %d and %d",
			e.Deliveries, e.Unsent, c.deliver, c.unsent), nil
	case e.Counts != c.result.Header.Counts:
		return "its counts are not those of the header", nil
	case e.Listed != engine.CountsOf(c.tally.counted):
		return "its counts are not those of the lines", nil
	case c.against == nil:
		return "", nil
	}
	at, what, err := c.against.end(c.number, e.Seal, seal(c.ledger, before))
	if what != "" {
		c.number = at
	}
	return what, err
}
