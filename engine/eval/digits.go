package eval

import (
	"fmt"
	"strings"

	"waybill/engine/pattern"
)

// Numbers as people write them. They are not read as numbers: the dot of one country parts the thousands of another.
//
//nolint:gochecknoglobals // constant
var (
	decimalComma = pattern.Lazy(`^[-+]?\d+,\d+$`)
	decimalPoint = pattern.Lazy(`^[-+]?\d+\.(\d{1,2}|\d{4,})$`) // 3.000 may be three thousand
	thousandDots = pattern.Lazy(`^[-+]?\d{1,3}(\.\d{3})+(,\d+)?$`)
	blanksWithin = pattern.Lazy(`^[-+]?\d{1,3}([ \x{a0}\x{202f}'’]\d{3})+([.,]\d+)?$`)
	commasWithin = pattern.Lazy(`^[-+]?\d{1,3}(,\d{3})+(\.\d+)?$`)
	signsAround  = pattern.Lazy(`^([^\d+-]*)[-+]?\d[\d.,]*([^\d]*)$`)
)

// operand stands in a fault's value for the operand as the expression writes it.
const operand = "\x00"

// withoutZeros is a whole number as a spreadsheet writes it with decimals, 3.0, without them.
func withoutZeros(text string) string {
	if whole, zeros, found := strings.Cut(text, "."); found && decimalPoint().MatchString(text) && strings.Trim(zeros, "0") == "" {
		return whole
	}
	return text
}

// notWritten is the fault of a text that is no number for int() or float(), with what to write instead.
func notWritten(text, function, what string) error {
	f := &fault{text: "is not written as a " + what}
	if text = strings.TrimSpace(text); text == "" || len(text) > 40 {
		return f
	}
	f.value = fmt.Sprintf("is %q, which is not written as a %s", text, what)
	if fix := plainNumber(text); fix != "" {
		f.value += fmt.Sprintf(": write %s(%s)", function, fix)
	}
	if function == "int" && decimalPoint().MatchString(text) {
		f.value += ": write int(float(" + operand + ")) to leave out what stands behind the point"
	}
	if decimalComma().MatchString(text) && commasWithin().MatchString(text) { // 1,234: nobody knows
		f.value += fmt.Sprintf(`, or %s(replace(%s, ",", "")) where the comma parts thousands`, function, operand)
	}
	return f
}

// plainNumber is an expression that makes a plain number of a text as people write one; operand stands for the text; empty: there is none.
func plainNumber(text string) string {
	switch {
	case decimalComma().MatchString(text):
		return "replace(" + operand + `, ",", ".")`
	case thousandDots().MatchString(text) && strings.Contains(text, ","):
		return "replace(replace(" + operand + `, ".", ""), ",", ".")`
	case thousandDots().MatchString(text):
		return "replace(" + operand + `, ".", "")`
	case commasWithin().MatchString(text):
		return "replace(" + operand + `, ",", "")`
	}
	if m := blanksWithin().FindStringSubmatch(text); m != nil {
		without := fmt.Sprintf(`replace(%s, %q, "")`, operand, string([]rune(m[1])[:1]))
		if strings.HasPrefix(m[2], ",") {
			return strings.Replace("replace("+operand+`, ",", ".")`, operand, without, 1)
		}
		return without
	}
	if m := signsAround().FindStringSubmatch(text); m != nil {
		inner := strings.TrimSuffix(strings.TrimPrefix(text, m[1]), m[2])
		if m[1]+m[2] == "" {
			return ""
		}
		bare := fmt.Sprintf("trim(%s, %q)", operand, strings.TrimSpace(m[1])+" "+strings.TrimSpace(m[2]))
		if fix := plainNumber(inner); fix != "" {
			return strings.Replace(fix, operand, bare, 1)
		}
		return bare
	}
	return ""
}
