package dashboard

import (
	"cmp"
	"strings"

	"waybill/engine/delivery"
	"waybill/engine/wording"
)

// fault is why a message was not sent or did not arrive. What WhatsApp says and what this program says are kept apart, and
// pages show them apart.
type fault struct {
	Code   int    // WhatsApp's; 0: it named none
	Title  string // WhatsApp's name for the code; empty: not known
	Words  string // what WhatsApp said beyond that; empty: nothing
	Ours   string // what this program says happened, where WhatsApp named no code
	Advice string // what to do, in this program's words; empty: none is known
}

// Some says whether there is anything to show.
func (f fault) Some() bool { return f != fault{} }

// Theirs says whether WhatsApp said something.
func (f fault) Theirs() bool { return f.Code != 0 }

// Short is WhatsApp's title or words, for a line of a table.
func (f fault) Short() string { return cmp.Or(f.Title, f.Words, f.Ours) }

func (d *dashboard) faultOf(a delivery.Answer) fault { return d.faultOfCode(a.Code, a.Message) }

// faultOfCode tells whose words a message is: it is WhatsApp's when there is a code.
func (d *dashboard) faultOfCode(code int, message string) fault {
	if code == 0 {
		return fault{Ours: cmp.Or(message, "no reason was given")}
	}
	f := fault{Code: code}
	f.Title, f.Advice = d.Meaning(code)
	f.Words = wording.WithoutTrace(wording.TheirWords(message, f.Title, f.Advice))
	return f
}

// said is an answer in one line, without our advice: WhatsApp's words where it named a code.
func (d *dashboard) said(a delivery.Answer) string {
	f := d.faultOf(a)
	if !f.Theirs() {
		return a.Message
	}
	return strings.Trim(f.Title+": "+f.Words, ": ")
}
