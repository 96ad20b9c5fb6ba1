package whatsapp

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Check finds what a message has against a template's definition, before anything is sent: the state, the
// language, the number and names of parameters, the header's kind, the buttons and the filled lengths. It turns
// 132000, 132001, 132005, 132012, 132015, 132016 and 132018 into findings. Message.Check is part of it.
func (t Template) Check(m Message) []Problem {
	f := findings{list: m.Check()}
	if m.Template == nil {
		f.add("template", "the message is not a template", "")
		return f.list
	}
	sent := *m.Template
	t.checkIdentity(&f, sent)
	t.checkComponents(&f, "template.components", t.Components, sent.Components)
	return f.list
}

func (t Template) checkIdentity(f *findings, sent TemplateMessage) {
	if sent.Name != t.Name {
		f.add("template.name", fmt.Sprintf("it names %q, not %q", shorten(sent.Name), t.Name), "")
	}
	if sent.Language.Code != t.Language {
		f.add("template.language.code", fmt.Sprintf("%q is not the template's language", shorten(sent.Language.Code)),
			fmt.Sprintf("write %s; the code must match exactly (132001)", t.Language))
	}
	switch strings.ToUpper(t.Status) {
	case TemplateApproved, "":
	case "PAUSED":
		f.add("template.name", "the template is paused (132015)", "wait until it is APPROVED again")
	case "DISABLED":
		f.add("template.name", "the template is disabled (132016)", "make a new template with another content")
	default:
		f.add("template.name", fmt.Sprintf("the template is %s, not APPROVED (132001)", t.Status), "send it once it is approved")
	}
}

// checkComponents compares the components of a definition, or of one of its cards, with those of a message.
func (t Template) checkComponents(f *findings, path string, defined []TemplateComponent, sent []Component) {
	var buttons []TemplateButton
	used := map[int]bool{}
	at := func(i int) string { return fmt.Sprintf("%s[%d]", path, i) }
	for _, part := range defined {
		switch strings.ToUpper(part.Type) {
		case "HEADER":
			i := find(sent, HeaderComponent)
			used[i] = true
			t.checkHeader(f, path, at, i, sent, part)
		case "BODY":
			i := find(sent, BodyComponent)
			used[i] = true
			t.checkText(f, path, at, i, sent, part, BodyComponent, MaxTemplateBody)
		case "BUTTONS":
			buttons = part.Buttons
		case "CAROUSEL":
			i := find(sent, CarouselComponent)
			used[i] = true
			t.checkCarousel(f, path, at, i, sent, part)
		}
	}
	t.checkButtons(f, path, at, sent, buttons)
	for i, c := range sent {
		if !used[i] && (c.Type == HeaderComponent || c.Type == BodyComponent || c.Type == CarouselComponent) &&
			len(c.Parameters)+len(c.Cards) > 0 {
			f.add(at(i), fmt.Sprintf("the template has no %s that takes anything (132000)", c.Type), "leave it out")
		}
	}
}

// find returns the place of the first component of a type, -1 when there is none.
func find(sent []Component, kind string) int {
	return slices.IndexFunc(sent, func(c Component) bool { return c.Type == kind })
}

func parameters(sent []Component, i int) []Parameter {
	if i < 0 {
		return nil
	}
	return sent[i].Parameters
}

func (t Template) checkHeader(f *findings, path string, at func(int) string, i int, sent []Component, part TemplateComponent) {
	kind := strings.ToLower(part.Format)
	if kind == "" || kind == "text" {
		t.checkText(f, path, at, i, sent, part, HeaderComponent, MaxTemplateHeader)
		return
	}
	given := parameters(sent, i)
	switch {
	case kind == "gif":
	case len(given) == 0:
		f.add(path, fmt.Sprintf("the template's header needs a parameter of type %s (132012)", kind), "give headerMedia")
	case given[0].Type != kind:
		f.add(at(i)+".parameters[0].type", fmt.Sprintf("the template's header is %s, not %s (132012)", kind, given[0].Type), "")
	}
}

