package steps

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/eval"
	"waybill/steps/template"
	"waybill/whatsapp"
)

// contractCheck holds one step against a lock.
type contractCheck struct {
	step    *engine.Step
	lock    *template.Lock
	account string
	found   diag.List

	notReady diag.Severity // of a template that may become sendable
}

func (k *contractCheck) add(severity diag.Severity, code, param, summary, hint string) {
	at := k.step.NameRange
	if t := k.step.Params.Field(param); t != nil {
		at = t.Range()
	}
	k.found = append(k.found, diag.Diagnostic{Severity: severity, Code: code, Summary: summary, Hint: hint, Range: at})
}

// literal is a parameter that is written out.
func (k *contractCheck) literal(param string) string {
	value, ok := k.step.Params.Field(param).Constant()
	text, err := eval.Text(value)
	if !ok || err != nil {
		return ""
	}
	return strings.TrimSpace(text)
}

func (k *contractCheck) run(build func(engine.Args, readNumber) (*draft, []*problem)) {
	if !k.step.Params.IsMap() {
		return
	}
	name, language := k.literal("templateName"), k.literal("languageCode")
	if name == "" {
		return
	}
	if k.account != "" && k.lock.Account(k.account) == nil {
		_, err := k.lock.LookUp(k.account, name, language)
		if miss, ok := errors.AsType[*template.MissError](err); ok {
			k.add(diag.Warning, "unlocked-account", "templateName", miss.Summary+", so that the template is not checked", miss.Hint)
		}
		return
	}
	if language == "" {
		k.miss(k.lock.HasName(k.account, name))
		return
	}
	t, err := k.lock.LookUp(k.account, name, language)
	if err != nil {
		k.miss(err)
		return
	}
	k.state(*t)
	k.category(*t)
	k.parameters(*t, build)
}

func (k *contractCheck) miss(err error) {
	if err == nil {
		return
	}
	miss, ok := errors.AsType[*template.MissError](err)
	if !ok {
		k.add(diag.Error, "bad-lock", "templateName", err.Error(), "read them again: waybill templates pull")
		return
	}
	p := missed(miss)
	k.add(diag.Error, "unknown-template", p.Path, miss.Summary, miss.Hint)
}

func (k *contractCheck) state(t whatsapp.Template) {
	state, summary, hint := template.StateOf(t)
	summary = fmt.Sprintf("template %s cannot be sent: %s", t.Name, summary)
	switch state {
	case template.Unusable:
		k.add(diag.Error, "template-unusable", "templateName", summary, hint)
	case template.NotReady:
		k.add(k.notReady, "template-not-ready", "templateName", summary, hint)
	case template.Sendable:
	}
}

func (k *contractCheck) category(t whatsapp.Template) {
	if t.CorrectCategory == "" || strings.EqualFold(t.CorrectCategory, t.Category) {
		return
	}
	k.add(diag.Warning, "template-category", "templateName",
		fmt.Sprintf("template %s is of category %s, and WhatsApp takes %s for the right one", t.Name, t.Category, t.CorrectCategory),
		"it may be moved there, and cost what that costs; appeal in WhatsApp Manager, or say it in the definition")
}

// parameters compares what is literal with what the template takes. Findings about expressions are left to the rows.
func (k *contractCheck) parameters(t whatsapp.Template, build func(engine.Args, readNumber) (*draft, []*problem)) {
	args, ok := placeholders(k.step.Params)
	if !ok {
		return
	}
	d, _ := build(args, anyNumber)
	if d.Template == nil {
		return
	}
	own, open := d.Check(), k.openEnded()
	for _, p := range t.Check(d.Message) {
		if p.Path == "template.name" || p.Path == "template.language.code" || slices.Contains(own, p) {
			continue // said already
		}
		found := newProblem(d.origin(p.Path), p)
		at, constant := locate(k.step.Params, found.Path)
		if !constant || open && found.Path == "" || found.Path == "headerMedia" && !isLiteral(k.step.Params.Field("headerMedia").Field("type")) {
			continue
		}
		if found.Path == "" {
			at = k.step.NameRange
		}
		severity := diag.Error
		if p.Warning {
			severity = diag.Warning
		}
		k.found = append(k.found, diag.Diagnostic{
			Severity: severity, Code: "template-mismatch", Summary: fmt.Sprintf("template %s: %s", t.Name, p.Summary),
			Hint: found.Hint, Range: at,
		})
	}
}

// openEnded says whether a row decides what parts the message has: nobody can say then what is missing.
func (k *contractCheck) openEnded() bool {
	for _, f := range k.step.Params.Fields() {
		switch f.Name {
		case "to", "templateName", "languageCode", "replyTo":
			continue
		}
		if isExpression(f.Value) {
			return true
		}
		for _, item := range f.Value.Items() {
			if strings.HasPrefix(f.Name, "body") || strings.HasPrefix(f.Name, "header") {
				break
			}
			if isExpression(item) || !isLiteral(item.Field("index")) {
				return true
			}
		}
	}
	return false
}

// isExpression says whether a row decides all of a value.
func isExpression(t *eval.Tree) bool { return !t.IsMap() && !t.IsList() && !isLiteral(t) }

// isLiteral says whether a value is written out, or is not there.
func isLiteral(t *eval.Tree) bool {
	if t == nil {
		return true
	}
	_, ok := t.Constant()
	return ok
}
