package runner

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/eval"
	"waybill/engine/leftover"
	"waybill/engine/wording"
)

// values counts, of the rows whose messages a plan would send, what another program left in them and what they do not have: it looks
// at the cells that the messages read, and counts what comes into one.
type values struct {
	forEachOf map[*engine.Step]*engine.Step
	reads     map[*engine.Step][]cellRead
	found     []*suspicion
	dates     mixedDates
}

// suspicion is what several cells of one column have in common.
type suspicion struct {
	each     *engine.Step
	cell     string // as an expression writes it
	what     suspect
	rows     rowTally[struct{}]
	examples []string

	exampleRows []int // where each of examples was found, ascending
}

type suspect uint8

const (
	suspectWord suspect = iota + 1 // a word for nothing
	suspectFormula
	suspectPlaceholder
	suspectText   // a typed escape, or HTML
	suspectAbsent // no such key
	suspectNumber // 1.234, of which float() makes one and a bit
	suspectSerial // 46356, by which a spreadsheet means a day
	suspectDitto  // idem, for the value of the row above
	suspectEmpty  // nothing, in the middle of a text
	suspectRemark // not to be called
	suspectGarbled
)

const mostExamples = 3 // rows and words that a finding names

func newValues(forEachOf map[*engine.Step]*engine.Step) values {
	return values{forEachOf: forEachOf, reads: map[*engine.Step][]cellRead{}}
}

// meet looks at the item of a message. Of one that cannot be made only the keys are counted that it does not have.
func (v *values) meet(c *candidate) {
	each := v.forEachOf[c.step]
	if each == nil || c.step.Params == nil {
		return
	}
	reads, known := v.reads[c.step]
	if !known {
		reads = readsOf(c.step.Params, each.ForEach.As)
		v.reads[c.step] = reads
	}
	m := &inMessage{call: c.call}
	item := c.q.names[each.ForEach.As]
	for _, read := range reads {
		value, there := valueAt(item, read.Path[1:])
		switch text, isText := value.(string); {
		case !there && !read.Guarded:
			v.count(each, read.Read, suspectAbsent, c.q.row, "")
		case c.call == nil:
		case isText && text == "":
			if read.inText && !read.Guarded {
				v.count(each, read.Read, suspectEmpty, c.q.row, "")
			}
		case isText && read.Number && ambiguous.MatchString(strings.TrimSpace(text)):
			v.count(each, read.Read, suspectNumber, c.q.row, strings.TrimSpace(text))
		case isText:
			v.look(each, read.Read, text, c.q.row, m)
		}
	}
}

// ambiguous is a number whose dot may part thousands.
var ambiguous = regexp.MustCompile(`^[-+]?[1-9]\d{0,2}\.\d{3}$`)

// look counts what is left over in a cell.
func (v *values) look(each *engine.Step, read eval.Read, text string, row int, m *inMessage) {
	whole := strings.TrimSpace(text)
	v.dates.meet(each, read, whole, row)
	column := read.Path[len(read.Path)-1]
	if meant := cmp.Or(leftover.Serial(column, whole), leftover.CutTime(column, whole)); meant != "" && m.holds(whole, read.Guarded) {
		v.count(each, read, suspectSerial, row, whole+" is "+meant)
		return
	}
	contains := func(piece string) bool { return m.holds(piece, read.Guarded) }
	switch kind := leftover.Value(text); {
	case kind == 0:
	case !contains(whole):
		return
	case kind == leftover.Formula:
		v.count(each, read, suspectFormula, row, "")
		return
	case kind == leftover.Placeholder:
		v.count(each, read, suspectPlaceholder, row, whole)
		return
	case kind == leftover.Ditto:
		v.count(each, read, suspectDitto, row, whole)
		return
	default:
		v.count(each, read, suspectWord, row, whole)
		return
	}
	if words := leftover.Remark(text); words != "" && contains(words) {
		v.count(each, read, suspectRemark, row, words)
	}
	for _, piece := range leftover.In(text) {
		part := text[piece.From:piece.To]
		if !m.holdsSign(part) {
			continue
		}
		what := suspectText
		switch piece.Kind { //nolint:exhaustive // all others are signs
		case leftover.Braces, leftover.Placeholder:
			what = suspectPlaceholder
		case leftover.Garbled:
			what = suspectGarbled
		}
		v.count(each, read, what, row, part)
	}
}

