package cli

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"waybill/engine"
	"waybill/steps/template"
	"waybill/whatsapp"
	"waybill/whatsapp/sandbox"
)

// definitionsFolder holds the definitions of templates, beside the jobs.
const definitionsFolder = "templates"

// isTemplateFile tells the lock of templates, and the definitions in their folder, from job files.
func isTemplateFile(path string) bool {
	if filepath.Base(path) == template.LockName {
		return true
	}
	if filepath.Base(filepath.Dir(path)) != definitionsFolder {
		return false
	}
	text, err := os.ReadFile(path) //nolint:gosec // it is in a folder that the user names
	if err != nil {
		return false // said where it is read as a job
	}
	for line := range bytes.Lines(text) {
		if bytes.HasPrefix(line, []byte("steps:")) {
			return false
		}
	}
	return true
}

// definitionFolders are where the definitions of templates lie beside the jobs of folders that are named.
func definitionFolders(paths, files []string) []string {
	var folders []string
	for _, path := range paths {
		if stat, err := os.Stat(path); err != nil || !stat.IsDir() {
			continue
		}
		for _, file := range append([]string{filepath.Join(path, "job.yaml")}, files...) {
			rel, err := filepath.Rel(path, file)
			folder := filepath.Join(filepath.Dir(file), definitionsFolder)
			if err == nil && !strings.HasPrefix(rel, "..") && !slices.Contains(folders, folder) {
				folders = append(folders, folder)
			}
		}
	}
	return folders
}

// lockOf is the lock of a job's folder; nil where there is none.
func (s *setup) lockOf(job *engine.Job) (*template.Lock, error) {
	lock, err := s.locks.Of(job.Dir)
	if err != nil || lock == nil || lock.Source == nil {
		return nil, err
	}
	return lock, nil
}

// templatesReadAt is when the templates that a job uses were read, as the lock beside it says: of several accounts the first.
func (s *setup) templatesReadAt(job *engine.Job) *string {
	lock, err := s.lockOf(job)
	if err != nil || lock == nil || len(lock.Accounts) == 0 || len(templateSteps(job)) == 0 {
		return nil // that the lock cannot be read is said where messages are made
	}
	first := lock.Accounts[0].Read
	for _, account := range lock.Accounts[1:] {
		if account.Read.Before(first) {
			first = account.Read
		}
	}
	text := first.UTC().Format(time.RFC3339)
	return &text
}

// seedTemplates gives the sandbox the templates that the locks beside the jobs have.
func (s *setup) seedTemplates(jobs []*engine.Job) error {
	if s.emulator == nil {
		return nil
	}
	seeded := map[string]bool{}
	for _, job := range jobs {
		lock, err := s.lockOf(job)
		if err != nil {
			return err
		}
		if lock == nil || seeded[job.Dir] {
			continue
		}
		seeded[job.Dir] = true
		for _, account := range lock.Accounts {
			list, err := account.Templates()
			if err != nil {
				return err
			}
			for _, t := range list {
				if _, err := s.emulator.server.AddTemplate(sandboxTemplate(t)); err != nil {
					return fmt.Errorf("give the sandbox the templates of %s: %w", template.LockName, err)
				}
			}
		}
	}
	return nil
}

// sandboxTemplate is a template as the sandbox takes it.
func sandboxTemplate(t whatsapp.Template) sandbox.Template {
	return sandbox.Template{
		Name: t.Name, Language: t.Language, Status: t.Status, Category: t.Category, ParameterFormat: t.ParameterFormat,
		CorrectCategory: t.CorrectCategory, Source: t.Source, Components: sandboxComponents(t.Components),
	}
}

func sandboxComponents(components []whatsapp.TemplateComponent) []map[string]any {
	list := []map[string]any{}
	for _, c := range components {
		part := map[string]any{"type": c.Type}
		if c.Format != "" {
			part["format"] = c.Format
		}
		if c.Text != "" {
			part["text"] = c.Text
		}
		if strings.EqualFold(c.Type, "LIMITED_TIME_OFFER") {
			part["limited_time_offer"] = map[string]any{"text": c.Text, "has_expiration": c.Expires}
		}
		var buttons, cards []any
		for _, b := range c.Buttons {
			buttons = append(buttons, map[string]any{"type": b.Type, "text": b.Text, "url": b.URL})
		}
		for _, card := range c.Cards {
			var parts []any
			for _, p := range sandboxComponents(card) {
				parts = append(parts, p)
			}
			cards = append(cards, map[string]any{"components": parts})
		}
		if buttons != nil {
			part["buttons"] = buttons
		}
		if cards != nil {
			part["cards"] = cards
		}
		list = append(list, part)
	}
	return list
}
