package whatsapp

import (
	"slices"
	"strconv"
	"strings"
)

// Read returns a template as a person reads it, in lines: header, body, footer and buttons, with what a message gives in place of
// the placeholders. The zero Message gives nothing.
func (t Template) Read(m Message) string {
	var sent []Component
	if m.Template != nil {
		sent = m.Template.Components
	}
	return strings.Join(readParts(t.Components, sent, t.Named()), "\n")
}

func readParts(defined []TemplateComponent, sent []Component, named bool) []string {
	var lines []string
	add := func(mark, text string) {
		for line := range strings.Lines(text) {
			lines = append(lines, mark+strings.TrimRight(line, "\n"))
		}
	}
	for _, part := range defined {
		switch strings.ToUpper(part.Type) {
		case "HEADER":
			given := parametersOf(sent, HeaderComponent)
			if part.Format == "" || strings.EqualFold(part.Format, "TEXT") {
				add("", fill(part.Text, valuesOf(named, given)))
			} else {
				add("", "["+strings.ToLower(part.Format)+mediaName(given)+"]")
			}
		case "BODY":
			add("", fill(part.Text, valuesOf(named, parametersOf(sent, BodyComponent))))
		case "FOOTER":
			add("", part.Text)
		case "BUTTONS":
			for i, b := range part.Buttons {
				add("", readButton(b, parametersOfButton(sent, i)))
			}
		case "CAROUSEL":
			for i, card := range part.Cards {
				add("", "card "+strconv.Itoa(i+1)+":")
				for _, line := range readParts(card, cardOf(sent, i), named) {
					add("  ", line)
				}
			}
		default:
			add("", "["+strings.ToLower(part.Type)+"] "+part.Text)
		}
	}
	return lines
}

func readButton(b TemplateButton, given []Parameter) string {
	line := "[" + b.Text + "]"
	switch {
	case b.URL != "":
		line += " → " + fill(b.URL, func(string) (string, bool) {
			if len(given) == 0 {
				return "", false
			}
			return given[0].Text, true
		})
	case b.PhoneNumber != "":
		line += " → " + b.PhoneNumber
	case len(given) > 0 && given[0].Payload+given[0].CouponCode != "":
		line += " → " + given[0].Payload + given[0].CouponCode
	}
	return line
}

func mediaName(given []Parameter) string {
	if len(given) == 0 {
		return ""
	}
	for _, file := range []*File{given[0].Image, given[0].Video, given[0].Document} {
		if file != nil {
			return " " + strings.TrimSpace(file.Filename+" "+file.Link+file.ID)
		}
	}
	if l := given[0].Location; l != nil {
		return " " + strings.TrimSpace(l.Name+" "+string(l.Latitude)+","+string(l.Longitude))
	}
	return ""
}

func parametersOf(sent []Component, kind string) []Parameter {
	i := slices.IndexFunc(sent, func(c Component) bool { return c.Type == kind })
	if i < 0 {
		return nil
	}
	return sent[i].Parameters
}

func parametersOfButton(sent []Component, index int) []Parameter {
	i := slices.IndexFunc(sent, func(c Component) bool { return c.Type == ButtonComponent && c.Index == strconv.Itoa(index) })
	if i < 0 {
		return nil
	}
	return sent[i].Parameters
}

func cardOf(sent []Component, index int) []Component {
	i := slices.IndexFunc(sent, func(c Component) bool { return c.Type == CarouselComponent })
	if i < 0 || index >= len(sent[i].Cards) {
		return nil
	}
	return sent[i].Cards[index].Components
}
