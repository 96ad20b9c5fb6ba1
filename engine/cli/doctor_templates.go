package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/eval"
	"waybill/engine/runner"
	"waybill/whatsapp"
)

// checkTemplates checks each step that sends a template against the account's own definition of it.
func (d *doctor) checkTemplates(ctx context.Context, p *patient) {
	p.templates = map[string][]whatsapp.Template{}
	for _, u := range p.steps {
		sender, ok := u.step.Sender()
		if !ok || u.step.Operation.Name() != "sendTemplate" {
			continue
		}
		found := d.checkTemplate(ctx, p, u, sender)
		found.Name, found.About = "template", p.name()
		if source := u.step.NameRange.Source; source != nil {
			found.File, found.Line = source.Name, u.step.NameRange.Start.Line
		}
		found.Summary = fmt.Sprintf("step %s: %s", u.step.Path, found.Summary)
		d.found.add(found)
	}
}

func (d *doctor) checkTemplate(ctx context.Context, p *patient, u use, sender engine.Sender) check {
	name, known := u.text(ctx, "templateName")
	language, alsoKnown := u.text(ctx, "languageCode")
	switch {
	case p.connection.WABAID == "":
		return check{Status: checkSkipped, Summary: "its template cannot be looked up without a WABA id", Hint: "export WHATSAPP_WABA_ID=…, or give connection.wabaId"}
	case !known || !alsoKnown:
		return d.checkRows(ctx, p, u)
	}
	t, wrong := d.lookUp(ctx, p, name, language)
	if wrong != nil {
		return *wrong
	}
	args, uncounted := u.args(ctx)
	message, err := sender.Message(&engine.Call{Dir: u.job.Dir, Step: u.step, Args: args, Open: engine.Files(u.job, d.flags.allow)})
	if err != nil {
		return check{Status: checkFailed, Summary: fmt.Sprintf("template %s: %v", t.Name, err)}
	}
	return compare(t, message.Body, uncounted)
}

// checkRows checks what the first rows would send, where they decide the template or its language.
func (d *doctor) checkRows(ctx context.Context, p *patient, u use) check {
	const rows = 100
	inputs, _ := u.names["inputs"].(map[string]any)
	plan, err := (&runner.Engine{Now: d.app.env.Now}).Plan(ctx, runner.Request{
		Job: u.job, Mode: engine.ModeRun, Inputs: inputs, Open: engine.Files(u.job, d.flags.allow), Connection: &p.connection, Only: u.step.Path, Limit: rows,
	})
	if err != nil {
		return check{Status: checkSkipped, Summary: "name or language of its template depend on the item, and the items cannot be read: " + err.Error()}
	}
	checked, templates := 0, map[string]bool{}
	for _, sample := range plan.Samples {
		var m whatsapp.Message
		if sample.Step != u.step || json.Unmarshal(sample.Body, &m) != nil || m.Template == nil {
			continue
		}
		checked++
		templates[m.Template.Name+" in "+m.Template.Language.Code] = true
		t, wrong := d.lookUp(ctx, p, m.Template.Name, m.Template.Language.Code)
		if wrong == nil {
			found := compare(t, sample.Body, nil)
			wrong = &found
		}
		if wrong.Status != checkOK {
			wrong.Summary = fmt.Sprintf("item %s, row %d: %s", sample.Item, sample.Row, wrong.Summary)
			return *wrong
		}
	}
	switch len(templates) {
	case 0:
		return check{Status: checkSkipped, Summary: "name or language of its template are known only when it runs"}
	case 1:
		only := slices.Collect(maps.Keys(templates))[0]
		return check{Status: checkOK, Summary: fmt.Sprintf("template %s is approved, and takes the parameters of the first %d items", only, checked)}
	}
	return check{Status: checkOK, Summary: fmt.Sprintf("its template differs from item to item; the first %d are right", checked)}
}

