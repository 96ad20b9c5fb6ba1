package jobfile

import (
	"fmt"
	"math/big"
	"regexp"
	"strings"

	"waybill/engine/source"
)

// numberUse is what a number was meant to be.
type numberUse uint8

const (
	asNumber   numberUse = iota // a number
	asDigits                    // text: an id
	asPhone                     // text: a phone number
	asAnything                  // either
)

// lostDigits reports a number whose digits are not read as they are written.
func (d *document) lostDigits(name string, n *source.Node, as numberUse) {
	if n.Broken {
		return
	}
	n.Broken = true
	if name != "" {
		name += ": "
	}
	detail, hint := adviseNumber(n.Text, as)
	d.Fault("number-lost-digits", n.Range, fmt.Sprintf("%s%s does not keep its digits as a number", name, n.Text), detail, hint)
}

// adviseNumber returns what is wrong with how a number is written, and what to write.
func adviseNumber(text string, as numberUse) (detail, hint string) {
	plain := strings.ReplaceAll(text, "_", "")
	switch {
	case strings.ContainsAny(plain, "xXoObB"):
		return "It is written to another base than ten.", anotherBase(text, plain, as)
	case strings.ContainsAny(plain, "iIn"):
		return "", hintWords(text, as)
	case strings.ContainsAny(plain, "eE"):
		detail = "This form, which spreadsheets write, may have lost its last digits already: compare it with where it comes from."
		f, _, err := big.ParseFloat(plain, 10, 200, big.ToNearestEven)
		if err != nil || !f.IsInt() || f.MantExp(nil) >= 100 {
			return detail, hintWords(text, as)
		}
		hint = hintDigits(f.Text('f', 0), as)
		if as == asPhone && phoneForm.MatchString(f.Text('f', 0)) && !allDigits(plain) {
			hint += ", if these are its digits"
		}
		return detail, hint
	case plain != text:
		return "Underscores are not part of a number.", hintDigits(plain, as)
	}
	return "A plus and zeros in front of a number get lost, and some readers then count to base eight.", hintDigits(text, as)
}

// phoneForm matches what can be a phone number: its country code does not begin with a zero.
var phoneForm = regexp.MustCompile(`^\+?[1-9][0-9]{6,14}$`)

// allDigits says whether a number with an exponent has as many digits as it stands for: 3.4612345678E+10.
func allDigits(text string) bool {
	mantissa, exponent, _ := strings.Cut(strings.ToLower(text), "e")
	_, fraction, _ := strings.Cut(mantissa, ".")
	return strings.TrimLeft(exponent, "+0") == fmt.Sprint(len(fraction))
}

// hintDigits returns the hint for a number whose digits are known.
func hintDigits(digits string, as numberUse) string {
	switch as {
	case asPhone:
		if phoneForm.MatchString(digits) {
			return "write " + source.Quote("+"+strings.TrimPrefix(digits, "+"))
		}
		return hintWords(digits, as)
	case asDigits, asAnything:
		return "write " + source.Quote(digits)
	case asNumber:
	}
	digits = strings.TrimPrefix(digits, "+")
	for len(digits) > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9' {
		digits = digits[1:]
	}
	return "write " + digits
}

// hintWords returns the hint for a number whose digits are not known.
func hintWords(text string, as numberUse) string {
	switch as {
	case asPhone:
		return `write the number with its country code and in quotes, such as "+34612345678"`
	case asDigits:
		return "write its digits, in quotes"
	case asAnything:
		return "write " + source.Quote(text) + " for the text"
	case asNumber:
	}
	return "write the number in digits"
}

// anotherBase returns the hint for a number to another base than ten.
func anotherBase(text, plain string, as numberUse) string {
	value, ok := new(big.Int).SetString(plain, 0)
	if !ok || as == asPhone || as == asDigits {
		return hintWords(text, as)
	}
	hint := "write " + value.String()
	if as == asAnything {
		hint += ", or " + source.Quote(text) + " for the text"
	}
	return hint
}
