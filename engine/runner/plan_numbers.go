package runner

import (
	"fmt"
	"hash/maphash"
	"maps"
	"slices"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/phone"
	"waybill/engine/spill"
	"waybill/engine/wording"
)

// numberCount is what a plan says of the numbers it would send to: of which countries they are, and which of them are odd.
type numberCount struct {
	seed      maphash.Seed
	people    spill.Table // by a hash of their number
	countries map[string]int
	odd       map[*engine.Step]*oddNumbers
}

// oddNumbers are those of one step that are written to all the same.
type oddNumbers struct {
	invalid, assumed int
	shown            []string // of the first of them
	private          []string
}

// mostOddNumbers is how many a plan shows of a step.
const mostOddNumbers = 3

func newNumberCount() *numberCount {
	return &numberCount{
		seed: maphash.MakeSeed(), countries: map[string]int{}, odd: map[*engine.Step]*oddNumbers{},
	}
}

// meet counts the person of a message that would be sent.
func (n *numberCount) meet(c *candidate) {
	number := c.call.Message.Number
	person := maphash.String(n.seed, c.call.Message.Recipient)
	if _, known := n.people.Meet(person, 0); known {
		return
	}
	region := number.Region
	if number.Text == "" { // an operation that read it otherwise
		region = phone.Region(c.call.Message.Recipient)
	}
	n.countries[region]++
	if _, literal := c.step.Params.Field(recipientParameter).Constant(); literal && number.Warning != "" || number.Warning == "" && !number.Assumed {
		return // said when the file was read, or nothing to say
	}
	n.note(c, number)
}

// note keeps an odd number.
func (n *numberCount) note(c *candidate, number phone.Number) {
	odd := n.odd[c.step]
	if odd == nil {
		odd = &oddNumbers{}
		n.odd[c.step] = odd
	}
	what := number.Warning
	if number.Assumed {
		odd.assumed++
		what = "it is written without +, and taken for one" + ofCountry(number.Region)
	} else {
		odd.invalid++
	}
	if len(odd.shown) == mostOddNumbers {
		return
	}
	where := ""
	if c.q.row > 0 {
		where = fmt.Sprintf("row %d: ", c.q.row)
	}
	odd.shown = append(odd.shown, where+number.Text+": "+what)
	odd.private = append(odd.private, number.Text)
}

func ofCountry(region string) string {
	if region == "" {
		return " of no country"
	}
	return " of " + region
}

// warnings are the findings about odd numbers, by step.
func (n *numberCount) warnings(redact func(string) string) diag.List {
	var found diag.List
	steps := slices.SortedFunc(maps.Keys(n.odd), func(a, b *engine.Step) int { return a.Range.Start.Line - b.Range.Start.Line })
	for _, step := range steps {
		odd := n.odd[step]
		if odd.invalid > 0 {
			found = append(found, n.warning(step, odd, redact, "odd-number",
				wording.Plural(odd.invalid, "number")+" of "+step.Path+" may be wrong: libphonenumber finds no valid number in what is written with +",
				"They are written to all the same.", "put right those that are wrong"))
		}
		if odd.assumed > 0 {
			found = append(found, n.warning(step, odd, redact, "assumed-country",
				wording.Plural(odd.assumed, "number")+" of "+step.Path+" stands without +: its first digits are taken for the country code",
				"", "write + before it, or say recipients.country"))
		}
	}
	return found
}

func (n *numberCount) warning(step *engine.Step, odd *oddNumbers, redact func(string) string, code, summary, detail, hint string) diag.Diagnostic {
	for _, line := range odd.shown {
		detail += "\n" + redact(line)
	}
	if rest := odd.invalid + odd.assumed - len(odd.shown); rest > 0 {
		detail += "\n… and " + wording.Number(rest) + " more"
	}
	if detail != "" && detail[0] == '\n' {
		detail = detail[1:]
	}
	at := step.Params.Field(recipientParameter).Range()
	return diag.Diagnostic{Severity: diag.Warning, Code: code, Summary: summary, Detail: detail, Hint: hint, Range: at, Private: odd.private}
}
