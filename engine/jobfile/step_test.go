package jobfile_test

import (
	"testing"
)

func TestStepsSeeWhatIsBeforeThem(t *testing.T) {
	text := `version: 1
name: a
inputs: { day: { type: string, default: monday }, n: { type: integer, default: 3 } }
vars: { first: "${{ inputs.day }}", second: "${{ upper(vars.first) }}", people: [ { phone: "1234567" } ] }
steps:
  - id: order-confirm
    sendText:
      to: '1234567'
      body: "${{ vars.second }} ${{ job.name }} ${{ run.id }} ${{ run.scope }} ${{ run.startedAt }} ${{ env.CLINIC }}"
  - id: group
    if: ${{ steps["order-confirm"].success && inputs.n > 2 }}
    forEach: { items: "${{ vars.people }}", as: person, key: "${{ person.phone }}" }
    steps:
      - id: inner
        sendText: { to: "${{ person.phone }}", body: "${{ index }} ${{ steps['order-confirm'].messageId }}" }
      - if: failed() && steps.inner.errorCode == 131047
        sendText: { to: "${{ person.phone }}", body: "${{ steps.inner.messageId }}" }
  - if: always()
    getMessages: { limit: 5, contact: 34612345678 }
outputs:
  all: ${{ steps.group.total - steps.group.failed }}
  list: [ "${{ steps.step3.totalCount }}" ]
`
	job := mustLoad(t, fakeLoader(), "job.yaml", "job.yaml", text)[0]
	if got := job.Steps[2]; got.ID != "step3" || got.Path != "step3" {
		t.Errorf("got %q, %q", got.ID, got.Path)
	}
	if got := job.Steps[1].Steps[1].Path; got != "group/step2" {
		t.Errorf("got %q", got)
	}
	if failed, _ := job.Steps[1].Steps[1].If.UsesStatus(); !failed {
		t.Error("failed() is not seen")
	}
	if job.Steps[1].ForEach.As != "person" || job.Steps[1].ForEach.Source.Key() != "items" {
		t.Errorf("got %+v", job.Steps[1].ForEach)
	}
}
