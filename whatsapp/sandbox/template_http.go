package sandbox

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// isTemplateName says whether a template may have a name: a to z, 0 to 9 and _, at most 512 of them.
func isTemplateName(text string) bool {
	return text != "" && len(text) <= 512 && strings.Trim(text, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

// templateNode are all fields of a template.
func templateNode(t *storedTemplate) map[string]any {
	node := map[string]any{
		"id": t.ID, "name": t.Name, "language": t.Language, "status": t.Status, "category": t.Category,
		"parameter_format": t.ParameterFormat, "components": t.Components, "quality_score": t.QualityScore,
		"sub_category": nil, "previous_category": nil, "rejected_reason": "NONE", "message_send_ttl_seconds": nil, "correct_category": nil, "source": "MANUAL",
		"cta_url_link_tracking_opted_out": nil, "library_template_name": nil,
	}
	if t.RejectedReason != "" {
		node["rejected_reason"] = t.RejectedReason
	}
	if t.CorrectCategory != "" {
		node["correct_category"] = t.CorrectCategory
	}
	if t.Source != "" {
		node["source"] = t.Source
	}
	return node
}

const usualTemplateFields = "name,parameter_format,components,language,status,category,id"

// listTemplates is GET /{waba-id}/message_templates with its filters. Source: Meta, templates/template-management.
func (s *Server) listTemplates(c *call) (answer, *graphError) {
	fields, refusal := asked(c, usualTemplateFields)
	if refusal != nil {
		return answer{}, refusal
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []*storedTemplate
	for _, t := range s.sortedTemplates() {
		if t.passes(c) {
			list = append(list, t)
		}
	}
	lo, hi, p, refusal := listing{
		size: len(list), key: func(i int) string { return list[i].ID },
		place: func(key string) (int, bool) {
			for i := range list {
				if list[i].ID == key {
					return i, true
				}
			}
			return 0, false
		},
	}.page(c, 25, 1000)
	if refusal != nil {
		return answer{}, refusal
	}
	rows := make([]map[string]any, 0, hi-lo)
	for _, t := range list[lo:hi] {
		row, refusal := choose(templateNode(t), fields, "WhatsAppMessageTemplate")
		if refusal != nil {
			return answer{}, refusal
		}
		rows = append(rows, row)
	}
	return listAnswer(rows, p), nil
}

// passes applies the filters of a listing; the words are compared without case.
func (t *storedTemplate) passes(c *call) bool {
	is := func(filter, value string) bool {
		wanted := c.query.Get(filter)
		return wanted == "" || strings.EqualFold(wanted, value)
	}
	score := ""
	if t.QualityScore != nil {
		score = t.QualityScore.Score
	}
	part := c.query.Get("name_or_content")
	return is("source", cmp.Or(t.Source, "MANUAL")) && strings.Contains(t.shape.body, c.query.Get("content")) && is("status", t.Status) && is("category", t.Category) && is("language", t.Language) && is("quality_score", score) &&
		strings.Contains(t.Name, c.query.Get("name")) &&
		(part == "" || strings.Contains(t.Name, part) || strings.Contains(t.shape.body, part))
}

// getTemplate is GET /{template-id}.
func (s *Server) getTemplate(c *call) (answer, *graphError) {
	fields, refusal := asked(c, usualTemplateFields)
	if refusal != nil {
		return answer{}, refusal
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.templatesByID[c.parts[0]]
	if found == nil {
		return answer{}, unsupported(c.method, c.parts[0])
	}
	chosen, refusal := choose(templateNode(found), fields, "WhatsAppMessageTemplate")
	if refusal != nil {
		return answer{}, refusal
	}
	return jsonAnswer(http.StatusOK, chosen), nil
}

// createTemplate is POST /{waba-id}/message_templates. A new template is PENDING and can be sent once
// POST /__sandbox/templates has approved it: there is no review.
func (s *Server) createTemplate(c *call) (answer, *graphError) {
	o, refusal := c.parameters()
	if refusal != nil {
		return answer{}, refusal
	}
	var t Template
	if t.Name, refusal = o.required("name", ""); refusal != nil {
		return answer{}, refusal
	}
	if !isTemplateName(t.Name) && (!s.options.Placeholders || !placeholder.MatchString(t.Name)) {
		return answer{}, refuse(100, "Param name may hold lower-case letters, digits and underscores, 512 of them at most - "+
			"got \"%s\".", t.Name)
	}
	if t.Language, refusal = o.required("language", ""); refusal != nil {
		return answer{}, refusal
	}
	if refusal = checkDefinition(o); refusal != nil {
		return answer{}, refusal
	}
	if err := json.Unmarshal(c.payload(o), &t); err != nil {
		return answer{}, refuse(100, "The template cannot be read: %s", err.Error())
	}
	t.ID, t.Status = "", "PENDING"
	read, refusal := newStoredTemplate(t)
	if refusal != nil {
		return answer{}, refusal
	}
	if refusal = read.placeholdersStand(); refusal != nil {
		return answer{}, refusal
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.templates[templateKey{t.Name, t.Language}] != nil {
		refusal = refuse(100, "There is already %s content for this template. You can create a new template and try again.", t.Language)
		refusal.subcode = 2388024
		return answer{}, refusal
	}
	s.putTemplate(read)
	return jsonAnswer(http.StatusOK, map[string]string{"id": read.ID, "status": read.Status, "category": read.Category}), nil
}

// checkDefinition checks what a definition has to have.
func checkDefinition(o object) *graphError {
	category, refusal := o.required("category", "")
	if refusal != nil {
		return refusal
	}
	switch strings.ToUpper(category) {
	case "AUTHENTICATION", "MARKETING", "UTILITY":
	default:
		return refuse(100, "Param category must be one of {AUTHENTICATION, MARKETING, UTILITY} - got \"%s\".", category)
	}
	components, refusal := o.list("components", "")
	if refusal != nil {
		return refusal
	}
	if len(components) == 0 {
		return missing("", "components")
	}
	return nil
}

// placeholdersStand refuses variables at the start or the end of the body, and numbers that are not 1, 2, 3 …
// Source: Meta, templates/components.
func (t *storedTemplate) placeholdersStand() *graphError {
	body := strings.TrimSpace(t.shape.body)
	if strings.EqualFold(t.Category, "AUTHENTICATION") {
		return nil
	}
	at := variable.FindAllStringIndex(body, -1)
	if len(at) > 0 && (at[0][0] == 0 || at[len(at)-1][1] == len(body)) {
		refusal := refuse(100, "Variables can't be at the start or end of the template.")
		refusal.subcode = 2388299
		return refusal
	}
	if t.ParameterFormat != "NAMED" {
		names := variables(body)
		for i := range names {
			if !slices.Contains(names, strconv.Itoa(i+1)) {
				return refuse(100, "The variables of a positional template are {{1}}, {{2}} and so on, without a gap.")
			}
		}
	}
	return nil
}

// editTemplate is POST /{template-id}: new components or a new category for one that is APPROVED, REJECTED or PAUSED.
func (s *Server) editTemplate(c *call) (answer, *graphError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.templatesByID[c.parts[0]]
	if found == nil {
		return answer{}, unsupported(c.method, c.parts[0])
	}
	switch found.Status {
	case "APPROVED", "REJECTED", "PAUSED":
	default:
		refusal := refuse(100, "A template that is %s cannot be edited.", found.Status)
		refusal.subcode = 2388039
		return answer{}, refusal
	}
	edited := found.Template
	o, refusal := c.parameters()
	if refusal != nil {
		return answer{}, refusal
	}
	if err := json.Unmarshal(c.payload(o), &edited); err != nil {
		return answer{}, refuse(100, "The template cannot be read: %s", err.Error())
	}
	edited.ID, edited.Name, edited.Language, edited.Status = found.ID, found.Name, found.Language, "PENDING"
	read, refusal := newStoredTemplate(edited)
	if refusal != nil {
		return answer{}, refusal
	}
	s.putTemplate(read)
	return success(), nil
}

// deleteTemplates is DELETE /{waba-id}/message_templates: by name in all languages, or by name and hsm_id one.
func (s *Server) deleteTemplates(c *call) (answer, *graphError) {
	name, id := c.query.Get("name"), c.query.Get("hsm_id")
	if name == "" {
		return answer{}, refuse(100, "The parameter name is required.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	gone := 0
	for key, t := range s.templates {
		if key.name == name && (id == "" || id == t.ID) {
			delete(s.templates, key)
			delete(s.templatesByID, t.ID)
			gone++
		}
	}
	if gone == 0 {
		return answer{}, refuse(100, "There is no template named %s.", name)
	}
	return success(), nil
}
