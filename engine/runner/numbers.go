package runner

import (
	"context"
	"slices"

	"waybill/engine"
	"waybill/engine/eval"
	"waybill/engine/phone"
)

// noteCountry says in names how numbers without + are read: by a phone.Country, or an error where the item says one that is none. It
// does so where the names are all there that recipients.country needs: once for the run, or for each item.
func (x *execution) noteCountry(ctx context.Context, names eval.Names) {
	tree := x.req.Job.Recipients.Country
	if tree == nil {
		return
	}
	for _, root := range tree.Template().Roots() {
		if _, known := names[root]; !known && root != "env" {
			return
		}
	}
	value, err := tree.Render(ctx, names)
	if err == nil {
		var country phone.Country
		if country, err = engine.Country(value); err == nil {
			names[eval.Country] = country
			return
		}
	}
	names[eval.Country] = err
}

// countryOf returns what noteCountry noted; its error is the item's.
func (x *execution) countryOf(q *sequence) (phone.Country, error) {
	switch country := q.names[eval.Country].(type) {
	case phone.Country:
		return country, nil
	case error:
		return "", &itemError{Row: q.row, Cell: engine.Column(x.req.Job.Recipients.Country.Template()), Err: country}
	}
	return "", nil
}

// recipientParameter is what an item's recipient is given by.
const recipientParameter = "to"

// mayBeRecipient returns the messages of a forEach whose recipient may be the item's key; those that need an answer first are none.
func mayBeRecipient(s *engine.Step) []*engine.Step {
	messages, _ := senders(s)
	return slices.DeleteFunc(slices.Clone(messages), func(m *engine.Step) bool {
		to := m.Params.Field(recipientParameter)
		return to == nil || to.Template() == nil || to.Uses("steps")
	})
}

// compared returns the form in which an item's key is compared. A key that is the recipient of one of the item's messages is the
// number as it is read, so that +34 600 000 001 and 0034600000001 are one item; any other key is as it stands. It returns the number
// too, so that it is read once.
func (x *execution) compared(ctx context.Context, f *engine.ForEach, messages []*engine.Step, it item, key string) (string, engine.KnownNumber) {
	if !phone.MayBeID(key) {
		return key, engine.KnownNumber{}
	}
	country, _ := it.Names[eval.Country].(phone.Country) // without a valid one the item fails later
	for _, m := range messages {
		to := m.Params.Field(recipientParameter)
		text := key
		if path := f.Key.Path(); path == nil || !slices.Equal(path, to.Template().Path()) {
			var err error
			if text, err = to.Template().Text(ctx, it.Names); err != nil || !endAlike(text, key) {
				continue // the item fails later, or is keyed by something else
			}
		}
		reading := m.Reading(recipientParameter, country)
		number, err := reading.Read(key)
		if err != nil {
			continue
		}
		if text != key {
			if same, err := reading.Read(text); err != nil || same.Text != number.Text {
				continue
			}
		}
		return number.Text, engine.KnownNumber{Text: text, Reading: reading, Number: number}
	}
	return key, engine.KnownNumber{}
}

// endAlike says whether the last digits of two texts are the same, as those of one number are however it is written. It is asked
// before reading, which costs more.
func endAlike(a, b string) bool {
	const enough = 4
	for range enough {
		last := lastDigit(&a)
		if last == 0 || last != lastDigit(&b) {
			return false
		}
	}
	return true
}

// lastDigit takes the last digit off a text, with what stands behind it; 0: there is none.
func lastDigit(text *string) byte {
	for i := len(*text) - 1; i >= 0; i-- {
		if c := (*text)[i]; c >= '0' && c <= '9' {
			*text = (*text)[:i]
			return c
		}
	}
	return 0
}
