package steps

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"waybill/steps/template"
	"waybill/whatsapp"
)

// Reread returns a message as its person reads it, of the body of a request that was kept: a template as the lock in the folder of its job
// has it now, with what the message put in; where no lock has it, its name and what was put in. Empty: nobody knows how it reads.
func Reread(locks *template.Locks, dir, body string) string {
	var m whatsapp.Message
	if err := json.Unmarshal([]byte(body), &m); err != nil {
		return "" // its words are there all the same
	}
	switch {
	case m.Text != nil:
		return m.Text.Body
	case m.Media != nil:
		l := lines{}
		l.add(string(m.Media.Type), m.Media.Link+m.Media.ID)
		l.add("filename", m.Media.Filename)
		if m.Media.Caption != "" {
			l = append(l, m.Media.Caption)
		}
		return strings.Join(l, "\n")
	case m.Template != nil:
		if text := rereadTemplate(locks, dir, m); text != "" {
			return text
		}
		l := lines{fmt.Sprintf("template %s (%s)", m.Template.Name, m.Template.Language.Code)}
		l.addComponents("", m.Template.Components)
		if len(m.Template.Given) > 0 {
			l.add("components", string(m.Template.Given))
		}
		return strings.Join(l, "\n")
	}
	return ""
}

// rereadTemplate fills the template of the lock. Empty: there is none, or accounts have different ones, and the body does not say of which
// it was.
func rereadTemplate(locks *template.Locks, dir string, m whatsapp.Message) string {
	lock, err := locks.Of(dir)
	if err != nil || lock == nil { // validate says what is wrong with it
		return ""
	}
	var texts []string
	for _, account := range lock.Accounts {
		t, found, err := account.Find(m.Template.Name, m.Template.Language.Code)
		if err != nil || !found {
			continue
		}
		if text := t.Read(m); !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	if len(texts) != 1 {
		return ""
	}
	return texts[0]
}

// addComponents adds what a message puts into a template.
func (l *lines) addComponents(prefix string, components []whatsapp.Component) {
	for _, c := range components {
		name := prefix + c.Type
		if c.Type == whatsapp.ButtonComponent {
			name = strings.TrimSpace(fmt.Sprintf("%s %s %s", name, c.Index, c.SubType))
		}
		for i, p := range c.Parameters {
			place := p.Name
			if place == "" {
				place = fmt.Sprint(i + 1)
			}
			if c.Type == whatsapp.ButtonComponent {
				l.add(name, parameterText(p))
				continue
			}
			l.add(name+" "+place, parameterText(p))
		}
		for i, card := range c.Cards {
			l.addComponents(fmt.Sprintf("%scard %d ", prefix, i+1), card.Components)
		}
	}
}

// parameterText is what a person sees of a parameter.
func parameterText(p whatsapp.Parameter) string {
	switch {
	case p.Currency != nil:
		return p.Currency.FallbackValue
	case p.DateTime != nil:
		return p.DateTime.FallbackValue
	case p.Location != nil:
		return strings.TrimSpace(fmt.Sprintf("%s %s (%s, %s)", p.Location.Name, p.Location.Address, p.Location.Latitude, p.Location.Longitude))
	case p.Action != nil:
		return p.Action.FlowToken + p.Action.ThumbnailProductID
	}
	for _, file := range []*whatsapp.File{p.Image, p.Video, p.Document} {
		if file != nil {
			return strings.TrimSpace(file.Filename + " " + file.Link + file.ID)
		}
	}
	return p.Text + p.Payload + p.CouponCode
}
