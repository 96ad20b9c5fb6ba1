package sandbox

import (
	"encoding/json"
	"strings"
)

// field is one element of the "fields" parameter: a name, filters chained by dots, and fields of its own in braces.
type field struct {
	name    string
	filters map[string]string
	sub     []field
}

// parseFields reads "id,events.limit(5){timestamp},analytics.start(1).end(2)".
func parseFields(text string) ([]field, *graphError) {
	p := &fieldParser{text: text}
	list := p.list()
	if p.failed || p.at < len(p.text) {
		return nil, &graphError{status: 400, code: 2500, message: "Syntax error in the fields parameter" +
			", near: " + p.text[min(p.at, len(p.text)):]}
	}
	return list, nil
}

type fieldParser struct {
	text   string
	at     int
	failed bool
}

func (p *fieldParser) peek() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

func (p *fieldParser) list() []field {
	var list []field
	for !p.failed {
		list = append(list, p.field())
		if p.peek() != ',' {
			break
		}
		p.at++
	}
	return list
}

func (p *fieldParser) field() field {
	f := field{name: p.word(), filters: map[string]string{}}
	for !p.failed {
		switch p.peek() {
		case '.':
			p.at++
			name := p.word()
			f.filters[name] = p.argument()
		case '{':
			p.at++
			f.sub = p.list()
			if p.peek() != '}' {
				p.failed = true
			}
			p.at++
		default:
			return f
		}
	}
	return f
}

func (p *fieldParser) word() string {
	for p.peek() == ' ' || p.peek() == '\n' {
		p.at++
	}
	start := p.at
	for c := p.peek(); c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'; c = p.peek() {
		p.at++
	}
	if p.at == start {
		p.failed = true
	}
	return p.text[start:p.at]
}

func (p *fieldParser) argument() string {
	if p.peek() != '(' {
		p.failed = true
		return ""
	}
	end := strings.IndexByte(p.text[p.at:], ')')
	if end < 0 {
		p.failed = true
		return ""
	}
	argument := p.text[p.at+1 : p.at+end]
	p.at += end + 1
	return argument
}

// asked returns the fields of a request, or the usual ones when it names none.
func asked(c *call, usual string) ([]field, *graphError) {
	text := c.query.Get("fields")
	if text == "" {
		text = usual
	}
	return parseFields(text)
}

// choose takes the asked fields out of all that a node has; the id is always there.
func choose(node map[string]any, fields []field, kind string) (map[string]any, *graphError) {
	chosen := map[string]any{"id": node["id"]}
	for _, f := range fields {
		value, known := node[f.name]
		if !known {
			return nil, nonexisting(f.name, kind)
		}
		if value != nil {
			chosen[f.name] = value
		}
	}
	return chosen, nil
}

// listFilter reads a filter such as ["US","ES"]; quotes may be missing, and nothing means all.
func listFilter(text string) []string {
	text = strings.TrimSpace(text)
	var words []string
	if json.Unmarshal([]byte(text), &words) == nil {
		return words
	}
	for word := range strings.SplitSeq(strings.Trim(text, "[]"), ",") {
		if word = strings.Trim(strings.TrimSpace(word), `"'`); word != "" {
			words = append(words, word)
		}
	}
	return words
}
