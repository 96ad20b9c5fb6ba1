package report_test

import (
	"bytes"
	"strings"
	"testing"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/diag"
	"waybill/engine/eval"
	"waybill/engine/report"
)

// passphrase is a secret with blanks, at which lines are broken, two of them in a row, and a line break.
const passphrase = "correct  horse battery staple\nEAAG0tokAenBSecrC3tDxyz7890123456789."

// hiding is a Paint that knows the passphrase as it stands, and in no other form.
func hiding() report.Paint {
	return report.Paint{Hide: func(text string) string { return strings.ReplaceAll(text, passphrase, "[redacted]") }}
}

// bits are stretches of the passphrase; none may be left.
func bits(text string) string {
	for i := 0; i+7 <= len(passphrase); i++ {
		if piece := passphrase[i : i+7]; strings.Contains(text, piece) {
			return piece
		}
	}
	return ""
}

// operation is one for steps that have outputs.
type operation struct{ engine.Operation }

func (operation) Name() string { return "sendText" }
func (operation) Outputs() map[string]eval.Type {
	return map[string]eval.Type{"messageId": eval.String()}
}

// TestSecretsAreHiddenBeforeTextIsCut: wherever a secret lies, nothing of it is left beside the place where text was
// cut, broken into lines, set in a column or made one line.
func TestSecretsAreHiddenBeforeTextIsCut(t *testing.T) {
	step := &engine.Step{ID: "told", Path: "told", Operation: operation{}}
	for before := range 200 {
		text := strings.Repeat("x", before%7) + strings.Repeat(" word", before/5) + " " + passphrase
		for name, write := range map[string]func(*bytes.Buffer) error{
			"the outputs of a step": func(b *bytes.Buffer) error {
				return report.WriteSummary(b, report.Summary{Order: []*engine.Step{step}, Run: report.Run{
					Steps: map[string]map[string]any{"told": {"success": false, "errorMessage": text, "messageId": text}},
				}}, nil, hiding())
			},
			"the outputs of a job": func(b *bytes.Buffer) error {
				return report.WriteSummary(
					b, report.Summary{Run: report.Run{Outputs: map[string]any{text: text}}, Reason: text}, nil, hiding(),
				)
			},
			"failures": func(b *bytes.Buffer) error {
				failures := &report.Failures{}
				failures.Add(report.Error{Step: "told", Item: text, Message: text})
				failures.Add(report.Error{Step: "told", Item: text, Message: text, Code: 7})
				meaning := func(int) (string, string) { return "its title", "do this." }
				return report.WriteSummary(b, report.Summary{Failures: failures}, meaning, hiding())
			},
			"a table": func(b *bytes.Buffer) error {
				_, err := report.WriteDeliveries(b, deliveries(delivery.Delivery{
					Key: delivery.Key{Item: text, Step: "told"}, Recipient: text, State: delivery.Rejected,
					Answer: delivery.Answer{Message: text},
				}), false, hiding())
				return err
			},
			"findings": func(b *bytes.Buffer) error {
				return report.WriteFindings(b, report.Findings(diag.List{
					{Summary: text, Detail: text, Hint: text},
					{Summary: "x", Hint: "write\n  a: " + text},
				}), hiding())
			},
			"a plan": func(b *bytes.Buffer) error {
				plan := report.Plan{
					Errors: []report.Error{{Step: "told", Item: text, Message: text}}, Reads: []string{text},
					Samples: []report.Sample{{Step: "told", Item: text, Recipient: text, Body: []byte("null")}},
				}
				plan.Invalid = 1
				return report.WritePlan(b, plan, hiding())
			},
			"the head of a run": func(b *bytes.Buffer) error {
				return report.WriteRunHead(b, report.RunLine{Scope: text, File: text}, hiding())
			},
			"the story of an item": func(b *bytes.Buffer) error {
				return report.WriteDeliveryDetail(b, report.DeliveryDetail{
					Delivery: report.Delivery{Item: text, Recipient: text, MessageID: text},
					Attempts: []report.DetailAttempt{{Message: text}}, Statuses: []report.DetailStatus{{Message: text, Code: 1}},
				}, true, hiding())
			},
		} {
			var out bytes.Buffer
			if err := write(&out); err != nil {
				t.Fatal(err)
			}
			if left := bits(out.String()); left != "" {
				t.Fatalf("%s, after %d characters: %q is left in\n%s", name, before, left, out.String())
			}
			if !strings.Contains(out.String(), "[redacted]") && !strings.Contains(out.String(), "…") {
				t.Fatalf("%s: the text is not there at all:\n%s", name, out.String())
			}
		}
	}
}
