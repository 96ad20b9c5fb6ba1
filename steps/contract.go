package steps

import (
	"context"
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

// Message makes the message that will be sent, and holds it against what is known of its template.
func (s *sendTemplate) Message(c *engine.Call) (engine.Message, error) {
	d, problems := s.draft(c.Args, c.ReadNumber)
	lock, err := s.world.Templates.Of(c.Dir)
	if err != nil {
		return engine.Message{}, err
	}
	if lock != nil && d.Template != nil && d.Template.Name != "" && d.Template.Language.Code != "" {
		t, err := lock.LookUp(s.accountIn(c.Connection.WABAID), d.Template.Name, d.Template.Language.Code)
		miss, missing := errors.AsType[*template.MissError](err)
		switch {
		case err == nil:
			d.contract = s.reviewed(t)
		case missing && miss.Account: // said when the file was read
		case missing:
			problems = append(problems, missed(miss))
		default:
			return engine.Message{}, err
		}
	}
	return s.finish(c, d, problems)
}

// reviewed is a template as a command that sends nothing takes it: what is in review is told once, and not by each row.
func (s *sendTemplate) reviewed(t *whatsapp.Template) *whatsapp.Template {
	if !s.world.Templates.Reviewing {
		return t
	}
	if state, _, _ := template.StateOf(*t); state != template.NotReady {
		return t
	}
	approved := *t
	approved.Status = whatsapp.TemplateApproved
	return &approved
}

func missed(m *template.MissError) *problem {
	path := "templateName"
	if m.Language {
		path = "languageCode"
	}
	return &problem{Path: path, Err: m, Hint: m.Hint}
}

// accountIn is the account whose templates count, as LookUp takes it. Where the job does not say, or it is the sandbox's, any of the lock.
func (s *sendTemplate) accountIn(wabaID string) string {
	if s.world.Templates != nil && s.world.Templates.AnyAccount {
		return ""
	}
	return wabaID
}

// Informed says whether a lock lies beside the job, or its account is not known, so that nobody can be asked.
func (s *sendTemplate) Informed(job *engine.Job, _ *engine.Step) bool {
	if s.world.Templates == nil {
		return true
	}
	lock, err := s.world.Templates.Of(job.Dir)
	return err != nil || lock != nil && lock.Source != nil
}

// Consult asks the account for the template of a step, or for all where each row names its own, and holds the step against it.
func (s *sendTemplate) Consult(ctx context.Context, job *engine.Job, step *engine.Step, numbers []engine.Connection) (diag.List, error) {
	name, asked := (&contractCheck{step: step}).literal("templateName"), []string{""}
	for _, c := range numbers {
		if slices.Contains(asked, c.WABAID) {
			continue // or the job does not say whose templates they are
		}
		asked = append(asked, c.WABAID)
		client, err := s.client(c)
		if err != nil {
			return nil, err
		}
		list, err := client.Templates(ctx, c.WABAID, whatsapp.TemplateFilter{Name: name})
		if err != nil {
			return nil, err
		}
		s.world.Templates.Know(job.Dir, c.WABAID, name, list)
	}
	if len(asked) == 1 {
		return nil, nil
	}
	return s.CheckJob(job, step), nil
}

// CheckJob holds a step's literal parameters against the lock of the templates beside the job. It returns nothing where there is none.
func (s *sendTemplate) CheckJob(job *engine.Job, step *engine.Step) diag.List {
	lock, err := s.world.Templates.Of(job.Dir)
	if found, ok := errors.AsType[*diag.ListError](err); ok {
		return found.List
	}
	if err != nil {
		return diag.List{{Severity: diag.Error, Code: "bad-lock", Summary: err.Error(), Range: step.NameRange}}
	}
	if lock == nil {
		return nil
	}
	var found diag.List
	var checked []string
	for _, account := range literalWABAs(job, step) {
		account = s.accountIn(account)
		if slices.Contains(checked, account) {
			continue
		}
		checked = append(checked, account)
		k := contractCheck{step: step, lock: lock, notReady: diag.Error, account: account}
		if s.world.Templates.Reviewing {
			k.notReady = diag.Warning
		}
		k.run(s.draft)
		found = append(found, k.found...)
	}
	return found
}

// literalWABAs are the accounts that a step is sent from, as far as the file and the environment say it; an empty one is not known.
func literalWABAs(job *engine.Job, step *engine.Step) []string {
	tree := step.Connection.WABAID
	if tree == nil {
		tree = job.Connection.WABAID
	}
	if tree == nil || slices.ContainsFunc(tree.Roots(), func(name string) bool { return name != "env" }) {
		return []string{""}
	}
	value, err := tree.Render(context.Background(), eval.Names{})
	if err != nil {
		return []string{""} // a variable that is not set is a finding of its own
	}
	values, several := value.([]any)
	if !several {
		values = []any{value}
	}
	list := make([]string, len(values))
	for i, value := range values {
		if text, err := eval.Text(value); err == nil {
			list[i] = strings.TrimSpace(text)
		}
	}
	return list
}

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
