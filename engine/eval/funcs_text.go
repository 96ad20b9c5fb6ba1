package eval

import (
	"strings"
	"unicode/utf8"
)

func textFunctions() map[string]definition {
	return map[string]definition{
		"upper":       {strings.ToUpper},
		"lower":       {strings.ToLower},
		"trim":        {strings.TrimSpace, strings.Trim},
		"trimPrefix":  {strings.TrimPrefix},
		"trimSuffix":  {strings.TrimSuffix},
		"split":       {split, splitN},
		"join":        {joinPlain, join},
		"replace":     {replaceAll, replace},
		"repeat":      {repeat},
		"indexOf":     {indexOf},
		"lastIndexOf": {lastIndexOf},
		"oneLine":     {oneLine, oneLineWith},
	}
}

func split(text, separator string) []any { return anys(strings.Split(text, separator)) }

func splitN(text, separator string, most int) []any {
	return anys(strings.SplitN(text, separator, most))
}

func joinPlain(list []any) (string, error) { return join(list, "") }

func join(list []any, separator string) (string, error) {
	var out strings.Builder
	for i, element := range list {
		text, err := Text(element)
		switch {
		case element == nil:
			return "", &fault{text: `holds an empty element: map(…, # ?? "") makes text of it`}
		case err != nil:
			return "", &fault{text: "holds " + wordFor(element) + ", and only texts and numbers can be joined"}
		}
		if i > 0 {
			out.WriteString(separator)
		}
		out.WriteString(text)
		if out.Len() > maxText {
			return "", errTooLong
		}
	}
	return out.String(), nil
}

func replaceAll(text, old, with string) (string, error) { return replace(text, old, with, -1) }

// replace looks first at how long the text becomes: two long texts make one that no memory holds.
func replace(text, old, with string, most int) (string, error) {
	times := strings.Count(text, old)
	if most >= 0 {
		times = min(times, most)
	}
	if len(text)+times*(len(with)-len(old)) > maxText {
		return "", errTooLong
	}
	return strings.Replace(text, old, with, most), nil
}

func repeat(text string, times int) (string, error) {
	switch {
	case times < 0:
		return "", &fault{arg: 1, text: "is less than nothing"}
	case text == "":
		return "", nil
	case times > maxText/len(text):
		return "", errTooLong
	}
	return strings.Repeat(text, times), nil
}

func indexOf(text, part string) int { return runesBefore(text, strings.Index(text, part)) }

func lastIndexOf(text, part string) int { return runesBefore(text, strings.LastIndex(text, part)) }

// runesBefore makes a place in letters of one in bytes; -1 stays.
func runesBefore(text string, at int) int {
	if at < 0 {
		return at
	}
	return utf8.RuneCountInString(text[:at])
}

func oneLine(text string) string {
	line, _ := oneLineWith(text, " ") // it does not become longer
	return line
}

// oneLineWith joins the lines of a text that have something on them. Blanks and tabs side by side within a line become one blank: a
// template's parameter takes no more than four.
func oneLineWith(text, separator string) (string, error) {
	var lines []string
	size := 0
	for line := range strings.FieldsFuncSeq(text, isLineEnd) {
		words := strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '\t' })
		if line = strings.TrimSpace(strings.Join(words, " ")); line == "" {
			continue
		}
		lines = append(lines, line)
		if size += len(line) + len(separator); size > maxText+len(separator) {
			return "", errTooLong
		}
	}
	return strings.Join(lines, separator), nil
}

func isLineEnd(r rune) bool {
	switch r {
	case '\n', '\r', '\v', '\f', '\u0085', '\u2028', '\u2029':
		return true
	}
	return false
}
