package runner

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"

	"waybill/engine"
	"waybill/engine/delivery"
)

// changes are the messages that were sent and whose rows make others now.
type changes struct {
	looks bool              // what was sent is compared
	whole *string           // execution.wholeDigest; nil: nobody asked yet
	read  map[string]string // by the path of a step: the digest of the rows that the run read to their end; nil: it does not look
	mu    sync.Mutex
	met   delivery.IDs // what was compared
	n     int
	rows  []engine.ChangedRow // the first engine.MaxErrors of them

	leftOut map[uint64]struct{} // keys of rows that were left out, by half of their hashes; nil: of none
	twins   bool                // a message went by another row of such a key
}

// leaves notes that a row was left out, of which the ledger has nothing.
func (c *changes) leaves(k delivery.Key) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.leftOut == nil {
		c.leftOut = map[uint64]struct{}{}
	}
	c.leftOut[half(k.Hash())] = struct{}{}
}

// sends notes that a message goes. Another row of its key that was left out is compared with it next time: so nothing is known of that.
func (c *changes) sends(k delivery.Key) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.leftOut != nil {
		_, twin := c.leftOut[half(k.Hash())]
		c.twins = c.twins || twin
	}
}

// first says whether a delivery was not compared before in this run.
func (c *changes) first(id delivery.ID) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	before := c.met.Len()
	c.met.Add(id)
	return c.met.Len() > before
}

// add notes one.
func (c *changes) add(ctx context.Context, x *execution, m *candidate) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	if len(c.rows) == engine.MaxErrors {
		return
	}
	text, masked := x.read(ctx, m)
	c.rows = append(c.rows, engine.ChangedRow{
		Step: m.step, Item: m.q.item, Row: m.q.row, Then: m.was.Recipient, Now: x.redact(m.call.Message.Recipient), Text: text, Masked: masked,
	})
}

// lookForChanges decides whether messages that were sent are made again to be compared. With the rows and the job with which the last
// apply of this scope found all of them unchanged, nothing can have changed.
func (x *execution) lookForChanges(ctx context.Context) error {
	x.run.Unchanged = ""
	if !x.sends || x.engine.Ledger == nil || x.req.Mode == engine.ModeRun {
		return nil
	}
	known, err := x.unchangedBefore(ctx)
	if err != nil {
		return err
	}
	x.changes.looks = true
	if known.digest != "" { // else the rows need not be read beforehand
		x.changes.looks = known.digest != x.wholeDigest(ctx)
	}
	if !x.changes.looks {
		x.run.Unchanged = known.text()
	}
	x.changes.read = map[string]string{}
	return nil
}

// readWhole reads the rows of a step, and returns their digest.
func (x *execution) readWhole(ctx context.Context, s *engine.Step) (digest string, err error) {
	x.changes.read = map[string]string{} // so that they are hashed
	from, err := x.openSource(ctx, s.Path, s.ForEach, x.names, engine.Skips{}, false)
	if err != nil {
		return "", err
	}
	digest, err = from.Digest()
	return digest, errors.Join(err, from.Close())
}

// readBefore returns the digest of a step's rows as the run read them.
func (x *execution) readBefore(_ context.Context, s *engine.Step) (digest string, err error) {
	x.changes.mu.Lock()
	defer x.changes.mu.Unlock()
	digest, ok := x.changes.read[s.Path]
	if !ok {
		return "", fmt.Errorf("the rows of %s were not read to their end", s.Path)
	}
	return digest, nil
}

// pin notes the digest of rows that were read to their end.
func (c *changes) pin(step, digest string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.read != nil {
		c.read[step] = digest
	}
}

// compares says whether a message that was sent is made again to be compared: of one that an earlier step's answer is in it is not.
func (x *execution) compares(c *candidate) bool {
	switch again := x.req.Again; {
	case c.step == nil, c.step.Params == nil, c.step.Params.Uses("steps"):
		return x.again(c.key.Item)
	case len(again.Items) > 0:
		return x.again(c.key.Item)
	default:
		return again.Asked() || x.changes.looks
	}
}

// digester gives what tells the rows of a step from others.
type digester func(ctx context.Context, s *engine.Step) (string, error)

// messagesDigest tells one set of messages from another: the job with its inputs, what is in its variables, and its rows. It is empty
// where something else decides, such as the answer of a step, or where a file cannot be read, which the run will say.
func (x *execution) messagesDigest(ctx context.Context, digestOf digester) string {
	inputs, err := json.Marshal(x.req.Inputs)
	if err != nil {
		return ""
	}
	sum := sha256.New()
	fmt.Fprintln(sum, jobDigest(x.req.Job, inputs))
	if vars := x.req.Job.Variables; vars != nil {
		for _, name := range vars.Names() {
			value, _ := vars.Lookup(name)
			fmt.Fprintln(sum, name, x.engine.Ledger.Digest([]byte(value)))
		}
	}
	if x.writeRows(ctx, sum, x.req.Job.Steps, digestOf) != nil {
		return ""
	}
	return hex.EncodeToString(sum.Sum(nil)[:16])
}

// writeRows writes what tells the rows of the steps.
func (x *execution) writeRows(ctx context.Context, to io.Writer, steps []*engine.Step, digestOf digester) error {
	for _, s := range steps {
		if err := x.writeRows(ctx, to, s.Steps, digestOf); err != nil {
			return err
		}
		each := s.ForEach
		switch {
		case each == nil, !x.reaches(s):
			continue
		case !fixed(each):
			return fmt.Errorf("the items of %s depend on others, or on an answer", s.Path)
		}
		digest, err := digestOf(ctx, s)
		if err != nil {
			return err
		}
		fmt.Fprintln(to, s.Path, digest)
	}
	return nil
}
