package runner

import (
	"fmt"
	"hash/maphash"
	"maps"
	"slices"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/phone"
	"waybill/engine/wording"
)

// oddCount is what is said of numbers that are written to all the same, by the step.
type oddCount map[*engine.Step]*oddNumbers

// oddNumbers are those of one step.
type oddNumbers struct {
	seed             maphash.Seed
	known            map[uint64]struct{} // the first of them, by a hash
	invalid, assumed int
	first            []rowOf[oddNumber] // in order
}

type oddNumber struct{ number, what string }

const (
	mostOddNumbers  = 3      // how many are shown of a step
	mostKnownNumber = 10_000 // of how many it is remembered that they were counted
)

// meet counts the number of a message, where it is odd.
func (n oddCount) meet(c *candidate) {
	number := c.call.Message.Number
	if number.Warning == "" && !number.Assumed {
		return
	}
	if _, literal := c.step.Params.Field(recipientParameter).Constant(); literal && number.Warning != "" {
		return // said when the file was read
	}
	odd := n[c.step]
	if odd == nil {
		odd = &oddNumbers{seed: maphash.MakeSeed(), known: map[uint64]struct{}{}}
		n[c.step] = odd
	}
	odd.note(c.q.row, number)
}

// note keeps an odd number.
func (o *oddNumbers) note(row int, number phone.Number) {
	hash := maphash.String(o.seed, number.Text)
	if _, known := o.known[hash]; known {
		return
	}
	if len(o.known) < mostKnownNumber {
		o.known[hash] = struct{}{}
	}
	what := number.Warning
	if number.Assumed {
		o.assumed++
		what = "it is written without +, and taken for one" + ofCountry(number.Region)
	} else {
		o.invalid++
	}
	at := len(o.first)
	for at > 0 && o.first[at-1].row > row {
		at--
	}
	if at < mostOddNumbers {
		o.first = slices.Insert(o.first, at, rowOf[oddNumber]{row, oddNumber{number.Text, what}})
		o.first = o.first[:min(len(o.first), mostOddNumbers)]
	}
}

func ofCountry(region string) string {
	if region == "" {
		return " of no country"
	}
	return " of " + region
}

// warnings are the findings about odd numbers, by step.
func (n oddCount) warnings(redact func(string) string) diag.List {
	var found diag.List
	steps := slices.SortedFunc(maps.Keys(n), func(a, b *engine.Step) int { return a.Range.Start.Line - b.Range.Start.Line })
	for _, step := range steps {
		odd := n[step]
		if odd.invalid > 0 {
			found = append(found, odd.warning(step, redact, "odd-number",
				wording.Plural(odd.invalid, "number")+" of "+step.Path+" may be wrong: libphonenumber finds no valid number in what is written with +",
				"They are written to all the same.", "put right those that are wrong"))
		}
		if odd.assumed > 0 {
			found = append(found, odd.warning(step, redact, "assumed-country",
				wording.Plural(odd.assumed, "number")+" of "+step.Path+" written without +: the first digits are taken for the country code",
				"", "write + before it, or say recipients.country"))
		}
	}
	return found
}

func (o *oddNumbers) warning(step *engine.Step, redact func(string) string, code, summary, detail, hint string) diag.Diagnostic {
	d := diag.Diagnostic{Severity: diag.Warning, Code: code, Summary: summary, Hint: hint, Range: step.Params.Field(recipientParameter).Range()}
	for _, known := range o.first {
		where := ""
		if known.row > 0 {
			where = fmt.Sprintf("row %d: ", known.row)
		}
		detail += "\n" + redact(where+known.of.number+": "+known.of.what)
		d.Private = append(d.Private, known.of.number)
	}
	if rest := o.invalid + o.assumed - len(o.first); rest > 0 {
		detail += "\n… and " + wording.Number(rest) + " more"
	}
	if detail != "" && detail[0] == '\n' {
		detail = detail[1:]
	}
	d.Detail = detail
	return d
}
