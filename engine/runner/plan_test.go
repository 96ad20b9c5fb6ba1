package runner_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"waybill/engine"
	"waybill/whatsapp/sandbox"
)

func TestASavedPlanCoversItsFiles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		h.file("a.pdf", "%PDF-1.4 one"+strings.Repeat("x", 200000))
		text := `
version: 1
name: files
steps:
  - id: owner
    sendMedia: { to: "+34600000001", mediaType: document, file: a.pdf }
`
		_, saved, err := h.engine().Save(context.Background(), h.request(h.load(text), engine.ModeApply))
		if err != nil {
			t.Fatal(err)
		}
		h.file("a.pdf", "%PDF-1.4 two"+strings.Repeat("y", 200000))
		r := h.request(h.load(text), engine.ModeApply)
		r.Expect = saved
		if _, err := h.engine().Execute(context.Background(), r); err == nil || !strings.Contains(err.Error(), "a.pdf changed") {
			t.Errorf("applied another file than was reviewed: %v", err)
		}
		h.file("a.pdf", "%PDF-1.4 one"+strings.Repeat("x", 200000))
		wantCounts(t, h.execute(context.Background(), r), engine.Counts{Total: 1, Succeeded: 1}, engine.RunSucceeded)
	})
}

func TestPlanSeesDeliveriesInsideGroups(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{Throughput: 1000})
		h.file("people.csv", "id,phone\na,+34600000001\nb,+34600000002\nc,+34600000003\n")
		text := `
version: 1
name: nested
connection: { throughput: 1 }
steps:
  - id: people
    forEach: { csv: people.csv, key: "${{ item.id }}" }
    steps:
      - id: inner
        steps:
          - id: text
            sendText: { to: "${{ item.phone }}", body: Hola }
  - id: owner
    steps:
      - id: tell
        sendText: { to: "+34600000009", body: done }
`
		h.do(text, engine.ModeApply)
		plan, err := h.engine().Plan(context.Background(), h.request(h.load(text), engine.ModeApply))
		if err != nil || plan.New != 0 || plan.AlreadySent != 4 || plan.People != 0 {
			t.Errorf("plan %+v, %v", plan, err)
		}
		began := time.Now()
		wantCounts(t, h.do(text, engine.ModeApply), engine.Counts{Total: 4, Succeeded: 4}, engine.RunSucceeded)
		if passed := time.Since(began); passed > time.Second {
			t.Errorf("took %s: what was sent takes no place in line", passed)
		}
	})
}

// TestPlanNamesTheCell: a row that cannot be sent is told with the cell at fault, and stopAfter keeps none from being looked at.
func TestPlanNamesTheCell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		h.file("people.csv", "id,name,phone\n1,,+34600000001\n2,Luis,N/A\n3,Eva,+34600000003\n,Leo,+34600000004\n5,Mia\n6,Ana,06 12\n")
		plan, err := h.engine().Plan(context.Background(), h.request(h.load(`
version: 1
name: cells
connection: { throughput: 2 }
steps:
  - id: people
    forEach: { csv: people.csv, key: "${{ item.id }}", stopAfter: 1 }
    sendTemplate: { to: "${{ item.phone }}", templateName: hello, languageCode: es, bodyParameters: [x, "${{ item.name }}", "a ${{ item.name }}"] }
`), engine.ModeApply))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range plan.Invalids {
			got = append(got, fmt.Sprintf("%d %s", e.Row, e.Cell))
		}
		if want := "2 name, 3 phone, 5 id, 6 , 7 phone"; strings.Join(got, ", ") != want || plan.Invalid != 5 || plan.New != 1 {
			t.Errorf("%q, want %q: %+v", strings.Join(got, ", "), want, plan)
		}
		if plan.Takes != 500*time.Millisecond {
			t.Errorf("it takes %s", plan.Takes)
		}
		if n := len(plan.Warnings); n != 1 || plan.Warnings[0].Code != "run-stopped" {
			t.Errorf("warnings %v", plan.Warnings)
		}
		if s := plan.Samples[0]; s.Text != "template hello (es)\nbody 1: x\nbody 2: Eva\nbody 3: a Eva" ||
			s.Masked != "template hello (es)\nbody 1: x\nbody 2: •••\nbody 3: a •••" {
			t.Errorf("sample %+v", s)
		}
	})
}
