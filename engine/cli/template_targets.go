package cli

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/runner"
	"waybill/steps"
	"waybill/steps/template"
	"waybill/whatsapp"
)

// templateTarget is an account whose templates the jobs of one folder use.
type templateTarget struct {
	dir        string // of the lock and the definitions, absolute
	connection engine.Connection
}

func (t templateTarget) lockPath() string { return filepath.Join(t.dir, template.LockName) }

// templateJobs reads the jobs that are named, without them those of this folder. What only sending needs may be missing.
func (a *app) templateJobs(paths []string, f *jobFlags) ([]*engine.Job, error) {
	files, err := a.jobFilesHere(paths)
	if err != nil {
		return nil, err
	}
	loader := a.newSetupWith(f, embeddedSpeed, a.log(a.err), nil).loader
	number, lookup := steps.DefaultVariables()["phoneNumberId"], loader.Lookup
	loader.Lookup = func(name string) (string, bool) {
		value, set := lookup(name)
		if name == number && (!set || value == "") {
			return "0", true // nothing is sent
		}
		return value, set
	}
	var jobs []*engine.Job
	var failures []error
	for _, file := range files {
		source, err := a.readSource(file)
		if err != nil {
			return nil, err
		}
		found, list := loader.Load(source, file)
		jobs, failures = append(jobs, found...), append(failures, list.Err())
	}
	return jobs, joinFindings(failures)
}

// templateTargets are the accounts of jobs; without any, that of the variables, for this folder.
func (a *app) templateTargets(ctx context.Context, paths []string, f *jobFlags) ([]templateTarget, error) {
	jobs, err := a.templateJobs(paths, f)
	if err != nil {
		return nil, err
	}
	var targets []templateTarget
	for _, job := range jobs {
		preview := runner.NewPreview(ctx, job, defaultInputs(job))
		for _, s := range templateSteps(job) {
			connections, varies := preview.Connections(ctx, s)
			if i := slices.IndexFunc(varies, func(key string) bool { return key == "wabaId" || key == "token" || key == "baseUrl" }); i >= 0 {
				return nil, diag.List{{
					Severity: diag.Error, Code: "not-constant", Range: s.NameRange,
					Summary: fmt.Sprintf("%s of step %s is known only to a run, so nobody can say whose templates are meant", varies[i], s.Path),
				}}.Err()
			}
			for _, c := range connections {
				targets = addTarget(targets, templateTarget{job.Dir, c})
			}
		}
	}
	if len(targets) == 0 {
		dir, err := filepath.Abs(".")
		if err != nil {
			return nil, err
		}
		if len(jobs) > 0 {
			dir = jobs[0].Dir
		}
		targets = []templateTarget{{dir, a.accountOfVariables()}}
	}
	account := a.accountOfVariables()
	for i := range targets {
		c := &targets[i].connection
		c.WABAID = cmp.Or(c.WABAID, account.WABAID)
		if c.Token.IsZero() {
			c.Token = account.Token
		}
		switch names := steps.DefaultVariables(); {
		case c.WABAID == "":
			return nil, usageError("nothing says whose templates are meant: there is no wabaId", "export "+names["wabaId"]+"=…, or give connection.wabaId")
		case c.Token.IsZero():
			return nil, usageError("there is no token: "+names["token"]+" is not set", "export "+names["token"]+"=…; it needs the permission whatsapp_business_management")
		}
	}
	return targets, nil
}

func addTarget(list []templateTarget, t templateTarget) []templateTarget {
	same := func(other templateTarget) bool {
		return other.dir == t.dir && other.connection.WABAID == t.connection.WABAID && other.connection.BaseURL == t.connection.BaseURL
	}
	if slices.ContainsFunc(list, same) {
		return list
	}
	return append(list, t)
}

// templateSteps are the steps that send templates, also those inside others.
func templateSteps(job *engine.Job) []*engine.Step {
	var found []*engine.Step
	for s := range job.AllSteps() {
		if s.Operation != nil && s.Operation.Name() == "sendTemplate" {
			found = append(found, s)
		}
	}
	return found
}

// defaultInputs are the inputs of a job that have a default.
func defaultInputs(job *engine.Job) map[string]any {
	inputs := map[string]any{}
	for _, in := range job.Inputs {
		if in.Default != nil {
			inputs[in.Name] = in.Default
		}
	}
	return inputs
}

// templateClient asks an account for its templates.
func (a *app) templateClient(t templateTarget) (*whatsapp.Client, error) {
	client, err := whatsapp.New(whatsapp.Config{
		BaseURL: t.connection.BaseURL, Token: whatsapp.Token(t.connection.Token.Reveal()), ConnectTimeout: t.connection.ConnectTimeout,
		ReadTimeout: t.connection.ReadTimeout, Proxy: http.ProxyFromEnvironment, Version: version().Version, Now: a.env.Now,
	})
	if err != nil {
		return nil, fmt.Errorf("connection: %w", err)
	}
	return client, nil
}

// account asks for all templates of an account.
func (a *app) account(ctx context.Context, t templateTarget) (*template.Account, error) {
	client, err := a.templateClient(t)
	if err != nil {
		return nil, err
	}
	list, err := client.Templates(ctx, t.connection.WABAID, whatsapp.TemplateFilter{})
	if err != nil {
		hint := ""
		if strings.Contains(err.Error(), "permission") {
			hint = "the token needs the permission whatsapp_business_management"
		}
		return nil, &ExitError{Code: ExitFailed, Err: fmt.Errorf("templates of account %s: %w", t.connection.WABAID, err), Hint: hint}
	}
	return template.NewAccount(t.connection.WABAID, a.env.Now(), list), nil
}
