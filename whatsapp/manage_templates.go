package whatsapp

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
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
		return &Error{Op: op, Status: http.StatusOK, Sent: true, Err: fmt.Errorf("the answer does not say that it was changed")}
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

// change makes a POST that reaches no recipient. It is never repeated.
func (c *Client) change(ctx context.Context, op string, body []byte, into any, address *url.URL) error {
	ctx, w := c.withTimeouts(ctx, nil)
	defer w.stop()
	r := c.request(ctx, http.MethodPost, address)
	r.Header = c.headers().json
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	got, err := c.do(ctx, r, maxAnswer)
	return c.decode(op, got, err, into)
}