// lookUp finds a template in one language, or says why not.
func (d *doctor) lookUp(ctx context.Context, p *patient, name, language string) (whatsapp.Template, *check) {
	variants, err := p.named(ctx, name)
	if err != nil {
		return whatsapp.Template{}, &check{Status: checkSkipped, Summary: "template " + name + ": " + err.Error()}
	}
	if len(variants) == 0 {
		return whatsapp.Template{}, &check{Status: checkFailed, Summary: "there is no template " + name + " (132001)", Hint: d.nearTemplate(ctx, p, name)}
	}
	var languages []string
	for _, t := range variants {
		if t.Language == language {
			return t, nil
		}
		languages = append(languages, t.Language)
	}
	return whatsapp.Template{}, &check{
		Status: checkFailed, Summary: fmt.Sprintf("template %s is not there in %s (132001)", name, language),
		Hint: "it is there in " + strings.Join(languages, ", ") + "; the code must match exactly",
	}
}

// text gives a parameter that is the same for all items.
func (u use) text(ctx context.Context, name string) (string, bool) {
	value, ok := known(ctx, u.step.Params.Field(name), u.names)
	text, err := eval.Text(value)
	return text, ok && err == nil
}

// named asks for the templates of a name, in all languages, once.
func (p *patient) named(ctx context.Context, name string) ([]whatsapp.Template, error) {
	if list, ok := p.templates[name]; ok {
		return list, nil
	}
	list, err := p.client.Templates(ctx, p.connection.WABAID, whatsapp.TemplateFilter{Name: name})
	if err == nil {
		p.templates[name] = list
	}
	return list, err
}

// nearTemplate names the account's template that is likely to be meant.
func (d *doctor) nearTemplate(ctx context.Context, p *patient, name string) string {
	const hint = "create it in WhatsApp Manager, and wait until it is approved"
	list, err := p.client.Templates(ctx, p.connection.WABAID, whatsapp.TemplateFilter{})
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
func compare(t whatsapp.Template, body []byte, uncounted []string) check {
	var m whatsapp.Message
	if err := json.Unmarshal(body, &m); err != nil {
		return check{Status: checkSkipped, Summary: fmt.Sprintf("template %s: %v", t.Name, err)}
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
		return check{Status: checkFailed, Summary: about + ": " + strings.Join(wrong, "; "), Hint: hint}
	case len(uncounted) > 0:
		return check{Status: checkSkipped, Summary: about + " is approved; " + strings.Join(uncounted, ", ") + " cannot be counted before the run"}
	case len(doubtful) > 0:
		return check{Status: checkWarning, Summary: about + ": " + strings.Join(doubtful, "; "), Hint: hint}
	case strings.EqualFold(t.QualityScore, "RED"), strings.EqualFold(t.QualityScore, "YELLOW"):
		return check{Status: checkWarning, Summary: about + " is approved, its quality " + t.QualityScore, Hint: "people block or report it; at RED it is paused (132015)"}
	}
	return check{Status: checkOK, Summary: about + " is approved, and takes these parameters"}
}

// args are the step's parameters as far as they are known, with something harmless for what is not. Lists that are made
// by an expression are left out, and named.
func (u use) args(ctx context.Context) (engine.Args, []string) {
	args, uncounted := engine.Args{}, []string(nil)
	for _, field := range u.step.Params.Fields() {
		tree := field.Value
		_, isKnown := known(ctx, tree, u.names)
		if !isKnown && !tree.IsMap() && !tree.IsList() && counted(field.Name) {
			uncounted = append(uncounted, field.Name)
			continue
		}
		args[field.Name] = u.standIn(ctx, field.Name, tree)
	}
	return args, uncounted
}

// counted names the parameters whose number the template fixes.
func counted(name string) bool {
	switch name {
	case "headerParameters", "bodyParameters", "buttonParameters", "headerMedia":
		return true
	}
	return false
}

func (u use) standIn(ctx context.Context, name string, t *eval.Tree) any {
	if value, ok := known(ctx, t, u.names); ok {
		return value
	}
	switch {
	case t.IsMap():
		fields := map[string]any{}
		for _, f := range t.Fields() {
			fields[f.Name] = u.standIn(ctx, f.Name, f.Value)
		}
		return fields
	case t.IsList():
		list := make([]any, 0, len(t.Items()))
		for _, item := range t.Items() {
			list = append(list, u.standIn(ctx, "", item))
		}
		return list
	}
	switch name {
	case "to":
		return "+15550100000"
	case "link":
		return "https://example.com/x"
	case "index":
		return "0"
	}
	return "x"
}
