package runner_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"

	"waybill/engine"
	"waybill/whatsapp/sandbox"
)

// A plan counts what other programs left in the cells that come into a message: each row once, however many messages it has, and not
// what the job deals with.
func TestPlanCountsWhatIsLeftInCells(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		h.file("people.csv", "id,name,note,amount,unused\n"+
			"1,#N/A,nan,1.234,NULL\n"+
			"2,Fernanda,nan,12.5,NULL\n"+
			"3,None,{{ x }},1.5,NULL\n"+
			"4,=A2&B2,a &amp; b,1234,NULL\n"+
			"5,[object Object],plain,2.000,NULL\n")
		plan, err := h.engine().Plan(context.Background(), h.request(h.load(`
version: 1
name: left
steps:
  - id: people
    forEach: { csv: people.csv, key: "${{ item.id }}" }
    steps:
      - id: one
        sendText: { to: "+3460000000${{ item.id }}", body: '${{ item.name }} ${{ item.note == "nan" ? "" : item.note }} ${{ float(item.amount) }}' }
      - id: two
        sendText: { to: "+3460000001${{ item.id }}", body: "again ${{ upper(item.name) }}" }
`), engine.ModeApply))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, d := range plan.Warnings {
			if d.Code == "leftover-value" {
				got = append(got, d.Summary)
			}
		}
		want := []string{
			"3 rows have a spreadsheet's error or a word for nothing in item.name (rows 2, 4, 6: #N/A, None, [object Object])",
			"2 rows have a number whose dot may part thousands in item.amount (rows 2, 6: 1.234, 2.000)",
			"1 row has another program's placeholder in item.note (row 4: {{ x }})",
			"1 row has a formula instead of its value in item.name (row 5)",
			"1 row has signs that WhatsApp shows as they stand in item.note (row 5: &amp;)",
		}
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

// A cell without a value leaves a gap in a text, and idem says nothing to who reads it alone. What the job asks about is known to it, and
// what stands for a whole parameter is another rule's.
func TestPlanCountsGapsAndDittos(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		h.file("people.csv", "id,name,doctor,title,ref\n"+
			"1,Ana,Dra. López,,\n"+
			"2,Luis,,Sr.,\n"+
			"3,,ídem,,\n"+
			"4,\"Ida (FALLECIDA)\",Same as above,,\n")
		plan, err := h.engine().Plan(context.Background(), h.request(h.load(`
version: 1
name: gaps
steps:
  - id: people
    forEach: { csv: people.csv, key: "${{ item.id }}" }
    sendText: { to: "+3460000000${{ item.id }}", body: 'Hola ${{ default(item.title, "") }} ${{ item.name }}, le espera ${{ item.doctor }}', replyTo: "${{ item.ref }}" }
`), engine.ModeApply))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, d := range plan.Warnings {
			if d.Code == "leftover-value" {
				got = append(got, d.Summary)
			}
		}
		want := []string{
			"1 row has nothing in item.doctor (row 3), which stands in the middle of a text",
			"1 row has nothing in item.name (row 4), which stands in the middle of a text",
			"2 rows have a word for what stands in the row above in item.doctor (rows 4, 5: ídem, Same as above)",
			"1 row has a remark that its person is not to be written to in item.name (row 5: FALLECIDA)",
		}
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

func TestPlanCountsAbsentKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		h.file("people.jsonl", `{"id":1,"code":"a","address":{"city":"x"}}
{"id":2,"Code":"b","address":{}}
{"id":3,"code":null}
{"id":4,"code":"","address":null}
{"id":5,"address":{"city":"y"}}
`)
		plan, err := h.engine().Plan(context.Background(), h.request(h.load(`
version: 1
name: absent
steps:
  - id: people
    forEach: { jsonl: people.jsonl, key: "${{ item.id }}" }
    steps:
      - id: one
        sendText: { to: "+3460000000${{ item.id }}", body: "x ${{ item.code }} ${{ item.address?.city }} ${{ item.other ?? '' }} ${{ default(item.more, '') }}" }
`), engine.ModeApply))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, d := range plan.Warnings {
			got = append(got, d.Code+" "+d.Summary)
		}
		want := []string{"absent-key 2 rows have no item.code (rows 2, 5)", "absent-key 2 rows have no item.address.city (rows 2, 3)"}
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("got\n%s\nwant\n%s; %+v", strings.Join(got, "\n"), strings.Join(want, "\n"), plan.Invalids)
		}
	})
}

// A saved plan decides on a file's encoding as the run does: by all of it.
func TestASavedPlanReadsAFileAsTheRunDoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		h.file("people.csv", "id,name\n1,Jos\xe9\n"+strings.Repeat("\n", 200_000)+"2,Bego\u00f1a\n")
		text := `
version: 1
name: encoded
steps:
  - id: people
    forEach: { csv: people.csv, key: "${{ item.id }}" }
    steps:
      - id: one
        sendText: { to: "+3460000000${{ item.id }}", body: "${{ item.name }}" }
`
		plan, _, err := h.engine().Save(context.Background(), h.request(h.load(text), engine.ModeApply))
		if err != nil {
			t.Fatal(err)
		}
		if plan.New != 1 || plan.Invalid != 1 || plan.Samples[0].Text != "Bego\u00f1a" {
			t.Errorf("plan %+v", plan)
		}
	})
}
