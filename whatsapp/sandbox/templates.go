package sandbox

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// Template is a message template of the account, in the shape of GET /{waba-id}/message_templates.
// Components are kept as they came, so that a listing returns them unchanged.
type Template struct {
	ID              string           `json:"id"`
	Name            string           `json:"name"`
	Language        string           `json:"language"`
	Status          string           `json:"status"`           // APPROVED alone can be sent; empty: APPROVED
	Category        string           `json:"category"`         // AUTHENTICATION, MARKETING or UTILITY; empty: UTILITY
	ParameterFormat string           `json:"parameter_format"` // POSITIONAL or NAMED; empty: what the texts show
	Components      []map[string]any `json:"components"`
	QualityScore    *Quality         `json:"quality_score,omitempty"`
	RejectedReason  string           `json:"rejected_reason,omitempty"`
	CorrectCategory string           `json:"correct_category,omitempty"` // what WhatsApp takes for the right one, where it differs
	Source          string           `json:"source,omitempty"`           // MANUAL, or AUTO_GENERATED, which cannot be sent by name; empty: MANUAL
}

// Quality is what people make of a template: GREEN, YELLOW, RED or UNKNOWN.
type Quality struct {
	Score string `json:"score"`
	Date  int64  `json:"date,omitempty"` // UNIX seconds
}

// storedTemplate is a template with the shape that messages are checked against.
type storedTemplate struct {
	Template
	shape shape
}

// shape is a template's variable parts: of the message itself, or of one card of a carousel.
type shape struct {
	named     bool
	header    string // "", TEXT, IMAGE, VIDEO, DOCUMENT, LOCATION …
	headline  string // text of a TEXT header
	body      string
	bodyLimit int
	hasBody   bool
	buttons   []button
	offer     bool // has a limited-time offer
	cards     []shape
}

type button struct {
	kind string // upper case: QUICK_REPLY, URL, PHONE_NUMBER, COPY_CODE, OTP, FLOW, CATALOG, MPM …
	text string
	url  string
}

// variable finds {{1}} and {{first_name}}; blanks inside the braces are tolerated in practice.
var variable = regexp.MustCompile(`\{\{\s*([A-Za-z0-9_]+)\s*\}\}`)

// variables are the distinct names in a text, in order.
func variables(text string) []string {
	var names []string
	for _, match := range variable.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(names, match[1]) {
			names = append(names, match[1])
		}
	}
	return names
}

// newStoredTemplate completes a template and reads its shape.
func newStoredTemplate(t Template) (*storedTemplate, *graphError) {
	setText(&t.Status, "APPROVED")
	setText(&t.Category, "UTILITY")
	t.Status, t.Category = strings.ToUpper(t.Status), strings.ToUpper(t.Category)
	t.ParameterFormat = strings.ToUpper(t.ParameterFormat)
	components := make([]map[string]any, 0, len(t.Components))
	for _, component := range t.Components {
		components = append(components, upperType(component))
	}
	t.Components = components
	parts, refusal := shapeOf(components, 1024)
	if refusal != nil {
		return nil, refusal
	}
	if t.ParameterFormat == "" {
		t.ParameterFormat = "POSITIONAL"
		if isNamed(append(variables(parts.headline), variables(parts.body)...)) {
			t.ParameterFormat = "NAMED"
		}
	}
	parts.setNamed(t.ParameterFormat == "NAMED")
	return &storedTemplate{Template: t, shape: parts}, nil
}

func upperType(component map[string]any) map[string]any {
	upper := maps.Clone(component)
	if upper == nil {
		upper = map[string]any{}
	}
	if kind, ok := upper["type"].(string); ok {
		upper["type"] = strings.ToUpper(kind)
	}
	return upper
}

func isNamed(names []string) bool {
	for _, name := range names {
		if _, err := strconv.Atoi(name); err != nil {
			return true
		}
	}
	return false
}

func (s *shape) setNamed(named bool) {
	s.named = named
	for i := range s.cards {
		s.cards[i].setNamed(named)
	}
}

