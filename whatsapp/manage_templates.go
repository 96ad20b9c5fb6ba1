package whatsapp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// TemplateReview is what WhatsApp makes of a new template.
type TemplateReview struct {
	ID       string
	Status   string // mostly PENDING
	Category string // may be another one than was asked for
}

// CreateTemplate makes a template of a definition in the API's form: name, language, category, components. It can be sent once it
// is APPROVED. POST /{waba-id}/message_templates. Source: Meta, templates/template-management.
func (c *Client) CreateTemplate(ctx context.Context, wabaID string, definition json.RawMessage) (TemplateReview, error) {
	const op = "create a template"
	if err := needID("WABA id", wabaID); err != nil {
		return TemplateReview{}, &Error{Op: op, Err: err}
	}
	var wire struct {
		ID       flexString `json:"id"`
		Status   flexString `json:"status"`
		Category flexString `json:"category"`
	}
	err := c.change(ctx, op, definition, &wire, c.address(nil, wabaID, "message_templates"))
	return TemplateReview{ID: string(wire.ID), Status: string(wire.Status), Category: string(wire.Category)}, err
}

// EditTemplate gives a template other components, and another category where the change names one. Only APPROVED, REJECTED and
// PAUSED ones can be edited, an approved one once in 24 hours and 10 times in 30 days; it is reviewed anew.
// POST /{template-id}. Source: Meta, templates/template-management.
func (c *Client) EditTemplate(ctx context.Context, id string, change json.RawMessage) error {
	const op = "edit a template"
	if err := needID("template id", id); err != nil {
		return &Error{Op: op, Err: err}
	}
	var wire struct {
		Success bool `json:"success"`
	}
	if err := c.change(ctx, op, change, &wire, c.address(nil, id)); err != nil {
		return err
	}
	if !wire.Success {
		return misread(op, errors.New("the answer does not say that it was changed"))
	}
	return nil
}

// ParseComponents reads components in the API's form.
func ParseComponents(raw json.RawMessage) ([]TemplateComponent, error) {
	var parts []componentWire
	if err := json.Unmarshal(raw, &parts); err != nil {
		return nil, fmt.Errorf("these are no components: %w", err)
	}
	return components(parts), nil
}
