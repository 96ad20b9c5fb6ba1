package report

// What many can see, such as a comment on a pull request or the log of a CI job, is shown without people's data: without the values
// of a row, its key, and all but the last three digits of a number. Package wording says how; this file says where.

import (
	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/wording"
)

// MaskFindings returns the findings without what of their words is a person's.
func MaskFindings(findings []Finding, paint Paint) []Finding {
	masked := make([]Finding, len(findings))
	for i, f := range findings {
		masked[i] = f.masked(paint)
	}
	return masked
}

func (f Finding) masked(paint Paint) Finding {
	if f.privateLine {
		f.Excerpt = nil
	}
	if len(f.private) == 0 {
		return f // it is about the job file
	}
	f.Summary, f.Detail = paint.mask(f.Summary, f.private), paint.mask(f.Detail, f.private)
	f.Hint = paint.mask(f.Hint, f.private)
	return f
}

// mask is wording.MaskText of a text without secrets: half of one would be none that a writer knows.
func (p Paint) mask(text string, values []string) string {
	return wording.MaskText(p.hide(text), values)
}

func (e Error) masked(paint Paint) Error {
	e = e.withoutPlace()
	e.Message, e.Item = paint.mask(e.Message, e.values), wording.MaskKey(e.Item)
	return e
}

func (s Sample) masked() Sample {
	s.Item, s.Recipient, s.Text, s.Body = wording.MaskKey(s.Item), wording.MaskValue(s.Recipient), s.maskedText, nil
	return s
}

// Masked returns the plan for places that many can see.
func (p Plan) Masked(paint Paint) Plan {
	samples, errors := make([]Sample, len(p.Samples)), make([]Error, len(p.Errors))
	for i, s := range p.Samples {
		samples[i] = s.masked()
	}
	for i, e := range p.Errors {
		errors[i] = e.masked(paint)
	}
	rows := make([]ChangedRow, len(p.Rows))
	for i, r := range p.Rows {
		rows[i] = r.masked()
	}
	p.Samples, p.Errors, p.Rows, p.Warnings = samples, errors, rows, MaskFindings(p.Warnings, paint)
	return p
}

// MaskEvent returns an event for a log that many can see. The event itself is left as it is.
func MaskEvent(ev engine.Event) engine.Event {
	ev.Item = wording.MaskKey(ev.Item)
	if ev.Err != nil {
		e := *ev.Err
		masked := NewError(&e).masked(Paint{}) // secrets are out of it
		e.Item, e.Err = masked.Item, maskedError(masked.Message)
		ev.Err = &e
	}
	if ev.Delivery != nil {
		d := MaskDelivery(*ev.Delivery)
		ev.Delivery = &d
	}
	if ev.Attempt != nil {
		a := *ev.Attempt
		a.Answer.Message = wording.MaskNumbers(a.Answer.Message)
		ev.Attempt = &a
	}
	return ev
}

// maskedError is the text of a masked failure; its cause holds what was masked.
type maskedError string

func (e maskedError) Error() string { return string(e) }

// MaskDelivery returns a delivery for places that many can see. Its key is not one to look it up by any more.
func MaskDelivery(d delivery.Delivery) delivery.Delivery {
	d.Key.Item, d.Recipient = wording.MaskKey(d.Key.Item), wording.MaskValue(d.Recipient)
	d.Answer.Message = wording.MaskNumbers(d.Answer.Message)
	return d
}

// MaskUnsent returns a row that became no request for such places.
func MaskUnsent(u engine.Unsent) engine.Unsent {
	u.Message, u.Item, u.Person = wording.MaskText(u.Message, []string{u.Item}), wording.MaskKey(u.Item), wording.MaskValue(u.Person)
	return u
}