// shapeOf reads components; limit is the length of a filled body: 1024, on a card 160.
func shapeOf(components []map[string]any, limit int) (shape, *graphError) {
	parts := shape{bodyLimit: limit}
	for i, raw := range components {
		component, path := object(raw), fmt.Sprintf("components[%d]", i)
		kind, refusal := component.required("type", path)
		if refusal != nil {
			return parts, refusal
		}
		switch strings.ToUpper(kind) {
		case "HEADER":
			refusal = parts.readHeader(component, path)
		case "BODY":
			parts.hasBody = true
			parts.body, _, refusal = component.optional("text", path)
			if flag, _ := component["add_security_recommendation"].(bool); flag || parts.body == "" && component["text"] == nil {
				parts.body = "{{1}} is your verification code."
			}
		case "FOOTER", "CALL_PERMISSION_REQUEST", "ORDER_DETAILS", "ORDER_STATUS":
		case "BUTTONS":
			parts.buttons, refusal = readButtons(component, path)
		case "LIMITED_TIME_OFFER":
			parts.offer = true
		case "CAROUSEL":
			parts.cards, refusal = readCards(component, path)
		default:
			refusal = refuse(100, "Param %s['type'] must be one of {HEADER, BODY, FOOTER, BUTTONS, CAROUSEL, "+
				"LIMITED_TIME_OFFER} - got \"%s\".", path, kind)
		}
		if refusal != nil {
			return parts, refusal
		}
	}
	return parts, nil
}

func (s *shape) readHeader(component object, path string) *graphError {
	format, _, refusal := component.optional("format", path)
	if refusal != nil {
		return refusal
	}
	setText(&format, "TEXT")
	s.header = strings.ToUpper(format)
	switch s.header {
	case "TEXT", "IMAGE", "VIDEO", "DOCUMENT", "LOCATION", "GIF", "PRODUCT":
	default:
		return refuse(100, "Param %s['format'] must be one of {TEXT, IMAGE, VIDEO, DOCUMENT, LOCATION} - got \"%s\".", path, format)
	}
	s.headline, _, refusal = component.optional("text", path)
	return refusal
}

func readButtons(component object, path string) ([]button, *graphError) {
	list, refusal := component.list("buttons", path)
	if refusal != nil {
		return nil, refusal
	}
	buttons := make([]button, 0, len(list))
	for i, defined := range list {
		kind, refusal := defined.required("type", fmt.Sprintf("%s['buttons'][%d]", path, i))
		if refusal != nil {
			return nil, refusal
		}
		label, _, _ := defined.optional("text", path)
		address, _, _ := defined.optional("url", path)
		buttons = append(buttons, button{kind: strings.ToUpper(kind), text: label, url: address})
	}
	return buttons, nil
}

func readCards(component object, path string) ([]shape, *graphError) {
	list, refusal := component.list("cards", path)
	if refusal != nil {
		return nil, refusal
	}
	cards := make([]shape, 0, len(list))
	for i, card := range list {
		parts, refusal := card.list("components", fmt.Sprintf("%s['cards'][%d]", path, i))
		if refusal != nil {
			return nil, refusal
		}
		plain := make([]map[string]any, len(parts))
		for k, part := range parts {
			plain[k] = part
		}
		read, refusal := shapeOf(plain, 160)
		if refusal != nil {
			return nil, refusal
		}
		cards = append(cards, read)
	}
	return cards, nil
}

// AddTemplate puts a template into the account, in place of one with its name and language, and returns it with its id. The
// error says what is wrong with the definition.
func (s *Server) AddTemplate(t Template) (Template, error) {
	read, refusal := newStoredTemplate(t)
	if refusal == nil && (t.Name == "" || t.Language == "") {
		refusal = refuse(100, "A template needs a name and a language.")
	}
	if refusal != nil {
		return Template{}, fmt.Errorf("add template %s: %s", t.Name, refusal.details)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.putTemplate(read)
	return read.Template, nil
}

// putTemplate stores read under its name and language. The caller holds the lock.
func (s *Server) putTemplate(read *storedTemplate) {
	if read.ID == "" {
		read.ID = s.newID()
	}
	key := templateKey{read.Name, read.Language}
	if old, there := s.templates[key]; there {
		delete(s.templatesByID, old.ID)
	}
	s.templates[key] = read
	s.templatesByID[read.ID] = read
}

type templateKey struct{ name, language string }

// Templates lists the account's templates by name and language.
func (s *Server) Templates() []Template {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Template, 0, len(s.templates))
	for _, stored := range s.sortedTemplates() {
		list = append(list, stored.Template)
	}
	return list
}

// sortedTemplates needs the lock.
func (s *Server) sortedTemplates() []*storedTemplate {
	list := make([]*storedTemplate, 0, len(s.templates))
	for _, stored := range s.templates {
		list = append(list, stored)
	}
	sort.Slice(list, func(a, b int) bool {
		if list[a].Name != list[b].Name {
			return list[a].Name < list[b].Name
		}
		return list[a].Language < list[b].Language
	})
	return list
}

// templateFor finds what a send names; the language must match exactly.
func (s *Server) templateFor(name, language string) *storedTemplate {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.templates[templateKey{name, language}]
}
