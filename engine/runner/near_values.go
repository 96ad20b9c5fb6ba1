package runner

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/eval"
	"waybill/engine/wording"
)

// nearValues counts cells that a condition holds against a text, and that differ from it by capitals and accents alone: where
// item.left != "si" is asked, who wrote Sí gets the message.
type nearValues struct {
	asked map[*engine.Step][]comparison
	found []*nearValue
}

// comparison is one cell that a condition asks about.
type comparison struct {
	read  eval.Read
	plain []string // its texts, see plainly
	at    diag.Range
}

// nearValue is what cells of one column have in common.
type nearValue struct {
	comparison

	text string // what the condition asks for
	rows rowTally[string]
}

// meet looks at an item of a forEach, before its where is asked.
func (n *nearValues) meet(s *engine.Step, item any, row int) {
	asked, known := n.asked[s]
	if !known {
		if n.asked == nil {
			n.asked = map[*engine.Step][]comparison{}
		}
		asked = comparisonsOf(s)
		n.asked[s] = asked
	}
	for _, c := range asked {
		value, _ := valueAt(item, c.read.Path[1:])
		text, isText := value.(string)
		if !isText || text == "" || slices.Contains(c.read.Texts, text) {
			continue
		}
		if at := slices.Index(c.plain, plainly(text)); at >= 0 {
			n.count(c, c.read.Texts[at], text, row)
		}
	}
}

func (n *nearValues) count(c comparison, asked, text string, row int) {
	at := slices.IndexFunc(n.found, func(v *nearValue) bool { return v.at == c.at && v.text == asked })
	if at < 0 {
		at = len(n.found)
		n.found = append(n.found, &nearValue{comparison: c, text: asked})
	}
	n.found[at].rows.meet(row, text)
}

// warnings are what was found.
func (n *nearValues) warnings() diag.List {
	var list diag.List
	for _, v := range n.found {
		var shown []string
		words := []string{strconv.Quote(strings.ToLower(v.text))}
		for _, known := range v.rows.first {
			if !slices.Contains(shown, known.of) {
				shown = append(shown, known.of)
			}
			if word := strconv.Quote(strings.ToLower(known.of)); !slices.Contains(words, word) {
				words = append(words, word)
			}
		}
		list = append(list, diag.Diagnostic{
			Code: "near-value", Range: v.at, Private: append(shown, words...),
			Summary: fmt.Sprintf("%s %s %s in %s (%s), which is not the same as %q", wording.Plural(v.rows.rows, "row"),
				wording.Agree(v.rows.rows, "has", "have"), strings.Join(shown, ", "), v.read, v.rows.places(), v.text),
			Detail: "The condition tells capitals and accents apart.",
			Hint:   fmt.Sprintf("name all that mean the same: lower(%s) in [%s]", v.read, strings.Join(words, ", ")),
		})
	}
	return list
}

// comparisonsOf are what the conditions of a forEach, and of the steps in it, hold cells of its items against.
func comparisonsOf(s *engine.Step) []comparison {
	all := comparedBy(s.ForEach.Where, s.ForEach.As)
	var within func(steps []*engine.Step)
	within = func(steps []*engine.Step) {
		for _, inner := range steps {
			all = append(all, comparedBy(inner.If, s.ForEach.As)...)
			within(inner.Steps)
		}
	}
	within(s.Steps)
	return all
}

// comparedBy are what one condition holds cells of items against, which it knows by this name.
func comparedBy(condition *eval.Template, as string) []comparison {
	var all []comparison
	for _, read := range condition.Reads() {
		if read.Path[0] != as || len(read.Path) < 2 || len(read.Texts) == 0 {
			continue
		}
		c := comparison{read: read, at: condition.Range()}
		for _, text := range read.Texts {
			c.plain = append(c.plain, plainly(text))
		}
		all = append(all, c)
	}
	return all
}

// plainly is a text without what it is told apart by: capitals and accents.
func plainly(text string) string {
	marks := func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}
	return strings.Map(marks, norm.NFD.String(text))
}
