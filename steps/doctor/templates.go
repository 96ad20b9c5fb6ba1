package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/runner"
	"waybill/whatsapp"
)

// checkTemplates checks each step that sends a template against the account's own definition of it.
func (d *doctor) checkTemplates(ctx context.Context, a *sendingAccount) {
	a.templates = map[string][]whatsapp.Template{}
	for _, u := range a.steps {
		sender, ok := u.step.Sender()
		if !ok || u.step.Operation.Name() != "sendTemplate" {
			continue
		}
		found := d.checkTemplate(ctx, a, u, sender)
		found.Name, found.About = "template", a.name()
		if source := u.step.NameRange.Source; source != nil {
			found.File, found.Line = source.Name, u.step.NameRange.Start.Line
		}
		found.Summary = fmt.Sprintf("step %s: %s", u.step.Path, found.Summary)
		d.found.add(found)
	}
}

func (d *doctor) checkTemplate(ctx context.Context, a *sendingAccount, u knownStep, sender engine.Sender) Check {
	name, known := u.text(ctx, "templateName")
	language, alsoKnown := u.text(ctx, "languageCode")
	switch {
	case a.connection.WABAID == "":
		return Check{
			Status: Skipped, Summary: "its template cannot be looked up without a WABA id",
			Hint: "export WHATSAPP_WABA_ID=…, or give connection.wabaId",
		}
	case !known || !alsoKnown:
		return d.checkRows(ctx, a, u)
	}
	t, wrong := lookUp(ctx, a, name, language)
	if wrong != nil {
		return *wrong
	}
	args, uncounted := u.args(ctx)
	message, err := sender.Message(&engine.Call{Dir: u.job.Dir, Step: u.step, Args: args, Open: engine.Files(u.job, d.AllowPaths)})
	if err != nil {
		return Check{Status: Failed, Summary: fmt.Sprintf("template %s: %v", t.Name, err)}
	}
	return compare(t, message.Body, uncounted)
}

// checkRows checks what the first rows would send, where they decide the template or its language.
func (d *doctor) checkRows(ctx context.Context, a *sendingAccount, u knownStep) Check {
	const rows = 100
	plan, err := (&runner.Engine{Now: d.Now}).Plan(ctx, runner.Request{
		Job: u.job, Mode: engine.ModeRun, Inputs: u.inputs, Open: engine.Files(u.job, d.AllowPaths), Connection: &a.connection,
		Only: u.step.Path, Limit: rows,
	})
	if err != nil {
		summary := "name or language of its template depend on the item, and the items cannot be read: " + err.Error()
		return Check{Status: Skipped, Summary: summary}
	}
	checked, templates := 0, map[string]bool{}
	for _, sample := range plan.Samples {
		var m whatsapp.Message
		if sample.Step != u.step || json.Unmarshal(sample.Body, &m) != nil || m.Template == nil {
			continue
		}
		checked++
		templates[m.Template.Name+" in "+m.Template.Language.Code] = true
		t, wrong := lookUp(ctx, a, m.Template.Name, m.Template.Language.Code)
		if wrong == nil {
			found := compare(t, sample.Body, nil)
			wrong = &found
		}
		if wrong.Status != OK {
			wrong.Summary = fmt.Sprintf("item %s, row %d: %s", sample.Item, sample.Row, wrong.Summary)
			return *wrong
		}
	}
	switch len(templates) {
	case 0:
		return Check{Status: Skipped, Summary: "name or language of its template are known only when it runs"}
	case 1:
		only := slices.Collect(maps.Keys(templates))[0]
		summary := fmt.Sprintf("template %s is approved, and takes the parameters of the first %d items", only, checked)
		return Check{Status: OK, Summary: summary}
	}
	return Check{Status: OK, Summary: fmt.Sprintf("its template differs from item to item; the first %d are right", checked)}
}

