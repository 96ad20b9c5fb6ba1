package cli

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"waybill/engine"
	"waybill/engine/eval"
	"waybill/engine/runner"
)

// mostListed is how many numbers or messages a question lists.
const mostListed = 3

// sentAs says by which numbers people are messaged, and with what, as far as that is known before the run:
// " from number id 106540352242922: template appointment_reminder (es)".
func (s *session) sentAs(ctx context.Context, requests []runner.Request) string {
	var numbers, messages []string
	for _, req := range requests {
		preview := runner.NewPreview(ctx, req.Job, req.Inputs)
		for step := range req.Job.AllSteps() {
			if _, sends := step.Sender(); !sends || !step.Within(req.Only) {
				continue
			}
			messages = append(messages, messageOf(ctx, preview, step))
			numbers = append(numbers, s.numbersOf(ctx, preview, step)...)
		}
	}
	numbers, messages = distinct(numbers), distinct(messages)
	noun := "number id "
	if len(numbers) > 1 {
		noun = "number ids "
	}
	return " from " + noun + shortList(numbers) + ": " + shortList(messages)
}

// numbersOf are the ids of the numbers that a step sends by.
func (s *session) numbersOf(ctx context.Context, preview *runner.Preview, step *engine.Step) []string {
	list, varies := preview.Connections(ctx, step)
	if slices.Contains(varies, "phoneNumberId") {
		return []string{"known only to the run"}
	}
	account := s.app.accountOfVariables()
	var ids []string
	for _, c := range list {
		ids = append(ids, cmp.Or(c.PhoneNumberID, account.PhoneNumberID))
	}
	return ids
}

// messageOf says what a step sends.
func messageOf(ctx context.Context, preview *runner.Preview, step *engine.Step) string {
	text := func(name, unknown string) string {
		value, known := preview.Value(ctx, step.Params.Field(name))
		text, err := eval.Text(value)
		if !known || err != nil {
			return unknown
		}
		return strings.TrimSpace(text)
	}
	if step.Operation.Name() != "sendTemplate" {
		return step.Operation.Name() + " of step " + step.Path
	}
	return fmt.Sprintf("template %s (%s)", text("templateName", "of each row"), text("languageCode", "the row's language"))
}

// distinct leaves the first of each.
func distinct(list []string) []string {
	var found []string
	for _, text := range list {
		if !slices.Contains(found, text) {
			found = append(found, text)
		}
	}
	return found
}

// shortList writes a list, cut where it is long.
func shortList(list []string) string {
	if more := len(list) - mostListed; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(list[:mostListed], ", "), more)
	}
	return strings.Join(list, ", ")
}
