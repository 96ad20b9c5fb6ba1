package report

import (
	"fmt"
	"strings"

	"waybill/engine"
	"waybill/engine/wording"
)

// ChangedRow is a message that was sent, and whose row would make another one now.
type ChangedRow struct {
	Step string `json:"step"`
	Item string `json:"item"`
	Row  int    `json:"row,omitempty"`
	Then string `json:"recipientThen"`
	Now  string `json:"recipientNow"`
	Text string `json:"textNow"`

	maskedText string
}

// Rollout is how a forEach is sent in waves.
type Rollout struct {
	Step    string `json:"step"`
	Waves   []int  `json:"waves"` // people in each
	Next    int    `json:"next"`  // the next one, from 1; more than there are: all were reached
	Stopped string `json:"stopped,omitempty"`
}

func changedRows(rows []engine.ChangedRow) []ChangedRow {
	list := []ChangedRow{}
	for _, r := range rows {
		list = append(list, ChangedRow{
			Step: r.Step.Path, Item: r.Item, Row: r.Row, Then: r.Then, Now: r.Now, Text: r.Text, maskedText: r.Masked,
		})
	}
	return list
}

func (r ChangedRow) masked() ChangedRow {
	r.Item, r.Then, r.Now, r.Text = wording.MaskKey(r.Item), wording.MaskValue(r.Then), wording.MaskValue(r.Now), r.maskedText
	return r
}

// line says in one line what is another now.
func (r ChangedRow) line() string {
	where := stepAndItem(r.Step, r.Item, "", r.Row)
	if r.Then != r.Now {
		return fmt.Sprintf("%s was sent to %s, and its row names %s now", where, r.Then, r.Now)
	}
	return fmt.Sprintf("%s was sent to %s with another text; now: %s", where, r.Then, strings.Join(strings.Fields(r.Text), " "))
}

func rollouts(list []engine.PlanRollout) []Rollout {
	all := []Rollout{}
	for _, p := range list {
		all = append(all, Rollout{Step: p.Step.Path, Waves: p.Sizes, Next: p.Wave + 1, Stopped: p.Stopped})
	}
	return all
}

// line says in one line how far the rollout has come.
func (r Rollout) line() string {
	var sizes []string
	for _, n := range r.Waves {
		sizes = append(sizes, wording.Number(n))
	}
	text := fmt.Sprintf("%s goes out in waves of %s", r.Step, strings.Join(sizes, ", "))
	switch {
	case r.Stopped != "":
		return fmt.Sprintf("%s; wave %d was stopped (%s), and only apply --next-wave goes on", text, r.Next, r.Stopped)
	case r.Next > len(r.Waves):
		return text + "; all of them were reached"
	case r.Next > 1:
		return fmt.Sprintf("%s; wave %d is next", text, r.Next)
	}
	return text
}

// writeChanged prints the messages that were sent before and whose rows make others now, the first of them.
func writeChanged(b *strings.Builder, r Run, paint Paint) {
	if r.Changed == 0 {
		return
	}
	fmt.Fprintf(b, "  %s sent before, and changed since; not sent again:\n", paint.Bold(fmt.Sprintf("%7s", wording.Number(r.Changed))))
	for _, line := range changedLines(r.Rows, r.Changed, paint.Mask) {
		writeIndented(b, "          ", paint.clean(line))
	}
}

// changedLines says in lines what is another now, the first of them; n is how many there are.
func changedLines(rows []ChangedRow, n int, mask bool) (lines []string) {
	for i, r := range rows {
		if i == MostFindings {
			break
		}
		if mask {
			r = r.masked()
		}
		lines = append(lines, r.line())
	}
	if rest := n - len(lines); rest > 0 {
		lines = append(lines, fmt.Sprintf("… and %s more that %s sent with another text or number; -o json has %s",
			wording.Number(rest), wording.Agree(rest, "was", "were"), wording.Agree(rest, "it", "them")))
	}
	return lines
}

// changeLines are the lines of a plan about rollouts and about messages that would be others now, the first of them.
func (p Plan) changeLines() (lines []string) {
	for _, r := range p.Rollouts {
		lines = append(lines, r.line())
	}
	return append(lines, changedLines(p.Rows, p.Changed, false)...)
}
