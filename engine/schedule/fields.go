package schedule

import (
	"fmt"
	"strconv"
	"strings"
)

// field is one of the five, and what it may hold.
type field struct {
	name        string
	least, most int
	names       string // three letters each, from least on; empty: numbers alone
}

// cronFields returns the five in their order.
func cronFields() [5]field {
	return [5]field{
		{name: "minute", most: 59},
		{name: "hour", most: 23},
		{name: "day of the month", least: 1, most: 31},
		{name: "month", least: 1, most: 12, names: "janfebmaraprmayjunjulaugsepoctnovdec"},
		{name: "day of the week", most: 7, names: "sunmontuewedthufrisat"},
	}
}

// split takes a cron expression apart and finds what is wrong with it. It allows no more than go-cron reads in the
// same way; that parser also takes "?", "+5", empty parts and zones in front.
func split(spec string) ([5]string, error) {
	var parts [5]string
	text := strings.TrimSpace(spec)
	if strings.HasPrefix(text, "@") {
		expanded, ok := descriptor(strings.ToLower(text))
		if !ok {
			return parts, fmt.Errorf("%s is not known; there are @hourly, @daily, @midnight, @weekly, @monthly, @yearly and @annually",
				quote(text))
		}
		text = expanded
	}
	words := strings.Fields(text)
	if len(words) > 0 && strings.Contains(words[0], "TZ=") {
		return parts, fmt.Errorf("%s does not belong into a cron expression; the zone has a key of its own, timezone", quote(words[0]))
	}
	if len(words) != len(parts) {
		return parts, fmt.Errorf("a cron expression has five fields "+
			"(minute, hour, day of the month, month, day of the week), and %s has %d", quote(text), len(words))
	}
	for i, f := range cronFields() {
		for part := range strings.SplitSeq(words[i], ",") {
			if why := f.check(part); why != "" {
				return parts, fmt.Errorf("%s %s: %s", f.name, quote(words[i]), why)
			}
		}
		parts[i] = words[i]
	}
	return parts, nil
}

// descriptor returns the five fields that a word stands for.
func descriptor(word string) (string, bool) {
	switch word {
	case "@hourly":
		return "0 * * * *", true
	case "@daily", "@midnight":
		return "0 0 * * *", true
	case "@weekly":
		return "0 0 * * 0", true
	case "@monthly":
		return "0 0 1 * *", true
	case "@yearly", "@annually":
		return "0 0 1 1 *", true
	}
	return "", false
}

// check says what is wrong with one part of the field's list; "" when nothing is. A part is a star, a value or a
// range, and perhaps a step: "*", "5", "MON-FRI", "*/15", "8-18/2".
func (f field) check(part string) string {
	if part == "" {
		return "a part of the list is empty"
	}
	span, stride, stepped := strings.Cut(part, "/")
	low, high := f.least, f.most
	if span != "*" {
		from, to, ranged := strings.Cut(span, "-")
		var ok bool
		if low, ok = f.value(from); !ok {
			return fmt.Sprintf("%s is not allowed here; %s", quote(from), f.allowed())
		}
		switch {
		case ranged:
			if high, ok = f.value(to); !ok {
				return fmt.Sprintf("%s is not allowed here; %s", quote(to), f.allowed())
			}
		case !stepped:
			return ""
		}
	}
	if !stepped {
		return ""
	}
	if low > high {
		return fmt.Sprintf("a step needs a range that goes upwards, and %s does not", span)
	}
	// A step that does not come to a second value is a slip: "*/60" does not mean every hour.
	step, ok := digits(stride)
	if !ok || step == 0 || step > 1 && step > high-low {
		return fmt.Sprintf("the step %s is not allowed here; use a number from 1 to %d", quote(stride), max(1, high-low))
	}
	return ""
}

// value reads a number or a name of the field.
func (f field) value(text string) (int, bool) {
	if n, ok := digits(text); ok {
		return n, n >= f.least && n <= f.most
	}
	if len(text) != 3 {
		return 0, false
	}
	i := strings.Index(f.names, strings.ToLower(text))
	if i < 0 || i%3 != 0 {
		return 0, false
	}
	return i/3 + f.least, true
}

func (f field) allowed() string {
	text := fmt.Sprintf("use * or a number from %d to %d", f.least, f.most)
	if f.names != "" {
		text += fmt.Sprintf(" or a name from %s to %s", strings.ToUpper(f.names[:3]), strings.ToUpper(f.names[len(f.names)-3:]))
	}
	return text + ", a range (2-5), a list (2,5) or a step (*/5)"
}

// digits reads a number as people write it: without a sign.
func digits(text string) (int, bool) {
	if text == "" || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(text)
	return n, err == nil
}

// quote shows a text of the user's file, cut to a length that a message bears.
func quote(text string) string {
	const most = 60
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return strconv.Quote(text)
}
