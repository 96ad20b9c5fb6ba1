package steps

import (
	"slices"
	"strings"

	"waybill/engine/phone"
	"waybill/whatsapp"
)

// draft is a message made of a step's parameters, with the way back from each part of it to its parameter.
type draft struct {
	whatsapp.Message
	number   phone.Number       // the recipient as it was read
	contract *whatsapp.Template // what is known of its template; nil: nothing
	file     *attachment        // to be uploaded before the message is sent; nil: none
	origins  pathMapping
}

// pathMapping maps a path in the request to the path of the parameter it comes from; "" where there is none. It is called
// only for problems, so that a message without any costs nothing.
type pathMapping func(path string) string

// check returns the known problems and what else WhatsApp would refuse in the draft, except in a parameter that has a known
// problem.
func (d *draft) check(known []*problem) []*problem {
	all := known
	for _, p := range d.refusals() {
		found := newProblem(d.origin(p.Path), p)
		if !slices.ContainsFunc(known, found.touches) {
			all = append(all, found)
		}
	}
	return all
}

// refusals are what WhatsApp would refuse, by the message alone, or by its template too.
func (d *draft) refusals() []whatsapp.Problem {
	if d.contract != nil {
		return d.contract.Check(d.Message)
	}
	return d.Check()
}

// origin returns the path of the parameter that a path in the request comes from, by the longest prefix that has one.
func (d *draft) origin(path string) string {
	for at := path; at != ""; {
		if from := d.origins(at); from != "" {
			return from
		}
		cut := strings.LastIndexAny(at, ".[")
		if cut < 0 {
			break
		}
		at = at[:cut]
	}
	return ""
}
