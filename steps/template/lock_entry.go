package template

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"gopkg.in/yaml.v3"

	"waybill/whatsapp"
)

// entryForm is a template as it stands in the lock file.
type entryForm struct {
	ID              string `yaml:"id,omitempty"`
	Status          string `yaml:"status"`
	Category        string `yaml:"category"`
	CorrectCategory string `yaml:"correctCategory,omitempty"`
	Source          string `yaml:"source,omitempty"`
	RejectedReason  string `yaml:"rejectedReason,omitempty"`
	ParameterFormat string `yaml:"parameterFormat,omitempty"`

	partsForm `yaml:",inline"`
}

// partsForm are the parts of a template, or of one card of it.
type partsForm struct {
	Header  *headerForm  `yaml:"header,omitempty"`
	Body    *bodyForm    `yaml:"body,omitempty"`
	Offer   *offerForm   `yaml:"limitedTimeOffer,omitempty"`
	Footer  textForm     `yaml:"footer,omitempty"`
	Buttons []buttonForm `yaml:"buttons,omitempty"`
	Cards   []partsForm  `yaml:"cards,omitempty"`
	Others  []otherForm  `yaml:"others,omitempty"`
}

// textForm is a text that people wrote. One that begins with a line break or a tab is in quotes: in a block yaml.v3 leaves the break out,
// and does not read the tab.
type textForm string

// MarshalYAML is for the encoder.
func (t textForm) MarshalYAML() (any, error) {
	if strings.HasPrefix(string(t), "\n") || strings.HasPrefix(string(t), "\t") {
		return &yaml.Node{Kind: yaml.ScalarNode, Style: yaml.DoubleQuotedStyle, Value: string(t)}, nil
	}
	return string(t), nil
}

type headerForm struct {
	Format string   `yaml:"format"`
	Text   textForm `yaml:"text,omitempty"`
}

type bodyForm struct {
	Text       textForm `yaml:"text"`
	Parameters []string `yaml:"parameters,flow,omitempty"` // for whoever reads the file; the text says the same
}

type offerForm struct {
	Text    textForm `yaml:"text,omitempty"`
	Expires bool     `yaml:"expires"`
}

type buttonForm struct {
	Type        string   `yaml:"type"`
	Text        textForm `yaml:"text,omitempty"`
	URL         string   `yaml:"url,omitempty"`
	PhoneNumber string   `yaml:"phoneNumber,omitempty"`
}

type otherForm struct {
	Type string   `yaml:"type"`
	Text textForm `yaml:"text,omitempty"`
}

// formOf is a template as it is written.
func formOf(t whatsapp.Template) entryForm {
	f := entryForm{
		ID: t.ID, Status: t.Status, Category: t.Category, CorrectCategory: t.CorrectCategory, Source: t.Source,
		ParameterFormat: t.ParameterFormat, partsForm: partsOf(t.Components),
	}
	if t.RejectedReason != "NONE" {
		f.RejectedReason = t.RejectedReason
	}
	return f
}

func partsOf(components []whatsapp.TemplateComponent) partsForm {
	var f partsForm
	for _, c := range components {
		switch strings.ToUpper(c.Type) {
		case "HEADER":
			f.Header = &headerForm{Format: c.Format, Text: textForm(c.Text)}
		case "BODY":
			f.Body = &bodyForm{Text: textForm(c.Text), Parameters: c.Placeholders()}
		case "FOOTER":
			f.Footer = textForm(c.Text)
		case "LIMITED_TIME_OFFER":
			f.Offer = &offerForm{Text: textForm(c.Text), Expires: c.Expires}
		case "BUTTONS":
			for _, b := range c.Buttons {
				f.Buttons = append(f.Buttons, buttonForm{Type: b.Type, Text: textForm(b.Text), URL: b.URL, PhoneNumber: b.PhoneNumber})
			}
		case "CAROUSEL":
			for _, card := range c.Cards {
				f.Cards = append(f.Cards, partsOf(card))
			}
		default:
			f.Others = append(f.Others, otherForm{Type: c.Type, Text: textForm(c.Text)})
		}
	}
	return f
}

// template is the form as a client has it, without name and language.
func (f entryForm) template() whatsapp.Template {
	return whatsapp.Template{
		ID: f.ID, Status: f.Status, Category: f.Category, CorrectCategory: f.CorrectCategory, Source: f.Source,
		RejectedReason: f.RejectedReason, ParameterFormat: f.ParameterFormat, Components: f.components(),
	}
}

func (f partsForm) components() []whatsapp.TemplateComponent {
	var list []whatsapp.TemplateComponent
	add := func(c whatsapp.TemplateComponent) { list = append(list, c) }
	if f.Header != nil {
		add(whatsapp.TemplateComponent{Type: "HEADER", Format: f.Header.Format, Text: string(f.Header.Text)})
	}
	if f.Body != nil {
		add(whatsapp.TemplateComponent{Type: "BODY", Text: string(f.Body.Text)})
	}
	if f.Offer != nil {
		add(whatsapp.TemplateComponent{Type: "LIMITED_TIME_OFFER", Text: string(f.Offer.Text), Expires: f.Offer.Expires})
	}
	if f.Footer != "" {
		add(whatsapp.TemplateComponent{Type: "FOOTER", Text: string(f.Footer)})
	}
	if len(f.Buttons) > 0 {
		c := whatsapp.TemplateComponent{Type: "BUTTONS"}
		for _, b := range f.Buttons {
			c.Buttons = append(c.Buttons, whatsapp.TemplateButton{Type: b.Type, Text: string(b.Text), URL: b.URL, PhoneNumber: b.PhoneNumber})
		}
		add(c)
	}
	if len(f.Cards) > 0 {
		c := whatsapp.TemplateComponent{Type: "CAROUSEL"}
		for _, card := range f.Cards {
			c.Cards = append(c.Cards, card.components())
		}
		add(c)
	}
	for _, o := range f.Others {
		add(whatsapp.TemplateComponent{Type: o.Type, Text: string(o.Text)})
	}
	return list
}

// parseEntry reads the lines of one template.
func parseEntry(text []byte) (t whatsapp.Template, err error) {
	defer func() {
		if p := recover(); p != nil { // yaml.v3 panics at some texts
			err = fmt.Errorf("yaml: %v", p)
		}
	}()
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	var f entryForm
	if err := decoder.Decode(&f); err != nil && !errors.Is(err, io.EOF) {
		return whatsapp.Template{}, err
	}
	if f.Status == "" {
		return whatsapp.Template{}, errors.New("it has no status")
	}
	return f.template(), nil
}

// writeEntry writes the lines of one template.
func writeEntry(t whatsapp.Template) ([]byte, error) {
	var b bytes.Buffer
	encoder := yaml.NewEncoder(&b)
	encoder.SetIndent(2)
	if err := encoder.Encode(formOf(t)); err != nil {
		return nil, fmt.Errorf("write template %s: %w", t.Name, err)
	}
	if err := encoder.Close(); err != nil {
		return nil, fmt.Errorf("write template %s: %w", t.Name, err)
	}
	return b.Bytes(), nil
}
