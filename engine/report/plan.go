package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/wording"
)

// PlanCounts is what apply would do in numbers.
type PlanCounts struct {
	Job         string `json:"job"`
	Scope       string `json:"scope"`
	New         int    `json:"new"`
	AlreadySent int    `json:"alreadySent"`
	ToRetry     int    `json:"toRetry"`
	Corrected   int    `json:"corrected"` // refused before, and put right since
	Again       int    `json:"again"`     // sent before, and chosen to be sent once more
	InDoubt     int    `json:"inDoubt"`
	Refused     int    `json:"refused"` // for good, and left unless --retry-failed
	Depends     int    `json:"depends"` // on what earlier steps will answer
	Invalid     int    `json:"invalid"` // items that will fail
	Changed     int    `json:"changed"` // sent, and their rows make another message now; left

	Skipped map[string]int `json:"skipped"` // left out, by the reason: a code of `waybill explain`
	Waiting int            `json:"waiting"` // would go at a later hour
	Waits   map[string]int `json:"waits"`   // of waiting, by the reason

	WaitsUntil *string `json:"waitsUntil"` // when the first of them may go; null: none waits
	TakesMS    int64   `json:"takesMs"`    // at the least, at the throughput of the numbers

	Numbers   map[string]int `json:"numbers,omitempty"` // messages to be sent, by phone number id, where a step names several; else none
	Countries map[string]int `json:"countries"`         // people to be messaged, by the country of their number: "ES"; "" of none
	Cost      PlanCost       `json:"cost"`
	Day       *PlanDay       `json:"day"` // null: no template would be sent
}

// Plan is what apply would do, as programs read it.
type Plan struct {
	PlanCounts

	Samples  []Sample  `json:"samples"`
	Warnings []Finding `json:"warnings"`
	Errors   []Error   `json:"errors"` // of the invalid items, the first of them
	Reads    []string  `json:"reads"`  // steps that send nothing

	TemplatesReadAt *string `json:"templatesReadAt,omitempty"` // when the lock says that the templates were read; nil: there is none

	Rollouts []Rollout    `json:"rollouts"`
	Rows     []ChangedRow `json:"changedRows"` // of changed, the first of them

	// Flags and settings that decide what may be among those to retry. Not in JSON: a program knows what it asked.
	RetryFailed bool `json:"-"` // --retry-failed
	Resend      bool `json:"-"` // onUncertain: resend

	Bodies bool `json:"-"` // text shows the bodies of the samples too (-v)
}

// Sample is one message as it would be sent.
type Sample struct {
	Step      string          `json:"step"`
	Operation string          `json:"operation"`
	Item      string          `json:"item"`
	Row       int             `json:"row,omitempty"`
	Recipient string          `json:"recipient"`
	Action    string          `json:"action"` // send, none, retry, hold, refused, correct, again or unknown
	Text      string          `json:"text"`   // as the person will read it, in lines
	Body      json.RawMessage `json:"body"`

	maskedText string
}

// NewPlan makes the form for programs. Files may be nil.
func NewPlan(p *engine.Plan, files Files) Plan {
	doc := Plan{
		PlanCounts: PlanCounts{
			Job: p.Job, Scope: p.Scope, New: p.New, AlreadySent: p.AlreadySent, ToRetry: p.ToRetry, Corrected: p.Corrected, InDoubt: p.InDoubt,
			Refused: p.Refused, Depends: p.Depends, Invalid: p.Invalid, Changed: p.Changed, Again: p.Again,
			Skipped: map[string]int{}, Waiting: p.Waiting, Waits: map[string]int{}, WaitsUntil: instant(p.WaitsUntil),
			TakesMS: p.Takes.Milliseconds(), Countries: map[string]int{}, Numbers: p.Numbers,
			Cost: planCost(p.Cost), Day: planDay(p.Day),
		},
		Samples: []Sample{}, Warnings: Findings(p.Warnings), Errors: []Error{}, Reads: []string{},
		Rollouts: rollouts(p.Rollouts), Rows: changedRows(p.Rows),
	}
	maps.Copy(doc.Skipped, p.Skipped)
	maps.Copy(doc.Waits, p.Waits)
	maps.Copy(doc.Countries, p.Countries)
	for _, s := range p.Samples {
		doc.Samples = append(doc.Samples, newSample(s))
	}
	for i := range p.Invalids {
		doc.Errors = append(doc.Errors, NewError(&p.Invalids[i]))
	}
	if files != nil {
		files.In(doc.Errors)
	}
	for _, step := range p.Reads {
		doc.Reads = append(doc.Reads, step.Path)
	}
	return doc
}

func newSample(s engine.Sample) Sample {
	doc := Sample{
		Operation: s.Operation, Item: s.Item, Row: s.Row, Recipient: s.Recipient,
		Action: action(s.Action), Text: s.Text, Body: json.RawMessage("null"), maskedText: s.Masked,
	}
	if s.Step != nil {
		doc.Step = s.Step.Path
	}
	if json.Valid(s.Body) {
		doc.Body = s.Body
	}
	return doc
}

