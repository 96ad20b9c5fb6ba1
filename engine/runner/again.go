package runner

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/diag"
)

// notChosen: where messages are sent once more, others are not sent. What this run began it goes on with.
func notChosen(_ context.Context, x *execution, c *candidate) decision {
	switch {
	case !x.req.Again.Asked(), c.sent, c.known && c.was.Run == x.run.ID, x.again(c.key.Item):
		return decision{}
	case c.refused:
		return x.leaveRefused(c)
	}
	return decision{admission: admitSkip, reason: "not-chosen"}
}

// again says whether an item is to be sent once more by its key.
func (x *execution) again(item string) bool {
	return slices.ContainsFunc(x.req.Again.Items, func(asked string) bool {
		return asked == item || x.engine.Ledger != nil && x.engine.Ledger.KnownKey(delivery.Key{Job: x.run.Job, Item: asked}).Item == item
	})
}

// sentBefore: what was sent is not sent again, unless that was asked for. Where its row makes another message now, that is said.
func sentBefore(ctx context.Context, x *execution, c *candidate) decision {
	if !c.sent {
		return decision{}
	}
	if c.call == nil && x.render(ctx, c) != nil { // only to count; a message that cannot be made is no other one
		return x.leaveSent(c)
	}
	switch { // another row of the same key is no change of it
	case x.req.Again.Asked():
		x.leave(c)
	case !x.changes.first(c.was.Counting().ID):
		return x.leaveSent(c)
	}
	change := x.changed(c)
	if x.again(c.key.Item) || change != unchanged && x.req.Again.Changed || change == otherRecipient && x.req.Again.NewRecipient {
		return x.sendAgain(ctx, c)
	}
	d := x.leaveSent(c)
	if change != unchanged {
		d.action, d.reason = delivery.ActionChanged, "changed-since-sent"
		x.changes.add(ctx, x, c)
	}
	return d
}

// sendAgain lets a further delivery be made of an item that was sent, or the one go on that was begun and not sent.
func (x *execution) sendAgain(ctx context.Context, c *candidate) decision {
	c.sent = false
	if c.was.State.Succeeded() {
		c.further = c.was.Key.Again + 1
		return decision{}
	}
	if d := x.byState(c); !d.admits() || !c.refused {
		return d
	}
	return refusedBefore(ctx, x, c)
}

// leaveSent leaves a message that was sent, with what the ledger has of that.
func (x *execution) leaveSent(c *candidate) decision {
	c.was, c.sent = c.was.Counting(), false
	return decision{admission: admitSkip, reason: "already-sent", action: delivery.ActionNone}
}

// change is what of a message is another now than when it was sent.
type change uint8

const (
	unchanged change = iota
	otherMessage
	otherRecipient
)

// changed compares a message with that of its item that was sent.
func (x *execution) changed(c *candidate) change {
	was := c.was.Counting()
	switch {
	case x.inLedger(c.call.Message.Recipient) != was.Recipient:
		return otherRecipient
	case was.Digest != 0 && x.digest(c) != was.Digest && !changesByItself(x.req.Job, c.step):
		return otherMessage
	}
	return unchanged
}

// digest is that of the message as the job makes it: what is uploaded for it has another id each time.
func (x *execution) digest(c *candidate) delivery.Digest {
	if c.digest == 0 && x.engine.Ledger != nil {
		c.digest = x.engine.Ledger.Digest(c.call.Message.Body)
	}
	return c.digest
}

// changesByItself says whether a step's message is another one each time that it is made, by the clock or the run.
func changesByItself(j *engine.Job, s *engine.Step) bool {
	if s.Params.UsesClock() || s.Params.Uses("run") {
		return true
	}
	return s.Params.Uses("vars") && slices.ContainsFunc(j.Vars, func(v engine.Var) bool { return v.Value.UsesClock() || v.Value.Uses("run") })
}

// checkItems refuses keys that no row has: what was meant is another one. It reads the rows.
func (x *execution) checkItems(ctx context.Context) error {
	keys := x.req.Again.Items
	if len(keys) == 0 || x.req.Resume != nil {
		return nil
	}
	found, nearest := map[string]bool{}, map[string]string{}
	err := x.engine.Rows(ctx, x.req, func(m MessageRow) {
		if slices.Contains(keys, m.Item) {
			found[m.Item] = true
			return
		}
		for _, key := range keys {
			if !found[key] { // the nearest of those before it and it: the rows are never a list
				nearest[key] = cmp.Or(diag.Suggest(key, slices.DeleteFunc([]string{nearest[key], m.Item}, isEmpty)), nearest[key])
			}
		}
	})
	if err != nil {
		return err
	}
	var list diag.List
	for _, key := range keys {
		if found[key] {
			continue
		}
		d := diag.Diagnostic{
			Severity: diag.Error, Code: "unknown-item", Range: x.req.Job.Range, Private: []string{key},
			Summary: fmt.Sprintf("no row of job %s has the key %q", x.req.Job.Name, key),
			Hint:    "the key is what the forEach says by key:; waybill deliveries shows it as ITEM",
		}
		if x.limit > 0 || slices.ContainsFunc(slices.Collect(maps.Values(x.forEachOf)), leavesRowsOut) {
			d.Detail = "Rows that where leaves out, or that --limit does not come to, are not looked at."
		}
		if near := nearest[key]; near != "" {
			d.Private, d.Hint = append(d.Private, near), fmt.Sprintf("did you mean --item %s?", near)
		}
		list = append(list, d)
	}
	return nothingSent(list).Err()
}

// leavesRowsOut says whether a forEach looks at some of its rows alone; nil: there is none.
func leavesRowsOut(each *engine.Step) bool { return each != nil && each.ForEach.Where != nil }

func isEmpty(s string) bool { return strings.TrimSpace(s) == "" }
