package whatsapp

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Check compares a message with a template's definition before anything is sent: the state, the language, the number and
// names of parameters, the header's type, the buttons and the filled lengths. It finds what would be refused by 132000,
// 132001, 132005, 132012, 132015, 132016 and 132018, and what Message.Check finds.
func (t Template) Check(m Message) []Problem {
	f := findings{list: m.Check()}
	if m.Template == nil {
		f.add("template", "the message is not a template", "")
		return f.list
	}
	t.checkIdentity(&f, *m.Template)
	c := comparison{f: &f, named: t.Named(), path: "template.components", mostBody: MaxTemplateBody, sent: m.Template.Components}
	c.run(t.Components)
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
	if strings.EqualFold(t.Source, TemplateGenerated) {
		f.add("template.name", "WhatsApp generated the template, and it cannot be sent by name (132018)", "make one of your own")
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

// comparison compares the components of a message, or of one card of it, with those of a definition.
type comparison struct {
	f     *findings
	named bool   // parameters go by name
	path  string // of sent

	mostBody int // characters of the filled body
	sent     []Component
	found    []bool // of sent: the definition has such a component
}

func (c *comparison) run(defined []TemplateComponent) {
	c.found = make([]bool, len(c.sent))
	var buttons []TemplateButton
	for _, part := range defined {
		switch strings.ToUpper(part.Type) {
		case "HEADER":
			c.header(part)
		case "BODY":
			c.text(part, BodyComponent, c.mostBody)
		case "BUTTONS":
			buttons = part.Buttons
		case "CAROUSEL":
			c.carousel(part)
		case "LIMITED_TIME_OFFER":
			c.offer(part)
		}
	}
	c.buttons(buttons)
	for i, sent := range c.sent {
		switch sent.Type {
		case HeaderComponent, BodyComponent, CarouselComponent, LimitedTimeComponent:
			if !c.found[i] && len(sent.Parameters)+len(sent.Cards) > 0 {
				c.f.add(c.at(i), fmt.Sprintf("the template has no %s that takes anything (132000)", sent.Type), "leave it out")
			}
		}
	}
}

func (c *comparison) at(i int) string { return fmt.Sprintf("%s[%d]", c.path, i) }

// find returns the first component of a type with its path; without one, the zero Component with the path of the list.
func (c *comparison) find(kind string) (sent Component, path string) {
	i := slices.IndexFunc(c.sent, func(sent Component) bool { return sent.Type == kind })
	if i < 0 {
		return Component{}, c.path
	}
	c.found[i] = true
	return c.sent[i], c.at(i)
}

func (c *comparison) header(part TemplateComponent) {
	kind := strings.ToLower(part.Format)
	if kind == "" || kind == "text" {
		c.text(part, HeaderComponent, MaxTemplateHeader)
		return
	}
	sent, path := c.find(HeaderComponent)
	switch given := sent.Parameters; {
	case kind == "gif":
	case len(given) == 0:
		c.f.add(c.path, fmt.Sprintf("the template's header needs a parameter of type %s (132012)", kind), "give headerMedia")
	case given[0].Type != kind:
		summary := fmt.Sprintf("the template's header is %s, not %s (132012)", kind, given[0].Type)
		c.f.add(path+".parameters[0].type", summary, "")
	}
}

// text compares the placeholders of a text with the parameters given for it, and the filled text with its limit.
func (c *comparison) text(part TemplateComponent, kind string, most int) {
	sent, path := c.find(kind)
	want, given := part.Placeholders(), sent.Parameters
	if len(want) != len(given) {
		summary := fmt.Sprintf("the template's %s takes %s, the message gives %d (132000)", kind, count(want), len(given))
		hint := ""
		if c.named && len(want) > 0 {
			hint = "it takes " + strings.Join(want, ", ")
		}
		c.f.add(path, summary, hint)
		return
	}
	for i, p := range given {
		at := func() string { return fmt.Sprintf("%s.parameters[%d].parameter_name", path, i) }
		switch {
		case c.named && p.Name == "":
			c.f.add(at(), "the template's parameters go by name, not by position", "give a map with "+strings.Join(want, ", "))
		case c.named && !slices.Contains(want, p.Name):
			c.f.add(at(), fmt.Sprintf("the template has no parameter %q", shorten(p.Name)), "it takes "+strings.Join(want, ", "))
		case !c.named && p.Name != "":
			c.f.add(at(), "the template's parameters go by position, not by name", "give a list")
		}
	}
	if n := filledLength(part.Text, valuesOf(c.named, given)); n > most && len(given) > 0 {
		c.f.add(path, fmt.Sprintf("the filled %s has %d characters, %d are allowed (132005)", kind, n, most),
			fmt.Sprintf("shorten the parameters by %d characters", n-most))
	}
}

// valuesOf finds what parameters put in the place of a placeholder.
func valuesOf(named bool, given []Parameter) func(name string) (string, bool) {
	return func(name string) (string, bool) {
		if named {
			i := slices.IndexFunc(given, func(p Parameter) bool { return p.Name == name })
			if i < 0 {
				return "", false
			}
			return displayText(given[i]), true
		}
		i, err := strconv.Atoi(name)
		if err != nil || i < 1 || i > len(given) {
			return "", false
		}
		return displayText(given[i-1]), true
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

func (c *comparison) offer(part TemplateComponent) {
	if sent, path := c.find(LimitedTimeComponent); sent.Type == "" && part.Expires {
		c.f.add(path, "the template is an offer that ends, and the message does not say when (131008)", "give limitedTimeOffer")
	}
}

func (c *comparison) carousel(part TemplateComponent) {
	sent, path := c.find(CarouselComponent)
	switch {
	case sent.Type == "":
		c.f.add(path, fmt.Sprintf("the template is a carousel of %d cards, the message gives none", len(part.Cards)), "")
		return
	case len(sent.Cards) != len(part.Cards):
		summary := fmt.Sprintf("the template has %d cards, the message gives %d", len(part.Cards), len(sent.Cards))
		c.f.add(path+".cards", summary, "")
		return
	}
	for i, card := range sent.Cards {
		inner := comparison{f: c.f, named: c.named, path: fmt.Sprintf("%s.cards[%d].components", path, i), mostBody: MaxCardBody, sent: card.Components}
		inner.run(part.Cards[i])
	}
}

func (c *comparison) buttons(defined []TemplateButton) {
	given := make([]bool, len(defined))
	for i, sent := range c.sent {
		if sent.Type != ButtonComponent {
			continue
		}
		index, err := strconv.Atoi(sent.Index)
		if err != nil || index < 0 || index >= len(defined) {
			summary := fmt.Sprintf("the template has %d buttons, none at place %s (132000)", len(defined), shorten(sent.Index))
			c.f.add(c.at(i)+".index", summary, "count from 0")
			continue
		}
		given[index] = true
		c.button(c.at(i), sent, defined[index])
	}
	for index, button := range defined {
		if given[index] {
			continue
		}
		switch kind := strings.ToUpper(button.Type); {
		case kind == "URL" && len(button.Placeholders()) > 0, kind == "COPY_CODE", kind == "OTP":
			summary := fmt.Sprintf("button %d, %q, needs a parameter (131008)", index, button.Text)
			c.f.add(c.path, summary, "give buttonParameters for it")
		}
	}
}

func (c *comparison) button(path string, sent Component, defined TemplateButton) {
	kind, want := strings.ToLower(sent.SubType), strings.ToLower(defined.Type)
	if want == "otp" {
		want = URLButton // the API reports it as a URL button once the template exists
	}
	switch {
	case kind != want:
		c.f.add(path+".sub_type", fmt.Sprintf("the button is %s, not %s (132012)", want, shorten(kind)), "")
	case kind == URLButton && want == strings.ToLower(defined.Type) && len(defined.Placeholders()) == 0:
		c.f.add(path, "the button's address takes no parameter (132000)", "leave it out")
	case kind == URLButton && len(sent.Parameters) == 1:
		n := filledLength(defined.URL, func(string) (string, bool) { return sent.Parameters[0].Text, true })
		if n > MaxTemplateURL {
			c.f.add(path, fmt.Sprintf("the filled address has %d characters, %d are allowed (132005)", n, MaxTemplateURL), "")
		}
	}
}
