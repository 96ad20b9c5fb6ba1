package steps

import (
	"context"
	"errors"
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
