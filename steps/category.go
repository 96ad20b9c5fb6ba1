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
	name, language := templateOf(c.Args)
	return strings.Join([]string{c.Connection.BaseURL, c.Connection.WABAID, name, language}, "\x00")
}

// KnownCategory is the category by the lock beside the job; empty where there is none, or it does not say.
func (s *sendTemplate) KnownCategory(c *engine.Call) string {
	name, language := templateOf(c.Args)
	category, _ := s.lockedCategory(c, name, language)
	return category
}

// Category returns of which category a template is: as the lock beside the job says, else as the account does.
func (s *sendTemplate) Category(ctx context.Context, c *engine.Call) (string, error) {
	name, language := templateOf(c.Args)
	if category, known := s.lockedCategory(c, name, language); known {
		return category, nil
	}
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

// templateOf names the template of a call, as it stands in the request: see templateDraft.
func templateOf(a engine.Args) (name, language string) {
	name, _ = a["templateName"].(string)
	language, _ = a["languageCode"].(string)
	return strings.TrimSpace(name), strings.TrimSpace(language)
}

// lockedCategory is the category by the lock; false where it does not say.
func (s *sendTemplate) lockedCategory(c *engine.Call, name, language string) (string, bool) {
	lock, err := s.world.Templates.Of(c.Dir)
	if lock == nil || err != nil {
		return "", false
	}
	t, err := lock.LookUp(s.accountIn(c.Connection.WABAID), name, language)
	if err != nil {
		return "", false // where messages are made it is said
	}
	return strings.ToLower(t.Category), t.Category != ""
}
