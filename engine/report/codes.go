package report

import (
	"fmt"
	"io"
	"strings"
)

// Meaning says what a code of WhatsApp's means and what to do about it; empty for a code that is not known.
type Meaning func(code int) (title, action string)

// CodeDetail is what is known of a code of WhatsApp's: `explain 131047`.
type CodeDetail struct {
	Code, Last int // a range when they differ
	Title      string
	Class      string
	HTTP       int // 0: none is documented
	Retry      string
	Delivery   string // how it comes
	Action     string
}

// WriteMeaning prints it.
func WriteMeaning(w io.Writer, c CodeDetail, paint Paint) error {
	var b strings.Builder
	name := fmt.Sprint(c.Code)
	if c.Last > c.Code {
		name = fmt.Sprintf("%d to %d", c.Code, c.Last)
	}
	fmt.Fprintf(&b, "%s\n", paint.Bold(name+": "+c.Title))
	lines := [][2]string{{"what to do", c.Action}, {"sent again", c.Retry}, {"comes", c.Delivery}, {"kind", c.Class}}
	if c.HTTP > 0 {
		lines = append(lines, [2]string{"HTTP", fmt.Sprint(c.HTTP)})
	}
	for _, line := range lines {
		if line[1] == "" {
			continue
		}
		b.WriteString(paint.Dim(pad("  "+line[0], 13)))
		wrap(&b, strings.Repeat(" ", 13), line[1], 13)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// CodeTitle is one line of `explain` without a code.
type CodeTitle struct {
	Code  string `json:"code"`
	Title string `json:"title"`
}

// WriteCodes prints the list.
func WriteCodes(w io.Writer, codes []CodeTitle, paint Paint) error {
	t := table{head: []string{"CODE", "MEANS"}}
	for _, c := range codes {
		t.add(c.Code, c.Title)
	}
	var b strings.Builder
	t.write(&b, paint)
	_, err := io.WriteString(w, b.String())
	return err
}
