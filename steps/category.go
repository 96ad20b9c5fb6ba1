package steps

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"waybill/engine"
	"waybill/whatsapp"
)

// Wants returns what it takes to ask an account for its templates.
func (*sendTemplate) Wants() []string { return []string{"wabaId"} }

// CategoryOf names a template of an account: its category is that of all its languages, or nearly.
func (*sendTemplate) CategoryOf(c *engine.Call) string {
	name, _ := c.Args["templateName"].(string)
	language, _ := c.Args["languageCode"].(string)
	return strings.Join([]string{c.Connection.BaseURL, c.Connection.WABAID, name, language}, "\x00")
}

// KnownCategory knows nothing of templates: they are the account's.
func (*sendTemplate) KnownCategory(*engine.Call) string { return "" }

// Category asks the account of which category a template is.
func (s *sendTemplate) Category(ctx context.Context, c *engine.Call) (string, error) {
	name, _ := c.Args["templateName"].(string)
	language, _ := c.Args["languageCode"].(string)
	if c.Connection.WABAID == "" {
		return "", errors.New("connection.wabaId is not set, so the account cannot be asked for its templates")
	}
	client, err := s.client(c.Connection)
	if err != nil {
		return "", err
	}
	list, err := client.Templates(ctx, c.Connection.WABAID, whatsapp.TemplateFilter{Name: name})
	if err != nil {
		return "", err
	}
	category := ""
	for _, t := range list {
		if t.Language == language || category == "" {
			category = strings.ToLower(t.Category)
		}
		if t.Language == language {
			break
		}
	}
	if category == "" {
		return "", fmt.Errorf("the account has no template %q", name)
	}
	return category, nil
}