// lookUp finds a template in one language, or says why not.
func lookUp(ctx context.Context, a *sendingAccount, name, language string) (whatsapp.Template, *Check) {
	variants, err := a.templatesNamed(ctx, name)
	if err != nil {
		return whatsapp.Template{}, &Check{Status: Skipped, Summary: "template " + name + ": " + err.Error()}
	}
	if len(variants) == 0 {
		return whatsapp.Template{}, &Check{
			Status: Failed, Summary: "there is no template " + name + " (132001)", Hint: nearTemplate(ctx, a, name),
		}
	}
	var languages []string
	for _, t := range variants {
		if t.Language == language {
			return t, nil
		}
		languages = append(languages, t.Language)
	}
	return whatsapp.Template{}, &Check{
		Status: Failed, Summary: fmt.Sprintf("template %s is not there in %s (132001)", name, language),
		Hint: "it is there in " + strings.Join(languages, ", ") + "; the code must match exactly",
	}
}

// templatesNamed asks for the templates of a name, in all languages, once.
func (a *sendingAccount) templatesNamed(ctx context.Context, name string) ([]whatsapp.Template, error) {
	if list, ok := a.templates[name]; ok {
		return list, nil
	}
	list, err := a.client.Templates(ctx, a.connection.WABAID, whatsapp.TemplateFilter{Name: name})
	if err == nil {
		a.templates[name] = list
	}
	return list, err
}

// nearTemplate names the account's template that is likely to be meant.
func nearTemplate(ctx context.Context, a *sendingAccount, name string) string {
	const hint = "create it in WhatsApp Manager, and wait until it is approved"
	list, err := a.client.Templates(ctx, a.connection.WABAID, whatsapp.TemplateFilter{})
	if err != nil {
		return hint
	}
	names := map[string]bool{}
	for _, t := range list {
		names[t.Name] = true
	}
	if near := diag.Suggest(name, slices.Sorted(maps.Keys(names))); near != "" {
		return fmt.Sprintf("did you mean %s?", near)
	}
	return hint
}

// compare holds a request against the template's definition. What an expression decides for each item stands in it as some
// short word; uncounted are the parameters that it could not stand in for.
func compare(t whatsapp.Template, body []byte, uncounted []string) Check {
	var m whatsapp.Message
	if err := json.Unmarshal(body, &m); err != nil {
		return Check{Status: Skipped, Summary: fmt.Sprintf("template %s: %v", t.Name, err)}
	}
	var wrong, doubtful, hints []string
	for _, problem := range t.Check(m) {
		identity := problem.Path == "template.name" || problem.Path == "template.language.code"
		switch {
		case len(uncounted) > 0 && !identity:
			continue
		case problem.Warning:
			doubtful = append(doubtful, problem.Summary)
		default:
			wrong = append(wrong, problem.Summary)
		}
		if problem.Hint != "" && !slices.Contains(hints, problem.Hint) {
			hints = append(hints, problem.Hint)
		}
	}
	about, hint := fmt.Sprintf("template %s in %s", t.Name, t.Language), strings.Join(hints, "; ")
	switch {
	case len(wrong) > 0:
		return Check{Status: Failed, Summary: about + ": " + strings.Join(wrong, "; "), Hint: hint}
	case len(uncounted) > 0:
		return Check{
			Status: Skipped, Summary: about + " is approved; " + strings.Join(uncounted, ", ") + " cannot be counted before the run",
		}
	case len(doubtful) > 0:
		return Check{Status: Warning, Summary: about + ": " + strings.Join(doubtful, "; "), Hint: hint}
	case t.CorrectCategory != "" && !strings.EqualFold(t.CorrectCategory, t.Category):
		return Check{
			Status: Warning, Summary: fmt.Sprintf("%s is approved as %s, and WhatsApp takes %s for the right category", about, t.Category, t.CorrectCategory),
			Hint: "it may be moved there, and cost what that costs",
		}
	case strings.EqualFold(t.QualityScore, "RED"), strings.EqualFold(t.QualityScore, "YELLOW"):
		return Check{
			Status: Warning, Summary: about + " is approved, its quality " + t.QualityScore,
			Hint: "people block or report it; at RED it is paused (132015)",
		}
	}
	return Check{Status: OK, Summary: about + " is approved, and takes these parameters"}
}
