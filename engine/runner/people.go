package runner

import (
	"context"
	"sync"
	"time"

	"waybill/engine"
	"waybill/engine/audience"
	"waybill/engine/diag"
	"waybill/engine/eval"
	"waybill/engine/phone"
)

// people is what a run knows of those whom it may write to, or may not.
type people struct {
	excluded audience.Excluded
	optOuts  audience.OptOuts
	paired   pairedLook

	mu         sync.Mutex
	categories map[string]knownCategory // of templates that were asked for, by connection and name
	quiet      quietMemo
	reached    peopleReached
}

// loadPeople reads who opted out and who is excluded. Entries of exclusion lists that name nobody are an error.
func (x *execution) loadPeople(ctx context.Context) error {
	if !x.sends {
		return nil
	}
	if x.respectsOptOuts() && x.engine.Ledger != nil {
		if err := x.people.optOuts.Load(audience.Reading(ctx, x.engine.Ledger)); err != nil {
			return err
		}
	}
	if x.req.TestTo != "" {
		return nil // the number that tests go to is on no list of the job's
	}
	return x.loadExcluded(ctx)
}

func (x *execution) respectsOptOuts() bool { return !x.req.Job.Recipients.IgnoreOptOuts }

// updateOptOuts takes in who opted out or came back meanwhile.
func (x *execution) updateOptOuts(ctx context.Context) {
	if !x.sends || !x.respectsOptOuts() {
		return
	}
	if err := x.people.optOuts.Update(audience.Reading(context.WithoutCancel(ctx), x.engine.Ledger)); err != nil {
		x.fail(err)
	}
}

// repairOptOuts takes in that ids of people who left, or came back, were paired or parted meanwhile.
func (x *execution) repairOptOuts(ctx context.Context, persons []string) {
	if !x.sends || !x.respectsOptOuts() {
		return
	}
	if err := x.people.optOuts.Repair(audience.Reading(context.WithoutCancel(ctx), x.engine.Ledger), persons); err != nil {
		x.fail(err)
	}
}

// judgesPeople says whether it takes a message, and not its key alone, to know whether it may go.
func (x *execution) judgesPeople() bool {
	r := x.req.Job.Recipients
	return len(r.Exclude) > 0 || r.QuietHours != nil || x.reach().Bounded() || x.respectsOptOuts() && x.people.optOuts.Len() > 0
}

// excluded: the person is on one of the job's lists of people who get nothing, in either spelling of the number.
func excluded(ctx context.Context, x *execution, c *candidate) decision {
	if c.call == nil {
		return decision{}
	}
	x.people.paired.again(ctx, x)
	to := c.call.Message.Recipient
	other := phone.OtherSpelling(to)
	if !x.people.excluded.Has(to) && !x.people.excluded.Has(x.known(to)) && (other == "" || !x.people.excluded.Has(other)) {
		return decision{}
	}
	return decision{admission: admitSkip, reason: "excluded"}
}

// optedOut: the person left what the message is. Whoever left everything gets templates of the category AUTHENTICATION alone; whoever
// left marketing gets all but templates of that category. A template of which nobody knows the category counts as marketing.
func optedOut(ctx context.Context, x *execution, c *candidate) decision {
	if c.call == nil || !x.respectsOptOuts() {
		return decision{}
	}
	to := c.call.Message.Recipient
	other := phone.OtherSpelling(to) // of which no answer may have said yet that it is the same person
	ids := []string{to, x.known(to), other, x.known(other)}
	marketing, all := false, false
	for _, by := range c.call.NumberIDs() { // who left any of them gets nothing of the others
		for i, id := range ids {
			if id == "" || i > 0 && id == to {
				continue
			}
			m, a := x.people.optOuts.Of(id, by)
			marketing, all = marketing || m, all || a
		}
	}
	if !marketing && !all {
		return decision{}
	}
	category := x.category(ctx, c)
	switch {
	case all && category != engine.CategoryAuthentication:
		return decision{admission: admitSkip, reason: "opted-out"}
	case marketing && (category == engine.CategoryMarketing || category == ""):
		return decision{admission: admitSkip, reason: "opted-out-of-marketing"}
	}
	return decision{}
}

// category is of which category a message is; empty: nobody knows. It is asked once for each template.
func (x *execution) category(ctx context.Context, c *candidate) string {
	known := x.askCategory(ctx, c)
	if known.err != nil {
		x.warn(diag.Diagnostic{
			Code: "category-unknown", Range: c.step.Range,
			Summary: "the category of the template is not known, and counts as marketing: " + x.redact(known.err.Error()),
			Detail:  "People who opted out of marketing are among the rows, and get nothing of it.",
		})
	}
	return known.category
}

// categoryToRoute is category for a message that goes by its category.
func (x *execution) categoryToRoute(ctx context.Context, c *candidate) string {
	known := x.askCategory(ctx, c)
	if known.err != nil {
		x.warn(diag.Diagnostic{
			Code: "category-unknown", Range: c.step.Range,
			Summary: "the category of the template is not known, and it goes by messages: " + x.redact(known.err.Error()),
			Detail:  "Templates of the category MARKETING go by the Marketing Messages API where via is auto; what is not known goes the plain way.",
		})
	}
	return known.category
}

// knownCategory is what the account, or its lock, says of a template's category.
type knownCategory struct {
	category string
	err      error
}

func (x *execution) askCategory(ctx context.Context, c *candidate) knownCategory {
	op, ok := c.op.(engine.Categorizer)
	if !ok {
		return knownCategory{category: engine.CategoryService}
	}
	name := op.CategoryOf(c.call)
	x.people.mu.Lock()
	defer x.people.mu.Unlock()
	if known, ok := x.people.categories[name]; ok {
		return known
	}
	var known knownCategory
	known.category, known.err = op.Category(context.WithoutCancel(ctx), c.call)
	if x.people.categories == nil {
		x.people.categories = map[string]knownCategory{}
	}
	x.people.categories[name] = known
	return known
}

// learnPerson keeps what an answer says of a person: by which ids WhatsApp knows them, and that they left.
func (x *execution) learnPerson(ctx context.Context, c *candidate, out engine.Outcome, v *engine.Verdict, at time.Time) error {
	if v != nil && v.OptedOut && !x.isSecret(c.call.Message.Recipient) {
		word := engine.OptOut{
			Person: c.call.Message.Recipient, NumberID: c.call.Connection.PhoneNumberID, Scope: engine.ScopeMarketing,
			Source: engine.SourceRefusal, At: at,
		}
		if err := x.engine.Ledger.OptOut(ctx, []engine.OptOut{word}); err != nil {
			return err
		}
	}
	person := out.Person
	if person == (engine.Identity{}) || x.isSecret(person.Number) || x.isSecret(person.WaID) || x.isSecret(person.UserID) {
		return nil // a recipient that is a secret is in the ledger without its digits, and pairs with nothing
	}
	person.NumberID, person.At = c.call.Connection.PhoneNumberID, at
	if person.Names() {
		x.accounts.meet(c.step, person)
		x.people.optOuts.Join(person.Number, person.WaID, person.UserID)
		x.people.excluded.Join(person.Number, person.WaID, person.UserID)
	}
	return x.engine.Ledger.Learn(ctx, []engine.Identity{person})
}

func (x *execution) isSecret(text string) bool { return x.redact(text) != text }

// countryOfAll is the country of numbers without +, where the job says one that is the same for everybody.
func (x *execution) countryOfAll() phone.Country {
	country, _ := x.names[eval.Country].(phone.Country)
	return country
}
