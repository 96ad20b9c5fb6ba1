package report_test

import (
	"strings"
	"testing"

	"waybill/engine"
	"waybill/engine/report"
)

func TestProcesses(t *testing.T) {
	t.Parallel()
	list := engine.SharesOf([]engine.RunPart{
		{Number: 0, Holder: "ana", Done: true}, {Number: 1, Holder: "ana"}, {Number: 2, Holder: "ana", From: "eva", Why: "it was silent"}, {Number: 3},
	})
	var text strings.Builder
	if err := report.WriteRunHead(&text, report.RunLine{Processes: list}, report.Paint{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"ana: 2 parts, 1 done\n", "ana: 1 part, 0 done; taken over from eva: it was silent\n", "nobody now: 1 part, 0 done\n"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is not in\n%s", want, &text)
		}
	}
}
