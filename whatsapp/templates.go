package whatsapp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// TemplateApproved is the only status in which a template can be sent.
const TemplateApproved = "APPROVED"

// templateGenerated is the Source of a template that WhatsApp made itself.
const templateGenerated = "AUTO_GENERATED"

// Template is an approved, or not yet approved, template as the account's list holds it. Source: Meta,
// templates/overview and templates/components.
type Template struct {
	ID              string
	Name            string
	Language        string
	Status          string // APPROVED, PENDING, REJECTED, PAUSED, DISABLED, …
	Category        string // AUTHENTICATION, MARKETING, UTILITY
	ParameterFormat string // POSITIONAL or NAMED; empty: not reported, see Named
	QualityScore    string // GREEN, YELLOW, RED, UNKNOWN
	RejectedReason  string
	CorrectCategory string // what WhatsApp takes for the right category, where it differs; empty: nothing is said
	Source          string // MANUAL, or AUTO_GENERATED, which cannot be sent by name; empty: not reported
	Components      []TemplateComponent
	Raw             json.RawMessage // the components as the list holds them; nil where they do not come from it
}

// TemplateComponent is a part of a template's definition.
type TemplateComponent struct {
	Type    string // HEADER, BODY, FOOTER, BUTTONS, CAROUSEL, LIMITED_TIME_OFFER
	Format  string // of a header: TEXT, IMAGE, VIDEO, DOCUMENT, LOCATION
	Text    string
	Buttons []TemplateButton
	Cards   [][]TemplateComponent // of a carousel
	Expires bool                  // of a limited-time offer: a message says when it ends
}

// TemplateButton is a button of a definition; its place in the list is the index that a message names.
type TemplateButton struct {
	Type string // QUICK_REPLY, URL, PHONE_NUMBER, COPY_CODE, OTP, FLOW, CATALOG, …
	Text string
	URL  string // may end in a placeholder

	PhoneNumber string // of PHONE_NUMBER: who is called
}

// Placeholders returns the names of the placeholders in a component's text, each once, in the order of their first
// appearance: "1", "2", or names.
func (c TemplateComponent) Placeholders() []string { return placeholders(c.Text) }

// Placeholders returns the names of the placeholders in the button's address.
func (b TemplateButton) Placeholders() []string { return placeholders(b.URL) }

// Named reports whether parameters go by name, judged by the placeholders where ParameterFormat is empty.
func (t Template) Named() bool {
	if t.ParameterFormat != "" {
		return strings.EqualFold(t.ParameterFormat, "NAMED")
	}
	for _, c := range t.Components {
		for _, name := range c.Placeholders() {
			if strings.Trim(name, "0123456789") != "" {
				return true
			}
		}
	}
	return false
}

// Generated says whether WhatsApp made the template, of messages that were sent without one. Source: Meta, direct-send.
func (t Template) Generated() bool { return strings.EqualFold(t.Source, templateGenerated) }

// TemplateFilter narrows a list of templates; empty fields do not.
type TemplateFilter struct {
	Name   string // exactly this name, in all its languages
	Status string // such as APPROVED
}

// Templates lists the templates of an account, page after page. GET /{waba-id}/message_templates.
func (c *Client) Templates(ctx context.Context, wabaID string, filter TemplateFilter) ([]Template, error) {
	const op = "list the templates"
	if err := needID("WABA id", wabaID); err != nil {
		return nil, &Error{Op: op, Err: err}
	}
	const always = "id,name,language,status,category,parameter_format,quality_score,rejected_reason,components"
	query := url.Values{"fields": {always + ",source,correct_category"}, "limit": {"100"}}
	if filter.Name != "" {
		query.Set("name", filter.Name)
	}
	if filter.Status != "" {
		query.Set("status", filter.Status)
	}
	templates, err := c.templates(ctx, op, wabaID, filter, query)
	if refusesFields(err) {
		query.Set("fields", always)
		templates, err = c.templates(ctx, op, wabaID, filter, query)
	}
	return templates, err
}

func (c *Client) templates(ctx context.Context, op, wabaID string, filter TemplateFilter, query url.Values) ([]Template, error) {
	var templates []Template
	var fault error
	err := each(ctx, c, op, query, func(list []templateWire) bool {
		for _, one := range list {
			// The service may look for names that begin or contain; we asked for one.
			if filter.Name == "" || string(one.Name) == filter.Name {
				t, err := one.template()
				if err != nil {
					fault = misread(op, err)
					return false
				}
				templates = append(templates, t)
			}
		}
		return true
	}, wabaID, "message_templates")
	return templates, errors.Join(err, fault)
}

type templateWire struct {
	ID       flexString `json:"id"`
	Name     flexString `json:"name"`
	Language flexString `json:"language"`
	Status   flexString `json:"status"`
	Category flexString `json:"category"`
	Format   flexString `json:"parameter_format"`
	Quality  struct {
		Score flexString `json:"score"`
	} `json:"quality_score"`
	Reason     flexString      `json:"rejected_reason"`
	Correct    flexString      `json:"correct_category"`
	Source     flexString      `json:"source"`
	Components json.RawMessage `json:"components"`
}

type componentWire struct {
	Type    flexString `json:"type"`
	Format  flexString `json:"format"`
	Text    flexString `json:"text"`
	Buttons []struct {
		Type flexString `json:"type"`
		Text flexString `json:"text"`
		URL  flexString `json:"url"`
		Call flexString `json:"phone_number"`
	} `json:"buttons"`
	Offer struct {
		Text    flexString `json:"text"`
		Expires bool       `json:"has_expiration"`
	} `json:"limited_time_offer"`
	Cards []struct {
		Components []componentWire `json:"components"`
	} `json:"cards"`
}

func (w templateWire) template() (Template, error) {
	var parts []componentWire
	if len(w.Components) > 0 {
		if err := json.Unmarshal(w.Components, &parts); err != nil {
			return Template{}, fmt.Errorf("the components of template %s are not what they should be: %w", w.Name, err)
		}
	}
	return Template{
		ID: string(w.ID), Name: string(w.Name), Language: string(w.Language), Status: string(w.Status), Category: string(w.Category),
		ParameterFormat: string(w.Format), QualityScore: string(w.Quality.Score), RejectedReason: string(w.Reason),
		CorrectCategory: string(w.Correct), Source: string(w.Source), Components: components(parts), Raw: w.Components,
	}, nil
}

func components(list []componentWire) []TemplateComponent {
	var parts []TemplateComponent
	for _, w := range list {
		part := TemplateComponent{Type: string(w.Type), Format: string(w.Format), Text: string(w.Text), Expires: w.Offer.Expires}
		if part.Text == "" {
			part.Text = string(w.Offer.Text)
		}
		for _, b := range w.Buttons {
			part.Buttons = append(part.Buttons, TemplateButton{Type: string(b.Type), Text: string(b.Text), URL: string(b.URL), PhoneNumber: string(b.Call)})
		}
		for _, card := range w.Cards {
			part.Cards = append(part.Cards, components(card.Components))
		}
		parts = append(parts, part)
	}
	return parts
}