// checkText compares the placeholders of a text with the parameters given for it, and the filled text with its limit.
func (t Template) checkText(f *findings, path string, at func(int) string, i int, sent []Component, part TemplateComponent,
	kind string, most int) {
	want, given := part.Placeholders(), parameters(sent, i)
	place := path
	if i >= 0 {
		place = at(i)
	}
	if len(want) != len(given) {
		f.add(place, fmt.Sprintf("the template's %s takes %s, the message gives %d (132000)", kind, count(want), len(given)), "")
		return
	}
	values := map[string]string{}
	for j, p := range given {
		name := strconv.Itoa(j + 1)
		if t.Named() {
			name = p.Name
		} else if p.Name != "" {
			f.add(fmt.Sprintf("%s.parameters[%d].parameter_name", place, j),
				"the template's parameters go by position, not by name", "give a list")
		}
		if t.Named() && !slices.Contains(want, name) {
			f.add(fmt.Sprintf("%s.parameters[%d].parameter_name", place, j),
				fmt.Sprintf("the template has no parameter %q", shorten(name)), "it takes "+strings.Join(want, ", "))
			continue
		}
		values[name] = displayText(p)
	}
	filled := fill(part.Text, values)
	if n := utf8.RuneCountInString(filled); n > most && len(given) > 0 {
		f.add(place, fmt.Sprintf("the filled %s has %d characters, %d are allowed (132005)", kind, n, most),
			fmt.Sprintf("shorten the parameters by %d characters", n-most))
	}
}

func count(names []string) string {
	switch len(names) {
	case 0:
		return "no parameters"
	case 1:
		return "1 parameter"
	default:
		return fmt.Sprintf("%d parameters", len(names))
	}
}

// displayText returns a parameter as the recipient reads it.
func displayText(p Parameter) string {
	switch {
	case p.Currency != nil:
		return p.Currency.FallbackValue
	case p.DateTime != nil:
		return p.DateTime.FallbackValue
	default:
		return p.Text
	}
}

// fill puts values into a text; a placeholder without one stays.
func fill(text string, values map[string]string) string {
	return placeholderPattern.ReplaceAllStringFunc(text, func(match string) string {
		if value, ok := values[placeholderPattern.FindStringSubmatch(match)[1]]; ok {
			return value
		}
		return match
	})
}

func (t Template) checkCarousel(f *findings, path string, at func(int) string, i int, sent []Component, part TemplateComponent) {
	if i < 0 {
		f.add(path, fmt.Sprintf("the template is a carousel of %d cards, the message gives none", len(part.Cards)), "")
		return
	}
	if len(sent[i].Cards) != len(part.Cards) {
		f.add(at(i)+".cards", fmt.Sprintf("the template has %d cards, the message gives %d", len(part.Cards), len(sent[i].Cards)), "")
		return
	}
	for j, card := range sent[i].Cards {
		t.checkComponents(f, fmt.Sprintf("%s.cards[%d].components", at(i), j), part.Cards[j], card.Components)
	}
}

func (t Template) checkButtons(f *findings, path string, at func(int) string, sent []Component, defined []TemplateButton) {
	given := map[int]bool{}
	for i, c := range sent {
		if c.Type != ButtonComponent {
			continue
		}
		index, err := strconv.Atoi(c.Index)
		if err != nil || index < 0 || index >= len(defined) {
			f.add(at(i)+".index", fmt.Sprintf("the template has %d buttons, none at place %s (132000)", len(defined),
				shorten(c.Index)), "count from 0")
			continue
		}
		given[index] = true
		t.checkButton(f, at(i), c, defined[index])
	}
	for index, button := range defined {
		if given[index] {
			continue
		}
		switch kind := strings.ToUpper(button.Type); {
		case kind == "URL" && len(button.Placeholders()) > 0, kind == "COPY_CODE", kind == "OTP":
			f.add(path, fmt.Sprintf("button %d, %q, needs a parameter (131008)", index, button.Text), "give buttonParameters for it")
		}
	}
}

func (t Template) checkButton(f *findings, at string, c Component, defined TemplateButton) {
	kind, want := strings.ToLower(c.SubType), strings.ToLower(defined.Type)
	if want == "otp" {
		want = URLButton // shown as such after its creation
	}
	switch {
	case kind != want:
		f.add(at+".sub_type", fmt.Sprintf("the button is %s, not %s (132012)", want, shorten(kind)), "")
	case kind == URLButton && want == strings.ToLower(defined.Type) && len(defined.Placeholders()) == 0:
		f.add(at, "the button's address takes no parameter (132000)", "leave it out")
	case kind == URLButton && len(c.Parameters) == 1:
		filled := placeholderPattern.ReplaceAllLiteralString(defined.URL, c.Parameters[0].Text)
		if n := utf8.RuneCountInString(filled); n > MaxTemplateURL {
			f.add(at, fmt.Sprintf("the filled address has %d characters, %d are allowed (132005)", n, MaxTemplateURL), "")
		}
	}
}