// warnings are what is to be said of the cells.
func (v *values) warnings() diag.List {
	var list diag.List
	for _, s := range v.found {
		list = append(list, s.finding())
	}
	return append(list, v.dates.warnings()...)
}

// inMessage is the text of a message, in which pieces of cells are looked for: what a job deals with does not come into it.
type inMessage struct {
	call  *engine.Call
	text  string
	known []string // pieces that cells brought, whatever they hold: the same from a guarded one is none of its own
}

// holds says whether a piece of a cell is in the message, as words of their own. guarded: the job asks about the cell.
func (m *inMessage) holds(piece string, guarded bool) bool {
	if m.call == nil {
		return false // it depends on an answer
	}
	if m.text == "" {
		m.text = strings.ToLower(textOf(map[string]any(m.call.Args)))
	}
	piece = strings.ToLower(piece)
	if guarded {
		return !slices.Contains(m.known, piece) && hasWord(m.text, piece)
	}
	m.known = append(m.known, piece)
	return hasWord(m.text, piece)
}

// holdsSign says whether signs are in the message.
func (m *inMessage) holdsSign(piece string) bool {
	return m.call != nil && strings.Contains(textOf(map[string]any(m.call.Args)), piece)
}

// hasWord says whether a piece stands in a text, and not within a word.
func hasWord(text, piece string) bool {
	isWord := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	first, _ := utf8.DecodeRuneInString(piece)
	last, _ := utf8.DecodeLastRuneInString(piece)
	for {
		at := strings.Index(text, piece)
		if at < 0 {
			return false
		}
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		after, _ := utf8.DecodeRuneInString(text[at+len(piece):])
		if (!isWord(first) || !isWord(before)) && (!isWord(last) || !isWord(after)) {
			return true
		}
		text = text[at+len(piece):]
	}
}

func (v *values) count(each *engine.Step, read eval.Read, what suspect, row int, example string) {
	cell := read.String()
	same := func(s *suspicion) bool { return s.each == each && s.cell == cell && s.what == what }
	at := slices.IndexFunc(v.found, same)
	if at < 0 {
		at = len(v.found)
		v.found = append(v.found, &suspicion{each: each, cell: cell, what: what})
	}
	s := v.found[at]
	if example != "" && len([]rune(example)) <= 60 {
		s.exemplify(row, example)
	}
	s.rows.meet(row, struct{}{})
}

// exemplify keeps the examples of the first rows, whatever order the rows are met in.
func (s *suspicion) exemplify(row int, text string) {
	if at := slices.Index(s.examples, text); at >= 0 {
		if s.exampleRows[at] <= row {
			return
		}
		s.examples, s.exampleRows = slices.Delete(s.examples, at, at+1), slices.Delete(s.exampleRows, at, at+1)
	}
	at, _ := slices.BinarySearch(s.exampleRows, row+1) // behind those of the same row
	if at >= mostExamples {
		return
	}
	s.examples, s.exampleRows = slices.Insert(s.examples, at, text), slices.Insert(s.exampleRows, at, row)
	if len(s.examples) > mostExamples {
		s.examples, s.exampleRows = s.examples[:mostExamples], s.exampleRows[:mostExamples]
	}
}