func action(a delivery.Action) string {
	switch a {
	case delivery.ActionSend:
		return "send"
	case delivery.ActionNone:
		return "none"
	case delivery.ActionRetry:
		return "retry"
	case delivery.ActionHold:
		return "hold"
	case delivery.ActionRefused:
		return "refused"
	case delivery.ActionCorrect:
		return "correct"
	case delivery.ActionAgain:
		return "again"
	case delivery.ActionChanged:
		return "changed"
	case delivery.ActionDepends:
		return "unknown"
	}
	return ""
}

// planLines are the counts of a plan with their words, in the order of interest, those that are none left out; text and Markdown
// share them.
func planLines(p Plan) []planLine {
	lines := []planLine{
		{"+", p.New, "to send", "new: nobody has " + wording.Agree(p.New, "it", "them") + " yet"},
		{"~", p.ToRetry, "to retry", retried(p)},
		{"~", p.Corrected, "to correct", "refused before, and put right since"},
		{"~", p.Again, "to send again", "sent before; a further message" + wording.Agree(p.Again, "", " each")},
		{"?", p.Depends, "may be sent", "depending on what earlier steps answer"},
		{"!", p.InDoubt, "in doubt", "held: settled by a webhook or by waybill resolve"},
		{"×", p.Refused, "refused", "for good; left, unless --retry-failed"},
		{"×", p.Invalid, "invalid", wording.Agree(p.Invalid, "this item", "these items") + " will fail"},
	}
	for _, reason := range slices.Sorted(maps.Keys(p.Skipped)) {
		lines = append(lines, planLine{"-", p.Skipped[reason], "left out", wording.Reason(reason)})
	}
	for _, reason := range slices.Sorted(maps.Keys(p.Waits)) {
		note := wording.Reason(reason)
		if p.WaitsUntil != nil {
			note += "; the first until " + *p.WaitsUntil
		}
		lines = append(lines, planLine{"◷", p.Waits[reason], "to wait", note})
	}
	lines = append(lines,
		planLine{"≠", p.Changed, "changed", "sent before, and " + wording.Agree(p.Changed, "its row makes", "their rows make") + " another message now; left, unless --changed --again or --to-new-recipient"},
		planLine{"=", p.AlreadySent, "already sent", ""},
	)
	return slices.DeleteFunc(lines, func(l planLine) bool { return l.n == 0 && l.word != "to send" && l.word != "already sent" })
}

// takes says how long the messages take; empty where none is to be sent.
func takes(p Plan) string {
	took := time.Duration(p.TakesMS) * time.Millisecond
	switch {
	case p.New+p.ToRetry+p.Corrected+p.Again+p.Depends == 0 || took <= 0:
		return ""
	case took < time.Second:
		return "It takes less than a second at this rate."
	}
	return "It takes " + wording.Compact(took) + " at this rate, or longer."
}

// byCountry says of which countries the people to be messaged are, the most first; empty where nobody is.
func byCountry(p Plan) string {
	countries := slices.SortedFunc(maps.Keys(p.Countries), func(a, b string) int {
		return cmp.Or(p.Countries[b]-p.Countries[a], strings.Compare(a, b))
	})
	people := 0
	for i, country := range countries {
		n := p.Countries[country]
		people += n
		countries[i] = fmt.Sprintf("%s %s", cmp.Or(country, "no country"), wording.Number(n))
		if note := engine.CountryNote(country); note != "" {
			countries[i] += " (" + note + ")"
		}
	}
	switch people {
	case 0:
		return ""
	case 1:
		return "1 recipient, by country: " + countries[0] + "."
	}
	return fmt.Sprintf("%s recipients, by country: %s.", wording.Number(people), strings.Join(countries, ", "))
}

// byBusinessNumber says how many messages each of several numbers sends; empty where a job names one.
func byBusinessNumber(p Plan) string {
	if len(p.Numbers) == 0 {
		return ""
	}
	var parts []string
	for _, id := range slices.Sorted(maps.Keys(p.Numbers)) {
		parts = append(parts, fmt.Sprintf("%s %s", id, wording.Number(p.Numbers[id])))
	}
	return "Messages by number id: " + strings.Join(parts, ", ") + "."
}

// retried says what may be among the deliveries to retry; the plan counts them together.
func retried(p Plan) string {
	words := []string{"begun before and not sent", "failed for a reason that passes"}
	if p.RetryFailed {
		words = append(words, "refused, and tried again by --retry-failed")
	}
	if p.Resend {
		words = append(words, "in doubt, and sent again by onUncertain: resend")
	}
	return strings.Join(words[:len(words)-1], ", ") + ", or " + words[len(words)-1]
}

type planLine struct {
	sign string
	n    int
	word string
	note string
}
