package report_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/report"
)

func TestPlanSetsSamplesSoThatTheyCanBeRead(t *testing.T) {
	body := `{"messaging_product":"whatsapp","to":"+34612345678","type":"template","template":{"name":"a","language":{"code":"es"},` +
		`"components":[{"type":"body","parameters":[{"type":"text","text":"a, \"b\": {c}"},` +
		`{"type":"text","text":""}]}]},"empty":[],"none":{}}`
	var out bytes.Buffer
	err := report.WritePlan(&out, report.NewPlan(&engine.Plan{Job: "j", Scope: "ever", New: 1, Samples: []engine.Sample{
		{Step: &engine.Step{Path: "s"}, Recipient: "+34612345678", Body: []byte(body), Action: delivery.ActionSend},
	}}, nil), report.Paint{})
	if err != nil {
		t.Fatal(err)
	}
	want := `Plan of j, scope ever

step s to +34612345678
    {
      "messaging_product": "whatsapp",
      "to": "+34612345678",
      "type": "template",
      "template": {
        "name": "a",
        "language": {"code": "es"},
        "components": [
          {
            "type": "body",
            "parameters": [{"type": "text", "text": "a, \"b\": {c}"}, {"type": "text", "text": ""}]
          }
        ]
      },
      "empty": [],
      "none": {}
    }

  +       1 to send — new: nobody has it yet
  =       0 already sent
`
	if got := out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	_, sample, _ := strings.Cut(out.String(), "678\n")
	sample, _, _ = strings.Cut(sample, "\n\n")
	var flat bytes.Buffer
	if err := json.Compact(&flat, []byte(sample)); err != nil || flat.String() != body {
		t.Errorf("the sample is not the message any more: %v\n%s", err, flat.String())
	}
}
