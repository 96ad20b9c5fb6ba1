package whatsapp

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// cutPlaceholder splits a text at its first placeholder, such as {{1}} or {{ first_name }}: what stands before it, its name and the
// rest. ok is false where there is none.
func cutPlaceholder(text string) (before, name, rest string, ok bool) {
	for from := 0; ; {
		open := strings.Index(text[from:], "{{")
		if open < 0 {
			return text, "", "", false
		}
		open += from
		end := strings.Index(text[open:], "}}")
		if end < 0 {
			return text, "", "", false
		}
		name = strings.TrimSpace(text[open+2 : open+end])
		if isPlaceholderName(name) {
			return text[:open], name, text[open+end+2:], true
		}
		from = open + 1
	}
}

func isPlaceholderName(name string) bool {
	for i := range len(name) {
		c := name[i]
		if c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return name != ""
}

// placeholders returns the names of the placeholders in a text, each once, in the order of their first appearance.
func placeholders(text string) []string {
	var names []string
	for {
		_, name, rest, ok := cutPlaceholder(text)
		if !ok {
			return names
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
		text = rest
	}
}

// fill puts values into a text; a placeholder without one stays.
func fill(text string, value func(name string) (string, bool)) string {
	var b strings.Builder
	for {
		before, name, rest, ok := cutPlaceholder(text)
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		if v, given := value(name); given {
			b.WriteString(v)
		} else {
			b.WriteString(text[len(before) : len(text)-len(rest)])
		}
		text = rest
	}
}

// filledLength counts the characters of a text with its values, without making it.
func filledLength(text string, value func(name string) (string, bool)) int {
	n := 0
	for {
		before, name, rest, ok := cutPlaceholder(text)
		n += utf8.RuneCountInString(before)
		if !ok {
			return n
		}
		if v, given := value(name); given {
			n += utf8.RuneCountInString(v)
		} else {
			n += utf8.RuneCountInString(text[len(before) : len(text)-len(rest)])
		}
		text = rest
	}
}