// finding says what was counted.
func (s *suspicion) finding() diag.Diagnostic {
	rows, their := wording.Plural(s.rows.rows, "row"), wording.Agree(s.rows.rows, "has", "have")
	examples := ""
	if len(s.examples) > 0 {
		examples = ": " + strings.Join(s.examples, ", ")
	}
	where := fmt.Sprintf("%s (%s%s)", s.cell, s.rows.places(), examples)
	d := diag.Diagnostic{Code: "leftover-value", Range: s.each.ForEach.Range, Detail: "People would read it."}
	switch s.what {
	case suspectWord:
		d.Summary = fmt.Sprintf("%s %s a spreadsheet's error or a word for nothing in %s", rows, their, where)
		word := append(s.examples, "NULL")[0]
		d.Hint = fmt.Sprintf(`mend the file, or say what stands in its place: %s == %q ? "…" : %s`, s.cell, word, s.cell)
	case suspectDitto:
		d.Summary, d.Private = fmt.Sprintf("%s %s a word for what stands in the row above in %s", rows, their, where), s.examples
		d.Hint = "write the value itself in each row"
	case suspectRemark:
		d.Summary, d.Private = fmt.Sprintf("%s %s a remark that its person is not to be written to in %s", rows, their, where), s.examples
		d.Detail = "They get the message all the same, and would read that."
		d.Hint = "leave them out by a column of their own and where:, or by recipients.exclude"
	case suspectEmpty:
		d.Summary = fmt.Sprintf("%s %s nothing in %s, which stands in the middle of a text", rows, their, where)
		d.Detail = "People would read the text with a gap."
		d.Hint = "say what stands in its place: default(" + s.cell + `, "…"); where nothing is right: default(` + s.cell + `, "")`
	case suspectFormula:
		d.Summary = fmt.Sprintf("%s %s a formula instead of its value in %s", rows, their, where)
		d.Hint = "export the table with its values"
	case suspectPlaceholder:
		d.Summary, d.Private = fmt.Sprintf("%s %s another program's placeholder in %s", rows, their, where), s.examples
		d.Hint = "mend the file"
	case suspectText:
		d.Summary, d.Private = fmt.Sprintf("%s %s signs that WhatsApp shows as they stand in %s", rows, their, where), s.examples
		d.Hint = `mend the file, or replace them: ` + s.replaced()
	case suspectGarbled:
		d.Summary, d.Private = fmt.Sprintf("%s %s letters that another encoding made other signs of in %s", rows, their, where), s.examples
		d.Hint = "export the table again as UTF-8, from where its letters are right"
	case suspectNumber:
		d.Summary, d.Private = fmt.Sprintf("%s %s a number whose dot may part thousands in %s", rows, their, where), s.examples
		d.Detail = "It is read as a decimal point."
		d.Hint = "if it parts thousands, write replace(" + s.cell + `, ".", "")`
	case suspectSerial:
		d.Summary, d.Private = fmt.Sprintf("%s %s a spreadsheet's number for a day or a time in %s", rows, their, where), s.examples
		d.Hint = "export the table with the values as they are shown: give the column a date's format before"
	case suspectAbsent:
		d.Code = "absent-key"
		d.Summary = fmt.Sprintf("%s %s no %s", rows, their, where)
		d.Detail = "There it is empty."
		d.Hint = "say what stands in its place: " + s.cell + ` ?? "…"`
	}
	return d
}

// places names the first rows of all.
func places(first []int, all int) string {
	var numbers []string
	for _, row := range first {
		numbers = append(numbers, fmt.Sprint(row))
	}
	text := "rows " + strings.Join(numbers, ", ")
	switch {
	case all == 1:
		return "row " + numbers[0]
	case all > len(first):
		return text + ", …"
	}
	return text
}

// cellRead is what the parameters of a step read of an item.
type cellRead struct {
	eval.Read

	inText bool // other text stands beside it
}

// readsOf lists what the parameters read of an item.
func readsOf(params *eval.Tree, as string) []cellRead {
	var all []cellRead
	params.Walk(func(_ string, t *eval.Tree) bool {
		inText := t.Template().Mixed()
		for _, read := range t.Template().Reads() {
			same := func(other cellRead) bool { return slices.Equal(other.Path, read.Path) }
			if at := slices.IndexFunc(all, same); at >= 0 {
				all[at].Guarded, all[at].Number = all[at].Guarded && read.Guarded, all[at].Number || read.Number
				all[at].inText = all[at].inText || inText
			} else if read.Path[0] == as && len(read.Path) > 1 {
				all = append(all, cellRead{read, inText})
			}
		}
		return true
	})
	slices.SortStableFunc(all, func(a, b cellRead) int { // what a guarded cell has in common with others is theirs
		switch {
		case a.Guarded == b.Guarded:
			return 0
		case b.Guarded:
			return -1
		}
		return 1
	})
	return all
}

// valueAt follows fields into a value. there is false where an object does not have one of them.
func valueAt(value any, fields []string) (found any, there bool) {
	for _, name := range fields {
		object, ok := value.(map[string]any)
		if !ok {
			return nil, true // it is no object, which rendering says
		}
		if value, ok = object[name]; !ok {
			return nil, false
		}
	}
	return value, true
}

// textOf is all the text in a message's parameters.
func textOf(v any) string {
	var b strings.Builder
	var add func(v any)
	add = func(v any) {
		switch v := v.(type) {
		case string:
			b.WriteString(v)
			b.WriteByte('\n')
		case []any:
			for _, element := range v {
				add(element)
			}
		case map[string]any:
			for _, element := range v {
				add(element)
			}
		}
	}
	add(v)
	return b.String()
}
